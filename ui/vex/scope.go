package vex

import (
	"context"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/widget"
)

// scopes are how far a decision on n violations can reach.
func scopes(n int) []form.Option {
	own := "this violation"
	if n > 1 {
		own = "these " + widget.Plural(n, "violation")
	}
	return []form.Option{
		{Value: string(storage.ScopeViolation), Title: own},
		{Value: string(storage.ScopeLineage), Title: "all versions of the product"},
		{Value: string(storage.ScopeElsewhere), Title: "the same issue and package in all products"},
	}
}

// reach is what a decision touches beyond what was chosen.
type reach struct {
	reading bool
	asked   int // the newest question; answers to older ones are dropped
	ids     []model.ViolationID
	rows    []model.Row // of the first of those that were added
	err     error
}

// previewed is how many of the violations that a scope adds are looked at for
// the preview.
const previewed = 500

type reachMsg struct {
	owner *Editor
	reach reach
}

// widened reports whether the scope adds to n chosen violations.
func (r *reach) widened(n int) bool { return len(r.ids) > n }

// widen finds out what the chosen scope touches.
func (e *Editor) widen() tea.Cmd {
	scope := storage.Scope(e.form.Value(scopeField))
	asked := e.reach.asked + 1
	e.reach = reach{asked: asked, reading: scope != storage.ScopeViolation}
	if !e.reach.reading {
		return nil
	}
	ids := e.ids
	return e.env.Go(func(ctx context.Context) tea.Msg {
		r := reach{asked: asked}
		if r.ids, r.err = e.store.Related(ctx, ids, scope); r.err == nil {
			more := r.ids[len(ids):]
			r.rows, r.err = e.store.RowsByID(ctx, more[:min(len(more), previewed)])
		}
		return reachMsg{e, r}
	})
}

func (e *Editor) reached(m reachMsg) tea.Cmd {
	if m.reach.asked != e.reach.asked {
		return nil
	}
	e.reach = m.reach
	if e.eager {
		return e.submit()
	}
	return nil
}

// preview says what the scope touches.
func (e *Editor) preview() (text string, warn bool) {
	r := &e.reach
	switch {
	case r.reading:
		return "reading what that touches …", false
	case r.err != nil:
		return "what that touches cannot be read: " + r.err.Error(), true
	case !r.widened(len(e.ids)):
		if e.form.Value(scopeField) != string(storage.ScopeViolation) {
			return "there is no other violation that it could hold for", false
		}
		return "", false
	}
	where := map[string]int{}
	decided := 0
	for i := range r.rows {
		where[strings.TrimSpace(r.rows[i].Product+" "+r.rows[i].ProductVersion)]++
		if r.rows[i].VEX != model.VEXNone {
			decided++
		}
	}
	var names []string
	for name, n := range where {
		if n > 1 {
			name += " (" + widget.Count(n) + ")"
		}
		names = append(names, name)
	}
	slices.Sort(names)
	added := len(r.ids) - len(e.ids)
	text = "also touches " + widget.Plural(added, "violation")
	if decided > 0 {
		text += ", of which " + widget.Count(decided) + " hold a decision already"
	}
	text += ": " + strings.Join(names, ", ")
	if added > len(r.rows) {
		text += " and more"
	}
	return text, decided > 0
}
