// Package importer takes reports in: a dialog that asks which, and a screen
// that shows what becomes of each.
package importer

import (
	"context"
	"fmt"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Ask is the dialog that asks which reports to import.
type Ask struct {
	*form.Form
	env    *widget.Env
	source Source

	asked int
	found []string // what the names stand for
	none  string   // or why they stand for nothing
	width int
}

type foundMsg struct {
	owner *Ask
	asked int
	files []string
	err   error
	start bool
}

// New makes the dialog.
func New(env *widget.Env, source Source) *Ask {
	a := &Ask{env: env, source: source}
	a.Form = form.New(env, &form.Field{Name: "files", Label: "Files", Hint: "reports, folders or patterns such as scans/*.json",
		Propose: func(text string, at int) form.Question {
			return func(context.Context) ([]widget.Proposal, error) { return propose(text, at), nil }
		}})
	a.Plain = true
	a.Submit = func() tea.Cmd { return a.find(true) }
	a.Cancel = func() tea.Cmd { return widget.Send(widget.Pop{}) }
	a.Changed = func(*form.Field) tea.Cmd { return a.find(false) }
	return a
}

// find looks which files the names stand for, and starts where that was asked.
func (a *Ask) find(start bool) tea.Cmd {
	a.asked++
	asked, typed := a.asked, names(a.Value("files"))
	if len(typed) == 0 {
		a.found, a.none = nil, ""
		if start {
			return toast.Say(toast.Warn, "Name a report, or leave with esc.")
		}
		return nil
	}
	return a.env.Go(func(context.Context) tea.Msg {
		files, err := a.source.Files(typed)
		return foundMsg{a, asked, files, err, start}
	})
}

func (a *Ask) got(m foundMsg) tea.Cmd {
	a.found, a.none = m.files, ""
	if m.err != nil {
		a.none = model.Clean(m.err.Error())
	}
	switch {
	case !m.start:
		return nil
	case m.err != nil:
		return toast.Say(toast.Error, "Nothing is imported: "+a.none)
	}
	return widget.Send(widget.Replace{Screen: newRun(a.env, a.source, m.files)})
}

// Title implements [widget.Dialog].
func (a *Ask) Title() string { return "Import reports" }

// Ideal implements [widget.Dialog].
func (a *Ask) Ideal(width, _ int) (int, int) { return max(76, min(width, 110)), 16 }

// Handlers implements [widget.Screen].
func (a *Ask) Handlers() keys.Handlers { return a.Form.Handlers() }

// Update implements [widget.Screen].
func (a *Ask) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return a.Type(msg)
	case foundMsg:
		if msg.owner == a && msg.asked == a.asked {
			return a.got(msg)
		}
	default:
		return a.Take(msg)
	}
	return nil
}

// Resize implements [widget.Screen].
func (a *Ask) Resize(width, _ int) {
	a.width = width
	a.Form.Resize(width, 11)
}

// Deadline implements [widget.Screen].
func (a *Ask) Deadline() time.Time { return time.Time{} }

// View implements [widget.Screen].
func (a *Ask) View() []string {
	t := a.env.Theme
	lines := append(a.Form.View(), "")
	switch {
	case a.none != "":
		for _, line := range widget.Wrap(a.none, a.width-2) {
			lines = append(lines, t.Warn.Of(line))
		}
	case len(a.found) == 1:
		lines = append(lines, t.Dim.Of("enter imports 1 file"))
	case len(a.found) > 1:
		lines = append(lines, t.Dim.Of(fmt.Sprintf("enter imports %s: %s %s %s", widget.Plural(len(a.found), "file"), model.Clean(a.found[0]), t.Glyphs.Ellipsis, model.Clean(a.found[len(a.found)-1]))))
	default:
		lines = append(lines, t.Dim.Of("Scanner reports and VEX documents, plain, gzip or zstd; tab completes a path."))
	}
	return lines
}
