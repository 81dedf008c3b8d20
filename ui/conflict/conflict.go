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
	ResolveConflicts(ctx context.Context, actor model.Actor, ids []model.ViolationID, field model.VEXField, take storage.Take) (int, error)
}

// Conflicts is the screen.
type Conflicts struct {
	env   *widget.Env
	store Store
	all   *table.Table[storage.Conflict]

	width, height int
	handlers      keys.Handlers
}

// sides is how many lines the comparison below the list takes.
const sides = 8

// New makes the screen.
func New(env *widget.Env, store Store) *Conflicts {
	c := &Conflicts{env: env, store: store}
	read := func(ctx context.Context) ([]storage.Conflict, error) { return store.Conflicts(ctx, nil) }
	c.all = table.New(env, read, func(x, y *storage.Conflict) bool {
		return x.Violation == y.Violation && x.Field == y.Field && x.Ticket == y.Ticket
	})
	c.handlers = c.all.Handlers(keys.Handlers{
		"conflict.ours":   {Run: func() tea.Cmd { return c.take(storage.TakeLocal) }, Disabled: c.none},
		"conflict.theirs": {Run: func() tea.Cmd { return c.take(storage.TakeJira) }, Disabled: c.none},
	})
	return c
}

// Start reads the conflicts.
func (c *Conflicts) Start() tea.Cmd { return c.all.Read() }

// Update implements [widget.Screen].
func (c *Conflicts) Update(msg tea.Msg) tea.Cmd {
	_, cmd := c.all.Update(msg)
	return cmd
}

func (c *Conflicts) none() string {
	if c.all.Current() == nil {
		return "there is no conflict"
	}
	return ""
}

// take resolves the conflict under the cursor.
func (c *Conflicts) take(side storage.Take) tea.Cmd {
	one := *c.all.Current()
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
func (c *Conflicts) Resize(width, height int) { c.width, c.height = width, height }

// View implements [widget.Screen].
func (c *Conflicts) View() []string {
	t := c.env.Theme
	return c.all.View(table.Page[storage.Conflict]{
		Top:   []string{" " + t.Strong.Of("Conflicts") + "   " + widget.Plural(len(c.all.Rows), "field") + " changed differently here and in Jira", ""},
		Head:  "  FIELD          TICKET      ISSUE                COMPONENT",
		Line:  c.line,
		Empty: []string{"   " + t.Strong.Of("Both sides agree."), "", "   What is changed differently here and in Jira waits here for a choice."},
		Below: c.compare(), BelowHeight: sides,
	}, c.width, c.height)
}

func (c *Conflicts) line(one *storage.Conflict) string {
	t := c.env.Theme
	return t.Warn.Of(t.Glyphs.Failed) + " " + widget.Fit(string(one.Field), 13, "") + "  " + widget.Fit(one.Ticket, 10, t.Glyphs.Ellipsis) + "  " +
		widget.Fit(one.Issue, 19, t.Glyphs.Ellipsis) + "  " + widget.Cut(one.Component+", "+one.Product, max(0, c.width-54), t.Glyphs.Ellipsis)
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
