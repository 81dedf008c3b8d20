package profile

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/sync"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Page says what a profile says, and checks it against Jira.
type Page struct {
	Desk
	name     string
	now      *Standing
	read     bool
	problem  error
	atOnce   bool // it is to be checked as soon as it was read
	checking bool
	checked  bool
	warnings []string
	failure  error
	sure     widget.Twice
	scroll   widget.Scroll
	handlers keys.Handlers

	width, height int
}

type standingMsg struct {
	owner *Page
	all   []Standing
	err   error
}

type checkedMsg struct {
	owner    *Page
	warnings []string
	err      error
}

func (d Desk) page(name string) *Page {
	p := &Page{Desk: d, name: name}
	p.handlers = p.scroll.Handlers()
	for id, h := range map[string]keys.Handler{
		"setup.verify": {Run: p.check, Disabled: p.cannotCheck},
		"setup.edit":   {Run: p.edit, Disabled: p.gone},
		"setup.remove": {Run: p.remove, Disabled: p.gone},
	} {
		p.handlers[id] = h
	}
	return p
}

// Start reads the profile.
func (p *Page) Start() tea.Cmd {
	return p.Env.Go(func(ctx context.Context) tea.Msg {
		all, err := Standings(ctx, p.Store)
		return standingMsg{p, all, err}
	})
}

func (p *Page) gone() string {
	if p.now == nil {
		return "the profile is not there"
	}
	return ""
}

func (p *Page) cannotCheck() string {
	switch {
	case p.now == nil:
		return p.gone()
	case p.checking:
		return "it is being checked"
	case p.Jira == nil:
		return "this console cannot ask Jira; use vexdesk profile check in a shell"
	}
	return ""
}

func (p *Page) edit() tea.Cmd {
	f := p.Form(p.now.Profile)
	f.from = p
	return widget.Send(widget.Push{Screen: f})
}

func (p *Page) remove() tea.Cmd {
	what := p.now.Removal()
	if !p.sure.Sure(what, p.Env.Now()) {
		return toast.Say(toast.Warn, what+"; press again to do it.")
	}
	return widget.Send(widget.Pop{Then: p.Remove(p.now.Profile)})
}

// check proves the profile against Jira without making a ticket.
func (p *Page) check() tea.Cmd {
	profile := p.now.Profile
	p.checking = true
	return p.Env.Go(func(ctx context.Context) tea.Msg {
		warnings, err := p.Jira.CheckProfile(ctx, profile)
		return checkedMsg{p, warnings, err}
	})
}

// Update implements [widget.Screen].
func (p *Page) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case widget.Changed:
		return p.Start()
	case standingMsg:
		if msg.owner == p {
			return p.got(msg)
		}
	case checkedMsg:
		if msg.owner == p {
			p.checking, p.checked, p.warnings, p.failure = false, true, msg.warnings, msg.err
		}
	}
	return nil
}

func (p *Page) got(m standingMsg) tea.Cmd {
	p.read, p.problem, p.now = true, m.err, nil
	for i := range m.all {
		if strings.EqualFold(m.all[i].Name, p.name) {
			p.now = &m.all[i]
		}
	}
	if p.atOnce && p.now != nil && p.Jira != nil {
		p.atOnce = false
		return p.check()
	}
	return nil
}

// Scopes implements [widget.Screen].
func (p *Page) Scopes() []keys.Scope {
	return []keys.Scope{keys.Setup, keys.Move, keys.Global, keys.Always}
}

// Handlers implements [widget.Screen].
func (p *Page) Handlers() keys.Handlers { return p.handlers }

// Deadline implements [widget.Screen].
func (p *Page) Deadline() time.Time { return time.Time{} }

// Resize implements [widget.Screen].
func (p *Page) Resize(width, height int) { p.width, p.height = width, height }

// View implements [widget.Screen].
func (p *Page) View() []string {
	t := p.Env.Theme
	var lines []string
	switch {
	case p.problem != nil:
		lines = p.paragraph(t.Bad, p.problem.Error())
	case !p.read:
		lines = []string{" " + t.Dim.Of("reading …")}
	case p.now == nil:
		lines = []string{" The profile is not there any more."}
	default:
		lines = append([]string{" " + t.Strong.Of("Profile "+p.now.Name), ""}, p.verdict()...)
		lines = append(append(lines, ""), p.facts()...)
	}
	p.scroll.Resize(len(lines), p.height)
	return lines[p.scroll.Top:min(len(lines), p.scroll.Top+p.height)]
}

func (p *Page) paragraph(pen theme.Pen, text string) []string {
	var lines []string
	for _, line := range widget.Wrap(text, p.width-3) {
		lines = append(lines, " "+pen.Of(line))
	}
	return lines
}

// verdict is what Jira says to the profile.
func (p *Page) verdict() []string {
	t := p.Env.Theme
	var misfit *sync.Misfit
	switch {
	case p.checking:
		return []string{" " + t.Accent.Of("asking Jira whether it can make tickets …")}
	case !p.checked:
		return []string{" " + t.Accent.Of(p.Env.Keys.Key("setup.verify")) + t.Dim.Of("  asks Jira whether it can make tickets; none is made")}
	case errors.As(p.failure, &misfit):
		return p.paragraph(t.Bad, t.Glyphs.Failed+" it cannot make tickets: "+misfit.Problem)
	case p.failure != nil:
		return p.paragraph(t.Bad, t.Glyphs.Failed+" Jira could not be asked: "+sync.Sentence(p.failure))
	}
	lines := []string{" " + t.Good.Of(t.Glyphs.Done+" it fits "+p.now.IssueType+" in project "+p.now.Project)}
	for _, w := range p.warnings {
		lines = append(lines, p.paragraph(t.Warn, t.Glyphs.Dot+" "+w)...)
	}
	return lines
}

func (p *Page) facts() []string {
	t, n := p.Env.Theme, &p.now.Profile
	var lines []string
	fact := func(label, value string) {
		for i, line := range widget.Wrap(value, p.width-18) {
			if i > 0 {
				label = ""
			}
			lines = append(lines, " "+t.Dim.Of(widget.Fit(label, 14, t.Glyphs.Ellipsis))+" "+line)
		}
	}
	fact("connection", n.Connection)
	fact("project", n.Project)
	fact("issue type", n.IssueType)
	fact("labels", orElse(strings.Join(n.Labels, " "), "none"))
	fact("one ticket for", dedupe(n.Dedupe))
	fact("summary", orElse(n.Summary, "built in"))
	fact("description", orElse(n.Description, "built in"))
	for _, field := range slices.Sorted(maps.Keys(n.Fields)) {
		fact(field, n.Fields[field])
	}
	var priorities []string
	for _, s := range model.Severities() {
		priorities = append(priorities, s.String()+" "+n.Priority(s))
	}
	fact("priorities", strings.Join(priorities, ", "))
	fact("seen again", orElse(n.OnSeenAgain, model.SeenAgainComment))
	fact("gone", orElse(n.OnGone, model.GoneComment))
	for _, status := range slices.Sorted(maps.Keys(n.Transitions)) {
		fact("transition", status+" = "+n.Transitions[status])
	}
	fact("in use by", widget.Plural(p.now.Use.Tickets, "ticket")+", "+widget.Plural(p.now.Use.Products, "product")+", "+widget.Plural(p.now.Use.Watches, "watch"))
	return lines
}

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return s
}
