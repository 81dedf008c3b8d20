package policy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// editor is the form of a policy with its rules in their order. What they
// match is counted as one types, before anything is stored.
type editor struct {
	desk
	before *policyRow  // nil for a new one
	rules  int         // how many the form has
	other  *otherRules // nil for none

	head     []*form.Field // beside the rules
	form     *form.Form
	trial    trial
	sure     widget.Twice
	question string
	told     string // what another stored meanwhile
	saving   bool
	eager    bool // enter was pressed before the trial was done
	problem  error

	width, height int
	handlers      keys.Handlers
}

func newEditor(d desk, before *policyRow) *editor {
	e := &editor{desk: d}
	e.trial = trial{desk: d, owner: e}
	p := model.Policy{Mode: model.PolicyApply, Rules: []model.Rule{{}}}
	if before != nil {
		copied := *before
		e.before, p = &copied, copied.Policy
	}
	e.head = newHead(&p)
	e.build(p, "name")
	return e
}

// newHead makes the fields of a policy that stay whatever its rules are.
func newHead(p *model.Policy) []*form.Field {
	modes := []form.Option{{Value: string(model.PolicyApply), Title: "apply: do what its rules say"}, {Value: string(model.PolicyLog), Title: "log: record what they match, do nothing"},
		{Value: string(model.PolicyOff), Title: "off"}}
	types := []form.Option{{Title: "any"}}
	for _, t := range model.ViolationTypes() {
		types = append(types, form.Option{Value: t.String(), Title: orAny(t.String())})
	}
	name, mode := &form.Field{Name: "name", Label: "Name"}, &form.Field{Name: "mode", Label: "Mode", Kind: form.Choice, Options: modes}
	kind, grace := &form.Field{Name: "type", Label: "Type", Kind: form.Choice, Options: types}, &form.Field{Name: "grace", Label: "Grace", Hint: "0 days before the automatic ticket"}
	name.Set(p.Name)
	mode.Set(string(p.Mode))
	kind.Set(p.Type)
	if p.GraceDays > 0 {
		grace.Set(strconv.Itoa(p.GraceDays))
	}
	return []*form.Field{name, mode, kind, grace}
}

// build makes the form anew for the rules of a policy.
func (e *editor) build(p model.Policy, focus string) {
	fields := slices.Clone(e.head)
	for i := range p.Rules {
		fields = append(fields, e.ruleFields(i)...)
	}
	e.rules = len(p.Rules)
	e.form = form.New(e.env, fields...)
	set := func(name, value string) { e.form.Field(name).Set(value) }
	for i := range p.Rules {
		r := &p.Rules[i]
		set(of(i, "query"), r.Query)
		set(of(i, "name"), r.Name)
		set(of(i, "severity"), r.Severity)
		set(of(i, "until"), r.IgnoreUntil)
		if r.CreateTicket {
			set(of(i, "ticket"), "yes")
		}
	}
	e.form.Focus(focus)
	e.form.Check = e.check
	e.form.Changed = func(*form.Field) tea.Cmd { e.told = ""; return e.changed() }
	e.form.Submit = e.submit
	e.form.Cancel = func() tea.Cmd { e.trial.stop(); return widget.Send(widget.Pop{}) }
	e.handlers = keys.Handlers{
		"rule.add":    {Run: e.addRule},
		"rule.up":     {Run: e.moveUp, Disabled: e.cannotMove},
		"rule.remove": {Run: e.removeRule, Disabled: e.cannotRemove},
	}
	for id, h := range e.form.Handlers() {
		e.handlers[id] = h
	}
	e.offerRules()
	e.fit()
	e.showSeverity()
}

// of names a field of rule i.
func of(i int, name string) string { return fmt.Sprintf("%d.%s", i, name) }

func (e *editor) ruleFields(i int) []*form.Field {
	q := form.Query(e.env, e.store, of(i, "query"), "Rule "+strconv.Itoa(i+1))
	severities := []form.Option{{Title: "as reported"}}
	for _, s := range model.Severities() {
		severities = append(severities, form.Option{Value: s.String(), Title: s.String()})
	}
	return []*form.Field{q,
		{Name: of(i, "name"), Label: "  called", Hint: "no name"},
		{Name: of(i, "ticket"), Label: "  ticket", Kind: form.Choice, Options: []form.Option{{Value: "no", Title: "none"}, {Value: "yes", Title: "created by itself, where the watch's switch is on"}}},
		{Name: of(i, "severity"), Label: "  severity", Kind: form.Choice, Options: severities, Hidden: true},
		{Name: of(i, "until"), Label: "  ignore until", Hint: "not ignored; or a date, 2026-12-31"},
	}
}

// showSeverity: only licence and operational-risk violations have none of
// their own.
func (e *editor) showSeverity() {
	kind := e.form.Value("type")
	for i := range e.rules {
		e.form.Field(of(i, "severity")).Hidden = kind != model.License.String() && kind != model.OperationalRisk.String()
	}
}

// policy is what the form says.
func (e *editor) policy() (model.Policy, error) {
	text := func(name string) string { return strings.TrimSpace(e.form.Value(name)) }
	p := model.Policy{Name: text("name"), Mode: model.PolicyMode(text("mode")), Type: text("type")}
	if e.before != nil {
		p.Revision = e.before.Revision
	}
	var err error
	if grace := text("grace"); grace != "" {
		if p.GraceDays, err = strconv.Atoi(grace); err != nil {
			err = fmt.Errorf("%w: a grace period is a number of days, not %q", model.ErrPolicy, grace)
		}
	}
	for i := range e.rules {
		p.Rules = append(p.Rules, model.Rule{Query: text(of(i, "query")), Name: text(of(i, "name")), CreateTicket: text(of(i, "ticket")) == "yes",
			Severity: text(of(i, "severity")), IgnoreUntil: text(of(i, "until"))})
	}
	return p, err
}

// check says what is wrong while one types; queries say so themselves, at the
// place.
func (e *editor) check() map[string]string {
	problems := map[string]string{}
	if grace := strings.TrimSpace(e.form.Value("grace")); grace != "" {
		if n, err := strconv.Atoi(grace); err != nil || n < 0 || n > model.MaxGraceDays {
			problems["grace"] = fmt.Sprintf("a number of days, from 0 to %d", model.MaxGraceDays)
		}
	}
	p, _ := e.policy()
	for i := range p.Rules {
		r := &p.Rules[i]
		if _, err := r.Until(); err != nil {
			problems[of(i, "until")] = err.Error()
		} else if r.IgnoreUntil != "" && r.CreateTicket {
			problems[of(i, "until")] = "what is ignored gets no ticket: choose one of the two"
		}
	}
	return problems
}

// sound reports whether a policy can be tried.
func (e *editor) sound(p *model.Policy) bool {
	for i := range p.Rules {
		if _, err := query.Parse(p.Rules[i].Query, e.env.Now()); err != nil {
			return false
		}
	}
	return len(e.check()) == 0
}

func (e *editor) changed() tea.Cmd {
	e.sure.Forget()
	e.question = ""
	e.showSeverity()
	p, err := e.policy()
	if err != nil || !e.sound(&p) {
		e.trial.stop()
		return nil
	}
	return e.trial.try(p)
}

// rule is the rule that the focus is in; the last one where it is in none.
func (e *editor) rule() int {
	if f := e.form.Focused(); f != nil {
		if number, _, in := strings.Cut(f.Name, "."); in {
			i, _ := strconv.Atoi(number)
			return i
		}
	}
	return e.rules - 1
}

func (e *editor) addRule() tea.Cmd {
	p, _ := e.policy()
	at := e.rule() + 1
	p.Rules = append(p.Rules[:at:at], append([]model.Rule{{}}, p.Rules[at:]...)...)
	e.build(p, of(at, "query"))
	return e.changed()
}

func (e *editor) cannotMove() string {
	if e.rule() == 0 {
		return "it is the first rule"
	}
	return ""
}

func (e *editor) moveUp() tea.Cmd {
	p, _ := e.policy()
	at := e.rule()
	p.Rules[at-1], p.Rules[at] = p.Rules[at], p.Rules[at-1]
	e.build(p, of(at-1, "query"))
	return e.changed()
}

func (e *editor) cannotRemove() string {
	if e.rules == 1 {
		return "a policy has at least one rule"
	}
	return ""
}

func (e *editor) removeRule() tea.Cmd {
	p, _ := e.policy()
	at := e.rule()
	p.Rules = append(p.Rules[:at:at], p.Rules[at+1:]...)
	e.build(p, of(min(at, len(p.Rules)-1), "query"))
	return e.changed()
}

// Start counts what the policy matches.
func (e *editor) Start() tea.Cmd { return e.changed() }

// Update implements [widget.Screen].
func (e *editor) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return e.form.Type(msg)
	case widget.Changed:
		return e.changed()
	case triedMsg:
		if msg.owner != e {
			return nil
		}
		cmd := e.trial.got(msg)
		if e.eager && !e.trial.busy {
			return tea.Batch(cmd, e.submit())
		}
		return cmd
	case savedMsg:
		if msg.owner == e {
			e.saving = false
			if e.problem = msg.err; msg.err == nil {
				return widget.Send(widget.Pop{Then: toast.Say(toast.Done, "Stored: policy "+msg.name+".")})
			}
			return e.meanwhile(msg)
		}
	default:
		return e.form.Take(msg)
	}
	return nil
}

// asks says what storing the policy touches, empty where it does nothing.
func (e *editor) asks(p *model.Policy) string {
	if e.before == nil || len(e.before.watches) == 0 {
		return "" // it works once a watch names it
	}
	var parts []string
	if p.Mode == model.PolicyApply {
		for i := range e.trial.found.Rules {
			m := &e.trial.found.Rules[i]
			if m.Rule.Acts() && m.Count > 0 {
				parts = append(parts, fmt.Sprintf("rule %d touches %s%s", i+1, widget.Plural(m.Count, "violation"), actionText(&m.Rule)))
			}
		}
	}
	if len(parts) == 0 && e.before.Mode == model.PolicyApply && acts(&e.before.Policy) {
		parts = append(parts, "what it did to "+widget.Plural(e.before.total(), "violation")+" is taken back")
	}
	if len(parts) == 0 {
		return ""
	}
	return "in " + strings.Join(e.before.watches, ", ") + ": " + strings.Join(parts, "; ")
}

func acts(p *model.Policy) bool {
	for i := range p.Rules {
		if p.Rules[i].Acts() {
			return true
		}
	}
	return false
}

func (e *editor) submit() tea.Cmd {
	p, err := e.policy()
	if e.saving {
		return nil
	}
	if e.problem = err; err != nil {
		return nil
	}
	if e.sound(&p) {
		if e.eager = e.trial.busy; e.eager {
			return nil // the question names numbers
		}
		if ask := e.asks(&p); ask != "" && !e.sure.Sure(ask, e.env.Now()) {
			e.question = ask
			return nil
		}
	}
	e.saving, e.question, e.told = true, "", ""
	before := ""
	if e.before != nil {
		before = e.before.Name
	}
	return e.env.Go(func(ctx context.Context) tea.Msg {
		var err error
		if before == "" {
			_, err = e.store.AddPolicy(ctx, e.env.Actor, p)
		} else {
			_, err = e.store.SetPolicy(ctx, e.env.Actor, before, p)
		}
		m := savedMsg{owner: e, name: p.Name, err: err}
		if errors.Is(err, storage.ErrChanged) {
			if m.policies, err = e.readPolicies(ctx); err != nil {
				m.err = err
			}
		}
		return m
	})
}

// Scopes implements [widget.Screen].
func (e *editor) Scopes() []keys.Scope { return []keys.Scope{keys.Rules, keys.Form, keys.Always} }

// Handlers implements [widget.Screen].
func (e *editor) Handlers() keys.Handlers { return e.handlers }

// Deadline implements [widget.Screen].
func (e *editor) Deadline() time.Time { return time.Time{} }
