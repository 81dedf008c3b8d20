package ui

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"example.com/vexdesk/ui/vt"
)

// TestEveryScreenFitsEverySize draws every screen at every size and checks
// that no line is too long, none is missing and columns are straight.
func TestEveryScreenFitsEverySize(t *testing.T) {
	d := sit(t, 120, 40, charted, importing(&reports{all: []string{"a.json", "bad.json"}}))
	sizes := [][2]int{{leastWidth, leastHeight}, {70, 18}, {80, 24}, {99, 27}, {100, 28}, {120, 40}, {149, 45}, {200, 50}, {300, 100}}
	for _, way := range [][]string{{}, {"enter"}, {"A"}, {"X"}, {"T"}, {"D"}, {"V"}, {"V", "e"}, {"P"}, {"W"}, {"J"}, {"!"}, {"?"}, {"e"}, {"c"}, {"C"}, {"i"}, {"i", "all", "enter"},
		{"b", "issue", "enter"}, {"b", "component", "enter"}, {"/", "severity:horrible"}, {"/", "prod"}, {"s"}} {
		for _, key := range way {
			d.press(key)
		}
		for _, size := range sizes {
			d.send(tea.WindowSizeMsg{Width: size[0], Height: size[1]})
			fits(t, d, fmt.Sprintf("%v at %dx%d", way, size[0], size[1]))
		}
		for range 4 {
			if len(d.root.stack) > 0 || d.root.list.Filtered() || len(d.root.focus().Scopes()) == 2 {
				d.later(time.Second).press("esc")
			}
		}
		d.press("-")
	}
	d.send(tea.WindowSizeMsg{Width: leastWidth - 1, Height: 40})
	d.sees("vexdesk needs 60x15")
}

func fits(t *testing.T, d *desk, where string) {
	t.Helper()
	lines := strings.Split(d.root.View(), "\n")
	if len(lines) != d.root.height {
		t.Errorf("%s: %d lines", where, len(lines))
	}
	for i, line := range lines {
		if w := ansi.StringWidth(line); w > d.root.width {
			t.Errorf("%s: line %d is %d cells wide: %q", where, i+1, w, ansi.Strip(line))
		}
	}
}

// TestWideCharactersKeepColumnsStraight compares the cells at which the last
// columns of all rows begin.
func TestWideCharactersKeepColumnsStraight(t *testing.T) {
	d := sit(t, 120, 40, sample)
	at := -1
	for _, line := range strings.Split(d.screen(), "\n")[2:12] {
		before, _, found := strings.Cut(line, "payments-a")
		if !found {
			continue
		}
		w := ansi.StringWidth(before)
		if at >= 0 && w != at {
			t.Errorf("the product begins in column %d, above it in %d:\n%s", w, at, d.screen())
		}
		at = w
	}
	if at < 0 {
		t.Errorf("no rows:\n%s", d.screen())
	}
}

// TestEveryTerminal runs the console at terminals of all kinds.
func TestEveryTerminal(t *testing.T) {
	for name, tc := range map[string]struct {
		env     []string
		colours []uint8 // kinds that may be used
		sign    string  // of the cursor
	}{
		"256 colours":  {[]string{"TERM=xterm-256color"}, []uint8{16, 255}, "▌"},
		"true colour":  {[]string{"TERM=xterm-256color", "COLORTERM=truecolor"}, []uint8{16, 255, 24}, "▌"},
		"screen":       {[]string{"TERM=screen", "STY=1.x"}, []uint8{16}, "▌"},
		"tmux":         {[]string{"TERM=tmux-256color", "TMUX=/nonexistent,1,0"}, []uint8{16, 255}, "▌"},
		"linux":        {[]string{"TERM=linux"}, []uint8{16}, ">"},
		"vt100":        {[]string{"TERM=vt100"}, nil, ">"},
		"NO_COLOR":     {[]string{"TERM=xterm-256color", "NO_COLOR=1"}, nil, "▌"},
		"no UTF-8":     {[]string{"TERM=xterm", "LANG=C"}, []uint8{16}, ">"},
		"ascii, light": {[]string{"TERM=xterm-256color", childFlags + "=ascii light"}, []uint8{16, 255}, ">"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := atTerminal(t, sit(t, 80, 24, sample), 80, 24, tc.env...)
			c.expect("2 critical; CVE-2022-37434; 1 of 67")
			c.press("j")
			c.WaitUntil("the cursor on the second row", func(s *vt.Screen) bool { return strings.HasPrefix(s.Line(4), tc.sign) }, patience)
			c.press("?")
			c.expect("Help")
			c.Screen(func(s *vt.Screen) {
				if u := s.Unknown(); len(u) > 0 {
					t.Errorf("sent what no terminal knows: %q", u)
				}
				seen := kinds(s)
				for kind := range seen {
					if !slices.Contains(tc.colours, kind) && kind != 0 {
						t.Errorf("used colours of kind %d", kind)
					}
				}
				if len(tc.colours) > 0 && len(seen) < 2 {
					t.Error("no colour was used")
				}
			})
			c.press("ctrl-c")
			c.WaitExit(patience)
		})
	}
}

func kinds(s *vt.Screen) map[uint8]bool {
	seen := map[uint8]bool{}
	cols, rows := s.Size()
	for y := range rows {
		for x := range cols {
			style := s.Cell(x, y).Style
			seen[style.FG.Kind], seen[style.BG.Kind] = true, true
		}
	}
	return seen
}

func TestADumbTerminalIsToldWhatToDo(t *testing.T) {
	c := atTerminal(t, sit(t, 80, 24, sample), 80, 24, "TERM=dumb")
	if state := c.WaitExit(patience); state.ExitCode() == 0 || !strings.Contains(c.Text(), "list --json") {
		t.Errorf("ended with %v:\n%s", state, c.Text())
	}
}

// TestPastedTextIsTextAndNoKeys: a paste into a form is text, elsewhere
// nothing.
func TestPastedTextIsTextAndNoKeys(t *testing.T) {
	c := atTerminal(t, sit(t, 120, 40, sample), 120, 40)
	c.expect("67 open")
	c.Send("\x1b[200~qqq\x03\x1b[201~")
	c.press("j")
	c.expect("cursor CVE-2022-37434")
	c.press("/")
	c.expect("keep")
	c.Send("\x1b[200~glibc\n\x1b[2J\x1b[201~")
	c.expect("/ glibc [2J; Nothing matches this filter")
	c.press("ctrl-c")
	c.WaitExit(patience)
}

func TestAStormOfResizesEndsWell(t *testing.T) {
	c := atTerminal(t, sit(t, 120, 40, sample), 120, 40)
	c.expect("67 open")
	r := rand.New(rand.NewPCG(1, 2))
	for range 40 {
		c.Resize(20+r.IntN(200), 5+r.IntN(60))
		c.press("j")
	}
	c.Resize(100, 30)
	c.expect("cursor CVE; 41 of 67")
	c.Screen(func(s *vt.Screen) {
		if n := strings.Count(s.String(), "▌"); n != 1 {
			t.Errorf("%d cursors:\n%s", n, s)
		}
	})
	c.press("ctrl-c")
	c.WaitExit(patience)
}

// TestTheTerminalIsLeftAsItWas quits, kills, and suspends the console.
func TestTheTerminalIsLeftAsItWas(t *testing.T) {
	for name, end := range map[string]func(c *terminal){
		"q":       func(c *terminal) { c.press("q") },
		"SIGTERM": func(c *terminal) { c.Signal(syscall.SIGTERM) },
		"in a form": func(c *terminal) {
			c.press("e")
			c.expect("VEX decision")
			c.press("ctrl-c")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := atTerminal(t, sit(t, 80, 24, sample), 80, 24)
			c.expect("1 of 67")
			end(c)
			c.WaitExit(patience)
			c.Screen(func(s *vt.Screen) { asItWas(t, s) })
		})
	}
}

func asItWas(t *testing.T, s *vt.Screen) {
	t.Helper()
	_, rows := s.Size()
	top, bottom := s.Margins()
	_, _, visible := s.Cursor()
	if s.AltScreen() || !visible || s.Pen() != (vt.Style{}) || top != 0 || bottom != rows-1 || s.Mode(2004) || s.Mode(1000) || s.Mode(1002) {
		t.Errorf("alternate screen %v, cursor %v, pen %+v, margins %d to %d", s.AltScreen(), visible, s.Pen(), top, bottom)
	}
}
