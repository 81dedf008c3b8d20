package widget

import (
	"context"
	"errors"
	"testing"

	tea "github.com/charmbracelet/bubbletea"
)

func TestTheEndOfTheConsoleStopsReadingButNotStoring(t *testing.T) {
	ctx, end := context.WithCancel(t.Context())
	env := &Env{Context: ctx}
	under := func(ctx context.Context) tea.Msg {
		end()
		return ctx.Err()
	}
	if err, failed := env.Go(under)().(error); !failed || !errors.Is(err, context.Canceled) {
		t.Errorf("reading went on: %v", err)
	}
	if err := env.Store(under)(); err != nil {
		t.Errorf("storing was broken off: %v", err)
	}
	env.Wait()
	if did := env.Store(func(context.Context) tea.Msg { return "stored" })(); did != nil {
		t.Errorf("storing began after the end: %v", did)
	}
}
