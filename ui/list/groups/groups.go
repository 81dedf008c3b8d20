// Package groups shows the violations of the list put together by issue, by
// component or by product, and acts on all of a group at once.
package groups

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Store is what the screen reads.
type Store interface {
	Groups(ctx context.Context, g storage.Groups, p storage.Page) ([]storage.Group, error)
	GroupCount(ctx context.Context, g storage.Groups) (int, error)
	RankGroups(ctx context.Context, g storage.Groups) (*storage.Ranking, error)
	RankedGroups(ctx context.Context, r *storage.Ranking, p storage.Page) ([]storage.Group, error)
	GroupIDs(ctx context.Context, g storage.Groups, keys []string) ([]model.ViolationID, error)
}

// Groups is the screen.
type Groups struct {
	env   *widget.Env
	store Store

	of storage.Groups
	// wanted is the order that was asked for last; until it is found the groups
	// are shown in the one before. orders counts those that were asked for.
	wanted query.SortKey
	orders int
	// ranking is the order by what groups held when they were put in order,
	// outdated tells that they hold something else by now.
	ranking  *storage.Ranking
	outdated bool

	filter  string // as the person wrote it
	held    window
	total   int // groups, -1 while not known
	marks   map[string]int
	problem error

	gen         int
	busy, stale bool
	loaded      bool

	width, height int
	handlers      keys.Handlers
}

const pageSize = 60

// By are the ways to group, in the order in which one key goes through them.
func By() []query.Key { return []query.Key{query.KeyIssue, query.KeyComponent, query.KeyProduct} }

// New shows a filter's violations grouped by a key; filter is its text.
func New(env *widget.Env, store Store, by query.Key, q *query.Query, filter string) *Groups {
	g := &Groups{env: env, store: store, of: storage.Groups{By: by, Filter: q}, filter: filter, marks: map[string]int{}, total: -1}
	g.wanted = orders(by)[0]
	g.handlers = g.actions()
	return g
}

// where a page of groups belongs.
type where int

const (
	first where = iota
	last
	behind
	infront
	again
)

type pageMsg struct {
	owner  *Groups
	gen    int
	where  where
	asked  int
	groups []storage.Group
	err    error
}

type countMsg struct {
	owner *Groups
	gen   int
	n     int
	err   error
}

type idsMsg struct {
	owner  *Groups
	action string
	ids    []model.ViolationID
	err    error
}

// Start reads the first page and how many groups there are.
func (g *Groups) Start() tea.Cmd {
	g.gen++
	g.busy, g.total, g.of.Sort, g.ranking, g.outdated = false, -1, g.wanted, nil, false
	return tea.Batch(g.load(first, storage.Page{Limit: pageSize}), g.count())
}

func (g *Groups) load(place where, p storage.Page) tea.Cmd {
	g.busy, g.stale = true, false
	gen, of, ranking := g.gen, g.of, g.ranking
	return g.env.Go(func(ctx context.Context) tea.Msg {
		if ranking != nil {
			found, err := g.store.RankedGroups(ctx, ranking, p)
			return pageMsg{g, gen, place, p.Limit, found, err}
		}
		found, err := g.store.Groups(ctx, of, p)
		return pageMsg{g, gen, place, p.Limit, found, err}
	})
}

func (g *Groups) count() tea.Cmd {
	gen, of := g.gen, g.of
	return g.env.Go(func(ctx context.Context) tea.Msg {
		n, err := g.store.GroupCount(ctx, of)
		return countMsg{g, gen, n, err}
	})
}

// ahead fetches a page where the cursor comes near an end of what is held.
func (g *Groups) ahead() tea.Cmd {
	n := len(g.held.groups)
	switch {
	case g.busy || n == 0:
		return nil
	case !g.held.end && n-g.held.at < 2*g.held.height:
		return g.load(behind, storage.Page{After: g.held.groups[n-1].Cursor, Limit: pageSize})
	case !g.held.start && g.held.at < 2*g.held.height:
		return g.load(infront, storage.Page{Before: g.held.groups[0].Cursor, Limit: pageSize})
	}
	return nil
}

// refresh reads what is in sight again, and what follows.
func (g *Groups) refresh() tea.Cmd {
	if g.busy {
		g.stale = true
		return nil
	}
	if len(g.held.groups) == 0 {
		return g.order(g.wanted)
	}
	return tea.Batch(g.load(again, storage.Page{After: g.held.groups[g.held.top].Cursor, Inclusive: true, Limit: 2 * pageSize}), g.count())
}

// Update implements [widget.Screen].
func (g *Groups) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case widget.Changed:
		return g.refresh()
	case pageMsg:
		if msg.owner == g && msg.gen == g.gen {
			return g.got(msg)
		}
	case countMsg:
		if msg.owner == g && msg.gen == g.gen && msg.err == nil {
			g.told(msg.n)
		}
	case rankMsg:
		if msg.owner == g {
			return g.ranked(msg)
		}
	case idsMsg:
		if msg.owner == g {
			return g.act(msg)
		}
	}
	return nil
}

func (g *Groups) got(m pageMsg) tea.Cmd {
	g.busy = false
	if g.problem = m.err; m.err != nil {
		return nil
	}
	g.loaded = true
	short := len(m.groups) < m.asked
	switch m.where {
	case first:
		g.held.replace(m.groups, true, short, 0)
	case last:
		g.held.replace(m.groups, short, true, len(m.groups)-1)
	case behind:
		g.held.append(m.groups, short)
	case infront:
		g.held.prepend(m.groups, short)
	case again:
		g.compare(m.groups)
		g.held.renew(m.groups, short)
	}
	for i := range g.held.groups { // what is marked may have grown or shrunk
		if each := &g.held.groups[i]; g.marks[each.Key] > 0 {
			g.marks[each.Key] = each.Open()
		}
	}
	if g.stale {
		return g.refresh()
	}
	return g.ahead()
}

// act hands the violations of the chosen groups to an action of the root.
func (g *Groups) act(m idsMsg) tea.Cmd {
	switch {
	case m.err != nil:
		return toast.Failed("The violations of the group could not be read", m.err)
	case len(m.ids) == 0:
		return toast.Say(toast.Info, "There is nothing left in this group.")
	}
	return widget.Send(widget.Act{ID: m.action, IDs: m.ids, Done: func() { clear(g.marks) }})
}

// Scopes implements [widget.Screen].
func (g *Groups) Scopes() []keys.Scope {
	return []keys.Scope{keys.Grouped, keys.Move, keys.Global, keys.Always}
}

// Handlers implements [widget.Screen].
func (g *Groups) Handlers() keys.Handlers { return g.handlers }

// Deadline implements [widget.Screen].
func (g *Groups) Deadline() time.Time { return time.Time{} }

// Up implements [widget.Upper]: esc lets go of the marks first.
func (g *Groups) Up() (bool, tea.Cmd) {
	had := len(g.marks) > 0
	clear(g.marks)
	return had, nil
}
