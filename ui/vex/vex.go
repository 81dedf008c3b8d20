// Package vex is the editor of VEX decisions, for one violation or for many.
package vex

import (
	"context"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Store is what the editor reads and writes.
type Store interface {
	Violations(ctx context.Context, ids []model.ViolationID) ([]model.Violation, error)
	SetVEX(ctx context.Context, actor model.Actor, ids []model.ViolationID, changes map[model.VEXField]string) (changed int, err error)
}

// Editor is the dialog with the fields of a VEX record. Only what is touched
// is changed; what differs among the violations is shown as mixed.
type Editor struct {
	env   *widget.Env
	store Store
	ids   []model.ViolationID
	done  func()

	form    *form.Form
	subject string // the one violation that is edited
	loaded  bool
	eager   bool // enter was pressed before the records had been read
	partial bool // more violations than were compared
	saving  bool
	problem error
}

type loadedMsg struct {
	owner      *Editor
	violations []model.Violation
	err        error
}

type savedMsg struct {
	owner   *Editor
	changed int
	err     error
}

// compared is how many violations are read to see where they differ. Beyond
// that every field counts as mixed.
const compared = 1000

// New makes the editor; done is called after a change was stored.
func New(env *widget.Env, store Store, ids []model.ViolationID, done func()) *Editor {
	e := &Editor{env: env, store: store, ids: ids, done: done, partial: len(ids) > compared}
	missing := env.Theme.Glyphs.Missing
	e.form = form.New(env,
		choice(model.FieldStatus, "Status", missing, statuses()),
		choice(model.FieldQualifier, "Qualifier", missing, []string{model.QualifierFalsePositive, model.QualifierPedigree}),
		choice(model.FieldJustification, "Justification", missing, model.Justifications()),
		choice(model.FieldResponse, "Response", missing, model.Responses()),
		&form.Field{Name: string(model.FieldImpact), Label: "Impact", Kind: form.Area, Hint: "why it does or does not matter; goes into exports"},
		&form.Field{Name: string(model.FieldNotes), Label: "Internal notes", Kind: form.Area, Hint: "never exported"},
		&form.Field{Name: string(model.FieldAction), Label: "Action", Kind: form.Area, Hint: "what users of the product should do"},
		&form.Field{Name: string(model.FieldReviewBy), Label: "Review by", Hint: "2026-12-31"},
	)
	e.form.Check = e.check
	e.form.Submit = e.submit
	e.form.Cancel = func() tea.Cmd { return widget.Send(widget.Pop{}) }
	return e
}

func statuses() []string {
	var words []string
	for _, s := range model.VEXStatuses() {
		words = append(words, string(s))
	}
	return words
}

func choice(field model.VEXField, label, missing string, words []string) *form.Field {
	options := []form.Option{{Title: missing}}
	for _, w := range words {
		options = append(options, form.Option{Value: w, Title: strings.ReplaceAll(w, "_", " ")})
	}
	return &form.Field{Name: string(field), Label: label, Kind: form.Choice, Options: options}
}

// Start reads the records to be edited.
func (e *Editor) Start() tea.Cmd {
	ids := e.ids[:min(len(e.ids), compared)]
	return e.env.Go(func(ctx context.Context) tea.Msg {
		violations, err := e.store.Violations(ctx, ids)
		return loadedMsg{e, violations, err}
	})
}

// Update implements [widget.Screen].
func (e *Editor) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return e.form.Type(msg) // also ahead of what is being read
	case loadedMsg:
		if msg.owner == e {
			e.load(msg)
			if e.loaded && e.eager {
				return e.submit()
			}
		}
	case savedMsg:
		if msg.owner == e {
			return e.saved(msg)
		}
	}
	return nil
}

func (e *Editor) load(m loadedMsg) {
	if e.problem = m.err; m.err != nil || len(m.violations) == 0 {
		return
	}
	e.loaded = true
	first := m.violations[0]
	if len(e.ids) == 1 {
		e.subject = first.Issue + " in " + first.Component
	}
	for _, field := range model.VEXFields() {
		f := e.form.Field(string(field))
		if f.Touched() {
			continue
		}
		value := first.Assessment.Get(field)
		f.Mixed = e.partial
		for i := range m.violations {
			f.Mixed = f.Mixed || m.violations[i].Assessment.Get(field) != value
		}
		if f.Mixed {
			continue
		}
		f.Set(value)
		if p, ok := first.Provenance[field]; ok && value != "" && len(e.ids) == 1 {
			f.Source = p.Source + ", " + widget.Ago(p.At, e.env.Now())
		}
	}
}

// changes are the fields that were touched.
func (e *Editor) changes() map[model.VEXField]string {
	changes := map[model.VEXField]string{}
	for _, field := range model.VEXFields() {
		if f := e.form.Field(string(field)); f.Touched() {
			changes[field] = f.Value()
		}
	}
	return changes
}

// assessment is what the form shows, as far as it is the same for all.
func (e *Editor) assessment() (a model.Assessment, problems map[string]string) {
	problems = map[string]string{}
	for _, field := range model.VEXFields() {
		f := e.form.Field(string(field))
		if f.Mixed {
			continue
		}
		if err := a.Set(field, f.Value()); err != nil {
			problems[f.Name] = err.Error()
		}
	}
	return a, problems
}

// check refuses what is no word of the vocabulary; what only an export would
// refuse is a hint, in View.
func (e *Editor) check() map[string]string {
	_, problems := e.assessment()
	return problems
}

// unready is what an export would refuse, where no mixed field hides it.
func (e *Editor) unready() string {
	for _, field := range model.VEXFields() {
		if e.form.Field(string(field)).Mixed {
			return ""
		}
	}
	a, problems := e.assessment()
	if err := a.Validate(); err != nil && len(problems) == 0 {
		return strings.ReplaceAll(err.Error(), "\n", "; ")
	}
	return ""
}

func (e *Editor) submit() tea.Cmd {
	if e.eager = !e.loaded; e.eager || e.saving {
		return nil
	}
	for name, problem := range e.check() {
		e.form.Focus(name)
		return toast.Say(toast.Warn, problem)
	}
	changes := e.changes()
	if len(changes) == 0 {
		return widget.Send(widget.Pop{Then: toast.Say(toast.Info, "Nothing was changed.")})
	}
	e.saving = true
	return e.env.Go(func(ctx context.Context) tea.Msg {
		n, err := e.store.SetVEX(ctx, e.env.Actor, e.ids, changes)
		return savedMsg{e, n, err}
	})
}

func (e *Editor) saved(m savedMsg) tea.Cmd {
	e.saving = false
	if m.err != nil {
		return toast.Failed("Not stored", m.err)
	}
	e.done()
	text := "Stored on " + widget.Plural(m.changed, "violation") + "; " + e.env.Keys.Key("vex.undo") + " takes it back"
	return widget.Send(widget.Pop{Then: toast.Say(toast.Done, text)})
}

// Title implements [widget.Dialog].
func (e *Editor) Title() string {
	if e.subject != "" {
		return "VEX decision for " + e.subject
	}
	return "VEX decision for " + widget.Plural(len(e.ids), "violation")
}

// Ideal implements [widget.Dialog].
func (e *Editor) Ideal(width, height int) (int, int) { return min(width, 92), 17 }

// Scopes implements [widget.Screen].
func (e *Editor) Scopes() []keys.Scope { return e.form.Scopes() }

// Handlers implements [widget.Screen].
func (e *Editor) Handlers() keys.Handlers { return e.form.Handlers() }

// Resize implements [widget.Screen].
func (e *Editor) Resize(width, height int) { e.form.Resize(width, height-2) }

// Deadline implements [widget.Screen].
func (e *Editor) Deadline() time.Time { return time.Time{} }

// View implements [widget.Screen].
func (e *Editor) View() []string {
	t := e.env.Theme
	switch {
	case e.problem != nil:
		return []string{t.Bad.Of("error") + " " + e.problem.Error()}
	}
	lines := append(e.form.View(), "")
	if !e.loaded {
		return append(lines, t.Dim.Of("reading …"))
	}
	if why := e.unready(); why != "" {
		return append(lines, t.Warn.Of("not ready for export: ")+why)
	}
	return append(lines, t.Dim.Of("ready for export"))
}
