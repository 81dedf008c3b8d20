// Package detail shows one violation whole, in tabs: in a pane below the list
// or, where there is no room for one, as a screen of its own.
package detail

import (
	"context"
	"errors"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/widget"
)

// Least is the least number of lines that a pane is good for.
const Least = 8

// Store is what the detail reads.
type Store interface {
	Violation(ctx context.Context, id model.ViolationID) (*model.Violation, error)
	History(ctx context.Context, id model.ViolationID, limit int) ([]model.AuditEntry, error)
	MixedVEX(ctx context.Context, id model.ViolationID) ([]model.VEXField, error)
}

// Detail is the detail of one violation.
type Detail struct {
	env   *widget.Env
	store Store

	row     model.Row // what is shown until the whole arrives
	v       *model.Violation
	history []model.AuditEntry
	mixed   []model.VEXField // wait, since the ticket's violations differ there
	problem error
	shown   bool // there is something to show
	loading bool
	next    bool // what is shown changed while it was being read

	tab           int
	scroll        widget.Scroll
	whole         bool
	width, height int
	lines         []string // the tab's text, laid out
}

type loadedMsg struct {
	id      model.ViolationID
	v       *model.Violation
	history []model.AuditEntry
	mixed   []model.VEXField
	err     error
}

const historyLength = 200

// New makes an empty detail.
func New(env *widget.Env, store Store) *Detail {
	return &Detail{env: env, store: store}
}

// Whole reports whether the detail is a screen of its own.
func (d *Detail) Whole() bool { return d.whole }

// SetWhole makes it one, or a pane again.
func (d *Detail) SetWhole(on bool) { d.whole, d.scroll.Top = on, 0 }

// Shows reports whether it shows this violation.
func (d *Detail) Shows(id model.ViolationID) bool { return d.shown && d.row.ID == id }

// Empty reports whether it shows nothing.
func (d *Detail) Empty() bool { return !d.shown }

// Clear makes it show nothing.
func (d *Detail) Clear() { d.shown, d.v, d.history, d.mixed, d.lines = false, nil, nil, nil, nil }

// Violation is what is shown, once it has arrived.
func (d *Detail) Violation() *model.Violation { return d.v }

// Show shows a violation: its row at once, the whole when it has been read.
func (d *Detail) Show(row model.Row) tea.Cmd {
	d.row, d.shown = row, true
	if d.v != nil && d.v.ID != row.ID {
		d.v, d.history, d.mixed, d.problem = nil, nil, nil, nil
		d.scroll.Top = 0
	}
	d.lines = nil
	return d.load()
}

// Refresh reads what is shown again.
func (d *Detail) Refresh() tea.Cmd {
	if !d.shown {
		return nil
	}
	return d.load()
}

// load reads one violation at a time; when the one that is wanted has changed
// meanwhile, it goes on with that one.
func (d *Detail) load() tea.Cmd {
	if d.loading {
		d.next = true
		return nil
	}
	d.loading, d.next = true, false
	id := d.row.ID
	return d.env.Go(func(ctx context.Context) tea.Msg {
		v, err := d.store.Violation(ctx, id)
		if err != nil {
			return loadedMsg{id: id, err: err}
		}
		history, err := d.store.History(ctx, id, historyLength)
		if err != nil {
			return loadedMsg{id: id, err: err}
		}
		mixed, err := d.store.MixedVEX(ctx, id)
		return loadedMsg{id, v, history, mixed, err}
	})
}

// Update takes the detail's own messages.
func (d *Detail) Update(msg tea.Msg) tea.Cmd {
	m, ok := msg.(loadedMsg)
	if !ok {
		return nil
	}
	d.loading = false
	if m.id == d.row.ID && !errors.Is(m.err, context.Canceled) {
		d.v, d.history, d.mixed, d.problem, d.lines = m.v, m.history, m.mixed, m.err, nil
		if m.v != nil {
			d.row = m.v.Row
		}
	}
	if d.next && d.shown {
		return d.load()
	}
	return nil
}

// Turn goes to another tab.
func (d *Detail) Turn(by int) tea.Cmd {
	n := len(tabs())
	d.tab = (d.tab + by + n) % n
	d.scroll.Top, d.lines = 0, nil
	return nil
}

// Scroll scrolls the text by so many lines.
func (d *Detail) Scroll(by int) { d.scroll.Set(d.scroll.Top + by) }

// Motions scroll the text.
func (d *Detail) Motions() keys.Handlers { return d.scroll.Handlers() }

// Resize tells the room there is.
func (d *Detail) Resize(width, height int) {
	d.width, d.height, d.lines = width, height, nil
}
