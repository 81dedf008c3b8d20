// Package vex is the editor of VEX decisions, for one violation or for many.
package vex

import (
	"context"
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Store is what the editor reads and writes.
type Store interface {
	Violations(ctx context.Context, ids []model.ViolationID) ([]model.Violation, error)
	History(ctx context.Context, id model.ViolationID, limit int) ([]model.AuditEntry, error)
	Related(ctx context.Context, ids []model.ViolationID, scope storage.Scope) ([]model.ViolationID, error)
	RowsByID(ctx context.Context, ids []model.ViolationID) ([]model.Row, error)
	JudgedElsewhere(ctx context.Context, id model.ViolationID) ([]storage.Judged, error)
	SetVEX(ctx context.Context, actor model.Actor, ids []model.ViolationID, changes map[model.VEXField]string) (changed int, err error)
}

// Editor is the dialog with the fields of a VEX record. Only what is touched
// is changed; what differs among the violations is shown as mixed.
type Editor struct {
	env   *widget.Env
	store Store
	ids   []model.ViolationID
	done  func()

	form     *form.Form
	fields   *form.Decision
	loaded   bool
	eager    bool // enter was pressed before the records had been read
	saving   bool
	problem  error
	records  []model.Violation  // those that were compared
	history  []model.AuditEntry // of the one that is edited
	reach    reach
	sure     widget.Twice
	handlers keys.Handlers
	width    int
}

type loadedMsg struct {
	owner   *Editor
	records []model.Violation
	history []model.AuditEntry
	err     error
}

type savedMsg struct {
	owner   *Editor
	changed int
	changes map[model.VEXField]string
	err     error
}

// compared is how many violations are read to see where they differ. Beyond
// that every field counts as mixed.
const compared = 1000

// historyLength is how many changes are read for the lines below the form.
const historyLength = 200

// scopeField is the field that says how far the decision reaches.
const scopeField = "scope"

// New makes the editor; done is called after a change was stored.
func New(env *widget.Env, store Store, ids []model.ViolationID, done func()) *Editor {
	e := &Editor{env: env, store: store, ids: ids, done: done}
	e.form = form.New(env,
		form.DecisionField(env, model.FieldStatus, "Status"),
		form.DecisionField(env, model.FieldQualifier, "Qualifier"),
		form.DecisionField(env, model.FieldJustification, "Justification"),
		form.DecisionField(env, model.FieldResponse, "Response"),
		form.DecisionField(env, model.FieldImpact, "Impact"),
		form.DecisionField(env, model.FieldNotes, "Internal notes"),
		form.DecisionField(env, model.FieldAction, "Action"),
		form.DecisionField(env, model.FieldReviewBy, "Review by"),
		&form.Field{Name: scopeField, Label: "Holds for", Kind: form.Choice, Options: scopes(len(ids))},
	)
	e.fields = form.NewDecision(e.form, model.VEXFields())
	e.form.Check = e.fields.Check
	e.form.Changed = e.touched
	e.form.Submit = e.submit
	e.form.Cancel = func() tea.Cmd { return widget.Send(widget.Pop{}) }
	e.handlers = keys.Handlers{"vex.judged": {Run: e.elsewhere}}
	for id, h := range e.form.Handlers() {
		e.handlers[id] = h
	}
	return e
}

// Start reads the records to be edited.
func (e *Editor) Start() tea.Cmd {
	ids := e.ids[:min(len(e.ids), compared)]
	return e.env.Go(func(ctx context.Context) tea.Msg {
		records, err := e.store.Violations(ctx, ids)
		var history []model.AuditEntry
		if err == nil && len(ids) == 1 {
			history, err = e.store.History(ctx, ids[0], historyLength)
		}
		return loadedMsg{e, records, history, err}
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
	case reachMsg:
		if msg.owner == e {
			return e.reached(msg)
		}
	case judgedMsg:
		if msg.owner == e {
			return e.offer(msg)
		}
	case savedMsg:
		if msg.owner == e {
			return e.saved(msg)
		}
	}
	return nil
}

func (e *Editor) load(m loadedMsg) {
	if e.problem = m.err; m.err != nil || len(m.records) == 0 {
		return
	}
	e.loaded, e.records, e.history = true, m.records, m.history
	e.fields.Fill(m.records, len(e.ids), e.env.Now())
}

// touched follows a change of a field: another scope reaches others.
func (e *Editor) touched(f *form.Field) tea.Cmd {
	e.sure.Forget()
	if f.Name == scopeField {
		return e.widen()
	}
	return nil
}

func (e *Editor) submit() tea.Cmd {
	if e.eager = !e.loaded || e.reach.reading; e.eager || e.saving {
		return nil
	}
	for name, problem := range e.fields.Check() {
		e.form.Focus(name)
		return toast.Say(toast.Warn, problem)
	}
	changes := e.fields.Changes()
	if len(changes) == 0 {
		if e.reach.widened(len(e.ids)) {
			return toast.Say(toast.Warn, "Nothing was changed that could hold for others: change a field, or leave with esc.")
		}
		return widget.Send(widget.Pop{Then: toast.Say(toast.Info, "Nothing was changed.")})
	}
	ids := e.ids
	if e.reach.widened(len(e.ids)) {
		ids = e.reach.ids
		if !e.sure.Sure(fmt.Sprint(len(ids)), e.env.Now()) {
			return toast.Say(toast.Warn, "Press again: this changes "+widget.Plural(len(changes), "field")+" of "+widget.Plural(len(ids), "violation")+".")
		}
	}
	e.saving = true
	return e.env.Store(func(ctx context.Context) tea.Msg {
		n, err := e.store.SetVEX(ctx, e.env.Actor, ids, changes)
		return savedMsg{e, n, changes, err}
	})
}

func (e *Editor) saved(m savedMsg) tea.Cmd {
	e.saving = false
	if m.err != nil {
		return toast.Failed("Not stored", m.err)
	}
	e.done()
	again := widget.Send(widget.Acted{Again: func(ids []model.ViolationID, done func()) tea.Cmd { return e.repeat(ids, m.changes, done) }})
	return tea.Batch(again, widget.Send(widget.Pop{Then: toast.Say(toast.Done, e.stored(m.changed))}))
}

func (e *Editor) stored(n int) string {
	return "Stored on " + widget.Plural(n, "violation") + "; " + e.env.Keys.Key("vex.undo") + " takes it back"
}

// repeat makes the same change of other violations.
func (e *Editor) repeat(ids []model.ViolationID, changes map[model.VEXField]string, done func()) tea.Cmd {
	done()
	return e.env.Store(func(ctx context.Context) tea.Msg {
		n, err := e.store.SetVEX(ctx, e.env.Actor, ids, changes)
		if err != nil {
			return toast.Msg{Level: toast.Error, Text: "Not stored: " + err.Error()}
		}
		return toast.Msg{Level: toast.Done, Text: e.stored(n)}
	})
}

// Title implements [widget.Dialog].
func (e *Editor) Title() string {
	if len(e.ids) == 1 && len(e.records) == 1 {
		return "VEX decision for " + e.records[0].Issue + " in " + e.records[0].Component
	}
	return "VEX decision for " + widget.Plural(len(e.ids), "violation")
}

// below is how many lines there are under the form.
const below = 7

// Ideal implements [widget.Dialog].
func (e *Editor) Ideal(width, height int) (int, int) { return min(width, 92), min(height, 14+below) }

// Scopes implements [widget.Screen].
func (e *Editor) Scopes() []keys.Scope {
	return append([]keys.Scope{keys.Decision}, e.form.Scopes()...)
}

// Handlers implements [widget.Screen].
func (e *Editor) Handlers() keys.Handlers { return e.handlers }

// Resize implements [widget.Screen].
func (e *Editor) Resize(width, height int) {
	e.width = width
	e.form.Resize(width, max(3, height-max(said+1, min(below, height-len(e.form.Fields)))))
}

// Deadline implements [widget.Screen].
func (e *Editor) Deadline() time.Time { return time.Time{} }
