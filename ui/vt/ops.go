package vt

import (
	"slices"
	"unicode"
)

// maxMarks is how many combining marks a cell keeps.
const maxMarks = 32

// print writes a character at the cursor.
func (s *Screen) print(r rune) {
	w := s.wc.RuneWidth(r)
	if w == 0 || unicode.In(r, unicode.Mn, unicode.Me) || r >= 0x1160 && r <= 0x11ff {
		s.combine(r)
		return
	}
	w = min(w, 2)
	if w > s.cols {
		return
	}
	if s.cur.wrap || s.cur.x+w > s.cols {
		if s.modes[7] {
			s.cur.x, s.cur.wrap = 0, false
			s.lineFeed()
		} else {
			s.cur.x, s.cur.wrap = s.cols-w, false
		}
	}
	row := s.cells[s.cur.y]
	s.clear(row, s.cur.x, s.cur.x+w, s.cur.style)
	row[s.cur.x] = Cell{Text: string(r), Width: w, Style: s.cur.style}
	if w == 2 {
		row[s.cur.x+1] = Cell{Style: s.cur.style}
	}
	s.cur.x += w
	if s.cur.x >= s.cols {
		s.cur.x, s.cur.wrap = s.cols-1, true
	}
}

// combine adds a mark to the character before the cursor.
func (s *Screen) combine(r rune) {
	row, x := s.cells[s.cur.y], s.cur.x
	if !s.cur.wrap {
		x--
	}
	if x > 0 && row[x].Width == 0 {
		x--
	}
	if x >= 0 && len(row[x].Text) < maxMarks {
		row[x].Text += string(r)
	}
}

// clear erases the cells from x to end, and what a cut wide character leaves.
func (s *Screen) clear(row []Cell, x, end int, style Style) {
	x, end = max(x, 0), min(end, len(row))
	if x >= end {
		return
	}
	if x > 0 && row[x].Width == 0 {
		row[x-1] = Cell{Text: " ", Width: 1, Style: row[x-1].Style}
	}
	if end < len(row) && row[end].Width == 0 {
		row[end] = Cell{Text: " ", Width: 1, Style: row[end].Style}
	}
	copy(row[x:end], blanks(end-x, Style{BG: style.BG}))
}

func (s *Screen) lineFeed() {
	s.cur.wrap = false
	switch {
	case s.cur.y == s.bot:
		s.scroll(s.top, s.bot, 1)
	case s.cur.y < s.rows-1:
		s.cur.y++
	}
}

func (s *Screen) reverseIndex() {
	s.cur.wrap = false
	switch {
	case s.cur.y == s.top:
		s.scroll(s.top, s.bot, -1)
	case s.cur.y > 0:
		s.cur.y--
	}
}

// scroll moves the rows from top to bottom up by n, down where n is negative.
func (s *Screen) scroll(top, bottom, n int) {
	rows := s.cells[top : bottom+1]
	n = max(min(n, len(rows)), -len(rows))
	fresh := func() []Cell { return blanks(s.cols, Style{BG: s.cur.style.BG}) }
	if n > 0 {
		copy(rows, rows[n:])
		rows = rows[len(rows)-n:]
	} else {
		copy(rows[-n:], slices.Clone(rows))
		rows = rows[:-n]
	}
	for y := range rows {
		rows[y] = fresh()
	}
}

func (s *Screen) moveTo(x, y int) {
	s.cur.x = max(0, min(x, s.cols-1))
	s.cur.y = max(0, min(y, s.rows-1))
	s.cur.wrap = false
}

// function carries out a control sequence without prefix other than SGR.
func (s *Screen) function(final byte, args []int) (known bool) {
	arg := func(i, otherwise int) int {
		if i < len(args) && args[i] != 0 {
			return args[i]
		}
		return otherwise
	}
	n := arg(0, 1)
	x, y := s.cur.x, s.cur.y
	switch final {
	case 'A':
		s.moveTo(x, y-n)
	case 'B', 'e':
		s.moveTo(x, y+n)
	case 'C', 'a':
		s.moveTo(x+n, y)
	case 'D':
		s.moveTo(x-n, y)
	case 'E':
		s.moveTo(0, y+n)
	case 'F':
		s.moveTo(0, y-n)
	case 'G', '`':
		s.moveTo(n-1, y)
	case 'd':
		s.moveTo(x, n-1)
	case 'H', 'f':
		s.moveTo(arg(1, 1)-1, n-1)
	case 'r':
		return s.setMargins(n-1, arg(1, s.rows)-1)
	case 's':
		s.saved = s.cur
	case 'u':
		s.cur = s.saved
	default:
		return s.edit(final, arg(0, 0), n)
	}
	return true
}

// setMargins is DECSTBM. Margins of less than two rows are refused.
func (s *Screen) setMargins(top, bottom int) bool {
	bottom = min(bottom, s.rows-1)
	if top >= bottom {
		return s.rows == 1
	}
	s.top, s.bot = top, bottom
	s.moveTo(0, 0)
	return true
}

// edit carries out the functions that erase, insert, delete and scroll. what
// is the first parameter as given, n the same with 1 for none.
func (s *Screen) edit(final byte, what, n int) (known bool) {
	row, x, y := s.cells[s.cur.y], s.cur.x, s.cur.y
	switch final {
	case 'J':
		return s.eraseDisplay(what)
	case 'K':
		switch what {
		case 0:
			s.clear(row, x, s.cols, s.cur.style)
		case 1:
			s.clear(row, 0, x+1, s.cur.style)
		case 2:
			s.clear(row, 0, s.cols, s.cur.style)
		default:
			return false
		}
	case 'X':
		s.clear(row, x, x+n, s.cur.style)
	case '@':
		s.shiftCells(row, x, n)
	case 'P':
		s.shiftCells(row, x, -n)
	case 'L', 'M':
		if y < s.top || y > s.bot {
			return true
		}
		if final == 'L' {
			n = -n
		}
		s.scroll(y, s.bot, n)
		s.cur.x = 0
	case 'S':
		s.scroll(s.top, s.bot, n)
	case 'T':
		s.scroll(s.top, s.bot, -n)
	default:
		return false
	}
	s.cur.wrap = false
	return true
}

// shiftCells inserts n blanks at x, or deletes -n cells there.
func (s *Screen) shiftCells(row []Cell, x, n int) {
	n = max(min(n, s.cols-x), x-s.cols)
	if n >= 0 {
		s.clear(row, x, x, s.cur.style)
		copy(row[x+n:], slices.Clone(row[x:]))
		s.clear(row, x, x+n, s.cur.style)
	} else {
		s.clear(row, x, x-n, s.cur.style)
		copy(row[x:], row[x-n:])
		s.clear(row, s.cols+n, s.cols, s.cur.style)
	}
	for i := range row { // wide characters that were cut
		cut := row[i].Width == 2 && (i+1 == len(row) || row[i+1].Width != 0)
		if cut || row[i].Width == 0 && (i == 0 || row[i-1].Width != 2) {
			row[i] = Cell{Text: " ", Width: 1, Style: row[i].Style}
		}
	}
}

func (s *Screen) eraseDisplay(what int) bool {
	from, to := 0, s.rows
	switch what {
	case 0:
		s.clear(s.cells[s.cur.y], s.cur.x, s.cols, s.cur.style)
		from = s.cur.y + 1
	case 1:
		s.clear(s.cells[s.cur.y], 0, s.cur.x+1, s.cur.style)
		to = s.cur.y
	case 2:
	case 3: // the lines scrolled off, of which there are none
		return true
	default:
		return false
	}
	for y := from; y < to; y++ {
		s.clear(s.cells[y], 0, s.cols, s.cur.style)
	}
	s.cur.wrap = false
	return true
}

// setModes sets or resets private modes. All are kept for Mode; the screen
// itself knows autowrap, the cursor and the alternate screen.
func (s *Screen) setModes(params string, on bool) bool {
	known := true
	for _, n := range numbers(params) {
		was := s.modes[n]
		s.modes[n] = on
		switch n {
		case 47, 1047, 1049:
			if was != on {
				s.setAlt(n, on)
			}
		case 1, 7, 12, 25, 1000, 1002, 1003, 1004, 1006, 2004, 2026:
		default:
			known = false
		}
	}
	return known
}

// setAlt shows the other screen; 1049 saves the cursor and clears.
func (s *Screen) setAlt(mode int, on bool) {
	if s.alt == on {
		return
	}
	if on && mode == 1049 {
		s.otherCur = s.cur
	}
	s.alt = on
	s.cells, s.other = s.other, s.cells
	if on && mode == 1049 {
		s.cells = newGrid(s.cols, s.rows)
	}
	if !on && mode == 1049 {
		s.cur = s.otherCur
	}
}
