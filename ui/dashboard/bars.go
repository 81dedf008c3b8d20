package dashboard

import (
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/widget"
)

// bar is one line of a chart, and the filter that it stands for.
type bar struct {
	label string
	query string
	n     int
	parts [6]int // by severity
	split bool   // whether parts are known
}

// chart is a block of the screen.
type chart struct {
	title string
	bars  []bar
	note  string // in place of bars
	lines int    // the room it gets, at least
	trend bool
}

// age is a class of ages. The classes leave nothing out and share nothing.
type age struct{ label, query string }

func ages() []age {
	return []age{
		{"under a week", "age:<7d"},
		{"1 to 4 weeks", "age:>=7d age:<30d"},
		{"1 to 3 months", "age:>=30d age:<90d"},
		{"3 to 12 months", "age:>=90d age:<365d"},
		{"over a year", "age:>=365d"},
	}
}

// charts are the blocks in the order of reading; rows is how many bars the
// lists of the greatest may have.
func (d *Dashboard) charts(rows int) []chart {
	return []chart{
		{title: "Severity", bars: d.severities(), note: d.waiting(d.counted), lines: 6},
		{title: "VEX status", bars: d.decisions(), note: d.waiting(d.counted), lines: 6},
		{title: "Age, since first seen", bars: d.aged(), note: d.waiting(d.ages != nil), lines: 5},
		{title: "Trend", trend: true, lines: 5},
		{title: "Products with the most", bars: top(query.KeyProduct, d.counts.Products, rows), note: d.waiting(d.counted), lines: rows},
		{title: "Components with the most", bars: top(query.KeyComponent, d.components, rows), note: d.waiting(d.composed), lines: rows},
	}
}

func (d *Dashboard) waiting(arrived bool) string {
	switch {
	case d.problem != nil:
		return d.problem.Error()
	case arrived:
		return "none"
	}
	return "counting " + d.env.Theme.Glyphs.Ellipsis
}

func (d *Dashboard) severities() []bar {
	if !d.counted {
		return nil
	}
	var bars []bar
	for _, s := range model.Severities() {
		b := bar{label: s.String(), query: query.Is(query.KeySeverity, s.String()), split: true}
		for _, share := range d.counts.ByVEX {
			b.parts[s.Rank()] += share.BySeverity[s.Rank()]
		}
		b.n = b.parts[s.Rank()]
		bars = append(bars, b)
	}
	return bars
}

func (d *Dashboard) decisions() []bar {
	var bars []bar
	for _, share := range d.counts.ByVEX {
		b := bar{label: strings.ReplaceAll(share.Name, "_", " "), query: query.Is(query.KeyVEX, share.Name), n: share.Open(), parts: share.BySeverity, split: true}
		if share.Name == "" {
			b.label, b.query = "undecided", "vex:none"
		}
		bars = append(bars, b)
	}
	return bars
}

func (d *Dashboard) aged() []bar {
	var bars []bar
	for i, n := range d.ages {
		bars = append(bars, bar{label: ages()[i].label, query: ages()[i].query, n: n})
	}
	return bars
}

func top(key query.Key, shares []storage.Share, rows int) []bar {
	var bars []bar
	for _, s := range shares[:min(rows, len(shares))] {
		bars = append(bars, bar{label: s.Name, query: query.Is(key, s.Name), n: s.Open(), parts: s.BySeverity, split: true})
	}
	return bars
}

// bars are all lines that the cursor can be on.
func (d *Dashboard) bars() []bar {
	var all []bar
	for _, c := range d.charts(d.rows()) {
		all = append(all, c.bars...)
	}
	return all
}

func (d *Dashboard) current() *bar {
	if all := d.bars(); d.at < len(all) {
		return &all[d.at]
	}
	return nil
}

func (d *Dashboard) actions() keys.Handlers {
	to := func(where func() int) keys.Handler {
		return keys.Handler{Run: func() tea.Cmd { d.set(where()); return nil }}
	}
	last := func() int { return len(d.bars()) - 1 }
	return keys.Handlers{
		"dashboard.open":     {Run: d.open, Disabled: d.nothing},
		"dashboard.next":     to(func() int { return d.beside(+1) }),
		"dashboard.previous": to(func() int { return d.beside(-1) }),
		"move.down":          to(func() int { return d.at + 1 }),
		"move.up":            to(func() int { return d.at - 1 }),
		"move.half-down":     to(func() int { return d.beside(+1) }),
		"move.half-up":       to(func() int { return d.beside(-1) }),
		"move.page-down":     to(func() int { return d.beside(+1) }),
		"move.page-up":       to(func() int { return d.beside(-1) }),
		"move.top":           to(func() int { return 0 }),
		"move.bottom":        to(last),
	}
}

// set moves the cursor to a bar, as near as there is one.
func (d *Dashboard) set(at int) {
	d.at = max(0, min(at, len(d.bars())-1))
	d.chosen = d.current() != nil
	d.show()
}

// beside is the first bar of the next chart or the one before, round the end.
func (d *Dashboard) beside(by int) int {
	var starts []int
	n, here := 0, 0
	for _, c := range d.charts(d.rows()) {
		if len(c.bars) == 0 {
			continue
		}
		if d.at >= n {
			here = len(starts)
		}
		starts = append(starts, n)
		n += len(c.bars)
	}
	if len(starts) == 0 {
		return 0
	}
	return starts[(here+by+len(starts))%len(starts)]
}

func (d *Dashboard) nothing() string {
	if d.current() == nil {
		return "there is nothing to show"
	}
	return ""
}

func (d *Dashboard) open() tea.Cmd {
	return widget.Send(widget.ShowList{Query: d.current().query})
}
