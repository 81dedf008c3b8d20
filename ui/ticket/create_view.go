package ticket

import (
	"fmt"
	"slices"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/widget"
)

const (
	previewFrom = 100 // columns from which the preview stands beside the form
	dense       = 6   // lines below which a preview leaves out the empty ones
)

// pane is a form with the description of the first ticket of its plan beside
// it, or below where there is less room.
type pane struct {
	env           *widget.Env
	form          *form.Form
	width, height int
}

func (p *pane) resize(width, height int) {
	p.width, p.height = width, height
	if width >= previewFrom {
		p.form.Resize(width*11/20, height-4)
	} else {
		p.form.Resize(width-1, max(6, height-9))
	}
}

// view draws title, form, preview and, in the last line, what it comes to.
func (p *pane) view(title, outcome string, preview func(width, height int) []string) []string {
	t := p.env.Theme
	lines := []string{" " + t.Strong.Of(title), ""}
	fields := p.form.View()
	room, tall := p.form.Size()
	if p.width < previewFrom {
		lines = append(lines, fields...)
		lines = append(lines, "", " "+t.Dim.Of(strings.Repeat(t.Glyphs.Rule, p.width-2)))
		for _, line := range preview(p.width-3, p.height-len(lines)-2) {
			lines = append(lines, " "+line)
		}
	} else {
		beside := preview(p.width-room-4, tall)
		for i := range tall {
			left, right := "", ""
			if i < len(fields) {
				left = fields[i]
			}
			if i < len(beside) {
				right = beside[i]
			}
			lines = append(lines, widget.Fit(left, room, t.Glyphs.Ellipsis)+" "+t.Dim.Of(t.Glyphs.Side)+" "+right)
		}
	}
	for len(lines) < p.height-1 {
		lines = append(lines, "")
	}
	return append(lines[:p.height-1], " "+outcome)
}

// preview is the description of the first ticket of a plan, as it will be sent.
func (p *pane) preview(plan *model.Plan, problem error, width, height int) []string {
	t := p.env.Theme
	if problem != nil {
		return widget.Wrap(t.Bad.Of("error")+" "+problem.Error(), width)
	}
	i, line := first(plan)
	if line == nil {
		return []string{t.Dim.Of("no ticket to preview")}
	}
	head := "Description, as it will be sent"
	if n := plan.Count(model.PlanCreate) + plan.Count(model.PlanUpdate); n > 1 {
		head = fmt.Sprintf("Description of ticket %d of %s", i+1, widget.Count(n))
	}
	lines := append([]string{t.Dim.Of(head), ""}, widget.Markdown(t, line.Draft.Description, width)...)
	if height < dense {
		lines = slices.DeleteFunc(lines, func(line string) bool { return widget.Width(line) == 0 })
	}
	if len(lines) > height {
		lines = append(lines[:max(1, height-1)], t.Dim.Of(t.Glyphs.Ellipsis))
	}
	return lines
}

// first is the first line of a plan that makes or changes a ticket.
func first(plan *model.Plan) (int, *model.PlanLine) {
	for i := range plan.Lines {
		if a := plan.Lines[i].Action; a == model.PlanCreate || a == model.PlanUpdate {
			return i, &plan.Lines[i]
		}
	}
	return -1, nil
}

// comesTo says in one line what enter leads to.
func (p *pane) comesTo(plan *model.Plan, planned bool) string {
	t := p.env.Theme
	if !planned {
		return t.Dim.Of("planning …")
	}
	key := "enter"
	if f := p.form.Focused(); f != nil && f.Kind == form.Area { // which takes enter for itself
		key = firstOf(p.env.Keys.Key("form.done"), key)
	}
	return t.Dim.Of("this comes to: ") + summary(plan) + t.Dim.Of("   "+key+" shows the plan; nothing is sent before")
}

// Resize implements [widget.Screen].
func (c *Create) Resize(width, height int) {
	c.form.Check = c.check
	c.pane.resize(width, height)
}

// View implements [widget.Screen].
func (c *Create) View() []string {
	preview := func(width, height int) []string { return c.pane.preview(&c.plan, c.problem, width, height) }
	return c.pane.view(c.title(), c.pane.comesTo(&c.plan, c.planned), preview)
}

func (c *Create) title() string {
	if len(c.ids) == 1 && len(c.chosen) == 1 {
		r := &c.chosen[0]
		return fmt.Sprintf("Ticket for %s in %s %s", r.Issue, r.Component, r.ComponentVersion)
	}
	return "Tickets for " + widget.Plural(len(c.ids), "violation")
}

// summary counts a plan in words.
func summary(p *model.Plan) string {
	var parts []string
	for _, each := range []struct {
		action model.PlanAction
		word   string
	}{{model.PlanCreate, "create"}, {model.PlanUpdate, "update"}, {model.PlanLink, "link"}, {model.PlanSkip, "skip"}} {
		if n := p.Count(each.action); n > 0 {
			parts = append(parts, each.word+" "+widget.Count(n))
		}
	}
	if len(parts) == 0 {
		return "nothing"
	}
	return strings.Join(parts, ", ")
}
