package vex

import (
	"context"
	"fmt"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/picker"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Choices lists decisions that were made elsewhere as entries of a menu.
func Choices(found []storage.Judged) []picker.Item {
	items := make([]picker.Item, len(found))
	for i, j := range found {
		items[i] = picker.Item{Title: fmt.Sprintf("%-13s %s %s", strings.ReplaceAll(string(j.Assessment.Status), "_", " "), j.Product, j.Version),
			Note: reasonOf(j.Assessment), More: j.Assessment.Impact + " " + j.Assessment.Action}
	}
	return items
}

// reasonOf is the shortest reason that a decision gives.
func reasonOf(a model.Assessment) string {
	for _, s := range []string{a.Justification, a.Response, a.Impact, a.Action} {
		if s != "" {
			return strings.ReplaceAll(model.CutRunes(model.Clean(s), 40), "_", " ")
		}
	}
	return ""
}

type judgedMsg struct {
	owner *Editor
	found []storage.Judged
	err   error
}

// elsewhere reads how the first of the violations was judged elsewhere.
func (e *Editor) elsewhere() tea.Cmd {
	id := e.ids[0]
	return e.env.Go(func(ctx context.Context) tea.Msg {
		found, err := e.store.JudgedElsewhere(ctx, id)
		return judgedMsg{e, found, err}
	})
}

// offer shows the decisions; the one that is chosen fills the form, and is
// stored when the form is.
func (e *Editor) offer(m judgedMsg) tea.Cmd {
	switch {
	case m.err != nil:
		return toast.Failed("It cannot be told how it was judged elsewhere", m.err)
	case len(m.found) == 0:
		return toast.Say(toast.Info, "It was not judged anywhere else.")
	}
	fill := func(i int) tea.Cmd {
		from := &m.found[i]
		for _, field := range model.VEXFields() {
			value := from.Assessment.Get(field)
			f := e.form.Field(string(field))
			if f.Mixed || f.Value() != value {
				f.Take(value, from.Product+" "+from.Version)
			}
		}
		return toast.Say(toast.Info, "Filled in from "+from.Product+" "+from.Version+"; nothing is stored yet.")
	}
	return widget.Send(widget.Push{Screen: picker.New(e.env, "Judged elsewhere; enter fills it in", Choices(m.found), fill)})
}
