package ui

import (
	"fmt"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/vexdesk/ui/ptytest"
	"example.com/vexdesk/ui/vt"
)

// patience is how long a step may take on a machine that is very busy.
const patience = 30 * time.Second

// terminal is the console in a process of its own.
type terminal struct {
	*ptytest.Session
	t *testing.T
}

var bytesOf = map[string]string{
	"enter": ptytest.Enter, "esc": ptytest.Esc, "tab": ptytest.Tab, "shift-tab": ptytest.ShiftTab, "backspace": ptytest.Back, "space": " ",
	"up": ptytest.Up, "down": ptytest.Down, "left": ptytest.Left, "right": ptytest.Right, "home": ptytest.Home, "end": ptytest.End,
	"pgup": ptytest.PageUp, "pgdn": ptytest.PageDown,
}

func (c *terminal) press(names string) {
	c.t.Helper()
	for _, name := range split(names) {
		text, typed := strings.CutPrefix(name, `"`)
		letter, control := strings.CutPrefix(name, "ctrl-")
		sent, known := bytesOf[name]
		switch {
		case typed:
			c.Send(strings.TrimSuffix(text, `"`))
		case name == "fg":
			c.Signal(syscall.SIGCONT)
		case known:
			c.Send(sent)
		case control:
			c.Send(string(letter[0] & 0x1f))
		default:
			c.Send(name)
		}
	}
}

// split takes keys apart at spaces outside of quotes.
func split(names string) (all []string) {
	for names = strings.TrimSpace(names); names != ""; names = strings.TrimSpace(names) {
		end := strings.IndexByte(names, ' ')
		if names[0] == '"' {
			end = strings.IndexByte(names[1:], '"') + 2
		}
		if end < 0 {
			end = len(names)
		}
		all, names = append(all, names[:end]), names[end:]
	}
	return all
}

// point presses and lets go of a button of the mouse where a text is.
func (c *terminal) point(button int, text string) {
	c.t.Helper()
	x, y := -1, -1
	c.Screen(func(s *vt.Screen) {
		cols, rows := s.Size()
		for at := range cols * rows {
			line := ""
			for i := at % cols; i < cols && len(line) < len(text); i++ {
				line += s.Cell(i, at/cols).Text
			}
			if line == text {
				x, y = at%cols, at/cols
				return
			}
		}
	})
	if x < 0 {
		c.t.Fatalf("%q is not on the screen, to be pointed at\n%s", text, c.Dump())
	}
	c.Send(fmt.Sprintf("\x1b[<%d;%d;%dM", button, x+1, y+1))
	if button == 0 {
		c.Send(fmt.Sprintf("\x1b[<%d;%d;%dm", button, x+1, y+1))
	}
}

// pressUntil presses a key that moves the cursor until all is so.
func (c *terminal) pressUntil(key, what string) {
	c.t.Helper()
	for so := false; !so; {
		before := ""
		c.Screen(func(s *vt.Screen) { so, before = all(s, what), cursorLine(s) })
		if so {
			return
		}
		c.press(key)
		c.WaitUntil("the cursor to move, on the way to "+what, func(s *vt.Screen) bool { return cursorLine(s) != before }, patience)
	}
}

// cursorLine is what stands behind the cursor, a line for each where a dialog
// stands before a list.
func cursorLine(s *vt.Screen) (behind string) {
	for _, line := range strings.Split(s.String(), "\n") {
		if _, rest, ok := strings.Cut(line, "▌"); ok {
			behind += rest + "\n"
		}
	}
	return behind
}

func all(s *vt.Screen, what string) bool {
	for _, each := range strings.Split(what, ";") {
		if !holds(s, strings.TrimSpace(each)) {
			return false
		}
	}
	return true
}

// expect waits until all is so.
func (c *terminal) expect(what string) {
	c.t.Helper()
	c.WaitUntil(what, func(s *vt.Screen) bool { return all(s, what) }, patience)
	if strings.HasSuffix(what, "ended") {
		if state := c.WaitExit(patience); state.ExitCode() != 0 {
			c.t.Errorf("the console ended with %v:\n%s", state, c.Text())
		}
		c.Screen(func(s *vt.Screen) { asItWas(c.t, s) })
	}
}

func holds(s *vt.Screen, what string) bool {
	if text, quoted := strings.CutPrefix(what, `"`); quoted {
		return s.Contains(strings.TrimSuffix(text, `"`))
	}
	word, text, _ := strings.Cut(what, " ")
	switch word {
	case "idle", "silent":
		return true
	case "mouse":
		return (s.Mode(1002) && s.Mode(1006)) == (text == "on")
	case "ended":
		return !s.AltScreen()
	case "not":
		return !s.Contains(text)
	case "clip":
		return s.Clipboard() == text
	case "link":
		return linked(s, text)
	case "cursor":
		return strings.Contains(cursorLine(s), text)
	}
	if text == "bytes" {
		return true
	}
	return s.Contains(what)
}

func linked(s *vt.Screen, address string) bool {
	cols, rows := s.Size()
	for i := range cols * rows {
		if _, to, _ := strings.Cut(s.Cell(i%cols, i/cols).Style.Link, ";"); to == address {
			return true
		}
	}
	return false
}

const (
	readTime = 400 * time.Millisecond // longer than a question takes no answer
	rounds   = 2200 * time.Millisecond
)

// rests waits for the silence that a step promises; before is how many bytes
// had been sent before it.
func (c *terminal) rests(what string, before int) {
	c.t.Helper()
	for _, each := range strings.Split(what, ";") {
		word, text, _ := strings.Cut(strings.TrimSpace(each), " ")
		switch {
		case word == "idle":
			c.Idle(readTime)
		case word == "silent":
			c.Idle(rounds)
		case text == "bytes":
			most, err := strconv.Atoi(word)
			if err != nil {
				c.t.Fatalf("%q is no number of bytes", each)
			}
			c.Idle(readTime)
			if after, _ := c.Bytes(); after-before > most {
				c.t.Errorf("%d bytes were sent, %d are enough", after-before, most)
			}
		}
	}
}
