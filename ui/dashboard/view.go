package dashboard

import (
	"math"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/widget"
)

// From this width on there are three charts beside each other, else two.
const threeWide = 150

func (d *Dashboard) across() int {
	if d.width >= threeWide {
		return 3
	}
	return 2
}

// rows is how many of the greatest are shown: what is left of the screen, and
// at least five.
func (d *Dashboard) rows() int {
	used := 1 + 8 + 7 + 1 // heading, two rows of charts, a title
	if d.across() == 3 {
		used = 1 + 8 + 1
	}
	return max(5, min(most, d.height-used))
}

// placed is a line of the screen and the bars that stand on it.
type placed struct {
	text string
	bars []int
}

// View implements [widget.Screen].
func (d *Dashboard) View() []string {
	lines := d.lines()
	to := min(len(lines), d.top+d.height)
	out := make([]string, 0, d.height)
	for _, l := range lines[min(d.top, to):to] {
		out = append(out, l.text)
	}
	return out
}

// show scrolls so that the bar under the cursor is in sight.
func (d *Dashboard) show() {
	if d.width == 0 {
		return
	}
	lines := d.lines()
	for y, l := range lines {
		for _, b := range l.bars {
			if b != d.at {
				continue
			}
			if y < d.top {
				d.top = y
			}
			if y >= d.top+d.height {
				d.top = y - d.height + 1
			}
		}
	}
	if d.at == 0 {
		d.top = 0
	}
	d.top = max(0, min(d.top, len(lines)-d.height))
}

func (d *Dashboard) lines() []placed {
	t := d.env.Theme
	lines := []placed{{text: widget.Edges(" "+t.Strong.Of("Dashboard")+"   "+t.Dim.Of(d.about()), d.legend()+" ", d.width, t.Glyphs.Ellipsis)}}
	charts, n := d.charts(d.rows()), d.across()
	first := 0
	for from := 0; from < len(charts); from += n {
		row := charts[from:min(from+n, len(charts))]
		if from > 0 {
			lines = append(lines, placed{})
		}
		lines = append(lines, d.row(row, first)...)
		for _, c := range row {
			first += len(c.bars)
		}
	}
	return lines
}

// about is what the charts are about or, before there is anything, how to
// begin.
func (d *Dashboard) about() string {
	if d.counted && len(d.counts.Products) == 0 {
		return "nothing is open yet: " + d.env.Keys.Key("import.file") + " imports a report"
	}
	return "open violations of current versions"
}

// legend says which sign and colour is which severity.
func (d *Dashboard) legend() string {
	t := d.env.Theme
	if d.width < 100 {
		return ""
	}
	var parts []string
	for _, s := range model.Severities()[:4] {
		parts = append(parts, t.Severity(s).Of(t.Glyphs.Shade[s.Rank()]+" "+s.String()))
	}
	return strings.Join(parts, "  ")
}

// row puts charts beside each other; first is the number of its first bar.
func (d *Dashboard) row(charts []chart, first int) []placed {
	width := d.width / len(charts)
	height := 0
	for _, c := range charts {
		height = max(height, c.lines+1)
	}
	lines := make([]placed, height)
	for _, c := range charts {
		drawn := d.chart(c, width-1, height, first)
		for y := range lines {
			text := ""
			if y < len(drawn) {
				text = drawn[y]
			}
			lines[y].text += " " + widget.Fit(text, width-1, d.env.Theme.Glyphs.Ellipsis)
			if y > 0 && y <= len(c.bars) {
				lines[y].bars = append(lines[y].bars, first+y-1)
			}
		}
		first += len(c.bars)
	}
	return lines
}

func (d *Dashboard) chart(c chart, width, height, first int) []string {
	t := d.env.Theme
	if c.trend {
		return d.trend(width, height)
	}
	out := []string{" " + t.Strong.Of(c.title)}
	if len(c.bars) == 0 {
		return append(out, "  "+t.Dim.Of(widget.Cut(c.note, width-2, t.Glyphs.Ellipsis)))
	}
	greatest := 1
	for _, b := range c.bars {
		greatest = max(greatest, b.n)
	}
	count := 2 + len(widget.Count(greatest))
	label := labelWidth(c.bars, width-count)
	room := max(1, width-label-count-3)
	for i, b := range c.bars {
		cursor, name := " ", t.Text
		if first+i == d.at {
			cursor, name = t.Accent.Of(t.Glyphs.Cursor), t.Strong
		}
		drawn, used := b.draw(t, greatest, room)
		out = append(out, cursor+" "+name.Of(widget.FitName(b.label, label, t.Glyphs.Ellipsis))+" "+drawn+widget.Spaces(room-used)+
			widget.FitRight(widget.Count(b.n), count, t.Glyphs.Ellipsis))
	}
	return out
}

// labelWidth gives names what they need, up to half of the chart.
func labelWidth(bars []bar, width int) int {
	w := 10
	for _, b := range bars {
		w = max(w, widget.Width(b.label))
	}
	return min(w, max(10, (width-3)*3/5))
}

// draw is the bar in proportion to the greatest.
func (b bar) draw(t *theme.Theme, greatest, room int) (drawn string, used int) {
	if b.split {
		return widget.Bar(t, b.parts, greatest, room)
	}
	used = widget.BarLength(b.n, greatest, room)
	return t.Link.Of(strings.Repeat(t.Glyphs.Full, used)), used
}

// trend draws how many were open at the end of each day, the newest at the
// right, from zero, so that a small change looks small.
func (d *Dashboard) trend(width, height int) []string {
	t := d.env.Theme
	title := " " + t.Strong.Of("Trend")
	if len(d.days) == 0 {
		return []string{title, "  " + t.Dim.Of(d.waiting(d.counted))}
	}
	greatest := 1
	for _, day := range d.days {
		greatest = max(greatest, day.Open())
	}
	edge := 2 + len(widget.Count(greatest))
	rows, columns := height-2, max(1, width-edge-2)
	days := d.days[max(0, len(d.days)-columns):]
	out := []string{widget.Edges(title+"  "+t.Dim.Of(change(d.days)), "", width, t.Glyphs.Ellipsis)}
	for y := range rows {
		scale := ""
		switch y {
		case 0:
			scale = widget.Count(greatest)
		case rows - 1:
			scale = "0"
		}
		out = append(out, t.Dim.Of(widget.FitRight(scale, edge, ""))+" "+t.Link.Of(columnsOf(days, t.Glyphs, greatest, rows, y)))
	}
	axis := "today"
	if len(days) >= 20 {
		axis = widget.Fit(days[0].Day.Format("2 Jan 2006"), len(days)-len(axis), "") + axis
	}
	return append(out, widget.Spaces(edge+1)+t.Dim.Of(axis))
}

// columnsOf is a line of the trend: each day is a column that grows in steps.
func columnsOf(days []storage.Day, glyphs theme.Glyphs, greatest, rows, y int) string {
	var b strings.Builder
	steps := glyphs.Steps
	for _, day := range days {
		level := float64(day.Open()) / float64(greatest) * float64(rows*len(steps))
		here := int(math.Round(level)) - (rows-1-y)*len(steps)
		switch {
		case here <= 0:
			if y == rows-1 && day.Open() > 0 {
				b.WriteString(steps[0])
				continue
			}
			b.WriteByte(' ')
		case here > len(steps):
			b.WriteString(glyphs.Area)
		default:
			b.WriteString(steps[here-1])
		}
	}
	return b.String()
}

// change says how today compares with a month ago, or with the first day.
func change(days []storage.Day) string {
	from := max(0, len(days)-31)
	by := days[len(days)-1].Open() - days[from].Open()
	sign := "+"
	if by < 0 {
		sign = ""
	}
	if from == len(days)-1 {
		return "begins today"
	}
	return sign + widget.Count(by) + " in " + widget.Plural(len(days)-1-from, "day")
}
