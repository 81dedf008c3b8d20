package ticket

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Create is the form for the tickets of one or many violations (X15).
type Create struct {
	env   *widget.Env
	store Store
	ids   []model.ViolationID
	done  func() // lets go of the marks once the plan is accepted

	form     *form.Form
	vex      *form.Decision
	planner  planner
	profiles []model.Profile
	chosen   []model.Row
	plan     model.Plan
	planned  bool
	eager    bool // enter was pressed before the plan was made
	problem  error
	pane     pane
}

type loadedMsg struct {
	owner      *Create
	profiles   []model.Profile
	violations []model.Violation
	rows       []model.Row
	err        error
}

// detailed is how many violations are looked at closely, for the components
// to choose among; of more the rows are enough.
const detailed = 500

// New makes the form; done is called when its plan has been accepted.
// jira, which may be nil, is asked for people and priorities.
func New(env *widget.Env, store Store, jira Jira, ids []model.ViolationID, done func()) *Create {
	c := &Create{env: env, store: store, ids: ids, done: done}
	var who form.People
	if jira != nil {
		who = jira
	}
	c.planner = planner{env: env, owner: c}
	c.form = form.New(env,
		&form.Field{Name: "existing", Label: "Existing", Kind: form.Choice, Hidden: true},
		&form.Field{Name: "profile", Label: "Profile", Kind: form.Choice, Hidden: true},
		&form.Field{Name: "group", Label: "One ticket for", Kind: form.Choice, Hidden: len(ids) < 2, Options: []form.Option{
			{Value: string(model.GroupViolation), Title: "each violation"},
			{Value: string(model.GroupVulnerability), Title: "each vulnerability of a product"},
			{Value: string(model.GroupComponent), Title: "each component to upgrade"}}},
		&form.Field{Name: "project", Label: "Project"},
		&form.Field{Name: "issue_type", Label: "Issue type"},
		&form.Field{Name: "components", Label: "Components", Kind: form.Checks, Hidden: true},
		&form.Field{Name: "summary", Label: "Summary"},
		&form.Field{Name: "severity", Label: "Severity", Kind: form.Locked, Source: "violation"},
		&form.Field{Name: "priority", Label: "Priority", Far: true, Propose: c.priorities(jira)},
		&form.Field{Name: "labels", Label: "Labels", Kind: form.Checks, Hidden: true},
		&form.Field{Name: "more_labels", Label: "More labels", Hint: "separated by spaces"},
		form.Person(who, c.where, "assignee", "Assignee", "nobody; type a name to search"),
		form.Person(who, c.where, "reporter", "Reporter", "the connection's account; type a name to search"),
		&form.Field{Name: "epic", Label: "Epic", Hint: "none; a key such as SEC-7"},
		&form.Field{Name: "comment", Label: "Comment", Kind: form.Area, Hint: "becomes the ticket's first comment"},
		form.DecisionField(env, model.FieldStatus, "VEX status"),
		form.DecisionField(env, model.FieldJustification, "Justification"),
		form.DecisionField(env, model.FieldResponse, "Response"),
		form.DecisionField(env, model.FieldImpact, "Impact"),
		form.DecisionField(env, model.FieldNotes, "Internal notes"),
		form.DecisionField(env, model.FieldAction, "Action"),
	)
	c.vex = form.NewDecision(c.form, model.SyncedFields())
	c.pane = pane{env: env, form: c.form}
	c.form.Changed = func(*form.Field) tea.Cmd {
		// A ticket for a component speaks of several vulnerabilities: it
		// carries no decision.
		c.vex.Hide(c.form.Value("group") == string(model.GroupComponent))
		return c.replan()
	}
	c.form.Submit = c.submit
	c.form.Cancel = func() tea.Cmd { return widget.Send(widget.Pop{}) }
	return c
}

// where is the project of the first ticket, as far as there is a plan.
func (c *Create) where() (connection, project string) {
	if _, line := c.first(); line != nil {
		return line.Connection, line.Draft.Project
	}
	return "", ""
}

// priorities proposes those of the site.
func (c *Create) priorities(jira Jira) func(string, int) form.Question {
	if jira == nil {
		return nil
	}
	return func(text string, _ int) form.Question {
		connection, _ := c.where()
		if connection == "" {
			return nil
		}
		return func(ctx context.Context) (all []widget.Proposal, err error) {
			names, _, err := jira.Priorities(ctx, connection, time.Hour)
			for _, name := range names {
				if strings.HasPrefix(strings.ToLower(name), strings.ToLower(strings.TrimSpace(text))) {
					all = append(all, widget.Proposal{Text: name, End: len(text)})
				}
			}
			return all, err
		}
	}
}

// Start reads profiles and violations, and plans with the defaults.
func (c *Create) Start() tea.Cmd {
	load := c.env.Go(func(ctx context.Context) tea.Msg {
		m := loadedMsg{owner: c}
		if m.profiles, m.err = c.store.Profiles(ctx); m.err != nil {
			return m
		}
		if len(c.ids) <= detailed {
			m.violations, m.err = c.store.Violations(ctx, c.ids)
		} else {
			m.rows, m.err = c.store.RowsByID(ctx, c.ids[:detailed])
		}
		return m
	})
	return tea.Batch(load, c.replan())
}

// Request is what the form asks for now.
func (c *Create) request() model.PlanRequest {
	value := func(name string) string {
		if f := c.form.Field(name); f.Touched() {
			return strings.TrimSpace(f.Value())
		}
		return ""
	}
	req := model.PlanRequest{
		IDs: c.ids, Profile: c.form.Value("profile"), Group: model.Grouping(c.form.Value("group")),
		UpdateExisting: c.form.Value("existing") == "update",
		Project:        value("project"), IssueType: value("issue_type"), Summary: value("summary"), Priority: value("priority"),
		Assignee: value("assignee"), Reporter: value("reporter"), Epic: value("epic"), Comment: value("comment"),
		Decision: c.vex.Changes(), DropLabels: c.form.Field("labels").Dropped(), AddLabels: strings.Fields(value("more_labels")),
	}
	if f := c.form.Field("components"); !f.Hidden && len(f.Dropped()) > 0 {
		req.Components = f.Chosen()
	}
	return req
}

func (c *Create) replan() tea.Cmd { return c.planner.ask(tickets(c.store, c.request())) }

func (c *Create) submit() tea.Cmd {
	if c.eager = c.planner.busy; c.eager {
		return nil
	}
	if problems := c.check(); len(problems) > 0 {
		for _, name := range []string{"project", "issue_type", "components"} {
			if p, bad := problems[name]; bad {
				c.form.Focus(name)
				return toast.Say(toast.Warn, p)
			}
		}
	}
	p := newPlan(c.env, c.store, c.request(), c.done)
	return widget.Send(widget.Replace{Screen: p.with(c.plan)})
}

// check says what stands in the way, while one types.
func (c *Create) check() map[string]string {
	problems := c.vex.Check()
	if !c.planned {
		return problems
	}
	if f := c.form.Field("components"); !f.Hidden && len(f.Chosen()) == 0 {
		problems["components"] = "choose at least one component"
	}
	for name, sentence := range map[string]string{"project": "a ticket needs a project", "issue_type": "a ticket needs an issue type"} {
		if f := c.form.Field(name); f.Touched() && strings.TrimSpace(f.Value()) == "" {
			problems[name] = sentence
		}
	}
	if _, line := c.first(); line == nil && c.problem == nil && len(c.plan.Lines) > 0 && c.plan.Lines[0].Ticket == nil {
		problems["profile"] = c.plan.Lines[0].Reason
	}
	return problems
}

func (c *Create) first() (int, *model.PlanLine) { return first(&c.plan) }

// Update implements [widget.Screen].
func (c *Create) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return c.form.Type(msg)
	case loadedMsg:
		if msg.owner == c {
			return c.gotLoaded(msg)
		}
	case planMsg:
		mine, more := c.planner.got(msg)
		if !mine {
			return more
		}
		c.gotPlan(msg)
		if c.eager && c.planned {
			return c.submit()
		}
	default:
		return c.form.Take(msg)
	}
	return nil
}

func (c *Create) gotLoaded(m loadedMsg) tea.Cmd {
	if c.problem = m.err; m.err != nil {
		return nil
	}
	c.profiles = m.profiles
	components, titles := []string{}, map[string]string{}
	for i := range m.violations {
		v := &m.violations[i]
		c.chosen = append(c.chosen, v.Row)
		if name := firstOf(v.PURL, v.Coordinate, v.Component); titles[name] == "" {
			components = append(components, name)
			titles[name] = strings.TrimSpace(v.Component + " " + v.ComponentVersion)
		}
	}
	c.chosen = append(c.chosen, m.rows...)
	c.vex.Fill(m.violations, len(c.ids), c.env.Now())
	slices.Sort(components)
	var options []form.Option
	for _, name := range components {
		options = append(options, form.Option{Value: name, Title: titles[name]})
	}
	c.form.Field("components").SetOptions(options)
	c.form.Field("components").Hidden = len(options) < 2
	c.offerProfiles()
	c.offerUpdate()
	return c.replan()
}

func (c *Create) offerProfiles() {
	f := c.form.Field("profile")
	var options []form.Option
	if len(c.profiles) > 1 {
		options = append(options, form.Option{Title: "as each product says"})
	}
	f.SetOptions(append(options, form.Profiles(c.profiles)...))
	f.Hidden = false
}

// offerUpdate puts the tickets that exist first (X16).
func (c *Create) offerUpdate() {
	var with []string
	for i := range c.chosen {
		if t := c.chosen[i].Ticket; t != nil && t.Key != "" && t.State == model.TicketOpen {
			with = append(with, t.Key)
		}
	}
	if len(with) == 0 {
		return
	}
	f := c.form.Field("existing")
	name := with[0]
	if len(with) > 1 {
		name = widget.Plural(len(with), "ticket")
	}
	f.Hidden = false
	f.SetOptions([]form.Option{{Value: "update", Title: "bring " + name + " up to date"}, {Value: "leave", Title: "leave " + name + " alone"}})
	c.form.Focus("existing")
}

// gotPlan fills what nobody has touched with what the plan says.
func (c *Create) gotPlan(m planMsg) {
	c.plan, c.problem, c.planned = m.plan, m.err, m.err == nil
	_, line := c.first()
	if line == nil {
		return
	}
	for _, name := range []string{"project", "issue_type", "summary", "priority", "assignee", "reporter", "epic"} {
		c.prefill(line, name)
	}
	single := c.plan.Count(model.PlanCreate)+c.plan.Count(model.PlanUpdate) == 1
	c.form.Field("summary").Hidden = !single
	severity := c.form.Field("severity")
	severity.Set(line.Severity.String())
	severity.Hidden = !single
	c.offerLabels(line.Draft.Labels)
}

func (c *Create) prefill(line *model.PlanLine, name string) {
	f, value := c.form.Field(name), drafted(&line.Draft, name)
	if f.Touched() {
		return
	}
	f.Set(value)
	if n := c.differing(name); n > 1 {
		f.Set("")
		f.Mixed, f.Source = true, widget.Plural(n, "value")
		return
	}
	f.Mixed = false
	switch f.Source = line.Sources[strings.ReplaceAll(name, "_", " ")]; {
	case value == "":
		f.Source = ""
	case f.Source == "profile":
		f.Source = "profile " + line.Profile
	case f.Source == "" && (name == "summary" || name == "priority"):
		f.Source = "profile " + line.Profile
	}
}

// differing is how many values the tickets of the plan have in a field.
func (c *Create) differing(name string) int {
	values := map[string]bool{}
	for i := range c.plan.Lines {
		if line := &c.plan.Lines[i]; line.Action == model.PlanCreate || line.Action == model.PlanUpdate {
			values[drafted(&line.Draft, name)] = true
		}
	}
	return len(values)
}

// drafted is what a draft holds in a field of the form.
func drafted(d *model.TicketDraft, name string) string {
	switch name {
	case "project":
		return d.Project
	case "issue_type":
		return d.IssueType
	case "summary":
		return d.Summary
	case "priority":
		return d.Priority
	case "assignee":
		return d.Assignee
	case "reporter":
		return d.Reporter
	}
	return d.Epic
}

// offerLabels lists the profile's labels to be kept or taken off; those taken
// off stay in the list.
func (c *Create) offerLabels(labels []string) {
	f := c.form.Field("labels")
	added := strings.Fields(c.form.Value("more_labels"))
	all := append(slices.Clone(f.Dropped()), slices.DeleteFunc(slices.Clone(labels), func(s string) bool { return slices.Contains(added, s) })...)
	slices.Sort(all)
	f.SetOptions(form.Words(slices.Compact(all)...))
	f.Hidden = len(f.Options) == 0
	f.Source = "profile"
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// Scopes implements [widget.Screen].
func (c *Create) Scopes() []keys.Scope { return c.form.Scopes() }

// Handlers implements [widget.Screen].
func (c *Create) Handlers() keys.Handlers { return c.form.Handlers() }

// Deadline implements [widget.Screen].
func (c *Create) Deadline() time.Time { return time.Time{} }
