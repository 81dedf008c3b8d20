package write

import (
	"fmt"
	"slices"
	"strings"

	"example.com/vexdesk/model"
)

// reportAbout is what the head of the report shows: what it is about, and
// counts of the rows.
type reportAbout struct {
	Meta
	Subject, Made string
	Total         int
	Open          int
	Exploited     int
	Fixable       int
	Undecided     int
	Ticketless    int

	severities map[model.Severity]int
	decisions  map[model.VEXStatus]int
	tickets    map[string]int
	products   map[string]int
}

// count adds a violation to the counts.
func (a *reportAbout) count(v *model.Violation) {
	if a.severities == nil {
		a.severities, a.decisions = make(map[model.Severity]int), make(map[model.VEXStatus]int)
		a.tickets, a.products = make(map[string]int), make(map[string]int)
	}
	a.Total++
	a.severities[v.Severity]++
	a.decisions[v.Assessment.Status]++
	a.products[v.Product]++
	if v.State == model.Open {
		a.Open++
	}
	if v.KEV {
		a.Exploited++
	}
	if v.Fix != "" {
		a.Fixable++
	}
	if v.Assessment.Status == model.VEXNone {
		a.Undecided++
	}
	a.tickets[ticketWord(v)]++
	if len(v.AllTickets) == 0 {
		a.Ticketless++
	}
}

// nameSubject names what the report is about: what was asked for, else the only
// product there is.
func (a *reportAbout) nameSubject() {
	a.Subject = a.subject()
	if a.Product == "" && len(a.products) == 1 {
		for only := range a.products {
			a.Subject = only
		}
	}
}

// ticketWord is how far the leading ticket is, by its status category.
func ticketWord(v *model.Violation) string {
	for i := range v.AllTickets {
		t := &v.AllTickets[i]
		if !t.Leading && len(v.AllTickets) > 1 {
			continue
		}
		switch {
		case t.State != model.TicketOpen:
			return strings.ToLower(t.ShownStatus())
		case t.Category == model.CategoryDone:
			return "done"
		case t.Category == model.CategoryInProgress:
			return "in progress"
		}
		return "to do"
	}
	return "no ticket"
}

// Chart is a chart of bars: inline SVG, drawn by the template.
type Chart struct {
	Title, Label string
	Height       int
	Bars         []Bar
}

// Bar is one bar of a chart. Class names its colour; Width is 0 to 100.
type Bar struct {
	Name, Class, Text string
	Y, TextY          int
	Width             float64
}

// barPitch is the height of a bar with the space below it.
const barPitch = 22

func chart(title string) Chart { return Chart{Title: title} }

// bar adds a bar; fit makes all of them fit when they are known.
func (c *Chart) bar(name, class string, n int) {
	y := len(c.Bars) * barPitch
	c.Bars = append(c.Bars, Bar{Name: name, Class: class, Text: fmt.Sprint(n), Y: y, TextY: y + 12, Width: float64(n)})
	c.Height = y + barPitch
}

func (c Chart) fit() Chart {
	most := 1.0
	var told []string
	for _, b := range c.Bars {
		most = max(most, b.Width)
		told = append(told, b.Name+" "+b.Text)
	}
	for i := range c.Bars {
		c.Bars[i].Width = c.Bars[i].Width / most * 100
	}
	c.Label = c.Title + ": " + strings.Join(told, ", ")
	return c
}

// Charts are drawn in this order.
func (a *reportAbout) Charts() []Chart {
	severity := chart("Severity")
	for _, s := range model.Severities() {
		severity.bar(s.String(), s.String(), a.severities[s])
	}
	decision := chart("Decision")
	for _, s := range append(model.VEXStatuses(), model.VEXNone) {
		name := words(string(s))
		if s == model.VEXNone {
			name = "undecided"
		}
		decision.bar(name, "plain", a.decisions[s])
	}
	charts := []Chart{severity.fit(), decision.fit(), most("Ticket", a.tickets, 6).fit()}
	if len(a.products) > 1 {
		charts = append(charts, most("Product", a.products, 6).fit())
	}
	return charts
}

// most draws the n largest counts and the rest together.
func most(title string, counts map[string]int, n int) Chart {
	c := chart(title)
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		if counts[a] != counts[b] {
			return counts[b] - counts[a]
		}
		return strings.Compare(a, b)
	})
	rest := 0
	for i, name := range names {
		if i < n {
			c.bar(model.CutRunes(name, 60), "plain", counts[name])
		} else {
			rest += counts[name]
		}
	}
	if rest > 0 {
		c.bar("others", "plain", rest)
	}
	return c
}
