package widget

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
)

// Width is the number of cells that s takes.
func Width(s string) int {
	if isASCII(s) {
		return len(s)
	}
	return ansi.StringWidth(s)
}

// Cut shortens s to at most width cells, ending in the ellipsis where
// something was lost.
func Cut(s string, width int, ellipsis string) string {
	if width <= 0 {
		return ""
	}
	if len(s) <= width && isASCII(s) || ansi.StringWidth(s) <= width {
		return s
	}
	return ansi.Truncate(s, width, ellipsis)
}

// CutName makes a name at most width cells wide. Of one with parts, such as
// org.example:tool or github.com/org/tool, the last parts stay: they tell it
// apart from others.
func CutName(s string, width int, ellipsis string) string {
	const between = "/:"
	over := Width(s) + Width(ellipsis) - width
	if Width(s) <= width || width <= 2*Width(ellipsis) || !strings.ContainsAny(s, between) {
		return Cut(s, width, ellipsis)
	}
	tail := ansi.TruncateLeft(s, over, "")
	if Width(tail)+Width(ellipsis) > width { // the cut is in the middle of a wide character
		tail = ansi.TruncateLeft(s, over+1, "")
	}
	if i := strings.LastIndexByte(tail, ':'); i > 0 { // group:artifact
		tail = tail[i:]
	} else if i := strings.IndexByte(tail, '/'); i > 0 && 4*Width(tail[i:]) >= 3*width {
		tail = tail[i:]
	}
	return ellipsis + tail
}

// FitName is Fit with [CutName].
func FitName(s string, width int, ellipsis string) string {
	return Fit(CutName(s, width, ellipsis), width, "")
}

// Fit makes s exactly width cells wide, cut or filled with spaces.
func Fit(s string, width int, ellipsis string) string {
	s = Cut(s, width, ellipsis)
	return s + Spaces(width-Width(s))
}

// FitRight is Fit with the text at the right.
func FitRight(s string, width int, ellipsis string) string {
	s = Cut(s, width, ellipsis)
	return Spaces(width-Width(s)) + s
}

const blanks = "                                                                                                                                "

// Spaces is n spaces, none for a negative n.
func Spaces(n int) string {
	switch {
	case n <= 0:
		return ""
	case n <= len(blanks):
		return blanks[:n]
	}
	return strings.Repeat(" ", n)
}

// Edges puts left and right at the edges of a line of the given width; what
// does not fit is cut from the left text.
func Edges(left, right string, width int, ellipsis string) string {
	room := width - Width(right)
	if room < 0 {
		return Cut(right, width, ellipsis)
	}
	if room < 2 {
		return Spaces(room) + right
	}
	return Fit(left, room-1, ellipsis) + " " + right
}

// tab is how a tab is drawn: cells that everybody counts alike.
const tab = "    "

// Wrap breaks text into lines of at most width cells, at words where it can;
// line breaks of the text stay.
func Wrap(s string, width int) []string {
	if width < 1 || s == "" {
		return nil
	}
	s = strings.ReplaceAll(s, "\t", tab)
	var lines []string
	for _, paragraph := range strings.Split(s, "\n") {
		if Width(paragraph) <= width {
			lines = append(lines, paragraph)
			continue
		}
		broken := ansi.Hardwrap(ansi.Wrap(paragraph, width, "-/"), width, true)
		for _, line := range strings.Split(broken, "\n") {
			lines = append(lines, strings.TrimRight(line, " "))
		}
	}
	return lines
}

// WrapTo is Wrap to at most most lines; the last one shows where there was more.
func WrapTo(s string, width, most int, ellipsis string) []string {
	lines := Wrap(s, width)
	if len(lines) > most {
		lines = append(lines[:most-1], Cut(lines[most-1]+" "+ellipsis, width, ellipsis))
	}
	return lines
}

// Count writes a number with separators: 18,233.
func Count(n int) string {
	s := strconv.Itoa(n)
	if n < 1000 && n > -1000 {
		return s
	}
	var b strings.Builder
	for i, r := range s {
		if i > 0 && r != '-' && (len(s)-i)%3 == 0 && s[i-1] != '-' {
			b.WriteByte(',')
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Plural is the count with its noun: "1 ticket", "12 tickets".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	if strings.HasSuffix(noun, "ch") {
		noun += "e"
	}
	return Count(n) + " " + noun + "s"
}

// Ago tells how long ago something was: "now", "2m ago", "3h ago", "5d ago".
func Ago(then, now time.Time) string {
	d := now.Sub(then)
	switch {
	case then.IsZero():
		return "never"
	case d < time.Minute:
		return "now"
	case d < time.Hour:
		return fmt.Sprintf("%dm ago", d/time.Minute)
	case d < 48*time.Hour:
		return fmt.Sprintf("%dh ago", d/time.Hour)
	}
	return fmt.Sprintf("%dd ago", d/(24*time.Hour))
}

// AgoChanges is when the text of [Ago] next changes, zero for never.
func AgoChanges(then, now time.Time) time.Time {
	if then.IsZero() {
		return time.Time{}
	}
	step := time.Minute
	switch d := now.Sub(then); {
	case d >= 48*time.Hour:
		step = 24 * time.Hour
	case d >= time.Hour:
		step = time.Hour
	}
	return then.Add((now.Sub(then)/step + 1) * step)
}

func isASCII(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf || s[i] < ' ' {
			return false
		}
	}
	return true
}
