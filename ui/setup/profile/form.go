package profile

import (
	"context"
	"errors"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/sync"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Form sets a profile up, with what Jira offers and with a ticket of a real
// violation as it would be.
type Form struct {
	Desk
	before      model.Profile // as it was; without an id for a new one
	from        *Page         // the page that it was opened from, where it was
	form        *form.Form
	connections []model.Connection
	offer       offer
	labels      labelCheck
	preview     preview
	tried       bool // it was to be saved: what is missing is told
	busy        bool
	problem     error
	handlers    keys.Handlers

	width, height int
}

type loadedMsg struct {
	owner       *Form
	connections []model.Connection
	err         error
}

type savedMsg struct {
	owner    *Form
	name     string
	warnings []string
	now      *model.Profile // as it is, where another changed it meanwhile
	err      error
}

// New is the form of a new profile.
func (d Desk) New() *Form { return d.Form(model.Profile{}) }

// Form is the form of a profile that is there already.
func (d Desk) Form(p model.Profile) *Form {
	f := &Form{Desk: d, before: p}
	named := &form.Field{Name: "name", Label: "Name", Hint: "of your choice, such as security"}
	if p.ID != 0 {
		named.Kind = form.Locked
	}
	fields := []*form.Field{
		named,
		{Name: "connection", Label: "Connection", Kind: form.Choice},
		{Name: "project", Label: "Project", Hint: "its key", Far: true, Propose: f.proposeProjects},
		{Name: "type", Label: "Issue type", Hint: "such as Bug"},
		{Name: "labels", Label: "Labels", Hint: "none; separated by spaces", Far: true, Propose: f.proposeLabels},
		{Name: "summary", Label: "Summary", Hint: "the built-in template", Propose: placeholders},
		{Name: "description", Label: "Description", Kind: form.Area, Hint: "the built-in template (Markdown)"},
		{Name: "dedupe", Label: "One ticket for", Kind: form.Choice, Options: []form.Option{{Value: "", Title: "each version"}, {Value: "yes", Title: "all versions"}}},
	}
	for _, s := range model.Severities() {
		fields = append(fields, &form.Field{Name: priorityField(s), Label: "Priority " + s.String(), Hint: "as usual: " + model.DefaultPriority(s)})
	}
	fields = append(fields,
		&form.Field{Name: "seen", Label: "Seen again", Kind: form.Choice, Options: []form.Option{{Value: model.SeenAgainComment, Title: "comment on the closed ticket"},
			{Value: model.SeenAgainReopen, Title: "reopen the ticket"}, {Value: model.SeenAgainNew, Title: "make a new ticket"}}},
		&form.Field{Name: "gone", Label: "Gone", Kind: form.Choice, Options: []form.Option{{Value: model.GoneNothing, Title: "do nothing"},
			{Value: model.GoneComment, Title: "comment on the ticket"}, {Value: model.GoneTransition, Title: "close the ticket"}}},
		&form.Field{Name: "transitions", Label: "Transitions", Hint: "found by themselves; else STATUS=ID, STATUS=ID"},
	)
	f.form = form.New(d.Env, fields...)
	f.form.Plain = true
	f.form.Changed = f.changed
	f.form.Check = f.remarks
	f.form.Submit = f.submit
	f.form.Cancel = func() tea.Cmd { return widget.Send(widget.Pop{}) }
	f.handlers = f.actions()
	f.fill()
	return f
}

func priorityField(s model.Severity) string { return "priority:" + s.String() }

func (f *Form) actions() keys.Handlers {
	h := keys.Handlers{
		"profile.map":     {Run: f.mapMore, Disabled: f.noFields},
		"profile.ask":     {Run: func() tea.Cmd { return tea.Batch(f.ask(sync.Now), f.checkLabels(sync.Now)) }, Disabled: f.cannotAsk},
		"profile.builtin": {Run: f.builtIn, Disabled: f.noTemplate},
	}
	for id, handler := range f.form.Handlers() {
		h[id] = handler
	}
	for _, id := range []string{"form.next", "form.previous"} { // a label is whole once it was left
		move := f.form.Handlers()[id]
		h[id] = keys.Handler{RunKey: func(key string) tea.Cmd {
			cmd := move.Do(key)
			if focus := f.form.Focused(); focus == nil || focus.Name != "labels" {
				return tea.Batch(cmd, f.checkLabels(sync.MetadataAge))
			}
			return cmd
		}}
	}
	return h
}

func (f *Form) fill() {
	p := &f.before
	dedupe := ""
	if p.Dedupe {
		dedupe = "yes"
	}
	for name, value := range map[string]string{"name": p.Name, "project": p.Project, "type": p.IssueType, "labels": strings.Join(p.Labels, " "),
		"summary": p.Summary, "description": p.Description, "dedupe": dedupe, "seen": orElse(p.OnSeenAgain, model.SeenAgainComment),
		"gone": orElse(p.OnGone, model.GoneComment), "transitions": joined(p.Transitions)} {
		f.form.Field(name).Set(value)
	}
	for s, name := range p.Priorities {
		f.form.Field(priorityField(s)).Set(name)
	}
	f.arrangeRows(p.Fields)
}

// Start reads the connections, then asks what Jira offers.
func (f *Form) Start() tea.Cmd {
	load := f.Env.Go(func(ctx context.Context) tea.Msg {
		all, err := f.Store.Connections(ctx)
		return loadedMsg{f, all, err}
	})
	return tea.Batch(load, f.fillPreview())
}

// profile is what the form says.
func (f *Form) profile() model.Profile {
	text := func(name string) string { return strings.TrimSpace(f.form.Value(name)) }
	p := model.Profile{ID: f.before.ID, Name: text("name"), Connection: text("connection"), Project: text("project"), IssueType: text("type"),
		Labels: strings.Fields(text("labels")), Summary: text("summary"), Description: text("description"), Fields: f.mapping(), Dedupe: text("dedupe") != "",
		OnSeenAgain: text("seen"), OnGone: text("gone"), Revision: f.before.Revision, Priorities: map[model.Severity]string{}}
	for _, s := range model.Severities() {
		if name := text(priorityField(s)); name != "" {
			p.Priorities[s] = name
		}
	}
	p.Transitions, _ = transitions(text("transitions"))
	return p
}

// changed follows a change by the person.
func (f *Form) changed(field *form.Field) tea.Cmd {
	cmds := []tea.Cmd{f.fillPreview()}
	switch field.Name {
	case "connection":
		f.offer = offer{asked: f.offer.asked}
		cmds = append(cmds, f.ask(sync.MetadataAge), f.checkLabels(sync.MetadataAge))
	case "project":
		cmds = append(cmds, f.ask(sync.MetadataAge))
	case "type":
		f.arrangeRows(f.mapping())
		f.arrangePriorities()
	case "labels":
		cmds = append(cmds, f.checkLabels(sync.MetadataAge))
	default:
		f.arrangeTypes() // a mapping may have made one fit
	}
	return tea.Batch(cmds...)
}

// submit checks the profile against Jira and stores it. What cannot be right is
// refused; where Jira cannot be asked, it is stored all the same (B1).
func (f *Form) submit() tea.Cmd {
	if f.busy {
		return nil
	}
	f.tried = true
	if problems := f.problems(); len(problems) > 0 {
		for _, field := range f.form.Fields {
			if what := problems[field.Name]; what != "" {
				f.form.Focus(field.Name)
				return toast.Say(toast.Warn, what)
			}
		}
	}
	p := f.profile()
	f.busy = true
	return f.Env.Go(func(ctx context.Context) tea.Msg {
		warnings, err := f.proved(ctx, p)
		switch {
		case err != nil:
		case p.ID != 0:
			err = f.Store.SetProfile(ctx, f.Env.Actor, p)
		default:
			_, err = f.Store.AddProfile(ctx, f.Env.Actor, p)
		}
		m := savedMsg{owner: f, name: p.Name, warnings: warnings, err: err}
		if errors.Is(err, storage.ErrChanged) {
			now, err := f.Store.Profile(ctx, p.Name)
			if err != nil {
				m.err = err
			} else {
				m.now = &now
			}
		}
		return m
	})
}

func (f *Form) proved(ctx context.Context, p model.Profile) (warnings []string, err error) {
	if f.Jira == nil {
		return []string{"it is not checked: this console cannot ask Jira"}, nil
	}
	warnings, err = f.Jira.CheckProfile(ctx, p)
	var misfit *sync.Misfit
	if err == nil || errors.As(err, &misfit) || ctx.Err() != nil {
		return warnings, err
	}
	return []string{"it is not checked, since Jira could not be asked: " + sync.Sentence(err)}, nil
}

// Update implements [widget.Screen].
func (f *Form) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return f.form.Type(msg)
	case loadedMsg:
		if msg.owner == f {
			return f.gotLoaded(msg)
		}
	case offerMsg:
		if msg.owner == f {
			return f.gotOffer(msg)
		}
	case labelsMsg:
		if msg.owner == f {
			f.labels.got(msg)
		}
	case previewMsg:
		if msg.owner == f {
			f.preview.got(msg)
		}
	case savedMsg:
		if msg.owner == f {
			return f.gotSaved(msg)
		}
	default:
		return f.form.Take(msg)
	}
	return nil
}

func (f *Form) gotLoaded(m loadedMsg) tea.Cmd {
	if f.problem = m.err; m.err != nil {
		return nil
	}
	f.connections = m.connections
	f.putConnections()
	return tea.Batch(f.ask(sync.MetadataAge), f.checkLabels(sync.MetadataAge))
}

// putConnections offers the connections that were read.
func (f *Form) putConnections() {
	var options []form.Option
	for _, c := range f.connections {
		title := c.Name
		if c.State == model.ConnectionDraft {
			title += "   a draft"
		}
		options = append(options, form.Option{Value: c.Name, Title: title})
	}
	field := f.form.Field("connection")
	field.SetOptions(options)
	field.Set(f.before.Connection)
}

func (f *Form) gotSaved(m savedMsg) tea.Cmd {
	f.busy = false
	if cmd, changed := f.meanwhile(m); changed {
		return cmd
	}
	if m.err != nil {
		return toast.Say(toast.Error, "Not stored: "+m.err.Error())
	}
	say := toast.Say(toast.Done, "Profile "+m.name+" is stored.")
	p := f.from
	if p == nil {
		p = f.page(m.name)
	}
	p.checked, p.warnings, p.failure = true, m.warnings, nil
	if f.from != nil {
		return tea.Batch(widget.Send(widget.Pop{Then: p.Start()}), say)
	}
	return tea.Batch(widget.Send(widget.Replace{Screen: p}), say)
}

// Scopes implements [widget.Screen].
func (f *Form) Scopes() []keys.Scope { return []keys.Scope{keys.Profile, keys.Form, keys.Always} }

// Handlers implements [widget.Screen].
func (f *Form) Handlers() keys.Handlers { return f.handlers }

// Deadline implements [widget.Screen].
func (f *Form) Deadline() time.Time { return time.Time{} }
