package vt

import (
	"slices"
	"strings"

	"github.com/mattn/go-runewidth"
)

// Color is a terminal colour. The zero value is the terminal's default.
type Color struct {
	// Kind is 0 for the default, 16 for SGR 30–37 and 90–97, 255 for the
	// palette of 256, 24 for true colour.
	Kind uint8
	// Value is the index, or 0xRRGGBB for true colour.
	Value uint32
}

// Style is what a cell is drawn with.
type Style struct {
	FG, BG, UnderlineColor                 Color
	Underline                              uint8 // 0 none, 1 single … 5 dashed
	Bold, Faint, Italic, Blink, RapidBlink bool
	Reverse, Conceal, Strike, Overline     bool
	Link                                   string // OSC 8 "params;uri"
}

// Cell is one column of a line. A wide character is in its first cell, with
// Width 2; the second has no text and Width 0.
type Cell struct {
	Text  string
	Width int
	Style Style
}

// Visible is the cell as it looks: on a space, all that cannot be seen there
// is left out of the style.
func (c Cell) Visible() Cell {
	s := &c.Style
	if c.Text == " " && s.Underline == 0 && !s.Reverse && !s.Strike && !s.Overline {
		c.Style = Style{BG: s.BG, Link: s.Link}
	}
	return c
}

// grid is one of the two screens.
type grid [][]Cell

// cursor is what DECSC saves.
type cursor struct {
	x, y  int
	wrap  bool // a character was written in the last column
	style Style
}

// Screen is a terminal's screen. It is not safe for concurrent use.
type Screen struct {
	cols, rows int
	cells      grid
	other      grid // the screen that is not shown
	cur, saved cursor
	otherCur   cursor
	top, bot   int // scroll margins, inclusive
	alt        bool
	modes      map[int]bool // private modes
	title      string
	clipboard  string
	wc         *runewidth.Condition

	rest    []byte // the beginning of a sequence or character
	log     []string
	unknown []string
	bells   int
}

// New returns an empty screen. Sizes below 1 count as 1.
func New(cols, rows int) *Screen {
	s := &Screen{cols: max(cols, 1), rows: max(rows, 1), wc: &runewidth.Condition{StrictEmojiNeutral: true}}
	s.Reset()
	return s
}

// Reset brings the screen into the state it had when it was new.
func (s *Screen) Reset() {
	s.cells, s.other = newGrid(s.cols, s.rows), newGrid(s.cols, s.rows)
	s.cur, s.saved, s.otherCur = cursor{}, cursor{}, cursor{}
	s.top, s.bot, s.alt = 0, s.rows-1, false
	s.modes = map[int]bool{7: true, 25: true}
	s.title, s.clipboard, s.rest, s.bells = "", "", nil, 0
	s.ResetLog()
}

func newGrid(cols, rows int) grid {
	g := make(grid, rows)
	for y := range g {
		g[y] = blanks(cols, Style{})
	}
	return g
}

func blanks(n int, style Style) []Cell {
	return slices.Repeat([]Cell{{Text: " ", Width: 1, Style: style}}, n)
}

// Resize changes the size. What does not fit any more is cut off at the right
// and the bottom; the margins are reset.
func (s *Screen) Resize(cols, rows int) {
	s.cols, s.rows = max(cols, 1), max(rows, 1)
	s.cells, s.other = s.cells.resized(s.cols, s.rows), s.other.resized(s.cols, s.rows)
	s.top, s.bot = 0, s.rows-1
	for _, c := range []*cursor{&s.cur, &s.saved, &s.otherCur} {
		c.x, c.y, c.wrap = min(c.x, s.cols-1), min(c.y, s.rows-1), false
	}
}

func (g grid) resized(cols, rows int) grid {
	n := newGrid(cols, rows)
	for y := range min(rows, len(g)) {
		copy(n[y], g[y])
		if c := &n[y][cols-1]; c.Width == 2 {
			*c = Cell{Text: " ", Width: 1, Style: c.Style}
		}
	}
	return n
}

// Size is the number of columns and rows.
func (s *Screen) Size() (cols, rows int) { return s.cols, s.rows }

// Cell is the cell in column x of row y, from 0, 0 at the top left; outside
// the screen it is a blank one.
func (s *Screen) Cell(x, y int) Cell {
	if x < 0 || y < 0 || x >= s.cols || y >= s.rows {
		return Cell{Text: " ", Width: 1}
	}
	return s.cells[y][x]
}

// Line is the text of row y without the spaces at its end.
func (s *Screen) Line(y int) string {
	if y < 0 || y >= s.rows {
		return ""
	}
	var b strings.Builder
	for _, c := range s.cells[y] {
		b.WriteString(c.Text)
	}
	return strings.TrimRight(b.String(), " ")
}

// String is the text of the whole screen, a line each.
func (s *Screen) String() string {
	lines := make([]string, s.rows)
	for y := range lines {
		lines[y] = s.Line(y)
	}
	return strings.Join(lines, "\n")
}

// Contains says whether some row holds text.
func (s *Screen) Contains(text string) bool { return strings.Contains(s.String(), text) }

// Cursor is the cursor's cell and whether it is visible.
func (s *Screen) Cursor() (x, y int, visible bool) { return s.cur.x, s.cur.y, s.modes[25] }

// Pen is what the next character will be drawn with.
func (s *Screen) Pen() Style { return s.cur.style }

// Margins are the first and last row that scroll.
func (s *Screen) Margins() (top, bottom int) { return s.top, s.bot }

// AltScreen says whether the alternate screen is shown.
func (s *Screen) AltScreen() bool { return s.alt }

// Mode says whether a private mode (DECSET) is set. 7 and 25 are at first.
func (s *Screen) Mode(n int) bool { return s.modes[n] }

// Title is the window title.
func (s *Screen) Title() string { return s.title }

// Clipboard is what OSC 52 put there last.
func (s *Screen) Clipboard() string { return s.clipboard }

// Bells counts BEL.
func (s *Screen) Bells() int { return s.bells }

// RawControl lists every control sequence and control character since the log
// was reset, in order, as it was received.
func (s *Screen) RawControl() []string { return slices.Clone(s.log) }

// Unknown lists the control sequences since the log was reset that this
// terminal does not implement.
func (s *Screen) Unknown() []string { return slices.Clone(s.unknown) }

// ResetLog empties RawControl and Unknown.
func (s *Screen) ResetLog() { s.log, s.unknown = nil, nil }
