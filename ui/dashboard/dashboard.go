// Package dashboard shows how the open violations of current versions stand,
// as charts drawn in text. Each bar is a filter: enter shows its violations.
package dashboard

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/widget"
)

// Store is what the screen reads.
type Store interface {
	Dashboard(ctx context.Context, top int) (storage.Dashboard, error)
	TopComponents(ctx context.Context, top int) ([]storage.Share, error)
	Days(ctx context.Context, n int) ([]storage.Day, error)
	Count(ctx context.Context, q *query.Query) (int, error)
}

const (
	most   = 20  // products and components read
	past   = 365 // days of the trend read
	breath = 3 * time.Second
)

// Dashboard is the screen.
type Dashboard struct {
	env   *widget.Env
	store Store

	counts     storage.Dashboard
	days       []storage.Day
	ages       []int // by age, nil while unknown
	components []storage.Share
	counted    bool
	composed   bool // components has arrived
	problem    error

	quick, slow reading

	at            int  // the bar under the cursor, in the order of bars
	chosen        bool // by the person; else it is the first, whatever arrives first
	top           int  // the first line in sight
	width, height int
	handlers      keys.Handlers
}

// reading is one of the two readings: of counts that are kept up, and of what
// a million rows have to be walked for. Neither runs twice at a time.
type reading struct {
	busy, stale bool
	after       time.Time // not before
}

type quickMsg struct {
	owner  *Dashboard
	counts storage.Dashboard
	days   []storage.Day
	err    error
}

type slowMsg struct {
	owner      *Dashboard
	ages       []int
	components []storage.Share
	err        error
}

// New makes the screen.
func New(env *widget.Env, store Store) *Dashboard {
	d := &Dashboard{env: env, store: store}
	d.handlers = d.actions()
	return d
}

// Start reads everything, what is quick apart from what is not.
func (d *Dashboard) Start() tea.Cmd {
	return tea.Batch(d.readQuick(), d.readSlow())
}

func (d *Dashboard) readQuick() tea.Cmd {
	if d.quick.busy {
		d.quick.stale = true
		return nil
	}
	d.quick = reading{busy: true}
	return d.env.Go(func(ctx context.Context) tea.Msg {
		m := quickMsg{owner: d}
		if m.counts, m.err = d.store.Dashboard(ctx, most); m.err == nil {
			m.days, m.err = d.store.Days(ctx, past)
		}
		return m
	})
}

// readSlow reads again when a breath has passed since it last ended: a sync
// that writes all the time must not make it read all the time.
func (d *Dashboard) readSlow() tea.Cmd {
	if d.slow.busy || d.env.Now().Before(d.slow.after) {
		d.slow.stale = true
		return nil
	}
	d.slow = reading{busy: true}
	now := d.env.Now()
	return d.env.Go(func(ctx context.Context) tea.Msg {
		m := slowMsg{owner: d}
		for _, a := range ages() {
			q, err := query.Parse(a.query, now)
			if err != nil {
				return slowMsg{owner: d, err: err}
			}
			n, err := d.store.Count(ctx, q)
			if err != nil {
				return slowMsg{owner: d, err: err}
			}
			m.ages = append(m.ages, n)
		}
		m.components, m.err = d.store.TopComponents(ctx, most)
		return m
	})
}

// Update implements [widget.Screen].
func (d *Dashboard) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case widget.Changed:
		return d.Start()
	case widget.Tick:
		if d.slow.stale && !d.slow.busy {
			return d.readSlow()
		}
	case quickMsg:
		if msg.owner == d {
			return d.gotQuick(msg)
		}
	case slowMsg:
		if msg.owner == d {
			return d.gotSlow(msg)
		}
	}
	return nil
}

func (d *Dashboard) gotQuick(m quickMsg) tea.Cmd {
	stale := d.quick.stale
	d.quick = reading{}
	d.took(m.err, func() { d.counts, d.days, d.counted = m.counts, m.days, true })
	if stale {
		return d.readQuick()
	}
	return nil
}

func (d *Dashboard) gotSlow(m slowMsg) tea.Cmd {
	d.slow = reading{stale: d.slow.stale, after: d.env.Now().Add(breath)}
	d.took(m.err, func() { d.ages, d.components, d.composed = m.ages, m.components, true })
	return nil
}

// took puts what was read in place; a cursor that was moved stays on its bar.
func (d *Dashboard) took(err error, put func()) {
	if d.problem = err; err != nil {
		return
	}
	var was string
	if b := d.current(); b != nil && d.chosen {
		was = b.query
	} else {
		d.at = 0
	}
	put()
	for i, b := range d.bars() {
		if b.query == was {
			d.at = i
		}
	}
	d.show()
}

// Scopes implements [widget.Screen].
func (d *Dashboard) Scopes() []keys.Scope {
	return []keys.Scope{keys.Dashboard, keys.Move, keys.Global, keys.Always}
}

// Handlers implements [widget.Screen].
func (d *Dashboard) Handlers() keys.Handlers { return d.handlers }

// Deadline implements [widget.Screen].
func (d *Dashboard) Deadline() time.Time {
	if d.slow.stale && !d.slow.busy {
		return d.slow.after
	}
	return time.Time{}
}

// Resize implements [widget.Screen].
func (d *Dashboard) Resize(width, height int) {
	d.width, d.height = width, height
	d.show()
}
