#!/bin/sh
# Makes tmux available for the end-to-end tests and the screenshots. Installs
# the distribution's package where that is possible without asking (root, or
# sudo without a password, and apt-get); says loudly what to do elsewhere.
set -eu

command -v tmux >/dev/null 2>&1 && exit 0

if command -v apt-get >/dev/null 2>&1; then
	sudo=
	[ "$(id -u)" = 0 ] || sudo='sudo -n'
	echo "tmux: not installed, asking apt-get for it"
	export DEBIAN_FRONTEND=noninteractive
	if { $sudo apt-get install -y -q --no-install-recommends tmux ||
		{ $sudo apt-get update -q && $sudo apt-get install -y -q --no-install-recommends tmux; }; } </dev/null >/dev/null 2>&1 &&
		command -v tmux >/dev/null 2>&1; then
		exit 0
	fi
fi

cat >&2 <<'TXT'
********************************************************************************
tmux IS MISSING and could not be installed from here.
The tests that drive the console through tmux will not run. Install it by hand:
    Debian, Ubuntu   apt-get install tmux
    Fedora           dnf install tmux
    macOS            brew install tmux
********************************************************************************
TXT
exit 1
