#!/bin/sh
# The HTML report of the demo, opened in a headless browser:
#   screenshots/report.sh VEXDESK [PICTURE]
# PICTURE is a .png (screenshots/report.png by default) or, for the print view,
# a .pdf. Without a browser nothing is made, which is said and is no failure.
set -eu
vexdesk=$1
picture=${2:-$(dirname "$0")/report.png}
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -z "$browser" ]; then
	echo '********************************************************************************' >&2
	echo "NO BROWSER: $picture was not made anew. Install chromium (Debian: apt-get install" >&2
	echo 'chromium) and run this again.' >&2
	echo '********************************************************************************' >&2
	exit 0
fi
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
"$vexdesk" demo --headless --home "$dir/home" >/dev/null
"$vexdesk" --home "$dir/home" export --format html -o "$dir/report.html" >/dev/null
made=$dir/report.png
how="--hide-scrollbars --window-size=1200,1000 --screenshot=$made"
case $picture in
*.pdf)
	made=$dir/report.pdf
	how="--no-pdf-header-footer --print-to-pdf=$made"
	;;
esac
# shellcheck disable=SC2086 # how is several flags
timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking \
	--disable-component-update --disable-sync --user-data-dir="$dir/browser" $how "file://$dir/report.html" 2>/dev/null
mv "$made" "$picture"
