package list

import (
	"context"
	"errors"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/list/groups"
	"example.com/vexdesk/ui/list/views"
)

// Store is what the list reads and asks for.
type Store interface {
	groups.Store
	views.Store
	Page(ctx context.Context, w storage.Window, p storage.Page) ([]storage.Listed, error)
	CursorOf(ctx context.Context, w storage.Window, id model.ViolationID) (storage.Cursor, bool, error)
	Count(ctx context.Context, q *query.Query) (int, error)
	RowsByID(ctx context.Context, ids []model.ViolationID) ([]model.Row, error)
	MatchingIDs(ctx context.Context, w storage.Window) ([]model.ViolationID, error)
	Violation(ctx context.Context, id model.ViolationID) (*model.Violation, error)
	History(ctx context.Context, id model.ViolationID, limit int) ([]model.AuditEntry, error)
	MixedVEX(ctx context.Context, id model.ViolationID) ([]model.VEXField, error)
}

// where says where in the list a page lies.
type where int

const (
	first   where = iota // the beginning
	tail                 // the end
	around               // around a violation
	behind               // behind what is held
	infront              // in front of what is held
	again                // what is seen, once more
	stay                 // nowhere else: the violation that was looked for is gone
)

// pageMsg brings rows. Those of another generation are dropped: another
// filter or order has been asked for since.
type pageMsg struct {
	gen    int
	where  where
	before []storage.Listed // in front of the anchor (around, again)
	rows   []storage.Listed
	asked  int // how many rows were asked for
	behind int // how many of them before the anchor
	found  bool
	anchor storage.Cursor // around which was read again, and its place
	base   int
	err    error
}

type countMsg struct {
	gen, n int
	err    error
}

type rowsMsg struct {
	gen  int
	rows []model.Row
	err  error
}

type matchMsg struct {
	gen int
	ids []model.ViolationID
	err error
}

type excludesMsg struct {
	gen     int
	without []excluded
}

// excluded is a part of the filter and what would match without it.
type excluded struct {
	part  string
	count int
}

// given reports work that was given up because something newer was asked for.
func given(err error) bool { return errors.Is(err, context.Canceled) }

// restart begins a new generation: what is under way for the old one is given
// up.
func (l *List) restart() context.Context {
	if l.cancel != nil {
		l.cancel()
	}
	ctx, cancel := context.WithCancel(l.env.Context)
	l.gen++
	l.cancel, l.busy = cancel, false
	l.ctx = ctx
	return ctx
}

// load fetches the beginning of the window, its end, or the surroundings of a
// violation, in place of what is held.
func (l *List) load(place where, id model.ViolationID) tea.Cmd {
	ctx := l.restart()
	l.busy, l.stale, l.behind = true, false, false
	gen, window, limit := l.gen, l.window, l.pageSize()
	return l.env.GoIn(ctx, func(ctx context.Context) tea.Msg {
		m := pageMsg{gen: gen, where: place, asked: limit}
		switch place {
		case tail:
			m.rows, m.err = l.store.Page(ctx, window, storage.Page{FromEnd: true, Limit: limit})
		case around:
			m = l.surroundings(ctx, window, id, limit)
			m.gen = gen
		default:
			m.rows, m.err = l.store.Page(ctx, window, storage.Page{Limit: limit})
		}
		return m
	})
}

func (l *List) surroundings(ctx context.Context, w storage.Window, id model.ViolationID, limit int) pageMsg {
	m := pageMsg{where: around, asked: limit, behind: limit / 2}
	at, found, err := l.store.CursorOf(ctx, w, id)
	if err != nil || !found {
		m.where = first
		m.err = err
		if err == nil {
			m.rows, m.err = l.store.Page(ctx, w, storage.Page{Limit: limit})
		}
		return m
	}
	m.found = true
	if m.before, m.err = l.store.Page(ctx, w, storage.Page{Before: at, Limit: m.behind}); m.err == nil {
		m.rows, m.err = l.store.Page(ctx, w, storage.Page{After: at, Inclusive: true, Limit: limit})
	}
	return m
}

// ahead fetches the next page where the cursor comes near an end of what is
// held, one at a time.
func (l *List) ahead() tea.Cmd {
	if l.busy || len(l.rows.lines) == 0 {
		return nil
	}
	direction := l.rows.needs()
	if direction == 0 {
		return nil
	}
	l.busy = true
	gen, window, limit := l.gen, l.window, l.pageSize()
	place, p := behind, storage.Page{After: l.rows.lines[len(l.rows.lines)-1].Cursor, Limit: limit}
	if direction < 0 {
		place, p = infront, storage.Page{Before: l.rows.lines[0].Cursor, Limit: limit}
	}
	return l.env.GoIn(l.ctx, func(ctx context.Context) tea.Msg {
		rows, err := l.store.Page(ctx, window, p)
		return pageMsg{gen: gen, where: place, rows: rows, asked: limit, err: err}
	})
}

// refresh reads again what is seen, some lines around it, and the count. While
// a range or a form is open nothing may move: then only the rows themselves
// are read again, by id.
func (l *List) refresh() tea.Cmd {
	if l.busy {
		l.stale = true
		return nil
	}
	l.stale, l.busy = false, true
	gen, window := l.gen, l.window
	if len(l.rows.lines) == 0 {
		return tea.Batch(l.load(first, 0), l.count(), l.loadViews())
	}
	if l.frozen() {
		return tea.Batch(l.reread(), l.loadViews())
	}
	anchor, limit := l.rows.lines[l.rows.top].Cursor, l.pageSize()
	front := min(l.rows.top, limit)
	if l.rows.start {
		front = limit
	}
	base := -1
	if l.rows.base >= 0 {
		base = l.rows.base + l.rows.top
	}
	cmd := l.env.GoIn(l.ctx, func(ctx context.Context) tea.Msg {
		m := pageMsg{gen: gen, where: again, asked: limit, behind: front, anchor: anchor, base: base}
		if m.before, m.err = l.store.Page(ctx, window, storage.Page{Before: anchor, Limit: front}); m.err == nil {
			m.rows, m.err = l.store.Page(ctx, window, storage.Page{After: anchor, Inclusive: true, Limit: limit})
		}
		return m
	})
	return tea.Batch(cmd, l.count(), l.loadViews())
}

func (l *List) reread() tea.Cmd {
	from, to := l.rows.seen()
	ids := make([]model.ViolationID, 0, to-from)
	for _, each := range l.rows.lines[from:to] {
		ids = append(ids, each.ID)
	}
	gen := l.gen
	return l.env.GoIn(l.ctx, func(ctx context.Context) tea.Msg {
		rows, err := l.store.RowsByID(ctx, ids)
		return rowsMsg{gen, rows, err}
	})
}

func (l *List) count() tea.Cmd {
	gen, filter := l.gen, l.window.Filter
	return l.env.GoIn(l.ctx, func(ctx context.Context) tea.Msg {
		n, err := l.store.Count(ctx, filter)
		return countMsg{gen, n, err}
	})
}

// matching fetches the ids of all that the filter matches, to mark them.
func (l *List) matching() tea.Cmd {
	gen, window := l.gen, l.window
	return l.env.GoIn(l.ctx, func(ctx context.Context) tea.Msg {
		ids, err := l.store.MatchingIDs(ctx, window)
		return matchMsg{gen, ids, err}
	})
}

// excludes counts, for a filter that matches nothing, what would match
// without each of its parts.
func (l *List) excludes() tea.Cmd {
	filter, gen := l.window.Filter, l.gen
	if filter == nil || len(filter.Parts()) < 2 {
		return nil
	}
	return l.env.GoIn(l.ctx, func(ctx context.Context) tea.Msg {
		m := excludesMsg{gen: gen}
		for i, part := range filter.Parts() {
			n, err := l.store.Count(ctx, filter.Without(i))
			if err != nil {
				return m
			}
			m.without = append(m.without, excluded{query.Print(part), n})
		}
		return m
	})
}

// pageSize is how many rows are fetched at a time.
func (l *List) pageSize() int { return max(100, (pagesAhead+2)*l.rows.height) }
