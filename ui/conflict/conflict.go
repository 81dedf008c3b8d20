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
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Store is what the screen reads and asks for.
type Store interface {
	Conflicts(ctx context.Context, ids []model.ViolationID) ([]storage.Conflict, error)
	ResolveConflicts(ctx context.Context, actor model.Actor, ids []model.ViolationID, field model.VEXField, take storage.Take) (int, error)
}

// Conflicts is the screen.
type Conflicts struct {
	env   *widget.Env
	store Store

	all     []storage.Conflict
	loaded  bool
	reading bool
	stale   bool
	problem error

	cursor        widget.Cursor
	width, height int
	handlers      keys.Handlers
}

type conflictsMsg struct {
	all []storage.Conflict
	err error
}

// sides is how many lines the comparison below the list takes.
const sides = 9

// New makes the screen.
func New(env *widget.Env, store Store) *Conflicts {
	c := &Conflicts{env: env, store: store}
	c.cursor.Height = 1
	c.handlers = c.cursor.Handlers()
	c.handlers["conflict.ours"] = keys.Handler{Run: func() tea.Cmd { return c.take(storage.TakeLocal) }, Disabled: c.none}
	c.handlers["conflict.theirs"] = keys.Handler{Run: func() tea.Cmd { return c.take(storage.TakeJira) }, Disabled: c.none}
	return c
}

// Start reads the conflicts.
func (c *Conflicts) Start() tea.Cmd {
	if c.reading {
		c.stale = true
		return nil
	}
	c.reading, c.stale = true, false
	return c.env.Go(func(ctx context.Context) tea.Msg {
		all, err := c.store.Conflicts(ctx, nil)
		return conflictsMsg{all, err}
	})
}

// Update implements [widget.Screen].
func (c *Conflicts) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case widget.Changed:
		return c.Start()
	case conflictsMsg:
		c.got(msg)
		if c.stale {
			return c.Start()
		}
	}
	return nil
}

// got shows what was read; the cursor stays on its conflict where that is
// still there.
func (c *Conflicts) got(m conflictsMsg) {
	c.reading, c.loaded, c.problem = false, true, m.err
	if m.err != nil {
		return
	}
	was := c.current()
	c.all = m.all
	c.cursor.Resize(len(c.all), c.cursor.Height)
	for i := range c.all {
		if was != nil && c.all[i].Violation == was.Violation && c.all[i].Field == was.Field && c.all[i].Ticket == was.Ticket {
			c.cursor.Set(i)
		}
	}
}

func (c *Conflicts) current() *storage.Conflict {
	if c.cursor.At < len(c.all) {
		one := c.all[c.cursor.At]
		return &one
	}
	return nil
}

func (c *Conflicts) none() string {
	if c.current() == nil {
		return "there is no conflict"
	}
	return ""
}

// take resolves the conflict under the cursor.
func (c *Conflicts) take(side storage.Take) tea.Cmd {
	one := c.current()
	return c.env.Go(func(ctx context.Context) tea.Msg {
		_, err := c.store.ResolveConflicts(ctx, c.env.Actor, []model.ViolationID{one.Violation}, one.Field, side)
		switch {
		case err != nil:
			return toast.Msg{Level: toast.Error, Text: "Not resolved: " + err.Error()}
		case side == storage.TakeJira:
			return toast.Msg{Level: toast.Done, Text: fmt.Sprintf("The %s of %s is Jira's now.", one.Field, one.Issue)}
		}
		return toast.Msg{Level: toast.Done, Text: fmt.Sprintf("The %s of %s stays and goes to %s.", one.Field, one.Issue, one.Ticket)}
	})
}

// Scopes implements [widget.Screen].
func (c *Conflicts) Scopes() []keys.Scope {
	return []keys.Scope{keys.Conflicts, keys.Move, keys.Global, keys.Always}
}

// Handlers implements [widget.Screen].
func (c *Conflicts) Handlers() keys.Handlers { return c.handlers }

// Deadline implements [widget.Screen].
func (c *Conflicts) Deadline() time.Time { return time.Time{} }

// Resize implements [widget.Screen].
func (c *Conflicts) Resize(width, height int) {
	c.width, c.height = width, height
	c.cursor.Resize(len(c.all), max(1, height-sides-4))
}

// View implements [widget.Screen].
func (c *Conflicts) View() []string {
	t := c.env.Theme
	lines := []string{" " + t.Strong.Of("Conflicts") + "   " + widget.Plural(len(c.all), "field") + " changed differently here and in Jira", ""}
	switch {
	case c.problem != nil:
		lines = append(lines, " "+t.Bad.Of(c.problem.Error()))
	case !c.loaded:
		lines = append(lines, " "+t.Dim.Of("reading …"))
	case len(c.all) == 0:
		lines = append(lines, "   "+t.Strong.Of("Both sides agree."), "", "   What is changed differently here and in Jira waits here for a choice.")
	default:
		lines = append(lines, t.Dim.Of("    FIELD          TICKET      ISSUE                COMPONENT"))
		from, to := c.cursor.Seen()
		for i := from; i < to; i++ {
			lines = append(lines, c.line(i))
		}
	}
	for len(lines) < c.height-sides {
		lines = append(lines, "")
	}
	lines = append(lines[:max(0, c.height-sides)], " "+t.Dim.Of(strings.Repeat(t.Glyphs.Rule, max(0, c.width-2))))
	return append(lines, c.compare()...)
}

func (c *Conflicts) line(i int) string {
	t := c.env.Theme
	one := &c.all[i]
	cursor := "  "
	if i == c.cursor.At {
		cursor = t.Accent.Of(t.Glyphs.Cursor) + " "
	}
	return cursor + t.Warn.Of(t.Glyphs.Failed) + " " + widget.Fit(string(one.Field), 13, "") + "  " + widget.Fit(one.Ticket, 10, t.Glyphs.Ellipsis) + "  " +
		widget.Fit(one.Issue, 19, t.Glyphs.Ellipsis) + "  " + widget.Cut(one.Component+", "+one.Product, max(0, c.width-54), t.Glyphs.Ellipsis)
}

// compare sets the three values of the conflict under the cursor side by side.
func (c *Conflicts) compare() []string {
	one := c.current()
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
	rows := make([][]string, sides-3)
	var heads, whos string
	for _, col := range columns {
		heads += widget.Fit(col.head, width, t.Glyphs.Ellipsis)
		whos += widget.Fit(col.who, width, t.Glyphs.Ellipsis)
		value := col.value
		if value == "" {
			value = "(none)"
		}
		lines := widget.Wrap(value, width-2)
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
