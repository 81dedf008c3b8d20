package ticket

import (
	"fmt"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/widget"
)

// Resize implements [widget.Screen].
func (p *Plan) Resize(width, height int) {
	p.width, p.height = width, height
	p.cursor.Resize(len(p.plan.Lines), max(1, height-7))
}

// View implements [widget.Screen].
func (p *Plan) View() []string {
	t := p.env.Theme
	kept := p.kept()
	lines := []string{
		" " + t.Strong.Of(p.title()) + "   " + summary(&kept) + t.Dim.Of("   for ") + widget.Plural(len(p.req.IDs), "violation") +
			t.Dim.Of(p.grouped()),
		"",
	}
	switch {
	case p.problem != nil:
		for _, line := range widget.Wrap(p.problem.Error(), p.width-4) {
			lines = append(lines, "   "+t.Bad.Of(line))
		}
	case !p.planned:
		lines = append(lines, "   "+t.Dim.Of("planning …"))
	default:
		lines = append(lines, t.Dim.Of("   DO      SEVERITY  "+p.columns().row("ISSUE", "COMPONENT", "PRODUCT", "")+"TICKET"))
		from, to := p.cursor.Seen()
		for i := from; i < to; i++ {
			lines = append(lines, p.line(i))
		}
	}
	for len(lines) < p.height-3 {
		lines = append(lines, "")
	}
	return append(lines[:max(0, p.height-3)], " "+t.Dim.Of(strings.Repeat(t.Glyphs.Rule, p.width-2)), p.explain(), p.question(&kept))
}

func (p *Plan) title() string {
	if p.watch != "" {
		return "Plan of the watch " + p.watch
	}
	return "Plan"
}

func (p *Plan) grouped() string {
	if p.fixed != "" {
		return ""
	}
	return "   grouped by " + string(orGroup(p.req.Group))
}

func orGroup(g model.Grouping) model.Grouping {
	if g == "" {
		return model.GroupViolation
	}
	return g
}

// columns are the widths of what names the violations of a line; the product
// gives way on a narrow screen.
type columns struct{ issue, component, product int }

func (p *Plan) columns() columns {
	if p.width < 110 {
		return columns{issue: 14, component: max(10, p.width-65)}
	}
	return columns{issue: 19, component: p.width/2 - 36, product: 20}
}

// row puts the cells of a line beside each other.
func (c columns) row(issue, component, product, ellipsis string) string {
	const gap = "  "
	text := widget.Fit(issue, c.issue, ellipsis) + gap + component + widget.Spaces(c.component-widget.Width(component)) + gap
	if c.product > 0 {
		text += widget.Fit(product, c.product, ellipsis) + gap
	}
	return text
}

// line draws one line of the plan.
func (p *Plan) line(i int) string {
	t := p.env.Theme
	l := &p.plan.Lines[i]
	cursor := "  "
	if i == p.cursor.At {
		cursor = t.Accent.Of(t.Glyphs.Cursor) + " "
	}
	action, pen := string(l.Action), t.Good
	switch {
	case p.dropped[i]:
		action, pen = "left out", t.Dim
	case l.Action == model.PlanSkip:
		pen = t.Dim
	case l.Action != model.PlanCreate:
		pen = t.Link
	}
	target := l.Reason
	if l.Action == model.PlanCreate {
		target = fmt.Sprintf("%s / %s / %s", l.Connection, l.Draft.Project, l.Draft.IssueType)
	}
	before := cursor + " " + pen.Of(widget.Fit(action, 8, t.Glyphs.Ellipsis)) +
		t.Severity(l.Severity).Of(widget.Fit(strings.ToUpper(l.Severity.String()), 9, "")) + " " + p.about(l)
	return before + widget.Cut(target, max(0, p.width-widget.Width(before)-1), t.Glyphs.Ellipsis)
}

// about names the violations of a line.
func (p *Plan) about(l *model.PlanLine) string {
	columns, g := p.columns(), p.env.Theme.Glyphs
	r, ok := p.names[l.Violations[0]]
	if !ok {
		return columns.row("violation "+l.Violations[0].String(), "", "", g.Ellipsis)
	}
	more := ""
	if n := len(l.Violations) - 1; n > 0 {
		more = " and " + widget.Count(n) + " more"
	}
	component := widget.CutName(r.Component, columns.component-widget.Width(more), g.Ellipsis) + more
	product := widget.CutName(r.Product, columns.product-widget.Width(r.ProductVersion)-1, g.Ellipsis) + " " + r.ProductVersion
	return columns.row(r.Issue, component, product, g.Ellipsis)
}

// explain says more about the line under the cursor.
func (p *Plan) explain() string {
	t := p.env.Theme
	if p.cursor.At >= len(p.plan.Lines) {
		return ""
	}
	l := &p.plan.Lines[p.cursor.At]
	text := l.Reason
	if l.Draft.Summary != "" {
		text = l.Draft.Summary
		if len(l.Draft.Labels) > 0 {
			text = "labels " + strings.Join(l.Draft.Labels, ", ") + "   " + text
		}
	}
	return " " + t.Dim.Of(widget.Cut(text, p.width-2, t.Glyphs.Ellipsis))
}

// question is what enter does, with the number of things that it touches.
func (p *Plan) question(kept *model.Plan) string {
	t := p.env.Theme
	if p.sending {
		return " storing …"
	}
	if reason := p.cannotAccept(); reason != "" {
		if p.planned && p.env.Now().Before(p.readFrom) {
			return " " + t.Dim.Of(t.Glyphs.Ellipsis)
		}
		return " " + t.Warn.Of(reason)
	}
	n := kept.Count(model.PlanCreate) + kept.Count(model.PlanUpdate) + kept.Count(model.PlanLink)
	return " " + t.Strong.Of("enter") + " carries this out: " + widget.Plural(n, "ticket") + ", " + widget.Plural(kept.Violations(), "violation") + decided(kept) +
		t.Dim.Of("   esc changes nothing")
}

// decided says what is decided along with a plan.
func decided(plan *model.Plan) string {
	if len(plan.Decision) == 0 {
		return ""
	}
	return ", " + widget.Plural(len(plan.Decision), "VEX field")
}
