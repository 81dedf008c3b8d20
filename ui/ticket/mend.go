package ticket

import (
	"context"
	"maps"
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

// Mend is the form of one operation that Jira refused, open at the field that
// was wrong, with Jira's words under it.
type Mend struct {
	env   *widget.Env
	store Store
	op    model.Operation

	form    *form.Form
	extra   []string // names of fields beyond the draft's own
	saving  bool
	problem error
}

type amendedMsg struct {
	owner *Mend
	err   error
}

// CannotMend says why an operation has no such form, empty where it has.
func CannotMend(op *model.Operation) string {
	switch {
	case op == nil:
		return "there is no operation"
	case op.State != model.OpFailed:
		return "only what has failed can be mended; this one is " + string(op.State)
	case op.Kind != model.OpCreate && op.Kind != model.OpUpdate && op.Kind != model.OpComment:
		return "there is nothing to fill in for it: mend the cause in Jira, then try again"
	}
	return ""
}

// draftField is a text of a draft and how it is shown. ids are what Jira calls
// it in its answers.
type draftField struct {
	label string
	ids   []string
	of    func(*model.TicketDraft) *string
}

func draftFields(kind model.OperationKind) []draftField {
	summary := draftField{"Summary", []string{"summary"}, func(d *model.TicketDraft) *string { return &d.Summary }}
	switch kind {
	case model.OpComment:
		return []draftField{{"Comment", []string{"comment", "body"}, func(d *model.TicketDraft) *string { return &d.Comment }}}
	case model.OpUpdate:
		return []draftField{summary}
	}
	return []draftField{summary,
		{"Issue type", []string{"issuetype", "issue type"}, func(d *model.TicketDraft) *string { return &d.IssueType }},
		{"Priority", []string{"priority"}, func(d *model.TicketDraft) *string { return &d.Priority }},
		{"Assignee", []string{"assignee"}, func(d *model.TicketDraft) *string { return &d.Assignee }},
		{"Reporter", []string{"reporter"}, func(d *model.TicketDraft) *string { return &d.Reporter }},
		{"Epic", []string{"parent", "epic", "epic link"}, func(d *model.TicketDraft) *string { return &d.Epic }},
	}
}

// labelsField is the draft's list of labels.
const labelsField = "labels"

// NewMend makes the form of an operation that CannotMend has nothing against.
func NewMend(env *widget.Env, store Store, op model.Operation) *Mend {
	m := &Mend{env: env, store: store, op: op}
	var fields []*form.Field
	text := func(name, label, value string) {
		f := &form.Field{Name: name, Label: label}
		if strings.Contains(value, "\n") { // its lines stay
			f.Kind = form.Area
		}
		f.Set(value)
		fields = append(fields, f)
	}
	known := map[string]string{} // Jira's name of a field: ours
	for _, d := range draftFields(op.Kind) {
		text(d.ids[0], d.label, *d.of(&op.Draft))
		for _, id := range d.ids {
			known[id] = d.ids[0]
		}
	}
	if op.Kind == model.OpCreate {
		text(labelsField, "Labels", strings.Join(op.Draft.Labels, " "))
		known[labelsField] = labelsField
		for _, name := range slices.Sorted(maps.Keys(op.Draft.Fields)) {
			m.extra = append(m.extra, name)
			text("+"+name, name, op.Draft.Fields[name])
			known[strings.ToLower(name)] = "+" + name
		}
		for _, name := range slices.Sorted(maps.Keys(op.ErrorFields)) {
			if known[strings.ToLower(name)] == "" { // Jira asks for what the profile does not know
				m.extra = append(m.extra, name)
				text("+"+name, name, "")
				known[strings.ToLower(name)] = "+" + name
			}
		}
	}
	m.form = form.New(env, fields...)
	problems := map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(op.ErrorFields)) {
		if ours := known[strings.ToLower(name)]; ours != "" {
			problems[ours] = op.ErrorFields[name]
		}
	}
	for _, f := range fields {
		if problems[f.Name] != "" {
			m.form.Focus(f.Name)
			break
		}
	}
	m.form.Changed = func(f *form.Field) tea.Cmd { delete(problems, f.Name); return nil }
	m.form.Check = func() map[string]string { return problems }
	m.form.Submit = m.submit
	m.form.Cancel = func() tea.Cmd { return widget.Send(widget.Pop{}) }
	return m
}

// draft is what the form makes of the operation's draft.
func (m *Mend) draft() model.TicketDraft {
	d := m.op.Draft
	value := func(name string) string { return strings.TrimSpace(m.form.Value(name)) }
	for _, f := range draftFields(m.op.Kind) {
		*f.of(&d) = value(f.ids[0])
	}
	if m.op.Kind == model.OpCreate {
		d.Labels = strings.Fields(value(labelsField))
		d.Fields = map[string]string{}
		for _, name := range m.extra {
			if v := value("+" + name); v != "" {
				d.Fields[name] = v
			}
		}
	}
	return d
}

func (m *Mend) submit() tea.Cmd {
	if m.saving {
		return nil
	}
	m.saving = true
	draft := m.draft()
	return m.env.Go(func(ctx context.Context) tea.Msg {
		return amendedMsg{m, m.store.AmendOperation(ctx, m.env.Actor, m.op.ID, draft)}
	})
}

// Update implements [widget.Screen].
func (m *Mend) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return m.form.Type(msg)
	case amendedMsg:
		if msg.owner == m {
			m.saving = false
			if m.problem = msg.err; msg.err == nil {
				return widget.Send(widget.Pop{Then: toast.Say(toast.Info, "It will be tried again.")})
			}
		}
	}
	return nil
}

// Title implements [widget.Dialog].
func (m *Mend) Title() string {
	return "Mend what was refused: " + string(m.op.Kind) + " in " + m.op.Connection + " / " + m.op.Project
}

// Ideal implements [widget.Dialog].
func (m *Mend) Ideal(width, _ int) (int, int) { return min(width, 96), m.form.Lines() + 7 }

// Scopes implements [widget.Screen].
func (m *Mend) Scopes() []keys.Scope { return m.form.Scopes() }

// Handlers implements [widget.Screen].
func (m *Mend) Handlers() keys.Handlers { return m.form.Handlers() }

// Deadline implements [widget.Screen].
func (m *Mend) Deadline() time.Time { return time.Time{} }

// Resize implements [widget.Screen].
func (m *Mend) Resize(width, height int) { m.form.Resize(width, height-5) }

// View implements [widget.Screen].
func (m *Mend) View() []string {
	t := m.env.Theme
	width, height := m.form.Size()
	var lines []string
	for _, line := range widget.Wrap(m.op.Error, width) {
		lines = append(lines, t.Bad.Of(line))
	}
	lines = append(lines[:min(len(lines), 2)], "")
	lines = append(lines, m.form.View()...)
	for len(lines) < height+2 {
		lines = append(lines, "")
	}
	key := "enter"
	if focus := m.form.Focused(); focus != nil && focus.Kind == form.Area {
		key = m.env.Keys.Key("form.done")
	}
	return append(lines, form.Foot(t, width, m.problem, "", key+" tries again with these; what all tickets need belongs into the profile ("+m.env.Keys.Key("go.setup")+")")...)
}
