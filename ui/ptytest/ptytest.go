// Package ptytest runs a real program on a real pseudo-terminal, for
// end-to-end tests: keys go in, and a terminal in memory (package vt) shows
// what a user would see.
//
//	s := ptytest.Start(t, ptytest.Config{Cols: 120, Rows: 40}, binary, "--home", dir)
//	s.WaitFor("18,233", 5*time.Second)
//	s.Send("jj" + ptytest.Enter)
//	s.WaitUntil("the ticket tab", func(v *vt.Screen) bool { return strings.HasPrefix(v.Line(30), " Tickets") }, time.Second)
//	s.Send("q")
//	if st := s.Close(); st.ExitCode() != 0 { … }
//
// Nothing sleeps: a wait ends with the output that satisfies it. A wait that
// does not succeed fails the test with the screen as it stands, so methods
// must be called from the test's own goroutine.
package ptytest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/creack/pty"

	"example.com/vexdesk/ui/vt"
)

// Keys that are not characters, as an xterm sends them.
const (
	Enter    = "\r"
	Esc      = "\x1b"
	Tab      = "\t"
	ShiftTab = "\x1b[Z"
	Back     = "\x7f"
	Up       = "\x1b[A"
	Down     = "\x1b[B"
	Right    = "\x1b[C"
	Left     = "\x1b[D"
	Home     = "\x1b[H"
	End      = "\x1b[F"
	PageUp   = "\x1b[5~"
	PageDown = "\x1b[6~"
	CtrlC    = "\x03"
	CtrlD    = "\x04"
	CtrlF    = "\x06"
	CtrlL    = "\x0c"
	CtrlP    = "\x10"
	CtrlU    = "\x15"
	CtrlZ    = "\x1a"
)

// grace is how long Close waits for a program to end by itself.
const grace = 5 * time.Second

// Config says how a program is started. The zero value is a terminal of 80 by
// 24 with TERM xterm-256color.
type Config struct {
	Cols, Rows int
	// Env is set on top of the test's own environment, from which TERM,
	// COLORTERM, NO_COLOR, CI, TMUX, STY, SSH_CONNECTION and the like are
	// taken out first, so that tests do not depend on where they run.
	Env []string
	// Dir is the working directory; the test's own if empty.
	Dir string
	// Grace is how long Close waits before it kills; 5 s if zero.
	Grace time.Duration
}

// Session is a program on a pseudo-terminal.
type Session struct {
	t     testing.TB
	cmd   *exec.Cmd
	grace time.Duration

	input sync.Mutex // guards tty against Close
	tty   *os.File

	mu     sync.Mutex
	screen *vt.Screen
	bytes  int
	writes int
	last   time.Time
	change chan struct{} // closed and replaced with every change

	read   chan struct{} // closed when there is no more output
	exited chan struct{} // closed when the program has ended
	once   sync.Once
}

// Start runs a program. If it still runs when the test ends, it is killed.
func Start(t testing.TB, c Config, name string, args ...string) *Session {
	t.Helper()
	if c.Cols == 0 || c.Rows == 0 {
		c.Cols, c.Rows = 80, 24
	}
	if c.Grace == 0 {
		c.Grace = grace
	}
	cmd := exec.Command(name, args...)
	cmd.Dir = c.Dir
	// Not t.TempDir: GORACE ends a value at a comma, which a test's name may have.
	dir, err := os.MkdirTemp("", "ptytest")
	if err != nil {
		t.Fatal(err)
	}
	races := filepath.Join(dir, "race")
	cmd.Env = append(append(Environ(), "TERM=xterm-256color", "GORACE=log_path="+races), c.Env...)
	tty, err := pty.StartWithSize(cmd, &pty.Winsize{Cols: uint16(c.Cols), Rows: uint16(c.Rows)})
	if err != nil {
		t.Fatalf("starting %s on a pseudo-terminal: %v", name, err)
	}
	s := &Session{
		t: t, cmd: cmd, tty: tty, grace: c.Grace, last: time.Now(),
		screen: vt.New(c.Cols, c.Rows),
		change: make(chan struct{}), read: make(chan struct{}), exited: make(chan struct{}),
	}
	go s.reader()
	go s.waiter()
	t.Cleanup(func() {
		s.end(0)
		reportRaces(t, races)
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return s
}

// reportRaces fails a test whose program was built with the race detector and
// has raced. Without a log of its own the report would be drawn over the screen.
func reportRaces(t testing.TB, log string) {
	reports, err := filepath.Glob(log + ".*")
	if err != nil {
		t.Error(err)
	}
	for _, name := range reports {
		text, err := os.ReadFile(name)
		t.Errorf("the program has raced: %s %v", text, err)
	}
}

// Environ is the test's environment without what describes its terminal.
func Environ() []string {
	var out []string
	for _, e := range os.Environ() {
		switch k, _, _ := strings.Cut(e, "="); k {
		case "TERM", "COLORTERM", "COLORFGBG", "NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI", "TMUX", "STY",
			"TERM_PROGRAM", "WT_SESSION", "SSH_CONNECTION", "SSH_TTY", "SSH_CLIENT", "LINES", "COLUMNS", "BROWSER":
		default:
			out = append(out, e)
		}
	}
	return out
}

// reader feeds the screen until the terminal is closed on the other side.
func (s *Session) reader() {
	defer close(s.read)
	buf := make([]byte, 64<<10)
	for {
		n, err := s.tty.Read(buf)
		s.mu.Lock()
		if n > 0 {
			_, _ = s.screen.Write(buf[:n])
			s.bytes += n
			s.writes++
			s.last = time.Now()
		}
		close(s.change)
		s.change = make(chan struct{})
		s.mu.Unlock()
		if err != nil { // EIO once no process has the terminal open
			return
		}
	}
}

func (s *Session) waiter() {
	_ = s.cmd.Wait() // the state tells all
	close(s.exited)
}

// Send types keys, as the bytes that a terminal would send.
func (s *Session) Send(keys string) {
	s.t.Helper()
	s.input.Lock()
	defer s.input.Unlock()
	if _, err := io.WriteString(s.tty, keys); err != nil {
		s.t.Fatalf("typing %q: %v\n%s", keys, err, s.Dump())
	}
}

// WaitFor waits until text is on the screen.
func (s *Session) WaitFor(text string, timeout time.Duration) {
	s.t.Helper()
	s.WaitUntil(fmt.Sprintf("%q", text), func(v *vt.Screen) bool { return v.Contains(text) }, timeout)
}

// WaitGone waits until text is no longer on the screen.
func (s *Session) WaitGone(text string, timeout time.Duration) {
	s.t.Helper()
	s.WaitUntil(fmt.Sprintf("%q to go", text), func(v *vt.Screen) bool { return !v.Contains(text) }, timeout)
}

// WaitUntil waits until the screen satisfies a condition, which must not keep
// the screen; what names it in the failure.
func (s *Session) WaitUntil(what string, cond func(*vt.Screen) bool, timeout time.Duration) {
	s.t.Helper()
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for {
		ok, change := s.check(cond)
		if ok {
			return
		}
		why := ""
		select {
		case <-change:
			continue
		case <-s.read:
			if ok, _ := s.check(cond); ok {
				return
			}
			why = "the output ended"
		case <-timer.C:
			why = timeout.String() + " passed"
		}
		s.t.Fatalf("waiting for %s: %s\n%s", what, why, s.Dump())
	}
}

func (s *Session) check(cond func(*vt.Screen) bool) (bool, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return cond(s.screen), s.change
}

// Idle waits until the program has written nothing for as long as quiet, or
// has ended. It fails the test where that does not happen within 30 s.
func (s *Session) Idle(quiet time.Duration) {
	s.t.Helper()
	limit := time.NewTimer(30 * time.Second)
	defer limit.Stop()
	for {
		s.mu.Lock()
		left, change := quiet-time.Since(s.last), s.change
		s.mu.Unlock()
		if left <= 0 {
			return
		}
		timer := time.NewTimer(left)
		select {
		case <-change:
		case <-timer.C:
		case <-s.read:
			timer.Stop()
			return
		case <-limit.C:
			timer.Stop()
			s.t.Fatalf("the program never fell silent for %v\n%s", quiet, s.Dump())
		}
		timer.Stop()
	}
}

// Screen calls look with the screen, which must not be kept.
func (s *Session) Screen(look func(*vt.Screen)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	look(s.screen)
}

// Text is the screen's text, a line each.
func (s *Session) Text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.screen.String()
}

// Bytes is how many bytes the program has written so far, and in how many
// pieces they were read.
func (s *Session) Bytes() (bytes, reads int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes, s.writes
}

// Dump is the screen in a frame, for messages.
func (s *Session) Dump() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	cols, _ := s.screen.Size()
	rule := strings.Repeat("-", cols)
	x, y, _ := s.screen.Cursor()
	return fmt.Sprintf("%s\n%s\n%s\ncursor %d,%d; %d bytes so far", rule, s.screen, rule, x, y, s.bytes)
}

// Resize changes the terminal's size, of which the program is told.
func (s *Session) Resize(cols, rows int) {
	s.t.Helper()
	s.mu.Lock()
	s.screen.Resize(cols, rows)
	s.mu.Unlock()
	if err := pty.Setsize(s.tty, &pty.Winsize{Cols: uint16(cols), Rows: uint16(rows)}); err != nil {
		s.t.Fatalf("resizing the pseudo-terminal: %v", err)
	}
}

// Signal sends a signal to the program.
func (s *Session) Signal(sig os.Signal) {
	s.t.Helper()
	if err := s.cmd.Process.Signal(sig); err != nil {
		s.t.Fatalf("sending %v: %v", sig, err)
	}
}

// Pid is the program's process id.
func (s *Session) Pid() int { return s.cmd.Process.Pid }

// TTY is the controlling side of the pseudo-terminal, for its settings. The
// session reads it.
func (s *Session) TTY() *os.File { return s.tty }

// WaitExit waits until the program has ended and all its output was read, and
// returns how it ended.
func (s *Session) WaitExit(timeout time.Duration) *os.ProcessState {
	s.t.Helper()
	if err := s.waitExit(timeout); err != nil {
		s.t.Fatalf("waiting for the program to end: %v\n%s", err, s.Dump())
	}
	return s.cmd.ProcessState
}

var errStays = errors.New("it is still running")

func (s *Session) waitExit(timeout time.Duration) error {
	timer := time.NewTimer(timeout)
	defer timer.Stop()
	for _, done := range []chan struct{}{s.exited, s.read} {
		select {
		case <-done:
		case <-timer.C:
			return errStays
		}
	}
	return nil
}

// Close waits for the program to end by itself, kills it after the grace of
// Config, and returns how it ended. Send what makes it quit before. Later
// calls return the same.
func (s *Session) Close() *os.ProcessState {
	s.end(s.grace)
	return s.cmd.ProcessState
}

func (s *Session) end(wait time.Duration) {
	s.once.Do(func() {
		if s.waitExit(wait) != nil {
			_ = s.cmd.Process.Kill()
			<-s.exited
		}
		s.input.Lock()
		defer s.input.Unlock()
		_ = s.tty.Close() // ends the reader if a grandchild holds the terminal
		<-s.read
	})
}
