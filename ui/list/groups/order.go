package groups

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/picker"
	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// An order by what groups hold takes a look at all violations of the filter. The
// groups stay as they are until it is there, and it stays as it is while their
// numbers change: a row is never moved under the cursor.

// orders are the orders of a grouping, the first one to begin with.
func orders(by query.Key) []query.SortKey {
	held := []query.SortKey{{Key: storage.ByCount, Reverse: true}, {Key: query.KeySeverity}}
	if by == query.KeyIssue {
		return append([]query.SortKey{{Key: query.KeyCVSS, Reverse: true}, {Key: query.KeyEPSS, Reverse: true}, {Key: query.KeyIssue}}, held...)
	}
	return append([]query.SortKey{{Key: by}}, held...)
}

// doc says what an order is.
func doc(key query.Key) string {
	switch key {
	case storage.ByCount:
		return "how many violations"
	case query.KeySeverity:
		return "most of the worst first"
	case query.KeyCVSS, query.KeyEPSS:
		return query.SortDoc(key)
	}
	return "by name"
}

// byHeld tells that an order is by what the groups hold.
func byHeld(key query.Key) bool { return key == storage.ByCount || key == query.KeySeverity }

// direction is the sign of an order; the natural one by severity goes down.
func direction(t *theme.Theme, k query.SortKey) string {
	if k.Reverse != (k.Key == query.KeySeverity) {
		return t.Glyphs.Down
	}
	return t.Glyphs.Up
}

// sort asks for an order; the present one again is the other way round.
func (g *Groups) sort() tea.Cmd {
	all := orders(g.of.By)
	items := make([]picker.Item, len(all))
	at, width := 0, 0
	for _, each := range all {
		width = max(width, len(each.Key))
	}
	for i, each := range all {
		items[i] = picker.Item{Title: widget.Fit(string(each.Key), width, "") + "  " + doc(each.Key)}
		if each.Key == g.of.Sort.Key {
			items[i].Note, at = direction(g.env.Theme, g.of.Sort)+" again reverses", i
		}
	}
	return widget.Send(widget.Push{Screen: picker.New(g.env, "Sort by", items, func(i int) tea.Cmd {
		next := all[i]
		if next.Key == g.of.Sort.Key {
			next.Reverse = !g.of.Sort.Reverse
		}
		return g.order(next)
	}).At(at)})
}

// order shows the groups in an order, from its beginning.
func (g *Groups) order(by query.SortKey) tea.Cmd {
	g.wanted = by
	g.orders++
	if !byHeld(by.Key) {
		return g.Start()
	}
	of, n := g.of, g.orders
	of.Sort = by
	return g.env.Go(func(ctx context.Context) tea.Msg {
		ranking, err := g.store.RankGroups(ctx, of)
		return rankMsg{g, n, ranking, err}
	})
}

type rankMsg struct {
	owner   *Groups
	n       int
	ranking *storage.Ranking
	err     error
}

// ranked shows the groups in the order that was found.
func (g *Groups) ranked(m rankMsg) tea.Cmd {
	if m.n != g.orders {
		return nil // another one is wanted by now
	}
	if m.err != nil {
		g.wanted = g.of.Sort
		if !g.loaded {
			g.problem = m.err
			return nil
		}
		return toast.Failed("The groups could not be put in order", m.err)
	}
	g.gen++
	g.of.Sort, g.ranking, g.total, g.outdated = g.wanted, m.ranking, m.ranking.Len(), false
	return g.load(first, storage.Page{Limit: pageSize})
}

// told notes how many groups there are now. Those that came after they were put
// in order have no place in it.
func (g *Groups) told(n int) {
	g.total = n
	if g.ranking != nil && g.ranking.Len() != n {
		g.outdated = true
	}
}

// compare notes whether groups that were read again hold something else.
func (g *Groups) compare(again []storage.Group) {
	if g.ranking == nil || len(again) == 0 {
		return
	}
	from := g.held.placeOf(again[0].Key)
	for i := range min(len(again), len(g.held.groups)-from) {
		if again[i].BySeverity != g.held.groups[from+i].BySeverity {
			g.outdated = true
		}
	}
}
