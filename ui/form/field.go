// Package form is what is filled in by keyboard: fields of a few kinds under
// each other, with where their values come from, and with what is wrong shown
// while one types.
package form

import (
	"context"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/ui/widget"
)

// Kind is what a field takes.
type Kind int

// The kinds of fields.
const (
	Text   Kind = iota // a line
	Area               // several lines
	Choice             // one of its options
	Checks             // any of its options
	Locked             // shown, never changed
	Secret             // a line that is never shown
)

// Question finds proposals. It may wait: it is not asked on the event loop.
type Question func(ctx context.Context) ([]widget.Proposal, error)

// Option is a value of a Choice or Checks field and how it is shown.
type Option struct{ Value, Title string }

// Words makes options of values that are shown as they are.
func Words(values ...string) []Option {
	options := make([]Option, len(values))
	for i, v := range values {
		options[i] = Option{v, v}
	}
	return options
}

// Field is one field.
type Field struct {
	Name, Label string
	Kind        Kind
	// Options of Choice and Checks.
	Options []Option
	// Source tells where a prefilled value comes from.
	Source string
	// Hint stands in an empty field.
	Hint string
	// Mixed: the things being edited differ here; untouched, each keeps its
	// own value.
	Mixed bool
	// Hidden fields are neither shown nor reached.
	Hidden bool
	// Propose, of a Text field, makes the question for ways to go on with what
	// is typed up to the byte at; tab puts them in. Nil is no question.
	Propose func(text string, at int) Question
	// Far: Propose asks Jira, for which a key does not wait.
	Far bool
	// Mistake, of a Text field, says what is wrong with the text and at which
	// byte; empty for nothing.
	Mistake func(text string) (at int, what string)

	touched    bool
	editor     widget.Editor
	proposals  widget.Proposals
	asking     bool   // a question is under way
	unanswered string // why there are no proposals
	value      string // of a proposal that was taken, where it is not its text
	at         int    // chosen option; of Checks, the one with the cursor
	off        []bool // of Checks
	other      *other // what another stored meanwhile, nil for nothing
}

// Touched reports whether the person changed the field.
func (f *Field) Touched() bool { return f.touched }

// Set gives the field a value from elsewhere, which does not count as a
// touch. Choices that have no such option stay.
func (f *Field) Set(value string) {
	switch f.Kind {
	case Choice:
		for i, o := range f.Options {
			if o.Value == value {
				f.at = i
			}
		}
	case Checks:
	default:
		f.editor.Set(value)
		f.value = ""
	}
}

// SetChosen puts exactly these values of Checks on.
func (f *Field) SetChosen(values []string) {
	f.off = make([]bool, len(f.Options))
	for i, o := range f.Options {
		f.off[i] = !slices.Contains(values, o.Value)
	}
}

// Take gives the field a value that a person chose elsewhere, which counts as a
// touch.
func (f *Field) Take(value, source string) {
	f.Set(value)
	f.touched, f.Mixed, f.Source = true, false, source
}

// Value is what the field holds; of Checks, the chosen values with commas.
func (f *Field) Value() string {
	switch f.Kind {
	case Choice:
		if f.at < len(f.Options) {
			return f.Options[f.at].Value
		}
		return ""
	case Checks:
		return strings.Join(f.Chosen(), ",")
	}
	if f.value != "" {
		return f.value
	}
	return f.editor.Value()
}

// completes reports whether there is a word to be completed.
func (f *Field) completes() bool {
	if f.proposals.Chosen >= 0 {
		return true
	}
	before := f.editor.Value()[:f.editor.At()]
	return f.touched && strings.TrimRight(before, " (") == before && before != ""
}

// waits reports whether proposals for what is typed are on their way, and will
// be there at once.
func (f *Field) waits() bool { return !f.Far && f.completes() && f.proposals.Wait() }

// Chosen are the values of Checks that are on, Dropped those that are off.
func (f *Field) Chosen() []string { return f.checked(true) }

// Dropped is the counterpart of Chosen.
func (f *Field) Dropped() []string { return f.checked(false) }

func (f *Field) checked(on bool) (values []string) {
	for i, o := range f.Options {
		if f.isOff(i) != on {
			values = append(values, o.Value)
		}
	}
	return values
}

func (f *Field) isOff(i int) bool { return i < len(f.off) && f.off[i] }

// SetOptions replaces the options; what was chosen stays so by value.
func (f *Field) SetOptions(options []Option) {
	value, dropped := f.Value(), f.Dropped()
	f.Options, f.off = options, make([]bool, len(options))
	if f.Kind == Choice {
		f.at = 0
		f.Set(value)
		return
	}
	f.at = min(f.at, max(0, len(options)-1))
	for i, o := range options {
		for _, d := range dropped {
			if d == o.Value {
				f.off[i] = true
			}
		}
	}
}

// reachable reports whether the focus can be on the field.
func (f *Field) reachable() bool {
	return !f.Hidden && f.Kind != Locked && (f.Kind != Checks || len(f.Options) > 0)
}

// update takes a key and reports whether the value changed.
func (f *Field) update(msg tea.KeyMsg) (changed bool) {
	switch f.Kind {
	case Choice:
		changed = f.step(msg)
	case Checks:
		changed = f.toggle(msg)
	case Text, Area, Secret:
		if changed = f.editor.Update(msg); changed {
			f.value = ""
			f.proposals.Let()
		}
	}
	if changed {
		f.touched = true
	}
	return changed
}

// step goes through the options with the arrows, or to the next one that
// begins with a typed letter.
func (f *Field) step(msg tea.KeyMsg) bool {
	n := len(f.Options)
	if n == 0 || n == 1 && !f.Mixed {
		return false
	}
	switch msg.Type {
	case tea.KeyRight, tea.KeySpace:
		f.at = (f.at + 1) % n
	case tea.KeyLeft:
		f.at = (f.at + n - 1) % n
	case tea.KeyRunes:
		letter := strings.ToLower(string(msg.Runes))
		for i := 1; i <= n; i++ {
			if next := (f.at + i) % n; strings.HasPrefix(strings.ToLower(f.Options[next].Title), letter) {
				f.at = next
				return true
			}
		}
		return false
	default:
		return false
	}
	return true
}

func (f *Field) toggle(msg tea.KeyMsg) bool {
	if msg.Type != tea.KeySpace || f.at >= len(f.Options) {
		return false
	}
	if len(f.off) != len(f.Options) {
		f.off = append(f.off, make([]bool, len(f.Options)-len(f.off))...)
	}
	f.off[f.at] = !f.off[f.at]
	return true
}

// within moves inside a field of several lines and reports whether it could.
func (f *Field) within(by int) bool {
	switch {
	case f.Kind == Checks && f.at+by >= 0 && f.at+by < len(f.Options):
		f.at += by
		return true
	case f.Kind == Area && by < 0 && !f.editor.OnFirst():
		f.editor.Update(tea.KeyMsg{Type: tea.KeyUp})
		return true
	case f.Kind == Area && by > 0 && !f.editor.OnLast():
		f.editor.Update(tea.KeyMsg{Type: tea.KeyDown})
		return true
	}
	return false
}
