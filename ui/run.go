package ui

import (
	"context"
	"errors"
	"fmt"

	tea "github.com/charmbracelet/bubbletea"
	xterm "github.com/charmbracelet/x/term"

	"example.com/vexdesk/ui/paint"
	"example.com/vexdesk/ui/term"
)

// ErrNoScreen is returned by [Run] where no full-screen program can run; its
// text says why and what to do instead.
var ErrNoScreen = errors.New("the console needs a terminal")

// Run shows the console until the person leaves it. It waits for all work
// that the console began and then says what is left in the outbox.
func Run(ctx context.Context, o Options) error {
	o = o.withDefaults()
	caps := term.Detect(o.Env, xterm.IsTerminal(o.In.Fd()) && xterm.IsTerminal(o.Out.Fd()))
	if !caps.Screen {
		return fmt.Errorf("%w: %s", ErrNoScreen, caps.Why)
	}
	inner, cancel := context.WithCancel(ctx)
	root, err := New(inner, o)
	if err != nil {
		cancel()
		return err
	}
	return root.run(ctx, cancel, root)
}

// run shows the model that leads to the console, which is the console itself
// but in tests, until the person leaves it; stop ends the console's work.
func (r *Root) run(ctx context.Context, stop context.CancelFunc, model tea.Model) error {
	r.prime()
	err := paint.Run(ctx, model, paint.Options{Input: r.opts.In, Output: r.opts.Out, ByteRate: r.caps.ByteRate, Hyperlinks: r.caps.Hyperlinks, Mouse: r.opts.Mouse})
	stop()
	r.env.Wait()
	if err != nil {
		return err
	}
	return r.farewell(ctx)
}

// prime reads the first page before the first frame, so that this one is
// whole.
func (r *Root) prime() {
	r.list.Prime()
}

// farewell names the work that is left: it is safe, the outbox keeps it.
func (r *Root) farewell(ctx context.Context) error {
	overview, err := r.store.Overview(ctx)
	if err != nil {
		return nil //nolint:nilerr // the console has ended well; what is left is told by the next one
	}
	if line := pendingLine(overview.OutboxPending, overview.OutboxUnknown, overview.OutboxFailed); line != "" {
		_, err = fmt.Fprintln(r.opts.Out, line)
	}
	return err
}
