package list

import (
	"strings"

	"example.com/vexdesk/model/query"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/list/detail"
	"example.com/vexdesk/ui/widget"
)

// The detail has its own part of the screen from this size on.
const (
	paneWidth  = 100
	paneHeight = 28
)

// Resize implements [widget.Screen].
func (l *List) Resize(width, height int) {
	l.width, l.height = width, height
	l.layout()
}

func (l *List) paned() bool {
	return l.width >= paneWidth && l.height >= paneHeight && !l.detail.Whole()
}

// layout shares the lines: filter bar and heads, the list, the pane.
func (l *List) layout() {
	l.columns = layout(l.width)
	switch {
	case l.detail.Whole():
		l.detail.Resize(l.width, l.height)
	case l.paned():
		pane := max(detail.Least, l.height/3+1)
		l.detail.Resize(l.width, pane-1)
		l.rows.resize(l.height - pane - 2)
	default:
		l.rows.resize(l.height - 2)
	}
}

// View implements [widget.Screen].
func (l *List) View() []string {
	if l.detail.Whole() {
		return l.detail.View(true)
	}
	if l.bare() && !l.bar.editing {
		return l.viewEmpty()
	}
	t := l.env.Theme
	lines := make([]string, 0, l.height)
	lines = append(lines, l.viewBar())
	if l.bar.editing && l.bar.mistake != nil {
		lines = append(lines, l.viewMistake())
	} else {
		lines = append(lines, head(t, l.columns, l.sortedBy()))
	}
	top := len(lines)
	if len(l.rows.lines) == 0 {
		lines = append(lines, l.viewEmpty()...)
	} else {
		lines = l.viewRows(lines)
	}
	for len(lines) < top+l.rows.height {
		lines = append(lines, "")
	}
	lines = lines[:top+l.rows.height]
	if l.paned() {
		lines = append(lines, l.viewRule())
		lines = append(lines, l.detail.View(false)...)
	}
	l.viewProposals(lines)
	return lines
}

func (l *List) viewRows(lines []string) []string {
	t := l.env.Theme
	from, to := l.rows.seen()
	rangeFrom, rangeTo := -1, -1
	if l.ranging {
		rangeFrom, rangeTo = l.span()
	}
	for i := from; i < to; i++ {
		line := &l.rows.lines[i]
		if line.drawn == "" || line.drawnWidth != l.width {
			line.drawn, line.drawnWidth = draw(t, l.columns, &line.Row), l.width
		}
		cursor, sign := " ", " "
		if i == l.rows.at {
			cursor = t.Accent.Of(t.Glyphs.Cursor)
		}
		switch {
		case !line.changed.IsZero():
			sign = t.Fresh.Of(t.Glyphs.Changed)
		case i >= rangeFrom && i <= rangeTo:
			sign = t.Mark.Of(t.Glyphs.Range)
		case l.marks.Has(line.ID):
			sign = t.Mark.Of(t.Glyphs.Mark)
		}
		lines = append(lines, cursor+sign+" "+line.drawn)
	}
	return lines
}

// viewBar is the filter at the left and, at the right, the view and what is
// marked.
func (l *List) viewBar() string {
	t := l.env.Theme
	var right []string
	if n := l.chosenCount(); n > 0 {
		right = append(right, t.Mark.Of(widget.Count(n)+" marked"))
	}
	if l.view != "" {
		right = append(right, t.Dim.Of("view: ")+l.view)
	}
	// An order that no column shows.
	if by := l.sortedBy()[0]; by.Key == query.KeyPriority {
		right = append(right, t.Dim.Of("by priority ")+direction(t, by))
	}
	if !l.paned() && len(l.rows.lines) > 0 {
		right = append(right, t.Dim.Of(l.position()))
	}
	end := strings.Join(right, "  ")
	if end != "" {
		end += " "
	}
	room := l.width - widget.Width(end) - 4
	var left string
	switch {
	case l.bar.editing:
		left = t.Accent.Of("/") + " " + l.bar.editor.View(t, room, 1, true)[0]
	case l.bar.text != "":
		left = t.Strong.Of(widget.Cut(l.bar.text, room, t.Glyphs.Ellipsis))
	default:
		left = t.Dim.Of(widget.Cut("all open violations of current versions", room, t.Glyphs.Ellipsis))
	}
	return widget.Edges(" "+left, end, l.width, t.Glyphs.Ellipsis)
}

func (l *List) chosenCount() int {
	n := l.marks.Count()
	if l.ranging {
		from, to := l.span()
		for i := from; i <= to; i++ {
			if !l.marks.Has(l.rows.lines[i].ID) {
				n++
			}
		}
	}
	return n
}

// position is "14 of 1,204".
func (l *List) position() string {
	switch place := l.rows.place(); {
	case l.total <= 0:
		return ""
	case place == 0:
		return "of " + widget.Count(l.total)
	default:
		return widget.Count(min(place, l.total)) + " of " + widget.Count(l.total)
	}
}

// viewRule divides the list from the pane and tells where the cursor is.
func (l *List) viewRule() string {
	t := l.env.Theme
	text := l.position()
	if text != "" {
		text = " " + text + " "
	}
	rule := max(0, l.width-2-widget.Width(text)-2)
	return " " + t.Dim.Of(strings.Repeat(t.Glyphs.Rule, rule)+text+strings.Repeat(t.Glyphs.Rule, 2))
}

// viewMistake points at the place of the mistake and says what would fit.
func (l *List) viewMistake() string {
	t := l.env.Theme
	m := l.bar.mistake
	before := l.bar.editor.Value()[:min(m.Offset, len(l.bar.editor.Value()))]
	at, text := 3+widget.Width(before), m.Message
	if m.Hint != "" {
		text += ": " + m.Hint
		if widget.Width(text)+2 > max(at, l.width-at) { // what would fit matters more
			text = m.Hint
		}
	}
	return form.Point(t, at, text, l.width)
}

// viewProposals draws the proposals over the first rows, under the word that
// they would replace.
func (l *List) viewProposals(lines []string) {
	b := &l.bar
	if !b.editing || len(b.proposals.All) == 0 || len(lines) < 6 {
		return
	}
	box := form.Menu(l.env.Theme, &b.proposals, min(maxProposals, len(lines)-4))
	x := 3 + form.MenuAt(&b.proposals, b.editor.Value())
	widget.Over(lines, box, max(1, min(x-2, l.width-widget.Width(box[0])-1)), 2, l.width)
}

func trimmed(s string) string { return strings.TrimSpace(s) }
