package groups

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/widget"
)

// Resize implements [widget.Screen].
func (g *Groups) Resize(width, height int) {
	g.width, g.height = width, height
	g.held.height = max(1, height-2)
	g.held.show()
}

// Click implements [widget.Pointed].
func (g *Groups) Click(_, y int) tea.Cmd {
	if from, to := g.held.seen(); y >= 2 && from+y-2 < to {
		g.held.move(from + y - 2 - g.held.at)
	}
	return g.ahead()
}

// View implements [widget.Screen].
func (g *Groups) View() []string {
	t := g.env.Theme
	lines := []string{g.heading(), g.columns()}
	switch {
	case g.problem != nil:
		return append(lines, " "+t.Bad.Of(g.problem.Error()))
	case !g.loaded:
		return append(lines, " "+t.Dim.Of("   grouping "+t.Glyphs.Ellipsis))
	case len(g.held.groups) == 0:
		return append(lines, "", "   "+t.Strong.Of("There is nothing to group."), "", "   The filter of the list matches no violation; esc goes back to it.")
	}
	greatest := 1
	from, to := g.held.seen()
	for _, each := range g.held.groups[from:to] {
		greatest = max(greatest, each.Open())
	}
	for i := from; i < to; i++ {
		lines = append(lines, g.line(i, greatest))
	}
	return lines
}

func (g *Groups) heading() string {
	t := g.env.Theme
	left := " " + t.Strong.Of("By "+string(g.of.By)) + "  "
	if g.filter != "" {
		left += g.filter
	} else {
		left += t.Dim.Of("all open violations of current versions")
	}
	var right []string
	switch {
	case g.wanted != g.of.Sort:
		right = append(right, t.Dim.Of("sorting by "+string(g.wanted.Key)+t.Glyphs.Ellipsis))
	case g.outdated:
		right = append(right, t.Dim.Of("changed since sorted: gg sorts again"))
	}
	if n := len(g.marks); n > 0 {
		sum := 0
		for _, each := range g.marks {
			sum += each
		}
		right = append(right, t.Mark.Of(widget.Plural(n, "group")+" with "+widget.Plural(sum, "violation")+" marked"))
	}
	if g.total >= 0 {
		right = append(right, t.Dim.Of(widget.Plural(g.total, "group")))
	}
	return widget.Edges(left, strings.Join(right, "  ")+" ", g.width, t.Glyphs.Ellipsis)
}

const (
	numbers   = 9 // cells of a count
	bars      = 10
	wideBars  = 24
	nameWidth = 22
	roomy     = 100 // from this width on the tickets are counted, too
)

// widths shares the room: count, bar, name, and the title where there is one.
func (g *Groups) widths() (bar, name, title int) {
	bar = bars
	if g.width >= 120 {
		bar = wideBars
	}
	rest := g.width - 3 - numbers - 1 - bar - 2 - (numbers + 2) - 1
	if g.width >= roomy {
		rest -= numbers + 2
	}
	if g.of.By != query.KeyIssue {
		return bar, rest, 0
	}
	name = min(nameWidth, rest)
	return bar, name, max(0, rest-name-2)
}

func (g *Groups) columns() string {
	t := g.env.Theme
	bar, name, title := g.widths()
	head := func(text string, key query.Key) string {
		if g.of.Sort.Key != key {
			return t.Dim.Of(text)
		}
		return t.Strong.Of(text + direction(t, g.of.Sort))
	}
	subject := strings.ToUpper(string(g.of.By))
	text := "   " + widget.FitRight(head("COUNT", storage.ByCount), numbers, "") + " " + widget.Fit(head("SEVERITY", query.KeySeverity), bar, "") + "  "
	names := head(subject, g.of.By)
	if g.of.Sort.Key != g.of.By && !byHeld(g.of.Sort.Key) {
		names += " " + head("by "+strings.ToUpper(string(g.of.Sort.Key)), g.of.Sort.Key)
	}
	text += widget.Fit(names, name, t.Glyphs.Ellipsis)
	if title > 0 {
		text += "  " + widget.Fit(t.Dim.Of("TITLE"), title, "")
	}
	text += "  " + t.Dim.Of(widget.FitRight("UNDECIDED", numbers, ""))
	if g.width >= roomy {
		text += "  " + t.Dim.Of(widget.FitRight("TICKETED", numbers, ""))
	}
	return text
}

func (g *Groups) line(i, greatest int) string {
	t := g.env.Theme
	each := &g.held.groups[i]
	cursor, sign := " ", " "
	if i == g.held.at {
		cursor = t.Accent.Of(t.Glyphs.Cursor)
	}
	if _, marked := g.marks[each.Key]; marked {
		sign = t.Mark.Of(t.Glyphs.Mark)
	}
	bar, name, title := g.widths()
	drawn, used := widget.Bar(t, each.BySeverity, greatest, bar)
	text := cursor + sign + " " + t.Severity(worst(each)).Of(widget.FitRight(widget.Count(each.Open()), numbers, "")) + " " + drawn + widget.Spaces(bar-used) +
		"  " + widget.FitName(each.Name, name, t.Glyphs.Ellipsis)
	if title > 0 {
		text += "  " + t.Dim.Of(widget.Fit(each.Title, title, t.Glyphs.Ellipsis))
	}
	text += "  " + count(t, each.Undecided)
	if g.width >= roomy {
		text += "  " + count(t, each.Ticketed)
	}
	return text
}

func count(t *theme.Theme, n int) string {
	if n == 0 {
		return t.Dim.Of(widget.FitRight(t.Glyphs.Missing, numbers, ""))
	}
	return widget.FitRight(widget.Count(n), numbers, "")
}

// worst is the worst severity that a group holds.
func worst(g *storage.Group) model.Severity {
	for rank, n := range g.BySeverity {
		if n > 0 {
			return model.SeverityOfRank(rank)
		}
	}
	return model.SeverityUnknown
}
