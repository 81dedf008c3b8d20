package paint

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/charmbracelet/x/ansi"
	"github.com/mattn/go-runewidth"
)

const (
	tabWidth   = 8
	maxCluster = 32   // bytes of one character with its combining marks
	maxLink    = 2083 // bytes of a hyperlink, the limit of VTE and iTerm2
)

// cell is one column of a line. A wide character has its text in its first
// cell; the second has no text and width 0.
type cell struct {
	text   string
	pen    pen
	width  uint8
	unsure bool // terminals differ over the width of this text
}

// blank is what an erased cell holds.
var blank = cell{text: " ", width: 1}

// line is one line of a frame as cells, without the blank ones at its end.
type line struct {
	text   string // that it was read from
	cells  []cell
	unsure int // index of the first unsure cell, len(cells) if there is none
}

// at is the cell in column x, blank beyond the line's end.
func (l *line) at(x int) cell {
	if x < len(l.cells) {
		return l.cells[x]
	}
	return blank
}

// distance counts the columns in which two lines differ.
func (l *line) distance(m *line) int {
	if l == m {
		return 0
	}
	n := 0
	for x := range max(len(l.cells), len(m.cells)) {
		if l.at(x) != m.at(x) {
			n++
		}
	}
	return n
}

// reader turns the text of a line into cells.
type reader struct {
	wc    *runewidth.Condition // widths rune by rune, as most terminals count
	width int                  // columns of the screen
	links bool                 // keep hyperlinks
	pen   pen
	cells []cell
}

// readLine reads one line of a View, which holds no "\n".
func (r *reader) readLine(text string) *line {
	s := text
	r.pen = pen{}
	r.cells = make([]cell, 0, min(len(s), r.width))
	for len(s) > 0 && len(r.cells) < r.width {
		switch c := s[0]; {
		case c == 0x1b:
			s = s[r.escape(s):]
		case c == '\t':
			for n := tabWidth - len(r.cells)%tabWidth; n > 0; n-- {
				r.put(" ", 1, false)
			}
			s = s[1:]
		case c < 0x20 || c == 0x7f:
			s = s[1:]
		case c < 0x7f && (len(s) == 1 || s[1] < utf8.RuneSelf):
			r.put(s[:1], 1, false)
			s = s[1:]
		default:
			s = s[r.cluster(s):]
		}
	}
	cells := r.cells
	for len(cells) > 0 && cells[len(cells)-1] == blank {
		cells = cells[:len(cells)-1]
	}
	l := &line{text: text, cells: cells, unsure: len(cells)}
	for i := range cells {
		if cells[i].unsure {
			l.unsure = i
			break
		}
	}
	return l
}

// put adds a character; one that does not fit any more becomes blanks.
func (r *reader) put(text string, width int, unsure bool) {
	room := r.width - len(r.cells)
	if room <= 0 {
		return
	}
	p := r.pen
	if width > room {
		for range room {
			r.put(" ", 1, false)
		}
		return
	}
	if text == " " {
		p = p.onBlank()
	}
	r.cells = append(r.cells, cell{text: text, pen: p, width: uint8(width), unsure: unsure})
	for range width - 1 {
		r.cells = append(r.cells, cell{pen: p, unsure: unsure})
	}
}

// cluster adds the first character of s with all that combines with it, and
// returns its length.
//
// Lip Gloss lays out by grapheme clusters, many terminals by single runes.
// Where the two counts agree the width is sure. Joined and modified emoji,
// flags and what newer Unicode versions added are not.
func (r *reader) cluster(s string) int {
	if c, n := utf8.DecodeRuneInString(s); c == utf8.RuneError && n <= 1 {
		r.put("\ufffd", 1, false)
		return n
	}
	text, width := ansi.FirstGraphemeCluster(s, ansi.GraphemeWidth)
	n := max(len(text), 1)
	if len(text) > maxCluster {
		end := maxCluster
		for end > 0 && !utf8.RuneStart(text[end]) {
			end--
		}
		text = text[:end]
	}
	text = strings.ToValidUTF8(text, "")
	if width <= 0 || text == "" {
		return n
	}
	width = min(width, 2)
	byRune, emoji := 0, false
	for _, c := range text {
		if c < 0x20 || c >= 0x7f && c < 0xa0 {
			return n
		}
		byRune += r.runeWidth(c)
		emoji = emoji || c >= 0x1f000 && c < 0x20000 || c == 0xfe0f || c == 0x200d
	}
	unsure := emoji || byRune != width
	if unsure && max(byRune, width) > r.width-len(r.cells) {
		// It could reach beyond the edge: not worth the risk.
		for range width {
			r.put(" ", 1, false)
		}
		return n
	}
	r.put(text, width, unsure)
	return n
}

// runeWidth is the width of a rune in a terminal that counts runes: marks
// that combine (Unicode categories Mn and Me, the medial and final jamo) take
// no column, as in the C library's wcwidth.
func (r *reader) runeWidth(c rune) int {
	if unicode.In(c, unicode.Mn, unicode.Me) || c >= 0x1160 && c <= 0x11ff {
		return 0
	}
	return r.wc.RuneWidth(c)
}

// escape reads the control sequence at the start of s (ECMA-48 5.4, and 5.6
// for control strings) and returns its length. SGR and OSC 8 change the pen;
// the rest is dropped.
func (r *reader) escape(s string) int {
	if len(s) < 2 {
		return len(s)
	}
	switch s[1] {
	case '[':
		i := 2
		for i < len(s) && s[i] >= 0x20 && s[i] <= 0x3f {
			i++
		}
		if i == len(s) || s[i] < 0x40 || s[i] > 0x7e {
			return i
		}
		if s[i] == 'm' && !strings.ContainsAny(s[2:i], " !\"#$%&'()*+,-./<=>?") {
			r.pen.sgr(s[2:i])
		}
		return i + 1
	case ']':
		body, n := controlString(s)
		if link, ok := strings.CutPrefix(body, "8;"); ok {
			r.setLink(link)
		}
		return n
	case 'P', 'X', '^', '_':
		_, n := controlString(s)
		return n
	}
	i := 1
	for i < len(s) && s[i] >= 0x20 && s[i] <= 0x2f {
		i++
	}
	if i < len(s) && s[i] >= 0x30 && s[i] <= 0x7e {
		i++
	}
	return i
}

// controlString splits the string that starts with ESC and a type byte from
// its terminator, BEL or ST, and returns it with its whole length. One without
// end takes the rest of the line.
func controlString(s string) (body string, n int) {
	for i := 2; i < len(s); i++ {
		switch {
		case s[i] == 0x07:
			return s[2:i], i + 1
		case s[i] == 0x1b && i+1 < len(s) && s[i+1] == '\\':
			return s[2:i], i + 2
		case s[i] == 0x1b:
			return "", i
		}
	}
	return "", len(s)
}

// setLink takes "params;uri" of an OSC 8. What is too long, or not plain
// printable ASCII as the convention demands, is no link.
func (r *reader) setLink(s string) {
	r.pen.link = ""
	_, uri, ok := strings.Cut(s, ";")
	if !ok || uri == "" || !r.links || len(s) > maxLink {
		return
	}
	for i := range len(s) {
		if s[i] <= 0x20 || s[i] >= 0x7f {
			return
		}
	}
	r.pen.link = s
}
