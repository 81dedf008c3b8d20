// Package views shows the saved views, which the keys 1 to 9 lead to, and lets
// the analyst save, rename, reorder and remove them.
package views

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/table"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Store is what the screen reads and asks for.
type Store interface {
	form.Suggester
	Views(ctx context.Context) ([]model.View, error)
	SetView(ctx context.Context, actor model.Actor, name string, v model.View, place int) error
	RemoveView(ctx context.Context, actor model.Actor, name string) error
}

// Views is the screen.
type Views struct {
	env     *widget.Env
	store   Store
	present model.View // the list's filter and order, without a name
	show    func(model.View) tea.Cmd

	all   *table.Table[model.View]
	sure  widget.Twice
	moves []move // that the store does not hold yet; the first is under way

	width, height int
	handlers      keys.Handlers
}

// move gives a view another number.
type move struct {
	view model.View
	to   int
}

// movedMsg says that the first of the moves was stored, or why it was not.
type movedMsg struct {
	owner *Views
	err   error
}

// New makes the screen. present is the list's filter and order, show puts a
// view in their place.
func New(env *widget.Env, store Store, present model.View, show func(model.View) tea.Cmd) *Views {
	v := &Views{env: env, store: store, present: present, show: show}
	v.all = table.New(env, store.Views, func(x, y *model.View) bool { return x.Name == y.Name })
	some := func(f func() tea.Cmd) keys.Handler { return keys.Handler{Run: f, Disabled: v.nothing} }
	v.handlers = v.all.Handlers(keys.Handlers{
		"views.open":   some(v.open),
		"views.save":   {Run: v.save, Disabled: v.unread},
		"views.edit":   some(v.edit),
		"views.up":     some(func() tea.Cmd { return v.move(-1) }),
		"views.down":   some(func() tea.Cmd { return v.move(+1) }),
		"views.remove": some(v.remove),
	})
	return v
}

// Start reads the views.
func (v *Views) Start() tea.Cmd { return v.all.Read() }

// Update implements [widget.Screen].
func (v *Views) Update(msg tea.Msg) tea.Cmd {
	if msg, ok := msg.(movedMsg); ok && msg.owner == v {
		return v.moved(msg.err)
	}
	_, cmd := v.all.Update(msg)
	return cmd
}

func (v *Views) nothing() string {
	switch {
	case v.all.Current() != nil:
		return ""
	case !v.all.Loaded:
		return v.unread()
	}
	return "there is no saved view"
}

// unread says why the number of a new view is not known yet.
func (v *Views) unread() string {
	if v.all.Loaded {
		return ""
	}
	return "the views are still being read"
}

func (v *Views) open() tea.Cmd {
	return widget.Send(widget.Pop{Then: v.show(*v.all.Current())})
}

func (v *Views) save() tea.Cmd { return Save(v.env, v.store, v.present, len(v.all.Rows)) }

func (v *Views) edit() tea.Cmd {
	row := *v.all.Current()
	return widget.Send(widget.Push{Screen: newForm(v.env, v.store, row.Name, row, v.all.Cursor.At+1, len(v.all.Rows))})
}

// move gives the view the number beside its own.
func (v *Views) move(by int) tea.Cmd {
	row, to := *v.all.Current(), v.all.Cursor.At+1+by
	if to < 1 || to > len(v.all.Rows) {
		return nil
	}
	rows := slices.Clone(v.all.Rows)
	rows[to-1], rows[v.all.Cursor.At] = rows[v.all.Cursor.At], rows[to-1]
	v.all.Change(rows)
	v.all.Cursor.Set(to - 1)
	v.moves = append(v.moves, move{row, to})
	if len(v.moves) > 1 {
		return nil
	}
	return v.storeMove()
}

// storeMove stores the first of the moves: one after the other, or the last
// might be stored first.
func (v *Views) storeMove() tea.Cmd {
	m := v.moves[0]
	return v.env.Go(func(ctx context.Context) tea.Msg {
		return movedMsg{v, v.store.SetView(ctx, v.env.Actor, m.view.Name, m.view, m.to)}
	})
}

func (v *Views) moved(err error) tea.Cmd {
	v.moves = v.moves[1:]
	switch {
	case err != nil:
		v.moves = nil
		return tea.Batch(v.all.Settled(), toast.Say(toast.Error, "The view could not be moved: "+err.Error()))
	case len(v.moves) > 0:
		return v.storeMove()
	}
	return v.all.Settled()
}

// remove asks once: the first press says what would be gone.
func (v *Views) remove() tea.Cmd {
	row := *v.all.Current()
	if !v.sure.Sure(row.Name, v.env.Now()) {
		return toast.Say(toast.Warn, "This removes 1 saved view, "+row.Name+"; press again to do it.")
	}
	return v.env.Go(func(ctx context.Context) tea.Msg {
		if err := v.store.RemoveView(ctx, v.env.Actor, row.Name); err != nil {
			return toast.Msg{Level: toast.Error, Text: "The view could not be removed: " + err.Error()}
		}
		return toast.Msg{Level: toast.Done, Text: "The view " + row.Name + " is removed; its query was " + orAll(row.Query) + "."}
	})
}

func orAll(text string) string {
	if text == "" {
		return "all open violations"
	}
	return text
}

// Scopes implements [widget.Screen].
func (v *Views) Scopes() []keys.Scope {
	return []keys.Scope{keys.Views, keys.Move, keys.Global, keys.Always}
}

// Handlers implements [widget.Screen].
func (v *Views) Handlers() keys.Handlers { return v.handlers }

// Deadline implements [widget.Screen].
func (v *Views) Deadline() time.Time { return time.Time{} }

// Click implements [widget.Pointed].
func (v *Views) Click(_, y int) tea.Cmd { return v.all.Click(y) }

// Resize implements [widget.Screen].
func (v *Views) Resize(width, height int) { v.width, v.height = width, height }

// View implements [widget.Screen].
func (v *Views) View() []string {
	t := v.env.Theme
	name := 12
	for _, row := range v.all.Rows {
		name = max(name, min(28, widget.Width(row.Name)))
	}
	const sort = 14
	query := max(10, v.width-3-3-name-sort-6)
	fit := func(text string, width int) string { return widget.Fit(text, width, t.Glyphs.Ellipsis) }
	at := map[string]int{}
	for i, row := range v.all.Rows {
		at[row.Name] = i + 1
	}
	return v.all.View(table.Page[model.View]{
		Top:  []string{" " + t.Strong.Of("Saved views") + "   " + t.Dim.Of("the keys 1 to 9 lead to the first nine"), ""},
		Head: "KEY  " + fit("NAME", name) + "  " + fit("QUERY", query) + "  SORT",
		Line: func(row *model.View) string {
			number := strconv.Itoa(at[row.Name])
			if at[row.Name] > 9 {
				number = t.Glyphs.Missing
			}
			return t.Accent.Of(widget.FitRight(number, 3, "")) + "  " + fit(row.Name, name) + "  " + fit(orAll(row.Query), query) + "  " + t.Dim.Of(widget.Cut(row.Sort, sort, t.Glyphs.Ellipsis))
		},
		Empty: []string{"   " + t.Strong.Of("There are no saved views."), "",
			fmt.Sprintf("   %s  saves the list's present filter and order under a name.", t.Accent.Of(v.env.Keys.Key("views.save")))},
		Below:       []string{" " + t.Dim.Of("in the list now  ") + widget.Cut(orAll(v.present.Query), v.width-20, t.Glyphs.Ellipsis)},
		BelowHeight: 1,
	}, v.width, v.height)
}
