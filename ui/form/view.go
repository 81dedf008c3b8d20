package form

import (
	"slices"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/widget"
)

const (
	areaLines   = 4 // shown of a long text while it has the focus
	checkLines  = 6 // shown of a list of boxes
	restLines   = 2 // shown of either without the focus
	sourceWidth = 18
	menuLines   = 6 // of proposals
	otherLines  = 3 // of a value that another stored meanwhile
)

// View draws the form, scrolled so that the focus is in sight.
func (f *Form) View() []string {
	problems := map[string]string{}
	if f.Check != nil {
		problems = f.Check()
	}
	var lines []string
	top, bottom := 0, 0
	label := f.labelWidth()
	for i, field := range f.Fields {
		if field.Hidden {
			continue
		}
		if i == f.focus {
			top = len(lines)
		}
		lines = append(lines, f.draw(field, i == f.focus, label, problems[field.Name])...)
		if i == f.focus {
			bottom = len(lines)
		}
	}
	if len(lines) <= f.height {
		return lines
	}
	from := max(0, min(top-max(0, f.height-(bottom-top))/2, len(lines)-f.height))
	return f.between(lines, from)
}

// between cuts out what there is room for, and says in the gutter where more is.
func (f *Form) between(lines []string, from int) []string {
	t, shown := f.env.Theme, slices.Clone(lines[from:from+f.height])
	mark := func(i int, glyph string) {
		if rest, free := strings.CutPrefix(shown[i], "  "); free {
			shown[i] = t.Dim.Of(glyph) + " " + rest
		}
	}
	if from > 0 {
		mark(0, t.Glyphs.Up)
	}
	if from+f.height < len(lines) {
		mark(f.height-1, t.Glyphs.Down)
	}
	return shown
}

// Lines is how many lines the form would like.
func (f *Form) Lines() int {
	n := 0
	for _, field := range f.Fields {
		switch {
		case field.Hidden:
			continue
		case field.Kind == Area:
			n += areaLines
		case field.Kind == Checks:
			n += max(1, min(len(field.Options), checkLines))
		default:
			n++
		}
		if field.other != nil {
			n++
		}
	}
	return n + 2
}

func (f *Form) labelWidth() int {
	w := 0
	for _, field := range f.Fields {
		if !field.Hidden {
			w = max(w, widget.Width(field.Label))
		}
	}
	return w
}

// draw is a field: label, value, and at the right where the value comes from.
func (f *Form) draw(field *Field, focused bool, label int, problem string) []string {
	t := f.env.Theme
	gutter, name := "  ", t.Dim.Of(widget.Fit(field.Label, label, t.Glyphs.Ellipsis))
	if focused {
		gutter, name = t.Accent.Of(t.Glyphs.Cursor)+" ", t.Strong.Of(widget.Fit(field.Label, label, t.Glyphs.Ellipsis))
	}
	source := ""
	if field.Source != "" && f.width > label+sourceWidth+30 {
		source = t.Dim.Of(widget.FitRight(field.Source, sourceWidth, t.Glyphs.Ellipsis))
	}
	room := f.width - label - 4 - widget.Width(source)
	values := f.value(field, focused, room)
	values = append(values, f.aside(field, focused, room)...)
	if field.other != nil {
		values = append(values, f.otherValue(field, focused, room)...)
	}
	for _, line := range widget.Wrap(problem, room) {
		values = append(values, t.Warn.Of(line))
	}
	lines := make([]string, len(values))
	for i, v := range values {
		if i > 0 {
			gutter, name, source = "  ", widget.Spaces(label), ""
			if focused {
				gutter = t.Accent.Of(t.Glyphs.Cursor) + " "
			}
		}
		lines[i] = gutter + name + "  " + widget.Fit(v, room, t.Glyphs.Ellipsis) + source
	}
	return lines
}

// otherValue shows the value that can be taken instead of the one that is there.
func (f *Form) otherValue(field *Field, focused bool, room int) (lines []string) {
	t := f.env.Theme
	text := field.other.whose + ": " + field.other.shown
	if focused {
		text = f.env.Keys.Key("form.theirs") + " takes " + text
	}
	for _, line := range widget.Wrap(model.CutRunes(text, otherLines*room), room) {
		lines = append(lines, t.Warn.Of(line))
	}
	return lines[:min(len(lines), otherLines)]
}

func (f *Form) value(field *Field, focused bool, room int) []string {
	t := f.env.Theme
	if field.Mixed && (!focused || field.Kind != Choice) {
		text := "several values, kept as they are until you type"
		if field.Kind == Locked {
			text = "several values"
		}
		if focused {
			return []string{t.Caret.Of(" ") + t.Dim.Of(text)}
		}
		return []string{t.Dim.Of(text)}
	}
	switch field.Kind {
	case Choice:
		return []string{f.choice(field, focused, room)}
	case Checks:
		return f.checks(field, focused, room)
	case Locked:
		return []string{widget.Cut(field.Value(), room, t.Glyphs.Ellipsis)}
	}
	if field.editor.Value() == "" && field.Hint != "" {
		if focused {
			return []string{t.Caret.Of(" ") + t.Dim.Of(field.Hint)}
		}
		return []string{t.Dim.Of(field.Hint)}
	}
	height := 1
	switch {
	case field.Kind == Area && focused:
		height = areaLines
	case field.Kind == Area:
		height = restLines
	}
	return field.editor.View(t, room, height, focused)
}

// aside is what is said under a text: what is wrong with it, at its place, and
// how it can go on.
func (f *Form) aside(field *Field, focused bool, room int) (lines []string) {
	t := f.env.Theme
	if field.Mistake != nil {
		if at, what := field.Mistake(field.editor.Value()); what != "" {
			text := field.editor.Value()
			at = widget.Width(text[:min(at, len(text))])
			if widget.Width(what)+2 <= max(at, room-at) {
				lines = append(lines, Point(t, at, what, room))
			} else { // it has lines of its own
				lines = append(lines, widget.Spaces(min(at, room-1))+t.Warn.Of("^"))
				for _, line := range widget.Wrap(what, room) {
					lines = append(lines, t.Warn.Of(line))
				}
			}
		}
	}
	if !focused {
		return lines
	}
	if field.unanswered != "" {
		lines = append(lines, t.Warn.Of(widget.Cut(field.unanswered, room, t.Glyphs.Ellipsis)))
	}
	if len(field.proposals.All) > 0 {
		indent := max(0, min(MenuAt(&field.proposals, field.editor.Value())-1, room-30))
		for _, line := range Menu(t, &field.proposals, menuLines) {
			lines = append(lines, widget.Spaces(indent)+widget.Cut(line, room-indent, ""))
		}
	}
	return lines
}

func (f *Form) choice(field *Field, focused bool, room int) string {
	t := f.env.Theme
	title := ""
	if field.at < len(field.Options) {
		title = field.Options[field.at].Title
	}
	if field.Mixed {
		title = "several values"
	}
	if !focused {
		if title == t.Glyphs.Missing {
			return t.Dim.Of(title)
		}
		return widget.Cut(title, room, t.Glyphs.Ellipsis)
	}
	count := ""
	if len(field.Options) > 1 {
		count = "  " + widget.Count(field.at+1) + "/" + widget.Count(len(field.Options))
	}
	shown := widget.Cut(title, room-4-len(count), t.Glyphs.Ellipsis)
	return t.Accent.Of(t.Glyphs.Left) + " " + t.Strong.Of(shown) + " " + t.Accent.Of(t.Glyphs.Right) + t.Dim.Of(count)
}

func (f *Form) checks(field *Field, focused bool, room int) []string {
	t := f.env.Theme
	if len(field.Options) == 0 {
		return []string{t.Dim.Of(t.Glyphs.Missing)}
	}
	height := restLines
	if focused {
		height = checkLines
	}
	height = min(height, len(field.Options))
	from := max(0, min(field.at-height/2, len(field.Options)-height))
	var lines []string
	for i := from; i < from+height; i++ {
		box := t.Glyphs.Yes
		if field.isOff(i) {
			box = t.Glyphs.No
		}
		text := box + " " + field.Options[i].Title
		if i == from+height-1 && len(field.Options) > from+height {
			text += "  +" + widget.Count(len(field.Options)-from-height) + " more"
		}
		text = widget.Cut(text, room, t.Glyphs.Ellipsis)
		if focused && i == field.at {
			text = t.Chosen.Of(text)
		}
		lines = append(lines, text)
	}
	return lines
}

// Point says what is wrong at a cell of the line above, in one line of the given
// width: behind the sign that points there, or before it where there is more
// room.
func Point(t *theme.Theme, at int, what string, width int) string {
	at = min(at, width-1)
	if behind := width - at; behind >= widget.Width(what)+2 || behind >= at {
		return widget.Spaces(at) + t.Warn.Of(widget.Cut("^ "+what, behind, t.Glyphs.Ellipsis))
	}
	what = widget.Cut(what, at-1, t.Glyphs.Ellipsis)
	return widget.Spaces(at-widget.Width(what)-1) + t.Warn.Of(what+" ^")
}

// Size is the room that the form has.
func (f *Form) Size() (width, height int) { return f.width, f.height }

// Foot draws the lines under a form: what went wrong, else what enter would
// touch, as a question that a second enter answers, else a hint.
func Foot(t *theme.Theme, width int, problem error, question, hint string) []string {
	lines := []string{""}
	switch {
	case problem != nil:
		for _, line := range widget.Wrap(problem.Error(), width) {
			lines = append(lines, t.Bad.Of(line))
		}
	case question != "":
		for _, line := range widget.Wrap(question+": enter again does it.", width) {
			lines = append(lines, t.Warn.Of(line))
		}
	default:
		lines = append(lines, t.Dim.Of(widget.Cut(hint, width, t.Glyphs.Ellipsis)))
	}
	return lines
}
