//go:build unix

package paint

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/x/ansi"

	"example.com/vexdesk/ui/ptytest"
	"example.com/vexdesk/ui/vt"
)

// tmux is a tmux server of the test's own.
type tmux struct {
	t    *testing.T
	path string
	args []string
	env  []string
}

func newTmux(t *testing.T, term string) *tmux {
	t.Helper()
	path, err := exec.LookPath("tmux")
	if err != nil {
		t.Skip("TMUX IS NOT INSTALLED: the painter is not compared with a second terminal emulator")
	}
	dir := t.TempDir()
	conf := filepath.Join(dir, "tmux.conf")
	text := "set -g status off\nset -g default-terminal " + term + "\nset -g remain-on-exit on\n"
	if err := os.WriteFile(conf, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	m := &tmux{t: t, path: path, args: []string{"-u", "-S", filepath.Join(dir, "s"), "-f", conf}}
	m.env = append(ptytest.Environ(), "TERM=xterm-256color", "LC_ALL=C.UTF-8")
	t.Cleanup(func() { _ = m.command("kill-server").Run() })
	return m
}

func (m *tmux) command(args ...string) *exec.Cmd {
	cmd := exec.Command(m.path, append(append([]string(nil), m.args...), args...)...)
	cmd.Env = m.env
	return cmd
}

func (m *tmux) do(args ...string) string {
	m.t.Helper()
	out, err := m.command(args...).CombinedOutput()
	if err != nil {
		m.t.Fatalf("tmux %q: %v\n%s", args, err, out)
	}
	return string(out)
}

// screen is what a session shows, read back into a screen of our own.
func (m *tmux) screen(session string, cols, rows int) *vt.Screen {
	m.t.Helper()
	return fresh(cols, rows, strings.TrimSuffix(m.do("capture-pane", "-e", "-p", "-t", session), "\n"))
}

// until polls for a condition, since tmux tells nobody that a pane changed.
func (m *tmux) until(what string, cond func() bool) {
	m.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); !cond(); <-tick.C {
		if time.Now().After(end) {
			m.t.Fatalf("waited %v for %s:\n%s", patience, what, m.do("capture-pane", "-p", "-t", "painted"))
		}
	}
}

// printed has a view printed plainly in a session of its own, and returns what
// tmux makes of it.
func (m *tmux) printed(view string, cols, rows int) *vt.Screen {
	m.t.Helper()
	lines := strings.Split(view, "\n")
	for i := range lines {
		lines[i] = ansi.Truncate(lines[i], cols, "") + "\x1b[m\x1b]8;;\x1b\\"
	}
	file := filepath.Join(m.t.TempDir(), "view")
	if err := os.WriteFile(file, []byte("\x1b[?7l"+strings.Join(lines, "\r\n")+"\x1b[?25l"), 0o600); err != nil {
		m.t.Fatal(err)
	}
	m.do("new-session", "-d", "-s", "printed", "-x", fmt.Sprint(cols), "-y", fmt.Sprint(rows), "stty -opost; cat "+file+"; exec sleep 1000")
	defer m.do("kill-session", "-t", "printed")
	m.until("the plain print", func() bool {
		return strings.TrimSpace(m.do("display-message", "-p", "-t", "printed", "#{cursor_flag}")) == "0"
	})
	return m.screen("printed", cols, rows)
}

// The screen that the painter made in tmux is the one that printing the last
// frame in tmux makes.
func TestPaintedScreenEqualsPlainPrintInTmux(t *testing.T) {
	for _, term := range []string{"xterm-256color", "screen-256color", "linux"} {
		t.Run(term, func(t *testing.T) {
			m := newTmux(t, term)
			name, env := program(t, "painted")
			m.do("new-session", "-d", "-s", "painted", "-x", "120", "-y", "40", "env "+env[0]+" "+name)
			l := sized(120, 40).moved(0)
			same := func() {
				t.Helper()
				want := m.printed(l.View(), l.width, l.height)
				var d []string
				defer func() {
					if t.Failed() {
						t.Log(strings.Join(d, "\n"))
					}
				}()
				m.until("the printed view", func() bool {
					d = m.screen("painted", l.width, l.height).Diff(want, 3)
					return d == nil
				})
			}
			same()
			for _, step := range []struct {
				keys string
				by   []int
			}{
				{"jjjjjjjj", []int{8}}, {"fff", []int{35, 35, 35}}, {"jjjjjjjjjj", []int{10}}, {"uu", []int{-17, -17}}, {"kkkkkkkkkkkkkkkkkkkk", []int{-20}}, {"G", []int{5000}},
			} {
				m.do("send-keys", "-t", "painted", "-l", step.keys)
				for _, n := range step.by {
					l = l.moved(n)
				}
				same()
			}
			m.do("resize-window", "-t", "painted", "-x", "90", "-y", "30")
			l.width, l.height = 90, 30
			l = l.moved(0)
			same()
			m.do("send-keys", "-t", "painted", "q")
			m.until("the end", func() bool {
				// tmux may notice the end of the program much later than its
				// last words, and then write over them.
				text := m.do("capture-pane", "-p", "-t", "painted")
				return strings.Contains(text, "ended well") || strings.Contains(text, "Pane is dead (status 0")
			})
		})
	}
}
