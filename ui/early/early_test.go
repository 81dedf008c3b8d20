package early_test

import (
	"os"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	_ "example.com/vexdesk/ui/early"
	"example.com/vexdesk/ui/ptytest"
)

// The test binary is itself a program that imports Bubble Tea.
func TestMain(m *testing.M) {
	if os.Getenv("EARLY_TEST_PROGRAM") != "" {
		_ = tea.Quit
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A terminal that answers no query must not be waited for, nor asked.
func TestStartOnASilentTerminalAsksNothing(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	start := time.Now()
	s := ptytest.Start(t, ptytest.Config{Env: []string{"EARLY_TEST_PROGRAM=1"}}, self)
	s.WaitExit(10 * time.Second)
	if d := time.Since(start); d > 2*time.Second {
		t.Errorf("the program took %v to start and end: it waited for the terminal", d)
	}
	if n, _ := s.Bytes(); n != 0 {
		t.Errorf("the program sent %d bytes to the terminal before it did anything", n)
	}
}
