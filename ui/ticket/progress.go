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

	ops     []model.Operation
	problem error
	reading bool
	stale   bool

	cursor        widget.Cursor
	width, height int
	handlers      keys.Handlers
}

type operationsMsg struct {
	owner *Progress
	ops   []model.Operation
	err   error
}

func newProgress(env *widget.Env, store Store, ops []model.Operation, names map[model.ViolationID]model.Row) *Progress {
	p := &Progress{env: env, store: store, ops: ops, names: names}
	for i := range ops {
		p.ids = append(p.ids, ops[i].ID)
	}
	p.cursor.Height = 1
	p.handlers = p.cursor.Handlers()
	p.handlers["progress.retry"] = keys.Handler{Run: p.retry, Disabled: p.noneFailed}
	return p
}

// Start reads how far they are.
func (p *Progress) Start() tea.Cmd { return p.read() }

func (p *Progress) read() tea.Cmd {
	if p.reading {
		p.stale = true
		return nil
	}
	p.reading, p.stale = true, false
	return p.env.Go(func(ctx context.Context) tea.Msg {
		ops, err := p.store.Operations(ctx, storage.OperationFilter{IDs: p.ids})
		return operationsMsg{p, ops, err}
	})
}

// Update implements [widget.Screen].
func (p *Progress) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case widget.Changed:
		return p.read()
	case operationsMsg:
		if msg.owner != p {
			return nil
		}
		p.reading = false
		before := p.left()
		if p.problem = msg.err; msg.err == nil {
			p.ops = msg.ops
			p.sort()
			p.cursor.Resize(len(p.ops), p.cursor.Height)
		}
		var told tea.Cmd
		if before > 0 && p.left() == 0 {
			told = p.tell()
		}
		if p.stale {
			return tea.Batch(told, p.read())
		}
		return told
	}
	return nil
}

// sort puts what failed first, then what is under way.
func (p *Progress) sort() {
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
	sort.SliceStable(p.ops, func(i, j int) bool { return rank(p.ops[i].State) < rank(p.ops[j].State) })
}

func (p *Progress) count(states ...model.OperationState) (n int) {
	for i := range p.ops {
		for _, s := range states {
			if p.ops[i].State == s {
				n++
			}
		}
	}
	return n
}

// left is how many are still to be heard of.
func (p *Progress) left() int {
	return len(p.ops) - p.count(model.OpDone, model.OpFailed, model.OpDiscarded)
}

// tell sums up once all is done.
func (p *Progress) tell() tea.Cmd {
	done, failed := p.count(model.OpDone), p.count(model.OpFailed)
	if failed > 0 {
		return toast.Say(toast.Warn, fmt.Sprintf("%s done, %s failed: the list says why", widget.Plural(done, "operation"), widget.Count(failed)))
	}
	return toast.Say(toast.Done, widget.Plural(done, "operation")+" carried out.")
}

func (p *Progress) noneFailed() string {
	if p.count(model.OpFailed) == 0 {
		return "nothing has failed"
	}
	return ""
}

func (p *Progress) retry() tea.Cmd {
	var failed []string
	for i := range p.ops {
		if p.ops[i].State == model.OpFailed {
			failed = append(failed, p.ops[i].ID)
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

// Resize implements [widget.Screen].
func (p *Progress) Resize(width, height int) {
	p.width, p.height = width, height
	p.cursor.Resize(len(p.ops), max(1, height-9))
}

// View implements [widget.Screen].
func (p *Progress) View() []string {
	t := p.env.Theme
	lines := []string{" " + t.Strong.Of("Sending to Jira"), "", " " + p.bar(), ""}
	from, to := p.cursor.Seen()
	for i := from; i < to; i++ {
		lines = append(lines, p.line(i))
	}
	for len(lines) < p.height-4 {
		lines = append(lines, "")
	}
	lines = append(lines[:max(0, p.height-4)], " "+t.Dim.Of(strings.Repeat(t.Glyphs.Rule, p.width-2)))
	lines = append(lines, p.explain()...)
	for len(lines) < p.height-1 {
		lines = append(lines, "")
	}
	hint := "safe to leave with esc: the outbox keeps what is left and sync sends it"
	if p.left() == 0 {
		hint = "esc goes back to the list"
	}
	return append(lines[:p.height-1], " "+t.Dim.Of(hint))
}

// bar is the progress bar with its counts.
func (p *Progress) bar() string {
	t := p.env.Theme
	all, done, failed := len(p.ops), p.count(model.OpDone), p.count(model.OpFailed)
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

func (p *Progress) line(i int) string {
	t := p.env.Theme
	op := &p.ops[i]
	cursor := "  "
	if i == p.cursor.At {
		cursor = t.Accent.Of(t.Glyphs.Cursor) + " "
	}
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
	if op.Error != "" {
		what = op.Error
	}
	key := op.Key
	if key == "" {
		key = t.Glyphs.Missing
	}
	return cursor + pen.Of(sign+" "+widget.Fit(word, 9, "")) + " " + widget.Fit(string(op.Kind), 8, "") + " " +
		t.Strong.Of(widget.Fit(key, 12, t.Glyphs.Ellipsis)) + " " + widget.Cut(what, max(0, p.width-37), t.Glyphs.Ellipsis)
}

// explain gives the whole error of the operation under the cursor, and Jira's
// own words by field.
func (p *Progress) explain() []string {
	t := p.env.Theme
	if p.problem != nil {
		return []string{" " + t.Bad.Of(p.problem.Error())}
	}
	if p.cursor.At >= len(p.ops) {
		return nil
	}
	op := &p.ops[p.cursor.At]
	text := op.Error
	for _, field := range sortedKeys(op.ErrorFields) {
		text += "  " + field + ": " + op.ErrorFields[field]
	}
	lines := widget.Wrap(text, p.width-3)
	for i := range lines {
		lines[i] = " " + lines[i]
	}
	return lines[:min(len(lines), 2)]
}

func sortedKeys(m map[string]string) []string {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}
