// Package table is what screens have in common that list things held in
// memory: reading again when the store changed, a cursor that stays on its
// thing, lines with a head, and below a rule what there is to say of the thing
// under the cursor.
package table

import (
	"context"
	"strings"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/widget"
)

// Table is the list; a screen holds one and gives it its messages.
type Table[T any] struct {
	Rows []T
	// Loaded reports whether anything was read yet, Problem why not.
	Loaded  bool
	Problem error
	Cursor  widget.Cursor
	// Arrange, where set, orders or shortens what was read.
	Arrange func([]T) []T

	above   int // lines over the first row, as last drawn
	env     *widget.Env
	read    func(ctx context.Context) ([]T, error)
	same    func(a, b *T) bool
	reading bool
	stale   bool // another reading is wanted after the one under way
	ahead   bool // the rows were changed here, and the store will be
	turn    int  // of such changes: what an earlier one read is older than they
}

type rowsMsg[T any] struct {
	owner *Table[T]
	rows  []T
	err   error
	turn  int
}

// New makes a list of what read finds; same tells whether two rows are the
// same thing at two times. Where it is nil, the cursor keeps its line instead.
func New[T any](env *widget.Env, read func(ctx context.Context) ([]T, error), same func(a, b *T) bool) *Table[T] {
	return &Table[T]{env: env, read: read, same: same, Cursor: widget.Cursor{Height: 1}}
}

// With shows rows that are known already.
func (t *Table[T]) With(rows []T) *Table[T] {
	t.show(rows)
	return t
}

// Read reads the rows, or once more after the reading under way.
func (t *Table[T]) Read() tea.Cmd {
	if t.reading {
		t.stale = true
		return nil
	}
	t.reading, t.stale = true, false
	turn := t.turn
	return t.env.Go(func(ctx context.Context) tea.Msg {
		rows, err := t.read(ctx)
		return rowsMsg[T]{t, rows, err, turn}
	})
}

// Change shows rows before the store holds them. What is read until Settled is
// older and not shown.
func (t *Table[T]) Change(rows []T) {
	t.Rows, t.ahead = rows, true
	t.turn++
}

// Settled reads again after the store took what was changed, or refused it.
func (t *Table[T]) Settled() tea.Cmd {
	t.ahead = false
	t.turn++
	return t.Read()
}

// Update reads again when the store changed, and takes what was read; then
// fresh is true.
func (t *Table[T]) Update(msg tea.Msg) (fresh bool, cmd tea.Cmd) {
	switch msg := msg.(type) {
	case widget.Changed:
		return false, t.Read()
	case rowsMsg[T]:
		if msg.owner != t {
			return false, nil
		}
		t.reading = false
		switch {
		case t.ahead:
			return false, nil // Settled reads
		case msg.turn != t.turn:
			return false, t.Read()
		}
		if t.Problem = msg.err; msg.err == nil {
			t.show(msg.rows)
		}
		if t.stale {
			cmd = t.Read()
		}
		return msg.err == nil, cmd
	}
	return false, nil
}

// show puts rows in place; the cursor stays on its thing where that is still
// there.
func (t *Table[T]) show(rows []T) {
	if t.Arrange != nil {
		rows = t.Arrange(rows)
	}
	var was *T
	if row := t.Current(); row != nil {
		copied := *row
		was = &copied
	}
	t.Rows, t.Loaded = rows, true
	t.Cursor.Resize(len(rows), t.Cursor.Height)
	for i := range rows {
		if was != nil && t.same != nil && t.same(was, &rows[i]) {
			t.Cursor.Set(i)
		}
	}
}

// Current is the row under the cursor, nil where there is none.
func (t *Table[T]) Current() *T {
	if t.Cursor.At < len(t.Rows) {
		return &t.Rows[t.Cursor.At]
	}
	return nil
}

// Click moves the cursor to the row that line y shows.
func (t *Table[T]) Click(y int) tea.Cmd {
	from, to := t.Cursor.Seen()
	if at := from + y - t.above; at >= from && at < min(to, len(t.Rows)) {
		t.Cursor.Set(at)
	}
	return nil
}

// Handlers are the motions, with a screen's own actions.
func (t *Table[T]) Handlers(own keys.Handlers) keys.Handlers {
	all := t.Cursor.Handlers()
	for id, h := range own {
		all[id] = h
	}
	return all
}

// Page is what surrounds the rows on the screen.
type Page[T any] struct {
	// Top are the lines above.
	Top []string
	// Head names the columns, Line draws a row behind its cursor sign.
	Head string
	Line func(row *T) string
	// Empty is shown while there is no row.
	Empty []string
	// Below is said of the row under the cursor, in BelowHeight lines under a
	// rule.
	Below       []string
	BelowHeight int
}

// View draws the page in exactly height lines.
func (t *Table[T]) View(p Page[T], width, height int) []string {
	th := t.env.Theme
	lines := append(make([]string, 0, height), p.Top...)
	room := height - len(p.Top) - 1 - p.BelowHeight
	switch {
	case t.Problem != nil:
		for _, line := range widget.Wrap(t.Problem.Error(), width-3) {
			lines = append(lines, " "+th.Bad.Of(line))
		}
	case !t.Loaded:
		lines = append(lines, " "+th.Dim.Of("reading …"))
	case len(t.Rows) == 0:
		lines = append(lines, p.Empty...)
	default:
		if p.Head != "" {
			lines = append(lines, th.Dim.Of("  "+p.Head))
			room--
		}
		t.Cursor.Resize(len(t.Rows), max(1, room))
		t.above = len(lines)
		from, to := t.Cursor.Seen()
		for i := from; i < to; i++ {
			sign := "  "
			if i == t.Cursor.At {
				sign = th.Accent.Of(th.Glyphs.Cursor) + " "
			}
			lines = append(lines, sign+p.Line(&t.Rows[i]))
		}
	}
	for len(lines) < height-p.BelowHeight-1 {
		lines = append(lines, "")
	}
	lines = append(lines[:max(0, height-p.BelowHeight-1)], " "+th.Dim.Of(strings.Repeat(th.Glyphs.Rule, max(0, width-2))))
	for i := range p.BelowHeight {
		line := ""
		if i < len(p.Below) {
			line = p.Below[i]
		}
		lines = append(lines, line)
	}
	return lines
}
