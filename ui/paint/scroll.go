package paint

import "strconv"

const (
	scrollRows = 3  // fewer changed rows are not worth looking at
	scrollGain = 24 // cells that scrolling must save
)

// spot is where a line occurs in the screen and in the next frame.
type spot struct {
	old, next   int
	olds, nexts int // how often
}

// scroll moves a part of the screen up or down where that saves writing it
// anew. Lines that occur once before and once after vote for the distance;
// the rows it pays off for are then moved with scroll margins and LF or RI.
// It comes first in a frame, when the pen is the default: what scrolls in
// takes its background.
func (e *engine) scroll() {
	by := e.distance()
	if by == 0 {
		return
	}
	lo, hi, gain := e.span(by)
	if gain < scrollGain {
		return
	}
	top, bottom := lo, hi
	if by < 0 {
		bottom -= by
	} else {
		top -= by
	}
	e.buf = append(e.buf, "\x1b["...)
	e.buf = strconv.AppendInt(e.buf, int64(top+1), 10)
	e.buf = append(e.buf, ';')
	e.buf = strconv.AppendInt(e.buf, int64(bottom+1), 10)
	e.buf = append(e.buf, 'r')
	e.lost = true
	if by < 0 {
		e.move(0, bottom)
		for range -by {
			e.buf = append(e.buf, '\n')
		}
	} else {
		e.move(0, top)
		for range by {
			e.buf = append(e.buf, "\x1bM"...)
		}
	}
	e.buf = append(e.buf, "\x1b[r"...)
	e.at = point{0, 0} // DECSTBM homes the cursor
	e.shift(top, bottom, by)
}

// shift moves the rows from top to bottom in what the screen is known to show.
func (e *engine) shift(top, bottom, by int) {
	rows := e.rows[top : bottom+1]
	if by < 0 {
		n := copy(rows, rows[-by:])
		rows = rows[n:]
	} else {
		copy(rows[by:], rows)
		rows = rows[:by]
	}
	for y := range rows {
		rows[y] = e.empty
	}
}

// distance is by how many rows most lines moved, 0 where none did.
func (e *engine) distance() int {
	changed := 0
	for y, l := range e.next {
		if e.rows[y] == nil {
			return 0
		}
		if e.rows[y] != l {
			changed++
		}
	}
	if changed < scrollRows {
		return 0
	}
	clear(e.spots)
	clear(e.votes)
	for y, l := range e.rows {
		s := e.spots[l]
		s.old = y
		s.olds++
		e.spots[l] = s
	}
	for y, l := range e.next {
		if s, ok := e.spots[l]; ok {
			s.next = y
			s.nexts++
			e.spots[l] = s
		}
	}
	best := 0
	for l, s := range e.spots {
		by := s.next - s.old
		if s.olds != 1 || s.nexts != 1 || by == 0 || len(l.cells) == 0 {
			continue
		}
		e.votes[by]++
		if n := e.votes[by]; best == 0 || n > e.votes[best] ||
			n == e.votes[best] && (abs(by) < abs(best) || abs(by) == abs(best) && by < best) {
			best = by
		}
	}
	return best
}

// span finds the rows of the next frame, from lo to hi, for which moving the
// screen by so many rows saves the most cells, less what is lost in the rows
// that scroll in blank.
func (e *engine) span(by int) (lo, hi, gain int) {
	n := len(e.next)
	from, to := max(0, by), min(n, n+by)
	for y, l := range e.next {
		e.gain[y] = l.distance(e.rows[y])
	}
	sum, start := 0, from
	for y := from; y < to; y++ {
		if sum <= 0 {
			sum, start = 0, y
		}
		sum += e.gain[y] - e.next[y].distance(e.rows[y-by])
		if sum > gain {
			lo, hi, gain = start, y, sum
		}
	}
	blankFrom, blankTo := hi+1, hi-by
	if by > 0 {
		blankFrom, blankTo = lo-by, lo-1
	}
	if gain > 0 {
		for y := blankFrom; y <= blankTo; y++ {
			gain -= len(e.next[y].cells) - e.gain[y]
		}
	}
	return lo, hi, gain
}
