package ui

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
	_ "example.com/vexdesk/ui/early" // as main does: no question to the terminal at start
	"example.com/vexdesk/ui/ptytest"
)

// childOf names, in the environment, the workspace on which the test binary
// runs the console instead of tests.
const childOf = "VEXDESK_UI_TEST_WORKSPACE"

// childFlags are words for its options: readonly, ascii, mouse, a theme; stands: its
// clock does, but for a second whenever F12 is pressed.
const childFlags = "VEXDESK_UI_TEST_FLAGS"

// childTrace names the file in which it notes the rows of the key table that
// keys have run.
const childTrace = "VEXDESK_UI_TEST_TRACE"

// console is what the child process does: the real console on a real store.
func console(path string) int {
	store, err := storage.Open(context.Background(), path, storage.Options{})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	live := vexsync.NewLive(store)
	defer live.Close()
	o := Options{Store: store, Jira: live, Actor: analyst, Version: "test", Import: &reports{all: []string{"a.json", "bad.json"}}}
	for _, flag := range strings.Fields(os.Getenv(childFlags)) {
		switch flag {
		case "readonly":
			o.ReadOnly = true
		case "ascii":
			o.ASCII = true
		case "mouse":
			o.Mouse = true
		case "stands": // see traced
		default:
			o.Theme = flag
		}
	}
	if err := errors.Join(traced(o), store.Close()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// traced runs the console, noting what keys do where somebody asks for that.
func traced(o Options) error {
	path := os.Getenv(childTrace)
	if path == "" {
		return Run(context.Background(), o)
	}
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	s := &winder{}
	if slices.Contains(strings.Fields(os.Getenv(childFlags)), "stands") {
		s.now = time.Now()
		o.Clock = func() time.Time { return s.now }
	}
	ctx, cancel := context.WithCancel(context.Background())
	if s.Root, err = New(ctx, o.withDefaults()); err == nil {
		s.ran = func(id, key string) {
			_, _ = fmt.Fprintln(file, id, key) // what is missing there is missed
		}
		if !s.now.IsZero() {
			s.after = func(time.Duration, tea.Msg) tea.Cmd { return nil }
		}
		err = s.run(context.Background(), cancel, s)
	}
	cancel()
	return errors.Join(err, file.Close())
}

// winder is the console with somebody who holds the hands of its clock where
// that stands.
type winder struct {
	*Root
	now time.Time // of the clock that stands; zero where it goes
}

func (w *winder) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	if key, ok := msg.(tea.KeyMsg); ok && key.Type == tea.KeyF12 && !w.now.IsZero() {
		w.now = w.now.Add(time.Second)
		msg = timerMsg{w.armed}
	}
	_, cmd := w.Root.Update(msg)
	return w, cmd
}

// TestConsoleOnATerminal runs the console under a pseudo-terminal beside
// another process (this one) that writes to the same workspace.
func TestConsoleOnATerminal(t *testing.T) {
	d := sit(t, 120, 40, sample) // for its store; the screen is the child's
	d.now = time.Now()
	s := ptytest.Start(t, ptytest.Config{Cols: 120, Rows: 40, Env: []string{
		childOf + "=" + d.store.Path(), "TERM=xterm-256color", "LANG=C.UTF-8", "SSH_CONNECTION=1 2 3 4"}}, os.Args[0])
	const patience = 20 * time.Second
	s.WaitFor("67 open", patience)
	s.WaitFor("CVSS 9.8", patience)
	s.Send("/glibc\r")
	s.WaitGone("zlib1g", patience)
	s.WaitFor("1 of 67", patience)
	s.Send(ptytest.Esc)
	s.WaitFor("zlib1g", patience)
	s.Send("jj ")
	s.WaitFor("1 marked", patience)

	// Another process asks for a ticket and plays Jira: the row changes without
	// a key press.
	plan, err := d.store.PlanTickets(t.Context(), model.PlanRequest{IDs: []model.ViolationID{1}})
	d.must(err)
	_, err = d.store.RequestTickets(t.Context(), analyst, plan)
	d.must(err)
	s.WaitFor("requested", patience)
	d.jira(nil)
	s.WaitFor("SEC-141 To Do", patience)
	d.status("SEC-141", "In Progress", model.CategoryInProgress)
	s.WaitFor("SEC-141 In Progress", patience)
	s.WaitFor("1 marked", patience)
	s.WaitGone("Δ", patience)

	// Its own changes show at once, and quitting names what is left.
	s.Send("e")
	s.WaitFor("VEX decision", patience)
	s.Send("i\r")
	s.WaitFor("Stored on 1 violation", patience)
	s.WaitFor("in triage", patience)
	s.Send("C")
	s.WaitFor("create 1", patience)
	s.WaitFor("carries this out", patience)
	s.Send(ptytest.Enter)
	s.WaitFor("Sending to Jira", patience)
	s.Send(ptytest.CtrlC)
	s.WaitExit(patience)
	if text := s.Text(); !strings.Contains(text, "1 operation in the outbox") {
		t.Errorf("the work that is left is not named:\n%s", text)
	}
}

func TestNoTerminalSaysWhatToDo(t *testing.T) {
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close() //nolint:errcheck // read only
	err = Run(t.Context(), Options{In: null, Out: null})
	if !errors.Is(err, ErrNoScreen) || !strings.Contains(err.Error(), "list --json") {
		t.Errorf("got %v", err)
	}
}
