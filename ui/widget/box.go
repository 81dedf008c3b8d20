package widget

import (
	"strings"

	"github.com/charmbracelet/x/ansi"

	"example.com/vexdesk/ui/theme"
)

// Box frames lines with a title; the result is width cells wide and two lines
// and four cells larger than what it holds.
func Box(t *theme.Theme, title string, lines []string, width, height int) []string {
	g := t.Glyphs
	inner := width - 4
	title = Cut(title, width-6, g.Ellipsis)
	rest := strings.Repeat(g.Rule, max(0, width-5-Width(title)))
	top := t.Dim.Of(g.Corner[0]+g.Rule) + " " + t.Strong.Of(title) + " " + t.Dim.Of(rest+g.Corner[1])
	out := append(make([]string, 0, height+2), top)
	side := t.Dim.Of(g.Side)
	for i := range height {
		line := ""
		if i < len(lines) {
			line = lines[i]
		}
		out = append(out, side+" "+Fit(line, inner, g.Ellipsis)+" "+side)
	}
	return append(out, t.Dim.Of(g.Corner[2]+strings.Repeat(g.Rule, max(0, width-2))+g.Corner[3]))
}

// Over draws a box over the lines of a frame of the given width, its upper
// left corner at column x of line y.
func Over(frame, box []string, x, y, width int) {
	for i, line := range box {
		if y+i < 0 || y+i >= len(frame) {
			continue
		}
		under := Fit(frame[y+i], width, "")
		w := Width(line)
		frame[y+i] = ansi.Cut(under, 0, x) + reset(under) + line + ansi.Cut(under, x+w, width)
	}
}

// Recede lets lines step back, behind a box that will lie over them and leave
// so many cells at each side; where these are too few to be read, nothing stays.
func Recede(t *theme.Theme, lines []string, beside int) {
	for i, line := range lines {
		lines[i] = ""
		if beside > illegible {
			lines[i] = t.Dim.Of(ansi.Strip(line))
		}
	}
}

// illegible is how many cells of a line say nothing.
const illegible = 8

// reset ends the look of a line that is cut in its middle.
func reset(under string) string {
	if strings.Contains(under, "\x1b[") {
		return "\x1b[0m"
	}
	return ""
}
