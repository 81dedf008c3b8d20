// Package picker is a menu that can be searched: help, the command palette,
// the sort menu and every choice among many are made of it.
package picker

import (
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Item is an entry of a menu.
type Item struct {
	Title string
	// Note stands at the right, such as a key or a count.
	Note string
	// Group heads the entries that share it, while nothing is searched for.
	Group string
	// Reason says why the entry cannot be chosen; it is shown all the same.
	Reason string
	// More is searched, too, but not shown.
	More string
}

// Picker is the menu.
type Picker struct {
	env    *widget.Env
	title  string
	items  []Item
	choose func(i int) tea.Cmd
	hint   string

	search   widget.Editor
	shown    []int // items that match, in order
	most     int   // lines of the whole menu: it keeps its size while one searches
	cursor   widget.Cursor
	handlers keys.Handlers
	width    int
}

// New makes a menu; choose gets the index of what was chosen, after the menu
// has closed.
func New(env *widget.Env, title string, items []Item, choose func(i int) tea.Cmd) *Picker {
	p := &Picker{env: env, title: title, items: items, choose: choose}
	p.cursor.Height = 1
	p.filter()
	p.most = len(p.lines())
	run := func(f func() tea.Cmd) keys.Handler { return keys.Handler{Run: f} }
	step := func(by func() int) keys.Handler {
		return run(func() tea.Cmd { p.cursor.Set(p.cursor.At + by()); return nil })
	}
	p.handlers = keys.Handlers{
		"menu.down":      step(func() int { return 1 }),
		"menu.up":        step(func() int { return -1 }),
		"menu.page-down": step(func() int { return p.cursor.Height }),
		"menu.page-up":   step(func() int { return -p.cursor.Height }),
		"menu.choose":    run(p.take),
		"menu.leave":     run(func() tea.Cmd { return widget.Send(widget.Pop{}) }),
	}
	return p
}

// Hint is what an empty menu says.
func (p *Picker) Hint(text string) *Picker { p.hint = text; return p }

// At puts the cursor on an item.
func (p *Picker) At(i int) *Picker {
	for line, item := range p.shown {
		if item == i {
			p.cursor.Set(line)
		}
	}
	return p
}

func (p *Picker) take() tea.Cmd {
	if len(p.shown) == 0 {
		return nil
	}
	i := p.shown[p.cursor.At]
	if reason := p.items[i].Reason; reason != "" {
		return toast.Say(toast.Warn, reason)
	}
	return widget.Send(widget.Pop{Then: p.choose(i)})
}

// filter keeps the items that hold every word that was typed.
func (p *Picker) filter() {
	words := strings.Fields(strings.ToLower(p.search.Value()))
	p.shown = p.shown[:0]
	for i, item := range p.items {
		text := strings.ToLower(item.Title + " " + item.Note + " " + item.Group + " " + item.More)
		if holdsAll(text, words) {
			p.shown = append(p.shown, i)
		}
	}
	p.cursor.Len = len(p.shown)
	p.cursor.Set(0)
}

func holdsAll(text string, words []string) bool {
	for _, w := range words {
		if !strings.Contains(text, w) {
			return false
		}
	}
	return true
}

// Title implements [widget.Dialog].
func (p *Picker) Title() string { return p.title }

// Scopes implements [widget.Screen].
func (p *Picker) Scopes() []keys.Scope { return []keys.Scope{keys.Picker, keys.Always} }

// Handlers implements [widget.Screen].
func (p *Picker) Handlers() keys.Handlers { return p.handlers }

// Update implements [widget.Screen]: what is typed narrows the menu.
func (p *Picker) Update(msg tea.Msg) tea.Cmd {
	if key, ok := msg.(tea.KeyMsg); ok && p.search.Update(key) {
		p.filter()
	}
	return nil
}

// Deadline implements [widget.Screen].
func (p *Picker) Deadline() time.Time { return time.Time{} }

// Ideal implements [widget.Dialog].
func (p *Picker) Ideal(width, height int) (int, int) {
	w := widget.Width(p.title) + 6
	for _, item := range p.items {
		w = max(w, widget.Width(item.Title)+widget.Width(item.Note)+widget.Width(item.Reason)+8)
	}
	return max(44, min(w, 104)), p.most + 2
}

// Click implements [widget.Pointed]: it chooses what is clicked on.
func (p *Picker) Click(_, y int) tea.Cmd {
	lines := p.lines()
	at := p.top(lines) + y - 2 // under the search
	if y < 2 || y-2 >= p.cursor.Height || at >= len(lines) || lines[at].at < 0 {
		return nil
	}
	p.cursor.Set(lines[at].at)
	return p.take()
}

// Resize implements [widget.Screen].
func (p *Picker) Resize(width, height int) {
	p.width = width
	p.cursor.Resize(len(p.shown), max(1, height-2))
}

// View implements [widget.Screen]. It stays as high as it is, however little
// matches.
func (p *Picker) View() []string {
	lines := p.view()
	return append(lines, make([]string, max(0, p.cursor.Height+2-len(lines)))...)
}

func (p *Picker) view() []string {
	t := p.env.Theme
	prompt := t.Accent.Of("/") + " " + p.search.View(t, max(4, p.width-2), 1, true)[0]
	out := []string{prompt, ""}
	if len(p.shown) == 0 {
		hint := p.hint
		if p.search.Value() != "" {
			hint = "nothing matches; backspace widens the search"
		}
		return append(out, t.Dim.Of(hint))
	}
	lines := p.lines()
	top := p.top(lines)
	for _, l := range lines[top:min(len(lines), top+p.cursor.Height)] {
		out = append(out, p.draw(l))
	}
	return out
}

// line is a line of the menu: an entry, or the head of a group.
type line struct {
	head string
	at   int // place in shown, -1 for a head
}

func (p *Picker) lines() []line {
	var out []line
	group := ""
	for at, i := range p.shown {
		if g := p.items[i].Group; g != group && p.search.Value() == "" {
			group = g
			out = append(out, line{g, -1})
		}
		out = append(out, line{at: at})
	}
	return out
}

// top is the first line in sight such that the cursor is in sight, too.
func (p *Picker) top(lines []line) int {
	for n, l := range lines {
		if l.at == p.cursor.At {
			return max(0, min(n-p.cursor.Height/2, len(lines)-p.cursor.Height))
		}
	}
	return 0
}

func (p *Picker) draw(l line) string {
	t := p.env.Theme
	if l.at < 0 {
		return t.Strong.Of(l.head)
	}
	item := p.items[p.shown[l.at]]
	note := item.Note
	text := widget.Edges("  "+item.Title, note+" ", p.width, t.Glyphs.Ellipsis)
	if item.Reason != "" {
		reason := widget.Cut(item.Reason, max(0, p.width-widget.Width(item.Title)-widget.Width(note)-7), t.Glyphs.Ellipsis)
		text = widget.Edges("  "+item.Title+"  ("+reason+")", note+" ", p.width, t.Glyphs.Ellipsis)
	}
	switch {
	case l.at == p.cursor.At:
		return t.Chosen.Of(t.Glyphs.Cursor + text[1:])
	case item.Reason != "":
		return t.Dim.Of(text)
	}
	return text[:len(text)-len(note)-1] + t.Accent.Of(note) + " "
}
