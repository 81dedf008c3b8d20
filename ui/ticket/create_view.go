package ticket

import (
	"fmt"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/widget"
)

const previewFrom = 100 // columns from which the preview stands beside the form

// Resize implements [widget.Screen].
func (c *Create) Resize(width, height int) {
	c.width, c.height = width, height
	c.form.Check = c.check
	c.form.Resize(c.formWidth(), c.formHeight())
}

func (c *Create) formWidth() int {
	if c.width >= previewFrom {
		return c.width * 11 / 20
	}
	return c.width - 1
}

func (c *Create) formHeight() int {
	if c.width >= previewFrom {
		return c.height - 4
	}
	return max(6, c.height-9)
}

// View implements [widget.Screen].
func (c *Create) View() []string {
	t := c.env.Theme
	lines := []string{" " + t.Strong.Of(c.title()), ""}
	fields := c.form.View()
	if c.width < previewFrom {
		lines = append(lines, fields...)
		lines = append(lines, "", " "+t.Dim.Of(strings.Repeat(t.Glyphs.Rule, c.width-2)))
		for _, line := range c.preview(c.width-3, c.height-len(lines)-2) {
			lines = append(lines, " "+line)
		}
	} else {
		preview := c.preview(c.width-c.formWidth()-4, c.formHeight())
		for i := range c.formHeight() {
			left, right := "", ""
			if i < len(fields) {
				left = fields[i]
			}
			if i < len(preview) {
				right = preview[i]
			}
			lines = append(lines, widget.Fit(left, c.formWidth(), t.Glyphs.Ellipsis)+" "+t.Dim.Of(t.Glyphs.Side)+" "+right)
		}
	}
	for len(lines) < c.height-1 {
		lines = append(lines, "")
	}
	return append(lines[:c.height-1], " "+c.outcome())
}

func (c *Create) title() string {
	if len(c.ids) == 1 && len(c.chosen) == 1 {
		r := &c.chosen[0]
		return fmt.Sprintf("Ticket for %s in %s %s", r.Issue, r.Component, r.ComponentVersion)
	}
	return "Tickets for " + widget.Plural(len(c.ids), "violation")
}

// preview is the description of the first ticket, as it will be sent.
func (c *Create) preview(width, height int) []string {
	t := c.env.Theme
	if c.problem != nil {
		return widget.Wrap(t.Bad.Of("error")+" "+c.problem.Error(), width)
	}
	i, line := c.first()
	if line == nil {
		return []string{t.Dim.Of("no ticket to preview")}
	}
	head := "Description, as it will be sent"
	if n := c.plan.Count(model.PlanCreate) + c.plan.Count(model.PlanUpdate); n > 1 {
		head = fmt.Sprintf("Description of ticket %d of %s", i+1, widget.Count(n))
	}
	lines := append([]string{t.Dim.Of(head), ""}, widget.Markdown(t, line.Draft.Description, width)...)
	if len(lines) > height {
		lines = append(lines[:max(1, height-1)], t.Dim.Of(t.Glyphs.Ellipsis))
	}
	return lines
}

// outcome says in one line what enter leads to.
func (c *Create) outcome() string {
	t := c.env.Theme
	if !c.planned {
		return t.Dim.Of("planning …")
	}
	return t.Dim.Of("this comes to: ") + summary(&c.plan) + t.Dim.Of("   enter shows the plan; nothing is sent before")
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
