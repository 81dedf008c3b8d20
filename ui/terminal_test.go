package ui

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/ptytest"
	"example.com/vexdesk/ui/vt"
)

// A script says what a person does at a real terminal and sees then, a line
// for each step:
//
//	keys => text; text; not text; cursor text; clip text
//
// Keys are named as in docs/keys.md; what stands in quotes is typed. All that
// follows the arrow must be true at one time, however long that takes: text is
// on the screen, not text is not, the cursor's line holds the text, the
// terminal's clipboard is the text. A line that begins with # names a row of
// the console's key table or a paragraph of its behaviour.

// patience is how long a step may take on a machine that is very busy.
const patience = 30 * time.Second

// terminal is the console in a process of its own.
type terminal struct {
	*ptytest.Session
	t       *testing.T
	pressed []string
}

// atTerminal starts the console on the desk's workspace.
func atTerminal(t *testing.T, d *desk, cols, rows int, env ...string) *terminal {
	t.Helper()
	env = append([]string{childOf + "=" + d.store.Path(), "TERM=xterm-256color", "LANG=C.UTF-8", "SSH_CONNECTION=1 2 3 4"}, env...)
	return &terminal{ptytest.Start(t, ptytest.Config{Cols: cols, Rows: rows, Env: env}, os.Args[0]), t, nil}
}

var bytesOf = map[string]string{
	"enter": ptytest.Enter, "esc": ptytest.Esc, "tab": ptytest.Tab, "shift-tab": ptytest.ShiftTab, "backspace": ptytest.Back, "space": " ",
	"up": ptytest.Up, "down": ptytest.Down, "left": ptytest.Left, "right": ptytest.Right, "home": ptytest.Home, "end": ptytest.End,
	"pgup": ptytest.PageUp, "pgdn": ptytest.PageDown, "ctrl-c": ptytest.CtrlC, "ctrl-d": ptytest.CtrlD, "ctrl-f": ptytest.CtrlF,
	"ctrl-l": ptytest.CtrlL, "ctrl-p": ptytest.CtrlP, "ctrl-u": ptytest.CtrlU, "ctrl-z": ptytest.CtrlZ, "ctrl-o": "\x0f",
}

func (c *terminal) press(names string) {
	for _, name := range split(names) {
		if text, typed := strings.CutPrefix(name, `"`); typed {
			c.Send(strings.TrimSuffix(text, `"`))
			continue
		}
		c.pressed = append(c.pressed, name)
		if sent, known := bytesOf[name]; known {
			c.Send(sent)
			continue
		}
		c.Send(name)
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

// expect waits until all is so.
func (c *terminal) expect(what string) {
	c.t.Helper()
	c.WaitUntil(what, func(s *vt.Screen) bool {
		for _, each := range strings.Split(what, ";") {
			if !holds(s, strings.TrimSpace(each)) {
				return false
			}
		}
		return true
	}, patience)
}

func holds(s *vt.Screen, what string) bool {
	word, text, _ := strings.Cut(what, " ")
	switch word {
	case "not":
		return !s.Contains(text)
	case "clip":
		return s.Clipboard() == text
	case "cursor":
		for _, line := range strings.Split(s.String(), "\n") {
			if _, rest, ok := strings.Cut(line, "▌"); ok && strings.Contains(rest, text) {
				return true
			}
		}
		return false
	}
	return s.Contains(what)
}

// play runs a script.
func (c *terminal) play(name string) {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "terminal", name))
	if err != nil {
		c.t.Fatal(err)
	}
	for i, line := range strings.Split(string(text), "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		names, what, found := strings.Cut(line, "=>")
		if !found {
			c.t.Fatalf("%s:%d: no arrow in %q", name, i+1, line)
		}
		c.t.Logf("%s:%d: %s", name, i+1, line)
		c.press(names)
		c.expect(strings.TrimSpace(what))
	}
}

// ticketed is the sample with a ticket in Jira.
func ticketed(d *desk) {
	sample(d)
	plan, err := d.store.PlanTickets(d.t.Context(), model.PlanRequest{IDs: []model.ViolationID{1}})
	d.must(err)
	_, err = d.store.RequestTickets(d.t.Context(), analyst, plan)
	d.must(err)
	d.jira(nil)
}

// TestKeysAtATerminal plays a script for every row of the key table, and sees
// to it that none is forgotten.
func TestKeysAtATerminal(t *testing.T) {
	var mu sync.Mutex
	var pressed []string
	t.Run("scripts", func(t *testing.T) {
		for _, name := range []string{"move.txt", "choose.txt", "act.txt", "screens.txt"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				c := atTerminal(t, sit(t, 120, 40, ticketed), 120, 40, childFlags+"=none")
				c.expect("67 open; CVSS 9.8")
				c.play(name)
				c.press("ctrl-c")
				if state := c.WaitExit(patience); state.ExitCode() != 0 {
					t.Errorf("%s: the console ended with %v:\n%s", name, state, c.Text())
				}
				mu.Lock()
				defer mu.Unlock()
				pressed = append(pressed, c.pressed...)
			})
		}
	})
	for _, a := range keys.Table() {
		if !slices.Contains([]keys.Scope{keys.List, keys.Move, keys.Global, keys.Always}, a.Scope) || a.ID == "suspend" {
			continue // see TestTheTerminalIsLeftAsItWas
		}
		for _, key := range a.Keys {
			if !slices.Contains(pressed, key) {
				t.Errorf("no script presses %s (%s)", key, a.ID)
			}
		}
	}
}
