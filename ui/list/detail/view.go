package detail

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/widget"
)

// tab is one of the detail's pages.
type tab struct {
	title string
	count func(d *Detail) int // shown behind the title where it is not zero
	lines func(d *Detail, t *theme.Theme, width int) []string
}

func tabs() []tab {
	none := func(*Detail) int { return 0 }
	return []tab{
		{"Overview", none, (*Detail).overview},
		{"Tickets", func(d *Detail) int { return len(d.v.AllTickets) }, (*Detail).tickets},
		{"VEX", none, (*Detail).vex},
		{"Where", func(d *Detail) int { return len(d.v.Sightings) }, (*Detail).whereabouts},
		{"History", func(d *Detail) int { return len(d.history) }, (*Detail).past},
		{"References", func(d *Detail) int { return len(d.v.References) }, (*Detail).references},
	}
}

// View draws tabs and text; whole adds the violation's own head line.
func (d *Detail) View(whole bool) []string {
	t := d.env.Theme
	if !d.shown {
		return nil
	}
	out := make([]string, 0, d.height)
	if whole {
		out = append(out, d.headline(t), "")
	}
	out = append(out, d.viewTabs(t), "")
	room := d.height - len(out)
	if d.lines == nil {
		d.lines = d.text(t)
	}
	d.scroll.Resize(len(d.lines), room)
	for i := d.scroll.Top; i < min(len(d.lines), d.scroll.Top+room); i++ {
		out = append(out, " "+d.lines[i])
	}
	if rest := len(d.lines) - d.scroll.Top - room; rest > 0 && room > 1 {
		out[len(out)-1] = t.Dim.Of("  " + t.Glyphs.Down + " " + widget.Plural(rest+1, "more line") + d.wayOn())
	}
	for len(out) < d.height {
		out = append(out, "")
	}
	return out
}

func (d *Detail) wayOn() string {
	if d.whole {
		return ""
	}
	return ", enter shows all"
}

func (d *Detail) text(t *theme.Theme) []string {
	switch {
	case d.problem != nil:
		return widget.Wrap("The violation could not be read: "+d.problem.Error(), d.width-4)
	case d.v == nil:
		return []string{" " + d.row.Title}
	}
	return tabs()[d.tab].lines(d, t, min(d.width-3, 116))
}

func (d *Detail) headline(t *theme.Theme) string {
	r := &d.row
	left := " " + t.Severity(r.Severity).Of(strings.ToUpper(r.Severity.String())) + "  " + t.Strong.Of(r.Issue) + "  " +
		r.Component + " " + r.ComponentVersion
	return widget.Edges(left, t.Dim.Of(r.Product+" "+r.ProductVersion)+" ", d.width, t.Glyphs.Ellipsis)
}

// titles are the tabs as they are shown.
func (d *Detail) titles() []string {
	var all []string
	for i, each := range tabs() {
		title := each.title
		if d.v != nil {
			if n := each.count(d); n > 0 {
				title += " " + widget.Count(n)
			}
		}
		if i == d.tab {
			title = brackets(d.env.Theme, title)
		}
		all = append(all, title)
	}
	return all
}

// Click opens the tab at a cell of what View draws.
func (d *Detail) Click(x, y int) tea.Cmd {
	if head := map[bool]int{true: 2}[d.whole]; !d.shown || y != head {
		return nil
	}
	end := 0
	for i, title := range d.titles() {
		begin := end + len("  ")
		if end = begin + widget.Width(title); x >= begin && x < end {
			return d.Turn(i - d.tab)
		}
	}
	return nil
}

func (d *Detail) viewTabs(t *theme.Theme) string {
	var b strings.Builder
	for i, title := range d.titles() {
		b.WriteString("  ")
		if i == d.tab {
			b.WriteString(t.Accent.Of(title))
		} else {
			b.WriteString(t.Dim.Of(title))
		}
	}
	line := b.String()
	if d.whole {
		return line
	}
	return widget.Edges(line, t.Dim.Of(d.row.Issue+" in "+d.row.Component)+" ", d.width, t.Glyphs.Ellipsis)
}

// brackets mark the open tab where there is no colour to do it.
func brackets(t *theme.Theme, title string) string {
	if t.Name == theme.None {
		return "[" + title + "]"
	}
	return title
}
