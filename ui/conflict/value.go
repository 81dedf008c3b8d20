package conflict

import (
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// value is the dialog that asks for a value that is neither side's.
type value struct {
	*form.Form
	env   *widget.Env
	about []storage.Conflict
	take  func(value string) tea.Cmd
}

func newValue(env *widget.Env, about []storage.Conflict, take func(value string) tea.Cmd) *value {
	v := &value{env: env, about: about, take: take}
	field := &form.Field{Name: "value", Label: "Value", Kind: form.Area}
	if words := about[0].Field.Words(); words != nil {
		field.Kind = form.Choice
		for _, w := range words {
			field.Options = append(field.Options, form.Option{Value: w, Title: about[0].Field.Label(w)})
		}
	}
	field.Set(about[0].Local)
	v.Form = form.New(env, field)
	v.Submit = v.submit
	v.Cancel = func() tea.Cmd { return widget.Send(widget.Pop{}) }
	return v
}

func (v *value) submit() tea.Cmd {
	text := v.Value("value")
	if err := new(model.Assessment).Set(v.about[0].Field, text); err != nil {
		return toast.Say(toast.Warn, err.Error())
	}
	if text == "" {
		return toast.Say(toast.Warn, "Choose a value, or leave with esc; to clear the field, take the side that is empty or edit the decision.")
	}
	return widget.Send(widget.Pop{Then: v.take(text)})
}

// Update implements [widget.Screen].
func (v *value) Update(msg tea.Msg) tea.Cmd {
	if key, ok := msg.(tea.KeyMsg); ok {
		return v.Type(key)
	}
	return nil
}

// Title implements [widget.Dialog].
func (v *value) Title() string {
	if len(v.about) == 1 {
		return "Another " + string(v.about[0].Field) + " for " + v.about[0].Issue
	}
	return "Another " + string(v.about[0].Field) + " for " + widget.Plural(len(v.about), "conflict")
}

// Ideal implements [widget.Dialog].
func (v *value) Ideal(width, _ int) (w, h int) { return min(width, 76), 7 }

// Handlers implements [widget.Screen].
func (v *value) Handlers() keys.Handlers { return v.Form.Handlers() }

// Deadline implements [widget.Screen].
func (v *value) Deadline() time.Time { return time.Time{} }

// View implements [widget.Screen].
func (v *value) View() []string {
	note := "It is stored here and goes to Jira."
	if v.Focused().Kind == form.Area {
		note += " " + v.env.Keys.Key("form.done") + " stores it."
	}
	return append(v.Form.View(), "", v.env.Theme.Dim.Of(note))
}
