// Package activity shows the outbox: every operation with its state, why it
// failed, and the ways to go on.
package activity

import (
	"context"
	"fmt"
	"slices"
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

// Store is what the screen reads and asks for.
type Store interface {
	Operations(ctx context.Context, f storage.OperationFilter) ([]model.Operation, error)
	RetryOperation(ctx context.Context, actor model.Actor, id string) error
	DiscardOperation(ctx context.Context, actor model.Actor, id string) error
}

// Activity is the screen.
type Activity struct {
	env   *widget.Env
	store Store
	ops   *table.Table[model.Operation]
	// ranked counts all operations by rank, also the unseen that are beyond
	// those shown.
	ranked [4]int
	unseen int
	// sure keeps an operation from being given up by one slip.
	sure widget.Twice

	width, height int
	handlers      keys.Handlers
}

const most = 2000 // operations shown

// New makes the screen. cannotMend says why an operation has no form in which
// what was refused can be mended, mend opens it.
func New(env *widget.Env, store Store, cannotMend func(*model.Operation) string, mend func(model.Operation) tea.Cmd) *Activity {
	a := &Activity{env: env, store: store}
	read := func(ctx context.Context) ([]model.Operation, error) {
		return store.Operations(ctx, storage.OperationFilter{})
	}
	a.ops = table.New(env, read, func(x, y *model.Operation) bool { return x.ID == y.ID })
	a.ops.Arrange = a.arrange
	a.handlers = a.ops.Handlers(keys.Handlers{
		"outbox.mend": {Run: func() tea.Cmd { return mend(*a.ops.Current()) },
			Disabled: func() string { return cannotMend(a.ops.Current()) }},
		"outbox.retry":   {Run: a.retry, Disabled: a.cannotRetry},
		"outbox.discard": {Run: a.discard, Disabled: a.cannotDiscard},
	})
	return a
}

// Start reads the outbox.
func (a *Activity) Start() tea.Cmd { return a.ops.Read() }

// Update implements [widget.Screen].
func (a *Activity) Update(msg tea.Msg) tea.Cmd {
	_, cmd := a.ops.Update(msg)
	return cmd
}

// arrange counts what there is, and puts what needs a person first, then what
// is under way, then the newest of what is done, as much as is shown.
func (a *Activity) arrange(ops []model.Operation) []model.Operation {
	slices.SortStableFunc(ops, func(x, y model.Operation) int {
		if d := rank(x.State) - rank(y.State); d != 0 {
			return d
		}
		return y.Created.Compare(x.Created)
	})
	a.ranked = [4]int{}
	for i := range ops {
		a.ranked[rank(ops[i].State)]++
	}
	a.unseen = max(0, len(ops)-most)
	return ops[:min(len(ops), most)]
}

func rank(s model.OperationState) int {
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

func (a *Activity) cannotRetry() string {
	op := a.ops.Current()
	switch {
	case op == nil:
		return "there is no operation"
	case op.State != model.OpFailed:
		return "only what has failed can be tried again; this one is " + string(op.State)
	}
	return ""
}

func (a *Activity) cannotDiscard() string {
	op := a.ops.Current()
	switch {
	case op == nil:
		return "there is no operation"
	case !op.State.CanBecome(model.OpDiscarded):
		return "what is " + string(op.State) + " cannot be given up"
	}
	return ""
}

func (a *Activity) retry() tea.Cmd {
	op := *a.ops.Current()
	return a.env.Go(func(ctx context.Context) tea.Msg {
		if err := a.store.RetryOperation(ctx, a.env.Actor, op.ID); err != nil {
			return toast.Msg{Level: toast.Error, Text: "Not tried again: " + err.Error()}
		}
		return toast.Msg{Level: toast.Info, Text: "It will be tried again."}
	})
}

// discard asks once: the first press says what would be given up.
func (a *Activity) discard() tea.Cmd {
	op := *a.ops.Current()
	if !a.sure.Sure(op.ID, a.env.Now()) {
		return toast.Say(toast.Warn, fmt.Sprintf("This gives up 1 %s for %s; press again to do it.", op.Kind, widget.Plural(len(op.Violations), "violation")))
	}
	return a.env.Go(func(ctx context.Context) tea.Msg {
		if err := a.store.DiscardOperation(ctx, a.env.Actor, op.ID); err != nil {
			return toast.Msg{Level: toast.Error, Text: "Not given up: " + err.Error()}
		}
		return toast.Msg{Level: toast.Done, Text: "Given up."}
	})
}

// Scopes implements [widget.Screen].
func (a *Activity) Scopes() []keys.Scope {
	return []keys.Scope{keys.Activity, keys.Move, keys.Global, keys.Always}
}

// Handlers implements [widget.Screen].
func (a *Activity) Handlers() keys.Handlers { return a.handlers }

// Deadline implements [widget.Screen].
func (a *Activity) Deadline() time.Time { return time.Time{} }

// Click implements [widget.Pointed].
func (a *Activity) Click(_, y int) tea.Cmd { return a.ops.Click(y) }

// Resize implements [widget.Screen].
func (a *Activity) Resize(width, height int) { a.width, a.height = width, height }

// View implements [widget.Screen].
func (a *Activity) View() []string {
	t := a.env.Theme
	return a.ops.View(table.Page[model.Operation]{
		Top:  []string{" " + t.Strong.Of("Activity") + "   " + a.counts(), ""},
		Head: "  STATE      DO         TICKET       WHEN      TRIES  WHAT",
		Line: a.line,
		Empty: []string{"   " + t.Strong.Of("Nothing has been sent to Jira yet."), "",
			"   " + t.Accent.Of(a.env.Keys.Key("ticket.create")) + "  in the list makes tickets; they pass through here on their way."},
		Below: a.explain(), BelowHeight: 4,
	}, a.width, a.height)
}

func (a *Activity) counts() string {
	t := a.env.Theme
	parts := []string{}
	for _, each := range []struct {
		rank int
		word string
		on   string
	}{{0, "failed", t.Bad.Of("failed")}, {1, "being checked", t.Warn.Of("being checked")}, {2, "waiting", "waiting"}, {3, "done", t.Dim.Of("done")}} {
		if n := a.ranked[each.rank]; n > 0 {
			parts = append(parts, widget.Count(n)+" "+each.on)
		}
	}
	if a.unseen > 0 {
		parts = append(parts, t.Dim.Of(widget.Count(most)+" shown"))
	}
	return strings.Join(parts, "   ")
}

func (a *Activity) line(op *model.Operation) string {
	t := a.env.Theme
	sign, pen := t.Glyphs.Waiting, t.Text
	switch op.State {
	case model.OpDone:
		sign, pen = t.Glyphs.Done, t.Good
	case model.OpFailed:
		sign, pen = t.Glyphs.Failed, t.Bad
	case model.OpUnknown:
		pen = t.Warn
	case model.OpDiscarded:
		pen = t.Dim
	}
	what := about(op)
	if op.Error != "" && op.State != model.OpPending { // one that is tried again by itself is still about its issue
		what = op.Error
	}
	key := op.Key
	if key == "" {
		key = t.Glyphs.Missing
	}
	return pen.Of(sign+" "+widget.Fit(string(op.State), 9, "")) + "  " + widget.Fit(string(op.Kind), 9, "") + "  " +
		widget.Fit(key, 11, t.Glyphs.Ellipsis) + "  " + t.Dim.Of(widget.Fit(widget.Ago(op.Created, a.env.Now()), 8, "")) + "  " +
		widget.FitRight(widget.Count(op.Attempts), 5, "") + "  " + widget.Cut(what, max(0, a.width-58), t.Glyphs.Ellipsis)
}

// about says in a line what an operation brings to Jira.
func about(op *model.Operation) string {
	switch {
	case op.Draft.Summary != "":
		return op.Draft.Summary
	case op.Kind == model.OpComment:
		return model.Clean(op.Draft.Comment)
	case op.Kind == model.OpFields:
		return "the decision, in the ticket's VEX fields"
	}
	return ""
}

// explain gives the whole of the operation under the cursor.
func (a *Activity) explain() []string {
	op := a.ops.Current()
	if op == nil {
		return nil
	}
	t := a.env.Theme
	head := fmt.Sprintf("%s in %s, %s, asked for by %s", op.Project, op.Connection, widget.Plural(len(op.Violations), "violation"), op.By)
	if !op.NextTry.IsZero() && !op.State.Final() && op.NextTry.After(a.env.Now()) {
		head += ", next try at " + op.NextTry.Local().Format(time.TimeOnly)
	}
	lines := []string{" " + t.Dim.Of(widget.Cut(head, a.width-2, t.Glyphs.Ellipsis))}
	text := op.Error
	names := make([]string, 0, len(op.ErrorFields))
	for name := range op.ErrorFields {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		text += "  " + name + ": " + op.ErrorFields[name]
	}
	for _, line := range widget.WrapTo(text, a.width-3, 3, t.Glyphs.Ellipsis) {
		lines = append(lines, " "+line)
	}
	return lines
}
