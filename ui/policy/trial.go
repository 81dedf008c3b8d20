package policy

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/widget"
)

// trial counts what a policy would match, one question at a time; a newer one
// cuts the one under way short.
type trial struct {
	desk
	owner  *editor
	busy   bool
	asked  int
	next   *model.Policy
	cancel context.CancelFunc

	found   model.PolicyMatches
	known   bool
	problem error
}

type triedMsg struct {
	owner *editor
	asked int
	found model.PolicyMatches
	err   error
}

const examples = 4 // of what a rule matches

// try counts for a policy.
func (t *trial) try(p model.Policy) tea.Cmd {
	if t.busy {
		t.next = &p
		t.cancel()
		return nil
	}
	p.Name = firstOf(p.Name, "new") // it may not have one yet
	t.busy = true
	t.asked++
	asked := t.asked
	var ctx context.Context
	ctx, t.cancel = context.WithCancel(t.env.Context)
	return t.env.Go(func(context.Context) tea.Msg {
		found, err := t.store.TryPolicy(ctx, p, examples)
		return triedMsg{t.owner, asked, found, err}
	})
}

func firstOf(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// stop lets go of what is being counted: the form has a mistake, or closes.
func (t *trial) stop() {
	t.known, t.next = false, nil
	t.asked++ // the answer under way is to an old question
	if t.cancel != nil {
		t.cancel()
	}
}

func (t *trial) got(m triedMsg) tea.Cmd {
	t.busy = false
	t.cancel()
	if t.next != nil {
		p := *t.next
		t.next = nil
		return t.try(p)
	}
	if m.asked == t.asked {
		t.found, t.problem, t.known = m.found, m.err, m.err == nil
	}
	return nil
}

// sideBySide is the width from which the matches stand beside the form.
const sideBySide = 110

// Resize implements [widget.Screen].
func (e *editor) Resize(width, height int) {
	e.width, e.height = width, height
	e.fit()
}

// footLines is the room under the form.
const footLines = 4

func (e *editor) fit() {
	if e.width >= sideBySide {
		e.form.Resize(e.width*11/20, max(4, e.height-2-footLines))
		return
	}
	e.form.Resize(e.width-1, max(4, e.height-2-footLines-e.short()))
}

// short is how many lines the matches have where they stand under the form.
func (e *editor) short() int { return min(8, e.height/3) }

// View implements [widget.Screen].
func (e *editor) View() []string {
	t := e.env.Theme
	title := "A new policy"
	if e.before != nil {
		title = "Policy " + e.before.Name
	}
	lines := []string{" " + t.Strong.Of(title) + t.Dim.Of("   the first rule that matches wins"), ""}
	fields := e.form.View()
	width, height := e.form.Size()
	if e.width >= sideBySide {
		right := e.matches(e.width-width-4, height)
		for i := range height {
			a, b := "", ""
			if i < len(fields) {
				a = fields[i]
			}
			if i < len(right) {
				b = right[i]
			}
			lines = append(lines, widget.Fit(a, width, t.Glyphs.Ellipsis)+" "+t.Dim.Of(t.Glyphs.Side)+" "+b)
		}
	} else {
		for len(fields) < height {
			fields = append(fields, "")
		}
		lines = append(lines, fields...)
		lines = append(lines, " "+t.Dim.Of(strings.Repeat(t.Glyphs.Rule, max(0, e.width-2))))
		for _, line := range e.matches(e.width-3, e.short()-1) {
			lines = append(lines, " "+line)
		}
	}
	for len(lines) < e.height-footLines {
		lines = append(lines, "")
	}
	hint := "enter stores; " + e.env.Keys.Key("rule.add") + " adds a rule, " + e.env.Keys.Key("rule.up") + " moves it up, " + e.env.Keys.Key("rule.remove") + " takes it out"
	switch {
	case e.saving:
		hint = "storing: it is evaluated over everything that its watches cover"
	case e.eager:
		hint = "counting what it touches …"
	}
	for _, line := range form.Foot(t, e.width-2, e.problem, cmp.Or(e.question, e.told), hint) {
		lines = append(lines, " "+line)
	}
	return lines[:min(len(lines), e.height)]
}

// matches says what the policy would match now, rule by rule, with examples.
func (e *editor) matches(width, height int) []string {
	t := e.env.Theme
	switch {
	case e.trial.problem != nil && !e.trial.busy:
		return widget.Wrap(t.Bad.Of("error")+" "+e.trial.problem.Error(), width)
	case !e.trial.known:
		if e.trial.busy {
			return []string{t.Dim.Of("counting …")}
		}
		var lines []string
		for _, line := range widget.Wrap("the form has a mistake: what it matches is counted when that is mended", width) {
			lines = append(lines, t.Dim.Of(line))
		}
		return lines
	}
	m := &e.trial.found
	head := "matches " + widget.Plural(m.Total(), "violation") + " now"
	if e.trial.busy {
		head += " …"
	}
	lines := []string{t.Strong.Of(head)}
	each := examples
	if n := len(m.Rules); n > 0 && height < 3+n*(examples+2) {
		each = max(1, (height-2)/n-2)
	}
	for i := range m.Rules {
		r := &m.Rules[i]
		lines = append(lines, t.Dim.Of(fmt.Sprintf("rule %d: ", i+1))+widget.Count(r.Count)+t.Dim.Of(actionText(&r.Rule)))
		for j := range r.Examples {
			if j == each {
				break
			}
			row := &r.Examples[j]
			lines = append(lines, "  "+t.Severity(row.Severity).Of(widget.Fit(strings.ToUpper(row.Severity.String()), 9, ""))+
				widget.Cut(row.Issue+"  "+row.Component+" "+row.ComponentVersion+"  "+row.Product, max(0, width-11), t.Glyphs.Ellipsis))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.Shared)) {
		lines = append(lines, t.Warn.Of(widget.Cut(widget.Count(m.Shared[name])+" of them are matched by "+name+" too: one ticket comes of both", width, t.Glyphs.Ellipsis)))
	}
	if len(lines) > height {
		lines = lines[:max(1, height)]
	}
	return lines
}
