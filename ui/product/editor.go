package product

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// editor is the form of a product's settings (I4).
type editor struct {
	env   *widget.Env
	store Store
	who   form.People
	row   row

	form     *form.Form
	profiles []model.Profile
	sure     widget.Twice
	question string
	saving   bool
	problem  error
}

type profilesMsg struct {
	owner    *editor
	profiles []model.Profile
	err      error
}

type savedMsg struct {
	owner *editor
	err   error
	// rows are read anew where another changed the product meanwhile.
	rows []row
}

func newEditor(env *widget.Env, store Store, who form.People, r row) *editor {
	e := &editor{env: env, store: store, who: who, row: r}
	onOff := []form.Option{{Value: "off", Title: "off"}, {Value: "on", Title: "on"}}
	e.form = form.New(env,
		&form.Field{Name: "profile", Label: "Profile", Kind: form.Choice, Options: []form.Option{{Title: "as the watch says, or the only one"}}},
		&form.Field{Name: "project", Label: "Project", Hint: "as the profile says"},
		&form.Field{Name: "issue_type", Label: "Issue type", Hint: "as the profile says"},
		form.Person(who, e.where, "assignee", "Assignee", "nobody; type a name to search"),
		form.Person(who, e.where, "reporter", "Reporter", "the connection's account; type a name to search"),
		&form.Field{Name: "epic", Label: "Epic", Hint: "none; a key such as SEC-7"},
		&form.Field{Name: "sync", Label: "VEX sync", Kind: form.Choice, Options: onOff},
		&form.Field{Name: "push_notes", Label: "Internal notes", Kind: form.Choice, Options: []form.Option{{Value: "off", Title: "stay here"}, {Value: "on", Title: "go to Jira"}}},
		&form.Field{Name: "current", Label: "Current", Kind: form.Checks},
	)
	for name, value := range e.before() {
		e.form.Field(name).Set(value)
	}
	e.form.Field("current").SetOptions(e.versions())
	e.form.Field("current").SetChosen(e.current())
	e.form.Changed = func(*form.Field) tea.Cmd { e.sure.Forget(); e.question = ""; return nil }
	e.form.Check = e.check
	e.form.Submit = e.submit
	e.form.Cancel = func() tea.Cmd { return widget.Send(widget.Pop{}) }
	return e
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// before are the settings as they are, by field.
func (e *editor) before() map[string]string {
	r := &e.row
	return map[string]string{"project": r.Project, "issue_type": r.IssueType, "assignee": r.Assignee, "reporter": r.Reporter, "epic": r.Epic,
		"sync": onOff(r.Sync), "push_notes": onOff(r.PushNotes)}
}

func (e *editor) versions() (options []form.Option) {
	for _, v := range e.row.Versions {
		options = append(options, form.Option{Value: v.Name, Title: fmt.Sprintf("%s   %s open", v.Name, widget.Count(v.Open))})
	}
	return options
}

func (e *editor) current() (names []string) {
	for _, v := range e.row.Versions {
		if v.Current {
			names = append(names, v.Name)
		}
	}
	return names
}

// where is the project in which people are looked for.
func (e *editor) where() (connection, project string) {
	name := e.form.Value("profile")
	for _, p := range e.profiles {
		if strings.EqualFold(p.Name, name) || name == "" && len(e.profiles) == 1 {
			connection, project = p.Connection, p.Project
		}
	}
	if own := strings.TrimSpace(e.form.Value("project")); own != "" {
		project = own
	}
	return connection, project
}

// Start reads the profiles.
func (e *editor) Start() tea.Cmd {
	return e.env.Go(func(ctx context.Context) tea.Msg {
		profiles, err := e.store.Profiles(ctx)
		return profilesMsg{e, profiles, err}
	})
}

// Update implements [widget.Screen].
func (e *editor) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return e.form.Type(msg)
	case profilesMsg:
		if msg.owner == e {
			e.problem = msg.err
			e.know(msg.profiles)
		}
	case savedMsg:
		if msg.owner == e {
			e.saving = false
			if e.problem = msg.err; msg.err != nil {
				e.meanwhile(msg)
				return nil // the form keeps what was typed
			}
			return widget.Send(widget.Pop{Then: toast.Say(toast.Done, "Stored: "+e.row.Name+".")})
		}
	default:
		return e.form.Take(msg)
	}
	return nil
}

// know puts the profiles into the form.
func (e *editor) know(profiles []model.Profile) {
	e.profiles = profiles
	f := e.form.Field("profile")
	f.SetOptions(append(f.Options[:1:1], form.Profiles(profiles)...))
	if !f.Touched() {
		f.Set(e.row.Profile)
	}
}

// meanwhile brings in what another stored while the form was open.
func (e *editor) meanwhile(m savedMsg) {
	var changed *storage.ChangedError
	i := slices.IndexFunc(m.rows, func(r row) bool { return r.ID == e.row.ID })
	if !errors.As(m.err, &changed) || i < 0 {
		return
	}
	then, now := newEditor(e.env, e.store, e.who, e.row), newEditor(e.env, e.store, e.who, m.rows[i])
	then.know(e.profiles)
	now.know(e.profiles)
	taken, disputed := e.form.Meanwhile(then.form, now.form)
	e.row, e.problem, e.question = m.rows[i], nil, form.Told(e.env, changed, taken, disputed)
	e.sure.Forget()
}

func (e *editor) check() map[string]string {
	problems := map[string]string{}
	if e.form.Value("sync") == "on" && e.noProject() {
		problems["sync"] = "there is no project yet: its profile or the field above names one" // I18
	}
	return problems
}

func (e *editor) noProject() bool {
	_, project := e.where()
	return e.profiles != nil && project == ""
}

// change is what the form asks for; far-reaching says what it touches beyond
// the product itself, empty for nothing.
func (e *editor) change() (c storage.ProductChange, farReaching string) {
	before := e.before()
	text := func(name string) *string {
		f := e.form.Field(name)
		if v := strings.TrimSpace(f.Value()); f.Touched() && v != before[name] {
			return &v
		}
		return nil
	}
	c = storage.ProductChange{Revision: e.row.Revision, Project: text("project"), IssueType: text("issue_type"), Assignee: text("assignee"), Reporter: text("reporter"), Epic: text("epic")}
	if f := e.form.Field("profile"); f.Touched() && !strings.EqualFold(f.Value(), e.row.Profile) {
		name := f.Value()
		c.Profile = &name
	}
	var asks []string
	flag := func(name string, was bool) *bool {
		on := e.form.Value(name) == "on"
		if on == was {
			return nil
		}
		return &on
	}
	c.Sync, c.PushNotes = flag("sync", e.row.Sync), flag("push_notes", e.row.PushNotes)
	if c.Sync != nil && *c.Sync {
		asks = append(asks, "every ticket of "+e.row.Name+" is compared with Jira once, and what differs goes one way or the other")
	} else if c.Sync != nil {
		asks = append(asks, fmt.Sprintf("%s are no longer kept in step, and %s given up", widget.Plural(e.row.state.Tickets, "ticket"), widget.Plural(e.row.state.Waiting, "write")))
	}
	if c.PushNotes != nil && *c.PushNotes {
		asks = append(asks, "internal notes become visible in Jira")
	}
	if after := e.form.Field("current").Chosen(); e.form.Field("current").Touched() && !slices.Equal(after, e.current()) {
		c.Current = append([]string{}, after...)
		asks = append(asks, e.comeAndGo(after))
	}
	return c, strings.Join(asks, "; ")
}

// comeAndGo counts the violations that a choice of current versions moves in
// and out of the lists.
func (e *editor) comeAndGo(after []string) string {
	if len(after) == 0 {
		return "the version first imported last becomes the current one"
	}
	in, out := 0, 0
	for _, v := range e.row.Versions {
		switch is := slices.Contains(after, v.Name); {
		case is && !v.Current:
			in += v.Open
		case !is && v.Current:
			out += v.Open
		}
	}
	return fmt.Sprintf("%s come into the lists, %s leave them", widget.Plural(in, "violation"), widget.Count(out))
}

func (e *editor) submit() tea.Cmd {
	if e.saving {
		return nil
	}
	change, far := e.change()
	if far != "" && !e.sure.Sure(far, e.env.Now()) {
		e.question = far
		return nil
	}
	e.saving, e.question = true, ""
	name, actor := e.row.Name, e.env.Actor
	return e.env.Go(func(ctx context.Context) tea.Msg {
		_, err := e.store.SetProduct(ctx, actor, name, change)
		m := savedMsg{owner: e, err: err}
		if errors.Is(err, storage.ErrChanged) {
			if m.rows, err = read(ctx, e.store); err != nil {
				m.err = err
			}
		}
		return m
	})
}

// Title implements [widget.Dialog].
func (e *editor) Title() string { return "Product " + e.row.Name }

// Ideal implements [widget.Dialog].
func (e *editor) Ideal(width, _ int) (int, int) { return min(width, 92), e.form.Lines() + 5 }

// Scopes implements [widget.Screen].
func (e *editor) Scopes() []keys.Scope { return e.form.Scopes() }

// Handlers implements [widget.Screen].
func (e *editor) Handlers() keys.Handlers { return e.form.Handlers() }

// Deadline implements [widget.Screen].
func (e *editor) Deadline() time.Time { return time.Time{} }

// Resize implements [widget.Screen].
func (e *editor) Resize(width, height int) { e.form.Resize(width, height-3) }

// View implements [widget.Screen].
func (e *editor) View() []string {
	t := e.env.Theme
	width, _ := e.form.Size()
	lines := e.form.View()
	return append(lines, form.Foot(t, width, e.problem, e.question, "enter stores; an empty field follows the profile")...)
}
