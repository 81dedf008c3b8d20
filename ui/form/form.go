package form

import (
	"slices"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/widget"
)

// Form is a column of fields. A screen embeds it and gives it the keys.
type Form struct {
	Fields []*Field
	// Changed is called after a person changed a field.
	Changed func(f *Field) tea.Cmd
	// Submit and Cancel are the two ways out.
	Submit, Cancel func() tea.Cmd
	// Check says what is wrong, by field name; shown while one types.
	Check func() map[string]string
	// Plain leaves out where values come from: all are typed here.
	Plain bool

	env           *widget.Env
	focus         int
	width, height int
	handlers      keys.Handlers
}

// New makes a form of fields with the focus on the first that takes it.
func New(env *widget.Env, fields ...*Field) *Form {
	f := &Form{env: env, Fields: fields, focus: -1}
	for _, field := range fields {
		field.prepare()
	}
	f.advance(+1)
	f.handlers = keys.Handlers{
		"form.next":     {RunKey: func(key string) tea.Cmd { return f.move(+1, key) }, Waits: f.waits},
		"form.previous": {RunKey: func(key string) tea.Cmd { return f.move(-1, key) }, Waits: f.waits},
		"form.submit":   {Run: f.enter, Aside: f.inArea},
		"form.done":     {Run: func() tea.Cmd { return f.Submit() }, Aside: func() bool { return !f.inArea() }},
		"form.cancel":   {Run: func() tea.Cmd { return f.Cancel() }},
		"form.theirs":   f.theirs(),
	}
	return f
}

// prepare readies a field for being typed into.
func (f *Field) prepare() {
	f.editor.Lines, f.editor.Masked = f.Kind == Area, f.Kind == Secret
	f.proposals.Let()
}

// Insert puts a field behind the one called after, or at the end where there is
// none.
func (f *Form) Insert(after string, field *Field) {
	field.prepare()
	i := slices.IndexFunc(f.Fields, func(each *Field) bool { return each.Name == after })
	if i < 0 {
		i = len(f.Fields) - 1
	}
	f.Fields = slices.Insert(f.Fields, i+1, field)
	if f.focus > i {
		f.focus++
	}
}

// Remove takes a field out; the focus goes to the one before it.
func (f *Form) Remove(name string) {
	i := slices.IndexFunc(f.Fields, func(each *Field) bool { return each.Name == name })
	if i < 0 {
		return
	}
	f.Fields = slices.Delete(f.Fields, i, i+1)
	if f.focus > i || f.focus == len(f.Fields) {
		f.focus--
	}
}

// Field returns a field by name, nil where there is none.
func (f *Form) Field(name string) *Field {
	for _, each := range f.Fields {
		if each.Name == name {
			return each
		}
	}
	return nil
}

// Value is the value of a field, empty where there is none or it is hidden.
func (f *Form) Value(name string) string {
	if field := f.Field(name); field != nil && !field.Hidden {
		return field.Value()
	}
	return ""
}

// Focused is the field with the focus, nil where none can have it.
func (f *Form) Focused() *Field {
	if f.focus < 0 || f.focus >= len(f.Fields) {
		return nil
	}
	return f.Fields[f.focus]
}

// Focus puts the focus on a field.
func (f *Form) Focus(name string) {
	for i, each := range f.Fields {
		if each.Name == name && each.reachable() {
			f.focus = i
		}
	}
}

// move goes to another field. Tab first takes what is proposed for the word
// under the cursor; up and down first move inside a field of several lines.
func (f *Form) move(by int, key string) tea.Cmd {
	if field := f.Focused(); field != nil {
		if key == "tab" || key == "shift-tab" {
			if done, cmd := f.complete(field, by); done {
				return cmd
			}
		} else if field.within(by) {
			return nil
		}
		field.proposals.Clear()
	}
	f.advance(by)
	return nil
}

func (f *Form) advance(by int) {
	for i := f.focus + by; i >= 0 && i < len(f.Fields); i += by {
		if f.Fields[i].reachable() {
			f.focus = i
			return
		}
	}
}

func (f *Form) waits() bool {
	field := f.Focused()
	return field != nil && field.waits()
}

func (f *Form) inArea() bool {
	field := f.Focused()
	return field != nil && field.Kind == Area
}

func (f *Form) enter() tea.Cmd {
	if f.inArea() {
		return f.Type(tea.KeyMsg{Type: tea.KeyEnter})
	}
	return f.Submit()
}

// Handlers are the form's actions.
func (f *Form) Handlers() keys.Handlers { return f.handlers }

// Scopes are the scopes of a form.
func (f *Form) Scopes() []keys.Scope { return []keys.Scope{keys.Form, keys.Always} }

// Type gives a key to the field with the focus.
func (f *Form) Type(msg tea.KeyMsg) tea.Cmd {
	field := f.Focused()
	if field == nil || !field.update(msg) {
		return nil
	}
	return tea.Batch(f.propose(field), f.touched(field))
}

// touched follows a change of a field by the person.
func (f *Form) touched(field *Field) tea.Cmd {
	field.touched, field.Mixed = true, false
	if field.Kind != Checks && !f.Plain {
		field.Source = "you"
	}
	if f.Changed == nil {
		return nil
	}
	return f.Changed(field)
}

// Resize tells the room there is.
func (f *Form) Resize(width, height int) { f.width, f.height = width, height }
