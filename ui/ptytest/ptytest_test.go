package ptytest_test

import (
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/vexdesk/ui/ptytest"
	"example.com/vexdesk/ui/vt"
)

func TestKeysReachTheProgramAndItsOutputTheScreen(t *testing.T) {
	s := ptytest.Start(t, ptytest.Config{Cols: 40, Rows: 5}, "sh", "-c", `stty size; read x; echo "got $x"; exit 3`)
	s.WaitFor("5 40", 5*time.Second)
	s.Send("hello" + ptytest.Enter)
	s.WaitFor("got hello", 5*time.Second)
	if st := s.Close(); st.ExitCode() != 3 {
		t.Errorf("exit code %d, want 3", st.ExitCode())
	}
	if n, _ := s.Bytes(); n == 0 {
		t.Error("no bytes were counted")
	}
}

func TestResizeAndSignalsReachTheProgram(t *testing.T) {
	s := ptytest.Start(t, ptytest.Config{}, "sh", "-c",
		`trap 'stty size' WINCH; trap 'echo bye; exit 4' TERM; echo ready; while :; do read x; done`)
	s.WaitFor("ready", 5*time.Second)
	s.Resize(90, 30)
	s.WaitUntil("the new size", func(v *vt.Screen) bool { return strings.Contains(v.String(), "30 90") }, 5*time.Second)
	s.Signal(syscall.SIGTERM)
	s.WaitFor("bye", 5*time.Second)
	if st := s.WaitExit(5 * time.Second); st.ExitCode() != 4 {
		t.Errorf("exit code %d, want 4", st.ExitCode())
	}
}

func TestIdleReturnsAfterTheOutput(t *testing.T) {
	s := ptytest.Start(t, ptytest.Config{}, "sh", "-c", `for i in 1 2 3 4 5; do echo $i; done; read x`)
	s.WaitFor("5", 5*time.Second)
	s.Idle(20 * time.Millisecond)
	if got := s.Text(); !strings.HasPrefix(got, "1\n2\n3\n4\n5\n") {
		t.Errorf("screen is %q", got)
	}
	s.Send(ptytest.Enter)
	if st := s.Close(); !st.Success() {
		t.Errorf("ended with %v", st)
	}
}

func TestCloseEndsAProgramThatStays(t *testing.T) {
	s := ptytest.Start(t, ptytest.Config{Grace: 10 * time.Millisecond}, "sh", "-c", `trap "" HUP TERM; echo up; while :; do read x; done`)
	s.WaitFor("up", 5*time.Second)
	if st := s.Close(); st.Success() {
		t.Errorf("ended with %v, want killed", st)
	}
}
