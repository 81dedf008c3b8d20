package paint

import (
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"example.com/vexdesk/ui/vt"
)

// newScreen is a terminal as the painter finds it: autowrap off.
func newScreen(cols, rows int) *vt.Screen {
	s := vt.New(cols, rows)
	write(s, wrapOff)
	return s
}

func write(s *vt.Screen, b string) { _, _ = s.Write([]byte(b)) }

// fresh is a terminal on which view was printed, line by line.
func fresh(cols, rows int, view string) *vt.Screen {
	s := newScreen(cols, rows)
	lines := strings.Split(view, "\n")
	if len(lines) > rows {
		lines = lines[len(lines)-rows:]
	}
	for y, l := range lines {
		write(s, fmt.Sprintf("\x1b[%dH%s\x1b[m\x1b]8;;\x1b\\", y+1, ansi.Truncate(l, cols, "")))
	}
	return s
}

// words are the pieces of random lines; all have a width that is sure.
var words = []string{
	"a", "word", "CVE-2024-3094", "  ", "          ", "▌ ", "✓", "…", "—", "────────",
	"漢字", "日本語テキスト", "한글", "\u1112\u1161\u11ab", "ที่ไทย", "한", "é", "e\u0301", "n\u0303o", "Ωмега", "x y z",
}

var pens = []string{
	"", "\x1b[m", "\x1b[31m", "\x1b[1;32m", "\x1b[22m", "\x1b[7m", "\x1b[27m", "\x1b[48;5;236m", "\x1b[49m", "\x1b[4m",
	"\x1b[38;2;10;20;30m", "\x1b[39m", "\x1b[2;3m", "\x1b[9m", "\x1b[4:3m", "\x1b[24m", "\x1b[94;103m", "\x1b[5;53m", "\x1b[8m",
	"\x1b[58;5;9m", "\x1b[38:2::1:2:3m", "\x1b[0;1;31;44m", "\x1b]8;;https://example.com/a\x1b\\", "\x1b]8;id=1;https://example.com/b\a", "\x1b]8;;\x1b\\",
}

// genLine makes a line that fits into width columns.
func genLine(width int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		var b strings.Builder
		for n := rapid.IntRange(0, 8).Draw(t, "pieces"); n > 0; n-- {
			piece := rapid.SampledFrom(pens).Draw(t, "pen") + rapid.SampledFrom(words).Draw(t, "word")
			// What is cut at the right edge differs by design: a wide
			// character half outside becomes a blank.
			if columns(b.String()+piece) <= width {
				b.WriteString(piece)
			}
		}
		return b.String()
	})
}

// columns is the width of a line.
func columns(s string) int {
	r := reader{wc: newEngine(true).wc, width: 1000, links: true}
	return len(r.readLine(s+"\x1b[m.").cells) - 1
}

// nextFrame makes frames that are like those of a program: a list that
// scrolls, single lines that change, and now and then all anew.
func nextFrame(t *rapid.T, lines []string, width, height int) []string {
	line := genLine(width)
	out := append([]string(nil), lines...)
	switch rapid.IntRange(0, 4).Draw(t, "change") {
	case 0:
		for i := range out {
			out[i] = line.Draw(t, "line")
		}
	case 1:
		if len(out) > 0 {
			out[rapid.IntRange(0, len(out)-1).Draw(t, "row")] = line.Draw(t, "line")
		}
	case 2, 3: // scroll rows from a to b by n
		a := rapid.IntRange(0, max(len(out)-1, 0)).Draw(t, "a")
		b := rapid.IntRange(a, len(out)).Draw(t, "b")
		n := rapid.IntRange(0, b-a).Draw(t, "n")
		part := out[a:b]
		moved := append([]string(nil), part[n:]...)
		for range n {
			moved = append(moved, line.Draw(t, "line"))
		}
		if rapid.Bool().Draw(t, "down") {
			moved = append(moved[len(part)-n:], moved[:len(part)-n]...)
		}
		copy(part, moved)
	case 4:
		n := rapid.IntRange(0, height+2).Draw(t, "lines")
		for len(out) < n {
			out = append(out, line.Draw(t, "line"))
		}
		out = out[:n]
	}
	return out
}

// Whatever the frames were, the screen shows what printing the last one on an
// empty screen would show.
func TestPaintedScreenEqualsPlainPrint(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cols, rows := rapid.IntRange(1, 60).Draw(t, "cols"), rapid.IntRange(1, 14).Draw(t, "rows")
		e, s := newEngine(true), newScreen(cols, rows)
		e.resize(cols, rows)
		if rapid.Bool().Draw(t, "dirt") {
			write(s, strings.Repeat("\x1b[41m??漢", cols*rows))
			write(s, "\x1b[m")
		}
		s.ResetLog()
		var lines []string
		for n := rapid.IntRange(1, 12).Draw(t, "frames"); n > 0; n-- {
			switch rapid.IntRange(0, 9).Draw(t, "event") {
			case 0:
				cols, rows = rapid.IntRange(1, 60).Draw(t, "cols"), rapid.IntRange(1, 14).Draw(t, "rows")
				e.resize(cols, rows)
				s.Resize(cols, rows)
			case 1:
				write(s, "\x1b[H\x1b[41mscribble\x1b[m")
				e.forget()
			}
			for i := range lines { // what no longer fits
				if columns(lines[i]) > cols {
					lines[i] = ""
				}
			}
			lines = nextFrame(t, lines, cols, rows)
			view := strings.Join(lines, "\n")
			b := append([]byte(nil), e.frame(view, nil)...)
			_, _ = s.Write(b)
			if d := s.Diff(fresh(cols, rows, view), 4); d != nil {
				t.Fatalf("after %q:\n%s\nview:\n%q\nscreen:\n%s", b, strings.Join(d, "\n"), lines, s)
			}
			if again := e.frame(view, nil); len(again) > 0 {
				t.Fatalf("the same frame again sent %q", again)
			}
			if top, bottom := s.Margins(); top != 0 || bottom != rows-1 {
				t.Fatalf("margins left at %d–%d", top, bottom)
			}
			if s.Pen() != (vt.Style{}) {
				t.Fatalf("pen left as %+v", s.Pen())
			}
		}
		if u := s.Unknown(); u != nil {
			t.Fatalf("sent what a plain terminal does not know: %q", u)
		}
	})
}
