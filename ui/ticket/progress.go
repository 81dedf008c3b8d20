package ticket

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/table"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Progress shows operations on their way to Jira. It can be left at any time:
// the outbox keeps them and sync sends them.
type Progress struct {
	env   *widget.Env
	store Store
	ids   []string
	names map[model.ViolationID]model.Row

	ops  *table.Table[model.Operation]
	pace pace

	width, height int
	handlers      keys.Handlers
}

func newProgress(env *widget.Env, store Store, ops []model.Operation, names map[model.ViolationID]model.Row) *Progress {
	p := &Progress{env: env, store: store, names: names}
	for i := range ops {
		p.ids = append(p.ids, ops[i].ID)
	}
	read := func(ctx context.Context) ([]model.Operation, error) {
		return store.Operations(ctx, storage.OperationFilter{IDs: p.ids})
	}
	p.ops = table.New(env, read, nil).With(ops) // what fails comes to the top, and to the eye
	p.ops.Arrange = arrange
	p.pace.see(env.Now(), len(ops)-p.left())
	p.handlers = p.ops.Handlers(keys.Handlers{
		"progress.retry": {Run: p.retry, Disabled: p.noneFailed},
		"progress.mend":  {Run: p.mend, Disabled: func() string { return CannotMend(p.ops.Current()) }},
	})
	return p
}

// Start reads how far they are.
func (p *Progress) Start() tea.Cmd { return p.ops.Read() }

// Update implements [widget.Screen].
func (p *Progress) Update(msg tea.Msg) tea.Cmd {
	before := p.left()
	fresh, cmd := p.ops.Update(msg)
	if fresh {
		p.pace.see(p.env.Now(), len(p.ops.Rows)-p.left())
	}
	if fresh && before > 0 && p.left() == 0 {
		return tea.Batch(p.tell(), cmd)
	}
	return cmd
}

// arrange puts what failed first, then what is under way.
func arrange(ops []model.Operation) []model.Operation {
	rank := func(s model.OperationState) int {
		switch s {
		case model.OpFailed:
			return 0
		case model.OpUnknown:
			return 1
		case model.OpDone, model.OpDiscarded:
			return 3
		}
		return 2
	}
	sort.SliceStable(ops, func(i, j int) bool { return rank(ops[i].State) < rank(ops[j].State) })
	return ops
}

func (p *Progress) count(states ...model.OperationState) (n int) {
	for i := range p.ops.Rows {
		for _, s := range states {
			if p.ops.Rows[i].State == s {
				n++
			}
		}
	}
	return n
}

// left is how many are still to be heard of.
func (p *Progress) left() int {
	return len(p.ops.Rows) - p.count(model.OpDone, model.OpFailed, model.OpDiscarded)
}

// tell sums up once all is done.
func (p *Progress) tell() tea.Cmd {
	done, failed := p.count(model.OpDone), p.count(model.OpFailed)
	if failed > 0 {
		return toast.Say(toast.Warn, fmt.Sprintf("%s done, %s failed: the list says why", widget.Plural(done, "operation"), widget.Count(failed)))
	}
	for i := range p.ops.Rows {
		if p.ops.Rows[i].Kind != model.OpCreate {
			return toast.Say(toast.Done, widget.Plural(done, "operation")+" carried out.")
		}
	}
	return toast.Say(toast.Done, widget.Plural(done, "ticket")+" created.")
}

func (p *Progress) noneFailed() string {
	if p.count(model.OpFailed) == 0 {
		return "nothing has failed"
	}
	return ""
}

// mend opens the form of the operation under the cursor at what Jira refused.
func (p *Progress) mend() tea.Cmd {
	return widget.Send(widget.Push{Screen: NewMend(p.env, p.store, *p.ops.Current())})
}

func (p *Progress) retry() tea.Cmd {
	var failed []string
	for i := range p.ops.Rows {
		if p.ops.Rows[i].State == model.OpFailed {
			failed = append(failed, p.ops.Rows[i].ID)
		}
	}
	return p.env.Go(func(ctx context.Context) tea.Msg {
		for _, id := range failed {
			if err := p.store.RetryOperation(ctx, p.env.Actor, id); err != nil {
				return toast.Msg{Level: toast.Error, Text: "Not tried again: " + err.Error()}
			}
		}
		return toast.Msg{Level: toast.Info, Text: widget.Plural(len(failed), "operation") + " will be tried again."}
	})
}

// Scopes implements [widget.Screen].
func (p *Progress) Scopes() []keys.Scope {
	return []keys.Scope{keys.Progress, keys.Move, keys.Global, keys.Always}
}

// Handlers implements [widget.Screen].
func (p *Progress) Handlers() keys.Handlers { return p.handlers }

// Deadline implements [widget.Screen].
func (p *Progress) Deadline() time.Time { return time.Time{} }

// Click implements [widget.Pointed].
func (p *Progress) Click(_, y int) tea.Cmd { return p.ops.Click(y) }

// Resize implements [widget.Screen].
func (p *Progress) Resize(width, height int) { p.width, p.height = width, height }

// View implements [widget.Screen].
func (p *Progress) View() []string {
	t := p.env.Theme
	hint := "safe to leave with esc: the outbox keeps what is left and sync sends it"
	if p.left() == 0 {
		hint = "esc goes back to the list"
	}
	below := p.explain()
	for len(below) < 2 {
		below = append(below, "")
	}
	return p.ops.View(table.Page[model.Operation]{
		Top: []string{" " + t.Strong.Of("Sending to Jira"), "", " " + p.bar(), " " + t.Dim.Of(p.pace.say(p.env.Now(), p.left())), ""}, Line: p.line,
		Below: append(below, " "+t.Dim.Of(hint)), BelowHeight: 3,
	}, p.width, p.height)
}

// bar is the progress bar with its counts.
func (p *Progress) bar() string {
	t := p.env.Theme
	all, done, failed := len(p.ops.Rows), p.count(model.OpDone), p.count(model.OpFailed)
	room := max(10, min(50, p.width-50))
	full, bad := 0, 0
	if all > 0 {
		full, bad = room*done/all, room*failed/all
	}
	text := t.Good.Of(strings.Repeat(t.Glyphs.Full, full)) + t.Bad.Of(strings.Repeat(t.Glyphs.Full, bad)) +
		t.Dim.Of(strings.Repeat(t.Glyphs.Empty, room-full-bad)) + "  " + fmt.Sprintf("%s of %s", widget.Count(done), widget.Count(all))
	if failed > 0 {
		text += "  " + t.Bad.Of(widget.Count(failed)+" failed")
	}
	if n := p.count(model.OpUnknown); n > 0 {
		text += "  " + t.Warn.Of(widget.Count(n)+" being checked")
	}
	return text
}

func (p *Progress) line(op *model.Operation) string {
	t := p.env.Theme
	sign, pen, word := t.Glyphs.Waiting, t.Dim, string(op.State)
	switch op.State {
	case model.OpDone:
		sign, pen = t.Glyphs.Done, t.Good
	case model.OpFailed:
		sign, pen = t.Glyphs.Failed, t.Bad
	case model.OpUnknown:
		pen, word = t.Warn, "checking"
	}
	what := op.Draft.Summary
	if what == "" && len(op.Violations) > 0 {
		what = p.names[op.Violations[0]].Issue
	}
	if op.Error != "" && op.State != model.OpPending { // one that is tried again by itself is still about its issue
		what = op.Error
	}
	key := op.Key
	if key == "" {
		key = t.Glyphs.Missing
	}
	return pen.Of(sign+" "+widget.Fit(word, 9, "")) + " " + widget.Fit(string(op.Kind), 8, "") + " " +
		t.Strong.Of(widget.Fit(key, 12, t.Glyphs.Ellipsis)) + " " + widget.Cut(what, max(0, p.width-37), t.Glyphs.Ellipsis)
}

// explain gives the whole error of the operation under the cursor, and Jira's
// own words by field.
func (p *Progress) explain() []string {
	op := p.ops.Current()
	if op == nil {
		return nil
	}
	text := op.Error
	for _, field := range sortedKeys(op.ErrorFields) {
		text += "  " + field + ": " + op.ErrorFields[field]
	}
	lines := widget.WrapTo(text, p.width-3, 2, p.env.Theme.Glyphs.Ellipsis)
	for i := range lines {
		lines[i] = " " + lines[i]
	}
	return lines
}

func sortedKeys(m map[string]string) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
