// Package picture draws a terminal's screen as an image. The screen comes as
// text with SGR sequences, which is what `tmux capture-pane -e -p -N` prints.
package picture

import (
	"image/color"
	"strings"

	"github.com/charmbracelet/x/ansi"
	"golang.org/x/text/unicode/norm"
)

// Style is how a cell is drawn. A nil colour is the theme's default; an
// ansi.BasicColor or ansi.IndexedColor is looked up in the theme's palette.
type Style struct {
	Foreground, Background                         color.Color
	Bold, Dim, Italic, Underline, Reverse, Conceal bool
	Strike                                         bool
}

// Cell is one cell of the screen. The right half of a wide character is a cell
// of its own, with the style and without text.
type Cell struct {
	Text  string
	Width int
	Style Style
}

// Screen is a grid of cells; each row has Cols cells.
type Screen struct {
	Cols int
	Rows [][]Cell
}

// Parse reads a captured screen of the given size. Text beyond the size is
// left out and missing cells are blank; a size of zero is taken from the text.
// Sequences other than SGR (ECMA-48, 8.3.117) are passed over.
func Parse(text string, cols, rows int) *Screen {
	lines := strings.Split(strings.TrimSuffix(norm.NFC.String(text), "\n"), "\n")
	if rows == 0 {
		rows = len(lines)
	}
	if cols == 0 {
		for _, line := range lines {
			cols = max(cols, ansi.StringWidth(line))
		}
	}
	screen := &Screen{Cols: cols, Rows: make([][]Cell, rows)}
	parser := ansi.NewParser()
	var pen Style // it runs on from line to line, as tmux writes it
	for i := range screen.Rows {
		screen.Rows[i] = make([]Cell, cols)
		if i < len(lines) {
			parseLine(lines[i], screen.Rows[i], &pen, parser)
		}
	}
	return screen
}

func parseLine(line string, row []Cell, pen *Style, parser *ansi.Parser) {
	var state byte
	for x := 0; len(line) > 0; {
		seq, width, n, next := ansi.DecodeSequence(line, state, parser)
		switch {
		case width == 0 && ansi.Cmd(parser.Command()).Final() == 'm' && ansi.HasCsiPrefix(seq):
			pen.apply(parser.Params())
		case width > 0 && x+width <= len(row):
			row[x] = Cell{Text: seq, Width: width, Style: *pen}
			for right := 1; right < width; right++ {
				row[x+right] = Cell{Style: *pen}
			}
			x += width
		}
		state, line = next, line[n:]
	}
}

// apply carries out one SGR sequence.
func (s *Style) apply(params ansi.Params) {
	if len(params) == 0 {
		*s = Style{}
	}
	for i := 0; i < len(params); i++ {
		switch p := params[i].Param(0); {
		case p == 38 || p == 48 || p == 58:
			var c color.Color
			n := ansi.ReadStyleColor(params[i:], &c)
			switch {
			case n == 0:
				return // not to be understood, nor what follows it
			case p == 38:
				s.Foreground = c
			case p == 48:
				s.Background = c
			}
			i += n - 1
		case p == 4 && params[i].HasMore() && i+1 < len(params): // 4:0 none, 4:1… the kinds
			i++
			s.Underline = params[i].Param(1) != 0
		default:
			s.applyOne(p)
		}
	}
}

func (s *Style) applyOne(p int) {
	switch {
	case p == 0:
		*s = Style{}
	case p == 1:
		s.Bold = true
	case p == 2:
		s.Dim = true
	case p == 3:
		s.Italic = true
	case p == 4 || p == 21:
		s.Underline = true
	case p == 7:
		s.Reverse = true
	case p == 8:
		s.Conceal = true
	case p == 9:
		s.Strike = true
	case p == 22:
		s.Bold, s.Dim = false, false
	case p == 23:
		s.Italic = false
	case p == 24:
		s.Underline = false
	case p == 27:
		s.Reverse = false
	case p == 28:
		s.Conceal = false
	case p == 29:
		s.Strike = false
	case p >= 30 && p <= 37:
		s.Foreground = ansi.BasicColor(p - 30)
	case p == 39:
		s.Foreground = nil
	case p >= 40 && p <= 47:
		s.Background = ansi.BasicColor(p - 40)
	case p == 49:
		s.Background = nil
	case p >= 90 && p <= 97:
		s.Foreground = ansi.BasicColor(p - 90 + 8)
	case p >= 100 && p <= 107:
		s.Background = ansi.BasicColor(p - 100 + 8)
	}
}
