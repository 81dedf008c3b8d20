// Package conflict shows the VEX fields that were changed differently here and
// in Jira, side by side, and lets the analyst choose.
package conflict

import (
	"context"
	"fmt"
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
	Conflicts(ctx context.Context, ids []model.ViolationID) ([]storage.Conflict, error)
	VEXProblems(ctx context.Context, violation model.ViolationID) ([]storage.VEXProblem, error)
	ResolveChosen(ctx context.Context, actor model.Actor, chosen []storage.Conflict, take storage.Take) (resolved, left int, err error)
}

// Conflicts is the screen.
type Conflicts struct {
	env      *widget.Env
	store    Store
	all      *table.Table[storage.Conflict]
	marks    map[key]bool
	problems []storage.VEXProblem
	// sure keeps many fields from being resolved by one slip.
	sure widget.Twice

	width, height int
	handlers      keys.Handlers
}

// key is what is in dispute.
type key struct {
	violation model.ViolationID
	ticket    string
	field     model.VEXField
}

func keyOf(c *storage.Conflict) key { return key{c.Violation, c.Ticket, c.Field} }

// sides is how many lines the comparison below the list takes.
const sides = 8

type problemsMsg struct {
	owner    *Conflicts
	problems []storage.VEXProblem
	err      error
}

// New makes the screen.
func New(env *widget.Env, store Store) *Conflicts {
	c := &Conflicts{env: env, store: store, marks: map[key]bool{}}
	read := func(ctx context.Context) ([]storage.Conflict, error) { return store.Conflicts(ctx, nil) }
	c.all = table.New(env, read, func(x, y *storage.Conflict) bool { return keyOf(x) == keyOf(y) })
	does := func(f func() tea.Cmd) keys.Handler { return keys.Handler{Run: f, Disabled: c.none} }
	c.handlers = c.all.Handlers(keys.Handlers{
		"conflict.ours":   does(func() tea.Cmd { return c.take(storage.TakeLocal) }),
		"conflict.theirs": does(func() tea.Cmd { return c.take(storage.TakeJira) }),
		"conflict.value":  {Run: c.ask, Disabled: c.noOneField},
		"conflict.mark":   does(c.mark),
		"conflict.all":    does(func() tea.Cmd { return c.markAll(func(*storage.Conflict) bool { return true }) }),
		"conflict.kind":   does(c.markKind),
		"conflict.undo":   {Run: func() tea.Cmd { return widget.Send(widget.Do{ID: "vex.undo"}) }},
	})
	return c
}

// Start reads the conflicts, and what of Jira cannot be understood.
func (c *Conflicts) Start() tea.Cmd { return tea.Batch(c.all.Read(), c.readProblems()) }

func (c *Conflicts) readProblems() tea.Cmd {
	return c.env.Go(func(ctx context.Context) tea.Msg {
		problems, err := c.store.VEXProblems(ctx, 0)
		return problemsMsg{c, problems, err}
	})
}

// Update implements [widget.Screen].
func (c *Conflicts) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case problemsMsg:
		if msg.owner == c && msg.err == nil {
			c.problems = msg.problems
		}
		return nil
	case widget.Changed:
		_, cmd := c.all.Update(msg)
		return tea.Batch(cmd, c.readProblems())
	}
	fresh, cmd := c.all.Update(msg)
	if fresh {
		c.forget()
	}
	return cmd
}

// forget lets go of the marks on what is no longer in dispute.
func (c *Conflicts) forget() {
	open := map[key]bool{}
	for i := range c.all.Rows {
		open[keyOf(&c.all.Rows[i])] = true
	}
	for k := range c.marks {
		if !open[k] {
			delete(c.marks, k)
		}
	}
}

func (c *Conflicts) none() string {
	if c.all.Current() == nil {
		return "there is no conflict"
	}
	return ""
}

// noOneField: a value of one's own fits one field.
func (c *Conflicts) noOneField() string {
	if c.none() != "" {
		return c.none()
	}
	chosen := c.chosen()
	for i := range chosen {
		if chosen[i].Field != chosen[0].Field {
			return "the marked conflicts are about several fields; mark those of one"
		}
	}
	return ""
}

// chosen are the marked conflicts, or the one under the cursor.
func (c *Conflicts) chosen() []storage.Conflict {
	var chosen []storage.Conflict
	for i := range c.all.Rows {
		if c.marks[keyOf(&c.all.Rows[i])] {
			chosen = append(chosen, c.all.Rows[i])
		}
	}
	if len(chosen) == 0 {
		chosen = append(chosen, *c.all.Current())
	}
	return chosen
}

func (c *Conflicts) mark() tea.Cmd {
	c.sure.Forget()
	k := keyOf(c.all.Current())
	if c.marks[k] {
		delete(c.marks, k)
	} else {
		c.marks[k] = true
	}
	c.all.Cursor.Set(c.all.Cursor.At + 1)
	return nil
}

// markAll marks what fits; where all of that is marked already, it lets go.
func (c *Conflicts) markAll(fits func(*storage.Conflict) bool) tea.Cmd {
	c.sure.Forget()
	missing := false
	for i := range c.all.Rows {
		missing = missing || fits(&c.all.Rows[i]) && !c.marks[keyOf(&c.all.Rows[i])]
	}
	for i := range c.all.Rows {
		if row := &c.all.Rows[i]; fits(row) && missing {
			c.marks[keyOf(row)] = true
		} else if fits(row) {
			delete(c.marks, keyOf(row))
		}
	}
	return nil
}

// markKind marks what is about the same field with the same two values.
func (c *Conflicts) markKind() tea.Cmd {
	one := *c.all.Current()
	return c.markAll(func(other *storage.Conflict) bool {
		return other.Field == one.Field && other.Local == one.Local && other.Jira == one.Jira
	})
}

// Up implements [widget.Upper]: esc lets go of the marks first.
func (c *Conflicts) Up() (bool, tea.Cmd) {
	marked := len(c.marks) > 0
	clear(c.marks)
	c.sure.Forget()
	return marked, nil
}

// take resolves what is chosen; where that is more than one, it asks first.
func (c *Conflicts) take(side storage.Take) tea.Cmd {
	chosen := c.chosen()
	if len(chosen) > 1 && !c.sure.Sure(fmt.Sprint(side, len(chosen)), c.env.Now()) {
		return toast.Say(toast.Warn, "Press again: "+says(chosen, side, "will")+".")
	}
	return c.resolve(chosen, side)
}

// says tells what comes of a choice.
func says(chosen []storage.Conflict, side storage.Take, will string) string {
	tickets := map[string]bool{}
	for i := range chosen {
		tickets[chosen[i].Ticket] = true
	}
	what, where := widget.Plural(len(chosen), "field"), widget.Plural(len(tickets), "ticket")
	if len(chosen) == 1 {
		what, where = "the "+string(chosen[0].Field)+" of "+chosen[0].Issue, chosen[0].Ticket
	}
	switch side {
	case storage.TakeLocal:
		return what + " " + will + " stay as here and go to " + where
	case storage.TakeJira:
		return what + " " + will + " be what " + where + " in Jira said"
	}
	return what + " " + will + " become " + string(side) + ", here and in " + where
}

func (c *Conflicts) resolve(chosen []storage.Conflict, side storage.Take) tea.Cmd {
	return c.env.Go(func(ctx context.Context) tea.Msg {
		n, left, err := c.store.ResolveChosen(ctx, c.env.Actor, chosen, side)
		switch {
		case err != nil:
			return toast.Msg{Level: toast.Error, Text: "Not resolved: " + err.Error()}
		case n == 0:
			return toast.Msg{Level: toast.Warn, Text: "Nothing was resolved: the values have changed since; look again."}
		}
		text := "Resolved " + widget.Plural(n, "conflict") + ": " + says(chosen, side, "will") + "; " + c.env.Keys.Key("conflict.undo") + " takes it back"
		if left > 0 {
			text += ". " + widget.Plural(left, "conflict") + " changed since and stay"
		}
		return toast.Msg{Level: toast.Done, Text: text + "."}
	})
}

// ask asks for a value that is neither side's.
func (c *Conflicts) ask() tea.Cmd {
	chosen := c.chosen()
	return widget.Send(widget.Push{Screen: newValue(c.env, chosen, func(value string) tea.Cmd {
		return c.resolve(chosen, storage.Take(value))
	})})
}

// Scopes implements [widget.Screen].
func (c *Conflicts) Scopes() []keys.Scope {
	return []keys.Scope{keys.Conflicts, keys.Move, keys.Global, keys.Always}
}

// Handlers implements [widget.Screen].
func (c *Conflicts) Handlers() keys.Handlers { return c.handlers }

// Deadline implements [widget.Screen].
func (c *Conflicts) Deadline() time.Time { return time.Time{} }

// Click implements [widget.Pointed].
func (c *Conflicts) Click(_, y int) tea.Cmd { return c.all.Click(y) }

// Resize implements [widget.Screen].
func (c *Conflicts) Resize(width, height int) { c.width, c.height = width, height }

// View implements [widget.Screen].
func (c *Conflicts) View() []string {
	t := c.env.Theme
	title := " " + t.Strong.Of("Conflicts") + "   " + widget.Plural(len(c.all.Rows), "field") + " changed differently here and in Jira"
	if n := len(c.marks); n > 0 {
		title += "   " + t.Mark.Of(widget.Count(n)+" marked")
	}
	top := []string{title}
	for i, p := range c.problems {
		if i == 2 {
			top = append(top, t.Warn.Of("   and "+widget.Plural(len(c.problems)-i, "field")+" more"))
			break
		}
		top = append(top, " "+t.Warn.Of(t.Glyphs.Alarm+" "+p.Ticket+" "+string(p.Field)+": "+p.Problem))
	}
	return c.all.View(table.Page[storage.Conflict]{
		Top:   append(top, ""),
		Head:  c.head(),
		Line:  c.line,
		Empty: []string{"   " + t.Strong.Of("Both sides agree."), "", "   What is changed differently here and in Jira waits here for a choice."},
		Below: c.compare(), BelowHeight: sides,
	}, c.width, c.height)
}

func (c *Conflicts) line(one *storage.Conflict) string {
	t := c.env.Theme
	sign := t.Warn.Of(t.Glyphs.Failed)
	if c.marks[keyOf(one)] {
		sign = t.Mark.Of(t.Glyphs.Mark)
	}
	cell := func(text string, width int) string {
		return widget.Fit(strings.ReplaceAll(text, "\n", " "), width, t.Glyphs.Ellipsis) + "  "
	}
	sides := ""
	if c.wide() {
		sides = cell(shown(one.Field, one.Local), c.side()) + cell(shown(one.Field, one.Jira), c.side())
	}
	rest := widget.Width(sides) + 54
	return sign + " " + cell(strings.ReplaceAll(string(one.Field), "_", " "), 13) + sides + cell(one.Ticket, 10) + cell(one.Issue, 19) +
		widget.Cut(one.Component+", "+one.Product, max(0, c.width-rest), t.Glyphs.Ellipsis)
}

// side is the width of either side in the list.
func (c *Conflicts) side() int { return min(40, (c.width-90)/2) }

// wide reports whether there is room for both sides in the list; they stand
// below it in any case.
func (c *Conflicts) wide() bool { return c.width >= 110 }

func (c *Conflicts) head() string {
	sides := ""
	if c.wide() {
		sides = widget.Fit("HERE", c.side()+2, "") + widget.Fit("JIRA", c.side()+2, "")
	}
	return "  FIELD          " + sides + "TICKET      ISSUE                COMPONENT"
}

// shown is a value of a field as people say it.
func shown(field model.VEXField, value string) string {
	if value == "" {
		return "(none)"
	}
	return field.Label(value)
}

// compare sets the three values of the conflict under the cursor side by side.
func (c *Conflicts) compare() []string {
	one := c.all.Current()
	if one == nil {
		return nil
	}
	t := c.env.Theme
	width := max(10, (c.width-4)/3)
	type column struct{ head, who, value string }
	columns := []column{
		{"agreed before", "", one.Base},
		{"here", c.who(one.LocalBy, one.LocalAt), one.Local},
		{"in Jira", c.who(one.JiraBy, one.JiraAt), one.Jira},
	}
	rows := make([][]string, sides-2)
	var heads, whos string
	for _, col := range columns {
		heads += widget.Fit(col.head, width, t.Glyphs.Ellipsis)
		whos += widget.Fit(col.who, width, t.Glyphs.Ellipsis)
		lines := widget.Wrap(shown(one.Field, col.value), width-2)
		for i := range rows {
			text := ""
			if i < len(lines) {
				text = lines[i]
			}
			rows[i] = append(rows[i], widget.Fit(text, width, t.Glyphs.Ellipsis))
		}
	}
	out := []string{" " + t.Strong.Of(heads), " " + t.Dim.Of(whos)}
	for _, cells := range rows {
		out = append(out, " "+strings.Join(cells, ""))
	}
	return out
}

func (c *Conflicts) who(by string, at time.Time) string {
	if by == "" {
		by = "somebody"
	}
	return by + ", " + widget.Ago(at, c.env.Now())
}
