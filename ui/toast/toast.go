// Package toast tells what happened: one line at a time, in the status line,
// with a word for its level, and a history of all of them.
package toast

import (
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/ui/theme"
	"example.com/vexdesk/ui/widget"
)

// Level is how much a message matters.
type Level int

// The levels.
const (
	Info Level = iota
	Done
	Warn
	Error
)

// Msg is a message to be shown.
type Msg struct {
	Level Level
	Text  string
}

// Say is the command that shows a message.
func Say(level Level, text string) tea.Cmd { return widget.Send(Msg{level, text}) }

// Failed is the command that shows an error.
func Failed(doing string, err error) tea.Cmd {
	return Say(Error, doing+": "+err.Error())
}

const (
	read    = time.Second
	life    = 6 * time.Second
	longest = 12 * time.Second // of what one must have seen
	kept    = 200
)

// Past is a message and when it came.
type Past struct {
	Msg
	At time.Time
}

// Line shows the newest message for a while and remembers the older ones.
type Line struct {
	now   func() time.Time
	past  []Past
	until time.Time
}

// New makes an empty line.
func New(now func() time.Time) *Line { return &Line{now: now} }

// Add shows a message.
func (l *Line) Add(m Msg) {
	now := l.now()
	l.past = append(l.past, Past{m, now})
	if len(l.past) > kept {
		l.past = l.past[len(l.past)-kept:]
	}
	l.until = now.Add(life)
	if m.Level >= Warn {
		l.until = now.Add(longest)
	}
}

// Dismiss takes the message off the line; the history keeps it.
func (l *Line) Dismiss() { l.until = time.Time{} }

// GiveWay takes a message off the line that need not be seen, such as when
// another screen opens and its keys matter more.
func (l *Line) GiveWay() {
	if n := len(l.past); n > 0 && l.past[n-1].Level < Warn {
		l.Dismiss()
	}
}

// Deadline is when the present message goes.
func (l *Line) Deadline() time.Time { return l.until }

// Tick lets the message go when its time has come.
func (l *Line) Tick(now time.Time) {
	if !l.until.IsZero() && !now.Before(l.until) {
		l.until = time.Time{}
	}
}

// Pressed takes a message off the line that has been there long enough to be
// read and need not be seen: whoever presses a key goes on.
func (l *Line) Pressed() {
	if n := len(l.past); n > 0 && l.now().Sub(l.past[n-1].At) >= read {
		l.GiveWay()
	}
}

// View is the present message, of at most most lines; none for none.
func (l *Line) View(t *theme.Theme, width, most int) []string {
	if l.until.IsZero() {
		return nil
	}
	m := l.past[len(l.past)-1].Msg
	word := m.Level.Word()
	lines := widget.Wrap(m.Text, max(1, width-len(word)-4))
	if len(lines) > most {
		lines = append(lines[:most-1], strings.Join(lines[most-1:], " "))
	}
	for i, line := range lines {
		before := " " + m.Level.Pen(t).Of(word) + "  "
		if i > 0 {
			before = widget.Spaces(len(word) + 3)
		}
		lines[i] = before + widget.Cut(line, width-len(word)-3, t.Glyphs.Ellipsis)
	}
	return lines
}

// Past lists the messages, the newest first.
func (l *Line) Past() []Past {
	out := make([]Past, 0, len(l.past))
	for i := len(l.past) - 1; i >= 0; i-- {
		out = append(out, l.past[i])
	}
	return out
}

// Word names the level.
func (v Level) Word() string {
	return [...]string{"info", "done", "warning", "error"}[v]
}

// Pen is the level's look.
func (v Level) Pen(t *theme.Theme) theme.Pen {
	return [...]theme.Pen{t.Accent, t.Good, t.Warn, t.Bad}[v]
}
