//go:build unix

package paint

import (
	"errors"
	"os"
	"reflect"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/charmbracelet/x/term"
	"github.com/creack/pty"

	"example.com/vexdesk/ui/ptytest"
	"example.com/vexdesk/ui/vt"
)

const patience = 10 * time.Second

func start(t *testing.T, kind string, cols, rows int) *ptytest.Session {
	t.Helper()
	name, env := program(t, kind)
	s := ptytest.Start(t, ptytest.Config{Cols: cols, Rows: rows, Env: env}, name)
	s.WaitFor("1 of 5000", patience)
	return s
}

// shows waits until the screen is what printing the list's View would give.
func shows(t *testing.T, s *ptytest.Session, l list) {
	t.Helper()
	want := fresh(l.width, l.height, l.View())
	var d []string
	defer func() {
		if t.Failed() {
			t.Log(strings.Join(d, "\n"))
		}
	}()
	s.WaitUntil("the list's view", func(v *vt.Screen) bool { d = v.Diff(want, 3); return d == nil }, patience)
}

func sized(cols, rows int) list {
	l := newList(5000)
	l.width, l.height = cols, rows
	return l
}

func TestProgramOnATerminal(t *testing.T) {
	s := start(t, "painted", 120, 40)
	l := sized(120, 40)
	shows(t, s, l)
	s.Send(strings.Repeat("j", 60) + "kkk" + "ffu")
	l = l.moved(57).moved(35).moved(35).moved(-17)
	shows(t, s, l)
	s.Screen(func(v *vt.Screen) {
		if u := v.Unknown(); u != nil {
			t.Errorf("sent what a plain terminal does not know: %q", u)
		}
	})
	s.Resize(80, 24)
	l.width, l.height = 80, 24
	l = l.moved(0)
	shows(t, s, l)
	s.Send("q")
	s.WaitFor("ended well", patience)
	if st := s.Close(); st.ExitCode() != 0 {
		t.Errorf("ended with %v", st)
	}
}

// leftAlone checks that the terminal is as it was before the program.
func leftAlone(t *testing.T, s *ptytest.Session) {
	t.Helper()
	s.Screen(func(v *vt.Screen) {
		if v.AltScreen() {
			t.Error("the alternate screen is still on")
		}
		if _, _, visible := v.Cursor(); !visible {
			t.Error("the cursor is still hidden")
		}
		if !v.Mode(7) {
			t.Error("autowrap is still off")
		}
		for _, m := range []int{1000, 1002, 1003, 1004, 1006, 2004} {
			if v.Mode(m) {
				t.Errorf("mode %d is still on", m)
			}
		}
		_, rows := v.Size()
		if top, bottom := v.Margins(); top != 0 || bottom != rows-1 {
			t.Errorf("margins left at %d–%d", top, bottom)
		}
		if v.Pen() != (vt.Style{}) {
			t.Errorf("pen left as %+v", v.Pen())
		}
	})
	if got, want := settings(t, s.TTY()), untouched(t); !reflect.DeepEqual(got, want) {
		t.Errorf("terminal settings left as %+v, want %+v", got, want)
	}
}

// settings are the line settings of a terminal, as stty would show them.
func settings(t *testing.T, tty *os.File) *term.State {
	t.Helper()
	conn, err := tty.SyscallConn()
	if err != nil {
		t.Fatal(err)
	}
	var state *term.State
	if cerr := conn.Control(func(fd uintptr) { state, err = term.GetState(fd) }); cerr != nil || err != nil {
		t.Fatal(cerr, err)
	}
	return state
}

// untouched is how a new terminal is set.
func untouched(t *testing.T) *term.State {
	t.Helper()
	tty, other, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _, _ = tty.Close(), other.Close() }()
	return settings(t, tty)
}

func TestEndsLeaveTheTerminalAsItWas(t *testing.T) {
	for _, c := range []struct {
		name, keys string
		signal     syscall.Signal
		code       int
		says       string
		stack      string // a function that the stack names
	}{
		{name: "quit", keys: "jjq", says: "ended well"},
		{name: "SIGTERM", signal: syscall.SIGTERM, says: "ended well"},
		{name: "SIGINT", signal: syscall.SIGINT, code: 4, says: "interrupted"},
		{name: "context", keys: "je", code: 5, says: "ended from outside: the test wants it"},
		{name: "panic", keys: "jp", code: 3, says: "experienced a panic", stack: "paint.list.key"},
		{name: "panic of a command", keys: "jP", code: 3, says: "experienced a panic", stack: "paint.list.key"},
		{name: "panic of the view", keys: "jV", code: 3, says: "experienced a panic", stack: "paint.list.View"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, "mouse", 160, 60)
			s.Screen(func(v *vt.Screen) {
				if !v.AltScreen() || !v.Mode(1002) || v.Mode(7) {
					t.Error("the program did not set the terminal up")
				}
			})
			if reflect.DeepEqual(settings(t, s.TTY()), untouched(t)) {
				t.Error("the terminal is not in raw mode while the program runs")
			}
			s.Send(c.keys)
			if c.signal != 0 {
				s.Signal(c.signal)
			}
			if code := s.WaitExit(patience).ExitCode(); code != c.code {
				t.Errorf("exit code %d, want %d", code, c.code)
			}
			s.Screen(func(v *vt.Screen) {
				for _, words := range []string{c.says, c.stack} {
					if !v.Contains(words) {
						t.Errorf("the last words are missing: %q\n%s", words, v)
					}
				}
			})
			leftAlone(t, s)
		})
	}
}

func TestSuspendGivesTheTerminalBackAndResumeRepaints(t *testing.T) {
	s := start(t, "mouse", 80, 24)
	l := sized(80, 24).moved(0)
	s.Send("z")
	s.WaitUntil("the primary screen", func(v *vt.Screen) bool { return !v.AltScreen() }, patience)
	s.Idle(50 * time.Millisecond)
	leftAlone(t, s)
	s.Signal(syscall.SIGCONT)
	shows(t, s, l)
	s.WaitUntil("the mouse again", func(v *vt.Screen) bool { return v.Mode(1002) && v.Mode(1006) }, patience)
	s.Send("jjj")
	shows(t, s, l.moved(3))
}

// Bubble Tea's own renderer flushes once a second: two seconds of silence mean
// that none of its frames gets through, and that nothing is sent for nothing.
func TestIdleSendsNothing(t *testing.T) {
	s := start(t, "painted", 120, 40)
	s.Send("jt")
	s.WaitFor("ticks 1", patience)
	s.Idle(50 * time.Millisecond)
	before, _ := s.Bytes()
	s.Idle(2200 * time.Millisecond)
	if after, _ := s.Bytes(); after != before {
		t.Errorf("%d bytes were sent while nothing happened", after-before)
	}
	l := sized(120, 40).moved(1)
	l.ticks = 1
	shows(t, s, l)
}

func TestRedrawMendsTheScreenWithoutErasing(t *testing.T) {
	s := start(t, "painted", 80, 24)
	s.Screen(func(v *vt.Screen) {
		write(v, "\x1b[5;1Hsome other program wrote here\x1b[H")
		v.ResetLog()
	})
	s.Send(ptytest.CtrlL)
	shows(t, s, sized(80, 24).moved(0))
	s.Screen(func(v *vt.Screen) {
		for _, seq := range v.RawControl() {
			if strings.HasSuffix(seq, "J") {
				t.Errorf("the screen was erased with %q", seq)
			}
		}
	})
}

func TestRawSequencesReachTheTerminalBetweenFrames(t *testing.T) {
	s := start(t, "painted", 80, 24)
	s.Send("jyj")
	s.WaitUntil("the clipboard", func(v *vt.Screen) bool { return v.Clipboard() == "hello" }, patience)
	l := sized(80, 24).moved(2)
	l.note = "copied"
	shows(t, s, l)
}

func TestModelWithCursorShowsTheTerminalsOwn(t *testing.T) {
	at := func(x, y int, visible bool) func(*vt.Screen) bool {
		return func(v *vt.Screen) bool {
			cx, cy, shown := v.Cursor()
			return shown == visible && (!visible || cx == x && cy == y)
		}
	}
	s := start(t, "painted", 80, 24)
	s.WaitUntil("no cursor", at(0, 0, false), patience)
	s.Send("i")
	s.WaitUntil("the cursor in the filter", at(5, 1, true), patience)
	s.Send("jjj")
	s.WaitFor("4 of 5000", patience)
	s.WaitUntil("the cursor where it was", at(5, 1, true), patience)
	s.Send("i")
	s.WaitUntil("no cursor", at(0, 0, false), patience)
}

func TestOutputThatIsNoTerminalIsRefused(t *testing.T) {
	f, err := os.CreateTemp(t.TempDir(), "")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	if err := Run(t.Context(), newList(1), Options{Output: f}); !errors.Is(err, ErrNoTerminal) {
		t.Errorf("got %v, want ErrNoTerminal", err)
	}
}
