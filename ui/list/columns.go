package list

import (
	"fmt"
	"slices"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/widget"
)

// column is a column of the list.
type column struct {
	key      query.Key // what sorts by it
	head     string
	min, max int
	right    bool
	cell     func(t *theme.Theme, r *model.Row, width int) (text string, pen theme.Pen)
}

// placed is a column with the width it got.
type placed struct {
	column
	width int
}

const (
	gutter = 3 // cursor, mark or sign of change, space
	gap    = 2
)

// columns lists the columns from left to right.
func columns() []column {
	return []column{
		{query.KeySeverity, "SEVERITY", 8, 8, false, severityCell},
		{query.KeyIssue, "ISSUE", 14, 20, false, issueCell},
		{query.KeyComponent, "COMPONENT", 14, 60, false, componentCell},
		{query.KeyVersion, "VERSION", 7, 32, false, versionCell},
		{query.KeyProduct, "PRODUCT", 14, 40, false, productCell},
		{query.KeyFix, "FIX", 7, 32, false, fixCell},
		{query.KeyEPSS, "EPSS", 5, 5, true, epssCell},
		{query.KeyVEX, "VEX", 12, 14, false, vexCell},
		{query.KeyTicket, "TICKET", 13, 28, false, ticketCell},
	}
}

// givingWay is the order in which columns leave a narrow screen. Issue,
// component and severity never do.
func givingWay() []query.Key {
	return []query.Key{query.KeyEPSS, query.KeyVersion, query.KeyProduct, query.KeyFix, query.KeyVEX, query.KeyTicket}
}

// growth says which column grows to which width first, as there is room.
func growth() []placed {
	to := func(key query.Key, width int) placed { return placed{column{key: key}, width} }
	steps := []placed{
		to(query.KeyTicket, 19), to(query.KeyProduct, 16), to(query.KeyComponent, 18), to(query.KeyIssue, 16),
		to(query.KeyVersion, 10), to(query.KeyFix, 10), to(query.KeyComponent, 26),
		to(query.KeyProduct, 24), to(query.KeyIssue, 20), to(query.KeyVersion, 16), to(query.KeyFix, 16),
		to(query.KeyComponent, 44), to(query.KeyVersion, 20), to(query.KeyProduct, 32), to(query.KeyFix, 20), to(query.KeyVEX, 14), to(query.KeyTicket, 28),
	}
	for _, c := range columns() {
		steps = append(steps, to(c.key, c.max))
	}
	return steps
}

// layout chooses the columns that fit and shares the room among them: no row
// is ever wider than width.
func layout(width int) []placed {
	var shown []placed
	for _, c := range columns() {
		shown = append(shown, placed{c, c.min})
	}
	for _, key := range givingWay() {
		if total(shown) <= width {
			break
		}
		shown = slices.DeleteFunc(shown, func(c placed) bool { return c.key == key })
	}
	room := width - total(shown)
	for _, step := range growth() {
		for i := range shown {
			if more := min(room, step.width-shown[i].width); shown[i].key == step.key && more > 0 {
				shown[i].width += more
				room -= more
			}
		}
	}
	return shown
}

func total(shown []placed) int {
	w := gutter
	for i, c := range shown {
		if i > 0 {
			w += gap
		}
		w += c.width
	}
	return w
}

// draw makes the body of a row, without its gutter.
func draw(t *theme.Theme, shown []placed, r *model.Row) string {
	var b strings.Builder
	b.Grow(256)
	for i, c := range shown {
		if i > 0 {
			b.WriteString(widget.Spaces(gap))
		}
		text, pen := c.cell(t, r, c.width)
		text = widget.Cut(text, c.width, t.Glyphs.Ellipsis)
		pad := widget.Spaces(c.width - widget.Width(text))
		if c.right {
			b.WriteString(pad)
		}
		b.WriteString(pen.Of(text))
		if !c.right && i < len(shown)-1 {
			b.WriteString(pad)
		}
	}
	return b.String()
}

// head draws the column heads with the sign of the order.
func head(t *theme.Theme, shown []placed, sort []query.SortKey) string {
	var b strings.Builder
	b.WriteString(widget.Spaces(gutter))
	for i, c := range shown {
		text, pen, width := c.head, t.Dim, c.width
		if i < len(shown)-1 {
			width += gap // the sign of the order may stand in the gap
		}
		if c.right {
			text = widget.FitRight(text, c.width, t.Glyphs.Ellipsis)
		}
		if len(sort) > 0 && sort[0].Key == c.key {
			text, pen = text+direction(t, sort[0]), t.Strong
		}
		b.WriteString(pen.Of(widget.Fit(text, width, t.Glyphs.Ellipsis)))
	}
	return b.String()
}

// direction is the sign of an order: down where the greatest, or the worst, is
// at the top.
func direction(t *theme.Theme, k query.SortKey) string {
	if k.Reverse != (k.Key == query.KeySeverity || k.Key == query.KeyPriority) {
		return t.Glyphs.Down
	}
	return t.Glyphs.Up
}

func severityCell(t *theme.Theme, r *model.Row, _ int) (string, theme.Pen) {
	return strings.ToUpper(r.Severity.String()), t.Severity(r.Severity)
}

func issueCell(t *theme.Theme, r *model.Row, _ int) (string, theme.Pen) { return r.Issue, t.Text }

func componentCell(t *theme.Theme, r *model.Row, width int) (string, theme.Pen) {
	return widget.CutName(r.Component, width, t.Glyphs.Ellipsis), t.Text
}

func versionCell(t *theme.Theme, r *model.Row, _ int) (string, theme.Pen) {
	return orMissing(t, r.ComponentVersion, t.Text)
}

// productCell keeps the version in sight where the name is long.
func productCell(t *theme.Theme, r *model.Row, width int) (string, theme.Pen) {
	if r.ProductVersion == "" {
		return r.Product, t.Text
	}
	room := width - widget.Width(r.ProductVersion) - 1
	if room < 6 {
		return r.Product + " " + r.ProductVersion, t.Text
	}
	return widget.CutName(r.Product, room, t.Glyphs.Ellipsis) + " " + r.ProductVersion, t.Text
}

func fixCell(t *theme.Theme, r *model.Row, _ int) (string, theme.Pen) {
	return orMissing(t, model.TargetVersion(r.Fix), t.Text)
}

// epssCell shows the probability in percent and K for what is known to be
// exploited (CISA KEV).
func epssCell(t *theme.Theme, r *model.Row, _ int) (string, theme.Pen) {
	text, pen := t.Glyphs.Missing, t.Dim
	switch {
	case r.EPSS >= 0.01:
		text, pen = fmt.Sprintf("%.0f%%", min(r.EPSS*100, 99)), t.Text
	case r.EPSS >= 0:
		text, pen = "<1%", t.Dim
	}
	if r.KEV {
		return text + " K", t.Bad
	}
	return text + "  ", pen
}

func vexCell(t *theme.Theme, r *model.Row, _ int) (string, theme.Pen) {
	text, pen := orMissing(t, strings.ReplaceAll(string(r.VEX), "_", " "), t.Text)
	switch {
	case r.Conflict:
		return text + " !", t.Warn
	case r.Offered && r.VEX == model.VEXNone:
		return "offered", t.Link
	case r.VEX == model.VEXFixed || r.VEX == model.VEXNotAffected:
		return text, t.Good
	case r.VEX == model.VEXAffected:
		return text, t.Warn
	}
	return text, pen
}

func ticketCell(t *theme.Theme, r *model.Row, _ int) (string, theme.Pen) {
	if r.Ticket == nil {
		return t.Glyphs.Missing, t.Dim
	}
	text := r.Ticket.Key
	if r.Tickets > 1 {
		text += fmt.Sprintf(" +%d", r.Tickets-1)
	}
	text = strings.TrimSpace(text + " " + r.Ticket.ShownStatus())
	switch {
	case r.Ticket.State == model.TicketFailed || r.Ticket.State == model.TicketBroken:
		return text, t.Bad
	case r.Ticket.State != model.TicketOpen:
		return text, t.Warn
	case r.Ticket.Category == model.CategoryDone:
		return text, t.Good
	case r.Ticket.Category == model.CategoryInProgress:
		return text, t.Link
	}
	return text, t.Text
}

func orMissing(t *theme.Theme, text string, pen theme.Pen) (string, theme.Pen) {
	if text == "" {
		return t.Glyphs.Missing, t.Dim
	}
	return text, pen
}
