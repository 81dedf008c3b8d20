package form

import (
	"fmt"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/widget"
)

// Whose a value is that can be taken instead of the one in a field.
const (
	Theirs = "theirs"
	Yours  = "yours"
)

// Against is the other one of Theirs and Yours.
func Against(whose string) string {
	if whose == Theirs {
		return Yours
	}
	return Theirs
}

// other is a second value of a field, which a person can choose instead.
type other struct {
	whose, shown string
	// take puts it in, and makes what was there the other.
	take func()
}

// Meanwhile brings into the form what another person stored while it was open:
// then is the form as it was opened, now as it would be opened now. A field that
// only the other changed takes what is stored; one that both changed keeps ours
// and shows theirs, which form.theirs takes. It returns the labels of both.
func (f *Form) Meanwhile(then, now *Form) (taken, disputed []string) {
	for _, theirs := range now.Fields {
		ours, base := f.Field(theirs.Name), then.Field(theirs.Name)
		if ours == nil || base == nil || theirs.says() == base.says() || theirs.says() == ours.says() {
			continue
		}
		label := strings.TrimSpace(theirs.Label)
		if ours.says() == base.says() {
			ours.copyFrom(theirs)
			ours.Source = "changed meanwhile"
			taken = append(taken, label)
			continue
		}
		ours.offer(Theirs, theirs)
		disputed = append(disputed, label)
	}
	return taken, disputed
}

// offer makes what another field holds the other value of this one.
func (f *Field) offer(whose string, from *Field) {
	theirs := *from
	f.other = &other{whose, theirs.title(), func() {
		ours := *f
		f.copyFrom(&theirs)
		f.offer(Against(whose), &ours)
	}}
}

// Offer makes something that the form knows nothing of the other value of the
// field called name: take puts it in.
func (f *Form) Offer(name, whose, shown string, take func()) {
	f.Field(name).other = &other{whose, shown, take}
}

// copyFrom takes over what another field holds.
func (f *Field) copyFrom(from *Field) {
	f.Mixed, f.touched, f.Source = from.Mixed, from.touched, from.Source
	switch {
	case f.Kind == Checks:
		f.Options, f.off, f.at = from.Options, slices.Clone(from.off), from.at
	case f.Kind == Choice:
		value := from.Value()
		if !slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == value }) {
			f.Options = append(slices.Clip(f.Options), Option{value, from.title()})
		}
		f.Set(value)
	case from.Kind == Choice:
		f.Set(from.Value())
	default:
		f.editor.Set(from.editor.Value())
		f.value = from.value
	}
	f.proposals.Clear()
}

// says is what a field holds, for comparing.
func (f *Field) says() string {
	if f.Kind == Checks {
		return strings.Join(f.Chosen(), "\n")
	}
	return f.Value()
}

// title is what a field holds as a person sees it, in a line.
func (f *Field) title() string {
	text := f.editor.Value()
	switch {
	case f.Kind == Choice && f.at < len(f.Options):
		text = f.Options[f.at].Title
	case f.Kind == Checks:
		text = strings.Join(f.Chosen(), ", ")
	}
	if strings.TrimSpace(text) == "" {
		return "nothing"
	}
	return strings.Join(strings.Fields(text), " ")
}

// Told says what Meanwhile did, for the line that says what enter would do.
func Told(env *widget.Env, e *storage.ChangedError, taken, disputed []string) string {
	who := "Somebody"
	if e.By != "" {
		who = fmt.Sprintf("%s (%s)", e.By, e.Source)
	}
	text := who + " changed " + e.Name + " meanwhile"
	if len(taken) > 0 {
		text += "; taken over: " + strings.Join(taken, ", ")
	}
	if len(disputed) > 0 {
		text += "; changed by both: " + strings.Join(disputed, ", ") + ", where " + env.Keys.Key("form.theirs") + " takes theirs"
	}
	if len(taken)+len(disputed) == 0 {
		text += ": a secret, or what does not show here"
	}
	return text
}

// theirs takes the other value of the field with the focus.
func (f *Form) theirs() keys.Handler {
	return keys.Handler{
		Run: func() tea.Cmd {
			field := f.Focused()
			field.other.take()
			if f.Changed == nil {
				return nil
			}
			return f.Changed(field)
		},
		Disabled: func() string {
			if field := f.Focused(); field == nil || field.other == nil {
				return "nobody else changed this field while the form was open"
			}
			return ""
		},
	}
}
