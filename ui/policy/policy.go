// Package policy shows policies and watches, tries what a policy matches
// before it is stored, and runs watches.
package policy

import (
	"context"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/table"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Store is what the screens of this package read and change.
type Store interface {
	form.Suggester
	Policies(ctx context.Context) ([]model.Policy, error)
	AddPolicy(ctx context.Context, actor model.Actor, p model.Policy) (model.Policy, error)
	SetPolicy(ctx context.Context, actor model.Actor, name string, p model.Policy) (model.Policy, error)
	RemovePolicy(ctx context.Context, actor model.Actor, name string) error
	TryPolicy(ctx context.Context, p model.Policy, examples int) (model.PolicyMatches, error)
	Watches(ctx context.Context) ([]model.Watch, error)
	WatchMatches(ctx context.Context, watch string) ([]storage.WatchCounts, error)
	AddWatch(ctx context.Context, actor model.Actor, w model.Watch) (model.Watch, error)
	SetWatch(ctx context.Context, actor model.Actor, name string, w model.Watch) (model.Watch, error)
	RemoveWatch(ctx context.Context, actor model.Actor, name string) error
	Profiles(ctx context.Context) ([]model.Profile, error)
}

// desk is what the screens of this package share.
type desk struct {
	env   *widget.Env
	store Store
	// run shows the plan of a watch, by its name.
	run func(watch string) tea.Cmd
}

// policyRow is a policy with what surrounds it.
type policyRow struct {
	model.Policy
	counts  []storage.WatchCounts
	watches []string
}

// matches is how many violations a rule matches, and how many tickets are to
// come of it.
func (r *policyRow) matches(rule int) (n, due int) {
	for _, c := range r.counts {
		if c.Policy == r.Name && c.Rule == rule {
			n, due = n+c.Count, due+c.Due
		}
	}
	return n, due
}

func (r *policyRow) total() (n int) {
	for i := range r.Rules {
		matched, _ := r.matches(i)
		n += matched
	}
	return n
}

// Policies is the screen that lists the policies.
type Policies struct {
	desk
	all  *table.Table[policyRow]
	sure widget.Twice

	width, height int
	handlers      keys.Handlers
}

// New makes the screen of the policies, from which tab leads to the watches;
// run shows the plan of a watch.
func New(env *widget.Env, store Store, run func(watch string) tea.Cmd) *Policies {
	return newPolicies(desk{env, store, run})
}

func newPolicies(d desk) *Policies {
	p := &Policies{desk: d}
	p.all = table.New(d.env, d.readPolicies, func(a, b *policyRow) bool { return a.ID == b.ID })
	some := func(f func() tea.Cmd) keys.Handler { return keys.Handler{Run: f, Disabled: p.none} }
	p.handlers = p.all.Handlers(keys.Handlers{
		"policy.edit": some(func() tea.Cmd {
			return widget.Send(widget.Push{Screen: newEditor(p.desk, p.all.Current())})
		}),
		"policy.new": {Run: func() tea.Cmd { return widget.Send(widget.Push{Screen: newEditor(p.desk, nil)}) }},
		"policy.list": some(func() tea.Cmd {
			return widget.Send(widget.ShowList{Query: query.Is(query.KeyPolicy, p.all.Current().Name)})
		}),
		"policy.remove":  {Run: p.remove, Disabled: p.cannotRemove},
		"policy.watches": {Run: func() tea.Cmd { return widget.Send(widget.Replace{Screen: newWatches(p.desk)}) }},
	})
	return p
}

func (d desk) readPolicies(ctx context.Context) ([]policyRow, error) {
	policies, err := d.store.Policies(ctx)
	if err != nil {
		return nil, err
	}
	watches, err := d.store.Watches(ctx)
	if err != nil {
		return nil, err
	}
	counts, err := d.store.WatchMatches(ctx, "")
	rows := make([]policyRow, len(policies))
	for i, each := range policies {
		rows[i] = policyRow{Policy: each, counts: counts}
		for _, w := range watches {
			if slices.ContainsFunc(w.Policies, func(name string) bool { return strings.EqualFold(name, each.Name) }) {
				rows[i].watches = append(rows[i].watches, w.Name)
			}
		}
	}
	return rows, err
}

func (p *Policies) none() string {
	if p.all.Current() == nil {
		return "there is no policy"
	}
	return ""
}

func (p *Policies) cannotRemove() string {
	switch r := p.all.Current(); {
	case r == nil:
		return p.none()
	case len(r.watches) > 0:
		return r.Name + " is in use by " + strings.Join(r.watches, ", ") + ": take it off there first"
	}
	return ""
}

func (p *Policies) remove() tea.Cmd {
	r := p.all.Current()
	if !p.sure.Sure(r.Name, p.env.Now()) {
		return toast.Say(toast.Warn, "This removes the policy "+r.Name+" with "+widget.Plural(len(r.Rules), "rule")+"; press again to do it.")
	}
	name := r.Name
	return p.env.Go(func(ctx context.Context) tea.Msg {
		if err := p.store.RemovePolicy(ctx, p.env.Actor, name); err != nil {
			return toast.Msg{Level: toast.Error, Text: "Not removed: " + err.Error()}
		}
		return toast.Msg{Level: toast.Done, Text: "The policy " + name + " is removed."}
	})
}

// Start reads the policies.
func (p *Policies) Start() tea.Cmd { return p.all.Read() }

// Update implements [widget.Screen].
func (p *Policies) Update(msg tea.Msg) tea.Cmd {
	_, cmd := p.all.Update(msg)
	return cmd
}

// Scopes implements [widget.Screen].
func (p *Policies) Scopes() []keys.Scope {
	return []keys.Scope{keys.Policies, keys.Move, keys.Global, keys.Always}
}

// Handlers implements [widget.Screen].
func (p *Policies) Handlers() keys.Handlers { return p.handlers }

// Deadline implements [widget.Screen].
func (p *Policies) Deadline() time.Time { return time.Time{} }

// Click implements [widget.Pointed].
func (p *Policies) Click(x, y int) tea.Cmd {
	if y == 0 && otherTab(x, true) {
		return p.handlers["policy.watches"].Do("")
	}
	return p.all.Click(y)
}

// Resize implements [widget.Screen].
func (p *Policies) Resize(width, height int) { p.width, p.height = width, height }

const rulesBelow = 8 // lines for what the cursor is on

// View implements [widget.Screen].
func (p *Policies) View() []string {
	t := p.env.Theme
	return p.all.View(table.Page[policyRow]{
		Top:  []string{tabs(&p.desk, true), ""},
		Head: widget.Fit("POLICY", 22, "") + "  MODE   " + widget.Fit("TYPE", 16, "") + "  RULES  MATCHES  WATCHES",
		Line: p.line,
		Empty: []string{"   " + t.Strong.Of("There is no policy."), "",
			"   " + t.Accent.Of(p.env.Keys.Key("policy.new")) + "  makes one: a query, and what follows where it holds."},
		Below: p.explain(), BelowHeight: rulesBelow,
	}, p.width, p.height)
}

// tabs is the head of the two screens.
func tabs(d *desk, policies bool) string {
	t := d.env.Theme
	a, b := t.Strong, t.Dim
	if !policies {
		a, b = b, a
	}
	return " " + a.Of("Policies") + "   " + b.Of("Watches") + t.Dim.Of("   tab goes to the other")
}

// otherTab reports whether column x of the head lies in the name of the screen
// that is not shown.
func otherTab(x int, policies bool) bool {
	const first, second = len(" Policies"), len(" Policies   Watches")
	if policies {
		return x > first && x < second
	}
	return x < first
}

func (p *Policies) line(r *policyRow) string {
	t := p.env.Theme
	mode := map[model.PolicyMode]func(string) string{model.PolicyOff: t.Dim.Of, model.PolicyLog: t.Warn.Of, model.PolicyApply: t.Good.Of}[r.Mode]
	matches := widget.Count(r.total())
	if r.MatchesAll() {
		matches = "all"
	}
	watches := t.Warn.Of("none: it does nothing")
	if len(r.watches) > 0 {
		watches = strings.Join(r.watches, ", ")
	}
	return t.Strong.Of(widget.Fit(r.Name, 22, t.Glyphs.Ellipsis)) + "  " + mode(widget.Fit(string(r.Mode), 5, "")) + "  " +
		widget.Fit(orAny(r.Type), 16, "") + "  " + widget.FitRight(widget.Count(len(r.Rules)), 5, "") + "  " + widget.FitRight(matches, 7, "") + "  " + watches
}

func orAny(kind string) string {
	if kind == "" {
		return "any"
	}
	return strings.ReplaceAll(kind, "_", " ")
}

// explain lists the rules of the policy under the cursor with what they match.
func (p *Policies) explain() []string {
	r := p.all.Current()
	if r == nil {
		return nil
	}
	t := p.env.Theme
	head := widget.FitRight("MATCHES", 9, "") + "  RULE   the first that matches wins"
	if r.GraceDays > 0 {
		head += "; tickets wait for " + widget.Plural(r.GraceDays, "day")
	}
	lines := []string{t.Dim.Of(widget.Cut(head, p.width-2, t.Glyphs.Ellipsis))}
	for i := range r.Rules {
		n, due := r.matches(i)
		count := widget.Count(n)
		if r.MatchesAll() {
			count = "all"
		}
		text := widget.FitRight(count, 9, "") + "  " + ruleText(&r.Rules[i])
		if due > 0 {
			text += "; tickets to come for " + widget.Count(due)
		}
		lines = append(lines, widget.Cut(text, p.width-2, t.Glyphs.Ellipsis))
	}
	if len(lines) > rulesBelow {
		more := len(lines) - rulesBelow + 1
		lines = append(lines[:rulesBelow-1], t.Dim.Of("           and "+widget.Plural(more, "more rule")))
	}
	return lines
}

// ruleText says a rule in a line.
func ruleText(r *model.Rule) string {
	text := r.Query
	if text == "" {
		text = "everything"
	}
	if r.Name != "" && r.Query != "" {
		text = r.Name + ": " + text
	}
	return text + actionText(r)
}

func actionText(r *model.Rule) (text string) {
	if r.CreateTicket {
		text += "; creates tickets"
	}
	if r.Severity != "" {
		text += "; severity " + r.Severity
	}
	if r.IgnoreUntil != "" {
		text += "; ignored until " + r.IgnoreUntil
	}
	return text
}
