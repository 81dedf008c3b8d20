module example.com/vexdesk/screenshots

go 1.26.0

require (
	github.com/charmbracelet/x/ansi v0.11.6
	github.com/go-fonts/dejavu v0.3.2
	github.com/hajimehoshi/bitmapfont/v3 v3.2.0
	golang.org/x/image v0.47.0
	golang.org/x/text v0.43.0
)

require (
	github.com/clipperhouse/displaywidth v0.11.0 // indirect
	github.com/clipperhouse/uax29/v2 v2.7.0 // indirect
	github.com/lucasb-eyer/go-colorful v1.4.1 // indirect
	github.com/mattn/go-runewidth v0.0.19 // indirect
	github.com/pierrec/lz4/v4 v4.1.21 // indirect
	golang.org/x/sys v0.49.0 // indirect
)
