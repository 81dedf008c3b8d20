package policy

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

// watchEditor is the form of a watch (X11).
type watchEditor struct {
	desk
	before *watchRow // nil for a new one
	around surroundingsMsg

	form     *form.Form
	sure     widget.Twice
	question string
	saving   bool
	problem  error
}

type surroundingsMsg struct {
	owner    *watchEditor
	policies []model.Policy
	profiles []model.Profile
	err      error
}

type savedMsg struct {
	owner any
	name  string
	err   error
	// What is there, read anew where another changed it meanwhile.
	policies []policyRow
	watches  []watchRow
}

func newWatchEditor(d desk, before *watchRow) *watchEditor {
	e := &watchEditor{desk: d}
	scope := form.Query(d.env, d.store, "scope", "Scope")
	scope.Hint = "everything; or such as product:payments* resource:image"
	e.form = form.New(d.env,
		&form.Field{Name: "name", Label: "Name"},
		scope,
		&form.Field{Name: "policies", Label: "Policies", Kind: form.Checks},
		&form.Field{Name: "profile", Label: "Profile", Kind: form.Choice, Options: []form.Option{{Title: "the product's, or the only one"}}},
		&form.Field{Name: "tickets", Label: "Tickets", Kind: form.Choice, Options: []form.Option{
			{Value: "off", Title: "none by themselves"}, {Value: "on", Title: "created by rules, for what is first seen from now on"}}},
	)
	if before != nil {
		copied := *before
		e.before = &copied
		e.form.Field("name").Set(before.Name)
		e.form.Field("scope").Set(before.Scope)
		if before.CreateTickets {
			e.form.Field("tickets").Set("on")
		}
	}
	e.form.Changed = func(*form.Field) tea.Cmd { e.sure.Forget(); e.question = ""; return nil }
	e.form.Check = e.check
	e.form.Submit = e.submit
	e.form.Cancel = func() tea.Cmd { return widget.Send(widget.Pop{}) }
	return e
}

// Start reads what a watch refers to.
func (e *watchEditor) Start() tea.Cmd {
	return e.env.Go(func(ctx context.Context) tea.Msg {
		policies, err := e.store.Policies(ctx)
		if err != nil {
			return surroundingsMsg{owner: e, err: err}
		}
		profiles, err := e.store.Profiles(ctx)
		return surroundingsMsg{e, policies, profiles, err}
	})
}

func (e *watchEditor) got(m surroundingsMsg) {
	e.problem, e.around = m.err, m
	var chosen []string
	profile := ""
	if e.before != nil {
		chosen, profile = e.before.Policies, e.before.Profile
	}
	var options []form.Option
	for _, name := range chosen { // in their order, those that do not work there after them
		options = append(options, form.Option{Value: name, Title: name})
	}
	for i := range m.policies {
		p := &m.policies[i]
		title := fmt.Sprintf("%s   %s, %s", p.Name, p.Mode, widget.Plural(len(p.Rules), "rule"))
		at := slices.IndexFunc(options, func(o form.Option) bool { return strings.EqualFold(o.Value, p.Name) })
		if at >= 0 {
			options[at].Title = title
		} else {
			options = append(options, form.Option{Value: p.Name, Title: title})
		}
	}
	f := e.form.Field("policies")
	f.SetOptions(options)
	f.SetChosen(chosen)
	f = e.form.Field("profile")
	f.SetOptions(append(f.Options[:1:1], form.Profiles(m.profiles)...))
	f.Set(profile)
}

// Update implements [widget.Screen].
func (e *watchEditor) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return e.form.Type(msg)
	case surroundingsMsg:
		if msg.owner == e {
			e.got(msg)
		}
	case savedMsg:
		if msg.owner == e {
			e.saving = false
			if e.problem = msg.err; msg.err == nil {
				return widget.Send(widget.Pop{Then: toast.Say(toast.Done, "Stored: watch "+msg.name+".")})
			}
			e.meanwhile(msg)
		}
	default:
		return e.form.Take(msg)
	}
	return nil
}

// meanwhile brings in what another stored while the form was open.
func (e *watchEditor) meanwhile(m savedMsg) {
	var changed *storage.ChangedError
	i := slices.IndexFunc(m.watches, func(r watchRow) bool { return r.ID == e.before.ID })
	if !errors.As(m.err, &changed) || i < 0 {
		return
	}
	then, now := newWatchEditor(e.desk, e.before), newWatchEditor(e.desk, &m.watches[i])
	then.got(e.around)
	now.got(e.around)
	taken, disputed := e.form.Meanwhile(then.form, now.form)
	e.before, e.problem, e.question = now.before, nil, form.Told(e.env, changed, taken, disputed)
	e.sure.Forget()
}

func (e *watchEditor) watch() model.Watch {
	w := model.Watch{Name: strings.TrimSpace(e.form.Value("name")), Scope: strings.TrimSpace(e.form.Value("scope")),
		Policies: e.form.Field("policies").Chosen(), Profile: e.form.Value("profile"), CreateTickets: e.form.Value("tickets") == "on"}
	if e.before != nil {
		w.Revision = e.before.Revision
	}
	return w
}

func (e *watchEditor) check() map[string]string {
	problems := map[string]string{}
	f := e.form.Field("policies")
	if len(f.Options) > 0 && len(f.Chosen()) == 0 {
		problems["policies"] = "choose at least one: a watch without a policy does nothing"
	}
	return problems
}

// asks says what storing the watch touches beyond itself.
func (e *watchEditor) asks(w *model.Watch) string {
	if e.before == nil {
		if w.CreateTickets {
			return "rules create tickets by themselves for everything that is first seen from now on in this scope"
		}
		return ""
	}
	var parts []string
	n, due := e.before.matches("")
	switch {
	case w.CreateTickets && !e.before.CreateTickets:
		parts = append(parts, "rules create tickets by themselves for everything that is first seen from now on; "+widget.Plural(n, "violation")+" that match already get none")
	case !w.CreateTickets && due > 0:
		parts = append(parts, widget.Plural(due, "ticket")+" to come are not made")
	}
	if w.Scope != e.before.Scope || !slices.Equal(w.Policies, e.before.Policies) {
		parts = append(parts, "what the policies do to "+widget.Plural(n, "violation")+" is worked out anew")
	}
	return strings.Join(parts, "; ")
}

func (e *watchEditor) submit() tea.Cmd {
	if e.saving {
		return nil
	}
	w := e.watch()
	if ask := e.asks(&w); ask != "" && !e.sure.Sure(ask, e.env.Now()) {
		e.question = ask
		return nil
	}
	e.saving, e.question = true, ""
	before := ""
	if e.before != nil {
		before = e.before.Name
	}
	return e.env.Go(func(ctx context.Context) tea.Msg {
		var err error
		if before == "" {
			_, err = e.store.AddWatch(ctx, e.env.Actor, w)
		} else {
			_, err = e.store.SetWatch(ctx, e.env.Actor, before, w)
		}
		m := savedMsg{owner: e, name: w.Name, err: err}
		if errors.Is(err, storage.ErrChanged) {
			if m.watches, err = e.readWatches(ctx); err != nil {
				m.err = err
			}
		}
		return m
	})
}

// Title implements [widget.Dialog].
func (e *watchEditor) Title() string {
	if e.before == nil {
		return "A new watch"
	}
	return "Watch " + e.before.Name
}

// Ideal implements [widget.Dialog].
func (e *watchEditor) Ideal(width, _ int) (int, int) { return min(width, 96), e.form.Lines() + 12 }

// Scopes implements [widget.Screen].
func (e *watchEditor) Scopes() []keys.Scope { return e.form.Scopes() }

// Handlers implements [widget.Screen].
func (e *watchEditor) Handlers() keys.Handlers { return e.form.Handlers() }

// Deadline implements [widget.Screen].
func (e *watchEditor) Deadline() time.Time { return time.Time{} }

// Resize implements [widget.Screen].
func (e *watchEditor) Resize(width, height int) { e.form.Resize(width, height-4) }

// View implements [widget.Screen].
func (e *watchEditor) View() []string {
	width, _ := e.form.Size()
	lines := e.form.View()
	hint := "enter stores"
	if e.saving {
		hint = "storing: the policies are evaluated over what is there"
	}
	return append(lines, form.Foot(e.env.Theme, width, e.problem, e.question, hint)...)
}
