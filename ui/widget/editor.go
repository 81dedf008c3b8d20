package widget

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/bubbles/key"
	"github.com/charmbracelet/bubbles/textarea"
	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/theme"
)

// Editor is a text being typed, of one line or of several.
type Editor struct {
	Lines  bool // several lines: enter is a line break
	Masked bool // drawn as dots, one for each rune

	runes []rune
	at    int // the cursor stands before this rune
}

// Value is the text.
func (e *Editor) Value() string { return string(e.runes) }

// At is the cursor's place in bytes of Value.
func (e *Editor) At() int { return len(string(e.runes[:e.at])) }

// Set replaces the text and puts the cursor at its end.
func (e *Editor) Set(text string) {
	e.runes = []rune(text)
	e.at = len(e.runes)
}

// Replace puts text in place of the bytes from start to end and the cursor
// behind it.
func (e *Editor) Replace(start, end int, text string) {
	s := e.Value()
	e.runes = []rune(s[:start] + text + s[end:])
	e.at = len([]rune(s[:start] + text))
}

// editing are the keys of Bubbles' text area, which people know from other
// programs; the drawing and the cleaning of pasted text are ours.
var editing = textarea.DefaultKeyMap

// Update takes a key press or a paste and reports whether the text changed.
func (e *Editor) Update(msg tea.KeyMsg) (changed bool) {
	switch {
	case msg.Type == tea.KeyRunes && !msg.Alt, msg.Type == tea.KeySpace && !msg.Alt:
		e.insert(msg.Runes)
		return true
	case key.Matches(msg, editing.InsertNewline):
		if e.Lines {
			e.insert([]rune{'\n'})
		}
		return e.Lines
	case key.Matches(msg, editing.DeleteCharacterBackward):
		return e.cut(e.before(), e.at)
	case key.Matches(msg, editing.DeleteCharacterForward):
		return e.cut(e.at, e.after())
	case key.Matches(msg, editing.DeleteWordBackward):
		return e.cut(e.wordBefore(), e.at)
	case key.Matches(msg, editing.DeleteWordForward):
		return e.cut(e.at, e.wordAfter())
	case key.Matches(msg, editing.DeleteBeforeCursor):
		return e.cut(e.lineStart(), e.at)
	case key.Matches(msg, editing.DeleteAfterCursor):
		return e.cut(e.at, e.lineEnd())
	}
	e.move(msg)
	return false
}

func (e *Editor) move(msg tea.KeyMsg) {
	switch {
	case key.Matches(msg, editing.CharacterBackward):
		e.at = e.before()
	case key.Matches(msg, editing.CharacterForward):
		e.at = e.after()
	case key.Matches(msg, editing.WordBackward), msg.Type == tea.KeyCtrlLeft:
		e.at = e.wordBefore()
	case key.Matches(msg, editing.WordForward), msg.Type == tea.KeyCtrlRight:
		e.at = e.wordAfter()
	case key.Matches(msg, editing.LineStart):
		e.at = e.lineStart()
	case key.Matches(msg, editing.LineEnd):
		e.at = e.lineEnd()
	case key.Matches(msg, editing.LinePrevious):
		e.vertical(-1)
	case key.Matches(msg, editing.LineNext):
		e.vertical(+1)
	}
}

// insert takes typed or pasted text, which is outside text and cleaned as
// such.
func (e *Editor) insert(runes []rune) {
	text := string(runes)
	if len(runes) > 1 {
		clean := model.CleanText(text)
		if !e.Lines {
			clean = model.Clean(text)
		}
		text = clean
	} else if r := runes[0]; unicode.IsControl(r) && (r != '\n' || !e.Lines) {
		return
	}
	in := []rune(text)
	e.runes = slices.Insert(e.runes, e.at, in...)
	e.at += len(in)
}

func (e *Editor) cut(from, to int) bool {
	if from >= to {
		return false
	}
	e.runes = slices.Delete(e.runes, from, to)
	e.at = from
	return true
}

// before and after are the borders of what a person sees as one character.
func (e *Editor) before() int {
	last := 0
	for rest := string(e.runes[:e.at]); rest != ""; {
		c := firstCluster(rest)
		last, rest = utf8.RuneCountInString(c), rest[len(c):]
	}
	return e.at - last
}

func (e *Editor) after() int {
	if e.at == len(e.runes) {
		return e.at
	}
	return e.at + utf8.RuneCountInString(firstCluster(string(e.runes[e.at:])))
}

func firstCluster(s string) string {
	cluster, _ := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	return cluster
}

func (e *Editor) wordBefore() int {
	i := e.at
	for i > 0 && unicode.IsSpace(e.runes[i-1]) {
		i--
	}
	for i > 0 && !unicode.IsSpace(e.runes[i-1]) {
		i--
	}
	return i
}

func (e *Editor) wordAfter() int {
	i := e.at
	for i < len(e.runes) && unicode.IsSpace(e.runes[i]) {
		i++
	}
	for i < len(e.runes) && !unicode.IsSpace(e.runes[i]) {
		i++
	}
	return i
}

func (e *Editor) lineStart() int {
	i := e.at
	for i > 0 && e.runes[i-1] != '\n' {
		i--
	}
	return i
}

func (e *Editor) lineEnd() int {
	i := e.at
	for i < len(e.runes) && e.runes[i] != '\n' {
		i++
	}
	return i
}

func (e *Editor) vertical(by int) {
	column := e.at - e.lineStart()
	switch {
	case by < 0 && e.lineStart() > 0:
		e.at = e.lineStart() - 1
	case by > 0 && e.lineEnd() < len(e.runes):
		e.at = e.lineEnd() + 1
	default:
		return
	}
	start := e.lineStart()
	e.at = start
	e.at = min(start+column, e.lineEnd())
}

// OnFirst and OnLast tell whether the cursor is on the first or last line, so
// that a form knows when up and down leave the field.
func (e *Editor) OnFirst() bool { return e.lineStart() == 0 }

// OnLast is the counterpart of OnFirst.
func (e *Editor) OnLast() bool { return e.lineEnd() == len(e.runes) }

// View draws the text in lines of the given width, at most height of them,
// around the cursor, which is shown where focused.
func (e *Editor) View(t *theme.Theme, width, height int, focused bool) []string {
	if !focused && len(e.runes) == 0 || width < 2 {
		return []string{""}
	}
	if e.Masked {
		shown := Editor{at: e.at}
		for range e.runes {
			shown.runes = append(shown.runes, []rune(t.Glyphs.Masked)...)
		}
		return shown.View(t, width, height, focused)
	}
	var lines []string
	cursorLine, start := 0, 0
	for i := 0; i <= len(e.runes); i++ {
		if i < len(e.runes) && e.runes[i] != '\n' {
			continue
		}
		if focused && e.at >= start && e.at <= i {
			cursorLine = len(lines)
			lines = append(lines, e.drawCursorLine(t, e.runes[start:i], e.at-start, width))
		} else {
			lines = append(lines, Cut(untabbed(string(e.runes[start:i])), width, t.Glyphs.Ellipsis))
		}
		start = i + 1
	}
	if len(lines) > height {
		top := max(0, min(cursorLine-height/2, len(lines)-height))
		lines = lines[top : top+height]
	}
	return lines
}

// untabbed is text as it is drawn: a tab takes as many cells as elsewhere.
func untabbed(s string) string { return strings.ReplaceAll(s, "\t", tab) }

// drawCursorLine draws one line with the cursor cell, scrolled sideways so
// that the cursor is in sight.
func (e *Editor) drawCursorLine(t *theme.Theme, line []rune, at, width int) string {
	before, under, after := untabbed(string(line[:at])), " ", ""
	if at < len(line) {
		under = firstCluster(string(line[at:]))
		after = untabbed(strings.TrimPrefix(string(line[at:]), under))
		under = untabbed(under)
	}
	if w := Width(before); w > width-2 {
		for w > width-3 { // cluster by cluster: a pasted line may be long
			c := firstCluster(before)
			before, w = before[len(c):], w-Width(c)
		}
		before = t.Glyphs.Ellipsis + before
	}
	room := width - Width(before) - Width(under)
	return before + t.Caret.Of(under) + Cut(after, room, t.Glyphs.Ellipsis)
}
