package provision

import (
	"fmt"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/widget"
)

// View implements [widget.Screen].
func (p *Provision) View() []string {
	lines := p.lines()
	p.scroll.Resize(len(lines), p.height)
	if p.toEnd {
		p.scroll.Set(len(lines))
		p.toEnd = false
	}
	return lines[p.scroll.Top:min(len(lines), p.scroll.Top+p.height)]
}

func (p *Provision) lines() []string {
	t := p.env.Theme
	switch c := p.connection(); {
	case p.problem != nil:
		return []string{" " + t.Bad.Of(p.problem.Error())}
	case !p.loaded:
		return []string{" " + t.Dim.Of("reading …")}
	case c == nil:
		return []string{" " + t.Strong.Of("Set Jira up"), "", "   There is no connection to Jira yet: add one of an administrator's account first."}
	default:
		lines := append(p.head(c), p.steps()...)
		lines = append(lines, p.standing()...)
		if c.Type == model.DataCenter {
			lines = append(lines, p.runbook()...)
		}
		return append(lines, p.projects(c)...)
	}
}

// paragraph wraps text below a margin of three cells.
func (p *Provision) paragraph(pen theme.Pen, text string) []string {
	var lines []string
	for _, line := range widget.Wrap(text, max(20, p.width-4)) {
		lines = append(lines, "   "+pen.Of(line))
	}
	return lines
}

// hint says what a key does; nothing where the console changes nothing.
func (p *Provision) hint(action, does string) []string {
	key := p.env.Keys.Key(action)
	if key == "" {
		return nil
	}
	lines := p.paragraph(p.env.Theme.Text, key+does)
	lines[0] = "   " + p.env.Theme.Accent.Of(key) + strings.TrimPrefix(lines[0], "   "+key)
	return lines
}

func (p *Provision) head(c *model.Connection) []string {
	t := p.env.Theme
	right := ""
	if n := len(p.state.connections); n > 1 {
		right = fmt.Sprintf("connection %d of %d ", p.state.at+1, n)
	}
	title := widget.Edges(" "+t.Strong.Of("Set Jira up")+"   "+c.Name+"   "+t.Link.Of(c.URL), t.Dim.Of(right), p.width, t.Glyphs.Ellipsis)
	text := "The steps make the issue type " + model.VexdeskType + " with its fields, screens, workflow and schemes. They need the permission Administer Jira, touch no project, and make nothing twice."
	if c.Type == model.DataCenter {
		text = "Data Center's API makes the issue type and the fields; an administrator does the rest by hand. It needs the permission Administer Jira, and makes nothing twice."
	}
	return append(append([]string{title, ""}, p.paragraph(t.Dim, text)...), "")
}

func (p *Provision) steps() []string {
	t := p.env.Theme
	var lines []string
	for i, step := range p.state.steps {
		sign, pen := t.Glyphs.Waiting, t.Dim
		switch step.State {
		case model.StepCompleted:
			sign, pen = t.Glyphs.Done, t.Good
		case model.StepFailed:
			sign, pen = t.Glyphs.Failed, t.Bad
		case model.StepRunning:
			sign, pen = t.Glyphs.Right, t.Accent
		}
		head := fmt.Sprintf("   %d  %-25s ", i+1, step.Name) + pen.Of(sign+" "+widget.Fit(strings.ReplaceAll(step.State, "_", " "), 11, ""))
		room := p.width - widget.Width(head) - 3
		why := widget.Wrap(step.Error, max(20, room))
		if len(why) == 0 {
			lines = append(lines, head)
			continue
		}
		lines = append(lines, head+"  "+why[0])
		for _, more := range why[1:] {
			lines = append(lines, widget.Spaces(widget.Width(head)+2)+more)
		}
	}
	return append(lines, "")
}

// standing says how the run stands.
func (p *Provision) standing() []string {
	t := p.env.Theme
	r := p.latest(model.ProvisionSetUp)
	if r == nil {
		return append(p.hint("provision.run", " runs the steps."), "")
	}
	when := widget.Ago(r.Asked, p.env.Now()) + ", asked for by " + orSomebody(r.By)
	switch r.State {
	case model.ProvisionDone:
		return append(append(p.paragraph(t.Dim, "done, "+when), p.hint("provision.run", " looks whether all is there still.")...), "")
	case model.ProvisionFailed:
		return append(append(p.paragraph(t.Bad, "stopped, "+when+": "+r.Error), p.hint("provision.run", " goes on where it stopped, once that is mended.")...), "")
	case model.ProvisionAsked, model.ProvisionRunning:
	}
	return append(p.paragraph(t.Accent, "at work, "+when+"; you may leave, sync goes on"), "")
}

func orSomebody(by string) string {
	if by == "" {
		return "somebody"
	}
	return by
}

func (p *Provision) runbook() []string {
	t := p.env.Theme
	lines := []string{" " + t.Strong.Of("By hand") + t.Dim.Of("   what an administrator of Data Center does in its web pages"), ""}
	for _, line := range model.ProvisionRunbook(p.state.steps) {
		if strings.Contains(line, "vexdesk provision associate") {
			line = "Then prove it, below."
		}
		for i, part := range widget.Wrap(line, max(20, p.width-6)) {
			if i > 0 {
				part = "     " + strings.TrimLeft(part, " ")
			}
			lines = append(lines, "   "+part)
		}
	}
	return append(lines, "")
}

// projects shows the plan or what came of it, for the project that was asked
// about last.
func (p *Provision) projects(c *model.Connection) []string {
	t := p.env.Theme
	lines := []string{" " + t.Strong.Of("Projects"), ""}
	r := p.project()
	if r == nil {
		if c.Type == model.DataCenter {
			return append(lines, p.hint("provision.look", " looks whether a project's create screen has all that is needed.")...)
		}
		return append(lines, p.hint("provision.look", " brings the issue type into a project; it shows first what would change, and which other projects share it.")...)
	}
	what := map[model.ProvisionKind]string{model.ProvisionLook: "looked at", model.ProvisionAssociate: "changed", model.ProvisionProve: "checked"}[r.Kind]
	head := "   " + t.Strong.Of(r.Project) + "  " + t.Dim.Of(what+" "+widget.Ago(r.Asked, p.env.Now())+", asked for by "+orSomebody(r.By))
	if !r.State.Over() {
		head = "   " + t.Strong.Of(r.Project) + "  " + t.Accent.Of("at work; you may leave, sync goes on")
	}
	lines = append(lines, head, "")
	if r.Plan != nil {
		lines = append(lines, p.schemes(r.Plan)...)
	}
	if r.State == model.ProvisionFailed {
		lines = append(lines, p.paragraph(t.Bad, "stopped: "+r.Error)...)
	}
	if r.Proof != nil {
		lines = append(lines, p.proof(r)...)
	}
	if p.plan() == r && r.Plan.Count() > 0 {
		lines = append(append(lines, p.paragraph(t.Warn, touches(r.Plan)+".")...), p.hint("provision.accept", " does it, after asking once more.")...)
	} else if p.plan() == r {
		lines = append(append(lines, p.paragraph(t.Good, "Nothing is left to change.")...), p.hint("provision.prove", " checks the create screen.")...)
	}
	return lines
}

// schemes is the plan: which schemes change, and who shares them.
func (p *Provision) schemes(a *model.Association) []string {
	t := p.env.Theme
	room := p.width - 3
	name, kind, action := min(34, room/4), 25, 6
	if p.width < 100 {
		name, kind = 22, 13
	}
	shared := min(24, max(12, room/6))
	row := func(c1, c2, c3, c4, c5 string) string {
		return "   " + widget.Fit(c1, name, t.Glyphs.Ellipsis) + "  " + widget.Fit(c2, kind, t.Glyphs.Ellipsis) + "  " + widget.Fit(c3, action, "") + "  " +
			widget.Fit(c4, shared, t.Glyphs.Ellipsis) + "  " + widget.Cut(c5, max(0, room-name-kind-action-shared-8), t.Glyphs.Ellipsis)
	}
	lines := []string{t.Dim.Of(row("SCHEME", "KIND", "CHANGE", "SHARED WITH", "WHY"))}
	for _, c := range a.Changes {
		with := strings.Join(c.SharedWith, " ")
		if with == "" {
			with = "no other project"
		}
		if c.Scheme == "" {
			c.Scheme = "Jira's default"
		}
		lines = append(lines, row(c.Scheme, c.Kind, c.Action, with, c.Reason))
		if full := strings.Join(c.SharedWith, " "); widget.Width(full) > shared && c.Action != model.SchemeNone {
			lines = append(lines, p.paragraph(t.Dim, "  shared with "+full)...)
		}
	}
	return append(lines, "")
}

func (p *Provision) proof(r *model.ProvisionRequest) []string {
	t := p.env.Theme
	who := "this connection's account"
	if r.CheckAs != "" {
		who = "the account of " + r.CheckAs
	}
	switch {
	case !r.Proof.IssueType:
		return p.paragraph(t.Bad, t.Glyphs.Failed+" "+r.Project+" does not offer "+model.VexdeskType+" to "+who+": an administrator has to bring it into the project's issue type scheme")
	case !r.Proof.OK():
		return p.paragraph(t.Bad, t.Glyphs.Failed+" the create screen lacks "+strings.Join(r.Proof.Missing, ", ")+" for "+who+": an administrator has to put them on its screen")
	}
	return p.paragraph(t.Good, t.Glyphs.Done+" proved: "+who+" can create "+model.VexdeskType+" in "+r.Project+", with all "+widget.Plural(len(r.Proof.Fields), "field"))
}
