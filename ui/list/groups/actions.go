package groups

import (
	"context"
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/widget"
)

func (g *Groups) actions() keys.Handlers {
	some := func(f func() tea.Cmd) keys.Handler {
		return keys.Handler{Run: f, Disabled: g.nothing, Waits: g.reading}
	}
	h := keys.Handlers{
		"groups.open": some(g.open),
		"groups.mark": some(g.mark),
		"groups.sort": {Run: g.sort},
		"groups.by":   {Run: g.by},
	}
	for _, id := range []string{"ticket.create", "ticket.quick", "vex.edit", "vex.accept", "ticket.refresh"} {
		h["groups."+id] = some(func() tea.Cmd { return g.gather(id) })
	}
	for id, handler := range g.motions() {
		h[id] = handler
	}
	return h
}

func (g *Groups) motions() keys.Handlers {
	w := &g.held
	to := func(f func()) keys.Handler {
		return keys.Handler{Run: func() tea.Cmd { f(); return g.ahead() }, Waits: g.reading}
	}
	return keys.Handlers{
		"move.down":          to(func() { w.move(1) }),
		"move.up":            to(func() { w.move(-1) }),
		"move.half-down":     to(func() { w.page(w.height / 2) }),
		"move.half-up":       to(func() { w.page(-w.height / 2) }),
		"move.page-down":     to(func() { w.page(w.height) }),
		"move.page-up":       to(func() { w.page(-w.height) }),
		"move.screen-top":    to(func() { w.move(w.top - w.at) }),
		"move.screen-middle": to(func() { from, to := w.seen(); w.move((from+to-1)/2 - w.at) }),
		"move.screen-bottom": to(func() { _, to := w.seen(); w.move(to - 1 - w.at) }),
		"move.top":           {Run: g.toFirst, Waits: g.reading},
		"move.bottom":        {Run: g.toLast, Waits: g.reading},
	}
}

// toFirst goes to the first group; where the numbers changed since they were put
// in order, in a new one.
func (g *Groups) toFirst() tea.Cmd {
	if g.outdated {
		return g.order(g.of.Sort)
	}
	if g.held.start {
		g.held.move(-len(g.held.groups))
		return nil
	}
	g.gen++
	return g.load(first, storage.Page{Limit: pageSize})
}

func (g *Groups) toLast() tea.Cmd {
	if g.held.end {
		g.held.move(len(g.held.groups))
		return nil
	}
	g.gen++
	return g.load(last, storage.Page{FromEnd: true, Limit: pageSize})
}

// reading reports whether the groups that a key is for are on their way.
func (g *Groups) reading() bool { return !g.loaded && g.problem == nil }

func (g *Groups) nothing() string {
	switch {
	case g.held.current() != nil:
		return ""
	case !g.loaded:
		return "the groups are still being read"
	}
	return "there is no group"
}

// term is the query of a group's violations within the filter.
func (g *Groups) term(name string) string {
	text := query.Is(g.of.By, name)
	if g.of.Filter != nil && g.of.Filter.Expr != nil {
		return text + " " + query.Print(query.And{Of: g.of.Filter.Parts()})
	}
	return text
}

func (g *Groups) open() tea.Cmd {
	return widget.Send(widget.ShowList{Query: g.term(g.held.current().Name)})
}

func (g *Groups) mark() tea.Cmd {
	each := g.held.current()
	if _, marked := g.marks[each.Key]; marked {
		delete(g.marks, each.Key)
	} else {
		g.marks[each.Key] = each.Open()
	}
	g.held.move(1)
	return g.ahead()
}

// by goes to the next grouping.
func (g *Groups) by() tea.Cmd {
	all := By()
	g.of.By = all[(slices.Index(all, g.of.By)+1)%len(all)]
	clear(g.marks)
	g.held, g.loaded = window{height: g.held.height}, false
	return g.order(orders(g.of.By)[0])
}

// gather reads the violations of the marked groups, or of the one under the
// cursor, for an action.
func (g *Groups) gather(action string) tea.Cmd {
	chosen := []string{g.held.current().Key}
	if len(g.marks) > 0 {
		chosen = chosen[:0]
		for key := range g.marks {
			chosen = append(chosen, key)
		}
		slices.Sort(chosen)
	}
	of := g.of
	return g.env.Go(func(ctx context.Context) tea.Msg {
		ids, err := g.store.GroupIDs(ctx, of, chosen)
		return idsMsg{g, action, ids, err}
	})
}
