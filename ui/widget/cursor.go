package widget

import (
	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/ui/keys"
)

// Cursor is a place in a list that is held in memory, and the part of the
// list that is seen.
type Cursor struct {
	At, Top int
	Len     int
	Height  int
}

// Set moves to line n, as near as there is one, and keeps it in sight.
func (c *Cursor) Set(n int) {
	c.At = max(0, min(n, c.Len-1))
	if c.At < c.Top {
		c.Top = c.At
	}
	if c.At >= c.Top+c.Height {
		c.Top = c.At - c.Height + 1
	}
	c.Top = max(0, min(c.Top, c.Len-c.Height))
}

// Resize tells how many lines there are and how many are seen.
func (c *Cursor) Resize(length, height int) {
	c.Len, c.Height = length, max(1, height)
	c.Set(c.At)
}

// Seen is the range of lines in sight.
func (c *Cursor) Seen() (from, to int) {
	return c.Top, min(c.Len, c.Top+c.Height)
}

// Handlers are the motions.
func (c *Cursor) Handlers() keys.Handlers {
	to := func(where func() int) keys.Handler {
		return keys.Handler{Run: func() tea.Cmd { c.Set(where()); return nil }}
	}
	return keys.Handlers{
		"move.down":          to(func() int { return c.At + 1 }),
		"move.up":            to(func() int { return c.At - 1 }),
		"move.half-down":     to(func() int { return c.At + c.Height/2 }),
		"move.half-up":       to(func() int { return c.At - c.Height/2 }),
		"move.page-down":     to(func() int { return c.At + c.Height }),
		"move.page-up":       to(func() int { return c.At - c.Height }),
		"move.top":           to(func() int { return 0 }),
		"move.bottom":        to(func() int { return c.Len - 1 }),
		"move.screen-top":    to(func() int { return c.Top }),
		"move.screen-middle": to(func() int { return c.Top + min(c.Len-c.Top, c.Height)/2 }),
		"move.screen-bottom": to(func() int { return c.Top + c.Height - 1 }),
	}
}

// Scroll is a text that is read line by line: the motions move what is seen.
type Scroll struct {
	Top    int
	Len    int
	Height int
}

// Set scrolls to line n, as far as there is text.
func (s *Scroll) Set(n int) { s.Top = max(0, min(n, s.Len-s.Height)) }

// Resize tells how many lines there are and how many are seen.
func (s *Scroll) Resize(length, height int) {
	s.Len, s.Height = length, max(1, height)
	s.Set(s.Top)
}

// Handlers are the motions.
func (s *Scroll) Handlers() keys.Handlers {
	to := func(where func() int) keys.Handler {
		return keys.Handler{Run: func() tea.Cmd { s.Set(where()); return nil }}
	}
	return keys.Handlers{
		"move.down":      to(func() int { return s.Top + 1 }),
		"move.up":        to(func() int { return s.Top - 1 }),
		"move.half-down": to(func() int { return s.Top + s.Height/2 }),
		"move.half-up":   to(func() int { return s.Top - s.Height/2 }),
		"move.page-down": to(func() int { return s.Top + s.Height }),
		"move.page-up":   to(func() int { return s.Top - s.Height }),
		"move.top":       to(func() int { return 0 }),
		"move.bottom":    to(func() int { return s.Len }),
	}
}
