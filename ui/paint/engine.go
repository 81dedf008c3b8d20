package paint

import (
	"strconv"
	"strings"

	"github.com/mattn/go-runewidth"
)

// cachedScreens is how many screens of parsed lines are kept.
const cachedScreens = 4

// point is a cell of the screen, from 0, 0 at the top left.
type point struct{ x, y int }

// engine knows what the terminal shows and works out the bytes that change it
// into the next frame. It does no input or output itself. Between frames the
// terminal's pen and scroll margins are at their defaults.
type engine struct {
	width, height int
	links         bool
	wc            *runewidth.Condition

	rows  []*line // what the screen shows; nil where that is not known
	next  []*line // the frame in the making
	empty *line
	cache map[string]*line
	view  string // the last frame's View, "" when it must not be relied on

	buf   []byte
	pen   pen
	at    point // the cursor; x is width after the last column was written
	lost  bool  // the cursor's place is not known
	shown bool  // the cursor is visible

	spots map[*line]spot // for scroll
	votes map[int]int
	gain  []int
}

func newEngine(links bool) *engine {
	e := &engine{
		links: links,
		wc:    runewidth.NewCondition(),
		empty: &line{},
		spots: map[*line]spot{},
		votes: map[int]int{},
	}
	e.resize(0, 0)
	return e
}

// resize sets the screen's size; what it shows is not known afterwards.
func (e *engine) resize(width, height int) {
	e.width, e.height = width, height
	e.rows = make([]*line, height)
	e.next = make([]*line, height)
	e.gain = make([]int, height)
	e.cache = map[string]*line{}
	e.forget()
}

// forget drops all knowledge of what the screen shows: the next frame writes
// every line in full, without erasing first.
func (e *engine) forget() {
	clear(e.rows)
	e.view, e.lost = "", true
}

// cleared says that the screen was erased.
func (e *engine) cleared() {
	for y := range e.rows {
		e.rows[y] = e.empty
	}
	e.view = ""
}

// frame returns the bytes that make the screen show view and put the cursor
// at the given cell, or hide it where cursor is nil. They are valid until the
// next call, and the terminal is taken to have received them.
func (e *engine) frame(view string, cursor *point) []byte {
	e.buf = e.buf[:0]
	if e.width <= 0 || e.height <= 0 {
		return nil
	}
	if view != e.view || view == "" {
		e.draw(view)
	}
	e.setPen(pen{})
	switch {
	case cursor == nil:
		e.showCursor(false)
	case cursor.x >= 0 && cursor.x < e.width && cursor.y >= 0 && cursor.y < e.height:
		e.move(cursor.x, cursor.y)
		e.showCursor(true)
	default:
		e.showCursor(false)
	}
	return e.buf
}

func (e *engine) showCursor(on bool) {
	if on == e.shown {
		return
	}
	e.shown = on
	if on {
		e.buf = append(e.buf, "\x1b[?25h"...)
	} else {
		e.buf = append(e.buf, "\x1b[?25l"...)
	}
}

// draw writes the difference between the screen and view.
func (e *engine) draw(view string) {
	e.read(view)
	e.scroll()
	for y, l := range e.next {
		if old := e.rows[y]; old != l {
			e.paintRow(y, old, l)
		}
	}
	e.rows, e.next = e.next, e.rows
	e.view = view
}

// read splits view into the lines of the next frame.
func (e *engine) read(view string) {
	if drop := strings.Count(view, "\n") + 1 - e.height; drop > 0 {
		for range drop {
			_, view, _ = strings.Cut(view, "\n")
		}
	}
	if len(e.cache) > cachedScreens*e.height {
		e.trim()
	}
	more := true
	for y := range e.next {
		e.next[y] = e.empty
		if more {
			var text string
			text, view, more = strings.Cut(view, "\n")
			e.next[y] = e.line(text)
		}
	}
}

// trim empties the cache but for the lines on the screen, which scroll must
// find again.
func (e *engine) trim() {
	clear(e.cache)
	for _, l := range e.rows {
		if l != nil && l != e.empty {
			e.cache[l.text] = l
		}
	}
}

// line parses a line, or finds it in the cache. The same text gives the same
// pointer as long as the cache lasts.
func (e *engine) line(text string) *line {
	if text == "" {
		return e.empty
	}
	if l := e.cache[text]; l != nil {
		return l
	}
	r := reader{wc: e.wc, width: e.width, links: e.links}
	text = strings.Clone(text) // not to keep the whole View alive
	l := r.readLine(text)
	e.cache[text] = l
	return l
}

// paintRow makes row y, which shows old, show l. The first column in which two
// lines differ is never the second half of a wide character, which is equal
// where the first is.
func (e *engine) paintRow(y int, old, l *line) {
	if old == nil {
		e.rewrite(y, 0, l)
		return
	}
	first := 0
	for end := max(len(old.cells), len(l.cells)); first < end && old.at(first) == l.at(first); {
		first++
	}
	if first >= len(old.cells) && first >= len(l.cells) {
		return
	}
	if old.unsure < len(old.cells) || l.unsure < len(l.cells) {
		e.rewrite(y, first, l)
		return
	}
	e.diff(y, first, old, l)
}

// rewrite writes row y from column x to its end, whatever it shows.
func (e *engine) rewrite(y, x int, l *line) {
	e.move(x, y)
	for ; x < len(l.cells); x++ {
		e.put(x, y, &l.cells[x])
	}
	if len(l.cells) < e.width {
		e.setPen(pen{})
		e.move(x, y)
		e.buf = append(e.buf, "\x1b[K"...)
	}
}

// diff writes the cells of row y in which l differs from old, the first of
// which is in column x.
func (e *engine) diff(y, x int, old, l *line) {
	for x < len(l.cells) {
		if old.at(x) == l.cells[x] {
			x++
			continue
		}
		e.reach(x, y, l)
		for x < len(l.cells) && old.at(x) != l.cells[x] {
			e.put(x, y, &l.cells[x])
			x++
		}
	}
	for x < len(old.cells) && old.cells[x] == blank {
		x++
	}
	if x >= len(old.cells) {
		return
	}
	e.reach(x, y, l)
	e.setPen(pen{})
	if n := len(old.cells) - x; n < len("\x1b[K") {
		e.buf = append(e.buf, "  "[:n]...)
		e.at.x += n
		return
	}
	e.buf = append(e.buf, "\x1b[K"...)
}

// reach brings the cursor to a cell of row y further right: by moving, or by
// writing what is between once more where that is shorter.
func (e *engine) reach(x, y int, l *line) {
	const never = 9 // cells that no movement is longer than
	gap := x - e.at.x
	if e.lost || e.at.y != y || gap <= 0 || gap > never {
		e.move(x, y)
		return
	}
	mark, was, from := len(e.buf), e.pen, e.at
	for i := from.x; i < x; i++ {
		c := l.at(i)
		e.put(i, y, &c)
	}
	if len(e.buf)-mark > moveCost(gap) {
		e.buf, e.pen, e.at = e.buf[:mark], was, from
		e.move(x, y)
	}
}

// put writes a cell at the cursor.
func (e *engine) put(x, y int, c *cell) {
	if c.width == 0 {
		return // the second half of the one before
	}
	if c.text != " " || e.pen.onBlank() != c.pen {
		e.setPen(c.pen)
	}
	if !c.unsure {
		e.buf = append(e.buf, c.text...)
		e.at = point{x + int(c.width), y}
		return
	}
	// Clear its place, and say anew where the next one goes: whatever width
	// the terminal gives it, the columns after it stay straight.
	e.buf = append(e.buf, "  "[:c.width]...)
	e.lost = true
	e.move(x, y)
	e.buf = append(e.buf, c.text...)
	e.lost = true
	if x+int(c.width) < e.width {
		e.move(x+int(c.width), y)
	}
}

func (e *engine) setPen(p pen) {
	if e.pen != p {
		e.buf = appendPen(e.buf, e.pen, p)
		e.pen = p
	}
}

// moveCost is the length of a movement by n columns.
func moveCost(n int) int {
	switch n {
	case 0:
		return 0
	case 1:
		return len("\x1b[C")
	}
	return len("\x1b[C") + digits(n)
}

func digits(n int) int {
	d := 1
	for ; n >= 10; n /= 10 {
		d++
	}
	return d
}

// move brings the cursor to a cell by the shortest of CUP, CUF and CUB, and CR
// with line feeds.
func (e *engine) move(x, y int) {
	if !e.lost && e.at == (point{x, y}) {
		return
	}
	down := y - e.at.y
	best := len("\x1b[;H") + digits(y+1) + digits(x+1)
	switch {
	case x == 0 && y == 0:
		best = len("\x1b[H")
	case x == 0:
		best = len("\x1b[H") + digits(y+1)
	}
	switch {
	case !e.lost && down == 0 && e.at.x < e.width && moveCost(abs(x-e.at.x)) < best &&
		moveCost(abs(x-e.at.x)) <= 1+moveCost(x):
		e.moveBy(x - e.at.x)
	case !e.lost && down >= 0 && 1+down+moveCost(x) < best:
		e.buf = append(e.buf, '\r')
		for range down {
			e.buf = append(e.buf, '\n')
		}
		e.moveBy(x)
	default:
		e.moveTo(x, y)
	}
	e.at, e.lost = point{x, y}, false
}

// moveBy appends CUF or CUB.
func (e *engine) moveBy(n int) {
	if n == 0 {
		return
	}
	final := byte('C')
	if n < 0 {
		final, n = 'D', -n
	}
	e.buf = append(e.buf, "\x1b["...)
	if n > 1 {
		e.buf = strconv.AppendInt(e.buf, int64(n), 10)
	}
	e.buf = append(e.buf, final)
}

// moveTo appends CUP.
func (e *engine) moveTo(x, y int) {
	e.buf = append(e.buf, "\x1b["...)
	if x > 0 || y > 0 {
		e.buf = strconv.AppendInt(e.buf, int64(y+1), 10)
	}
	if x > 0 {
		e.buf = append(e.buf, ';')
		e.buf = strconv.AppendInt(e.buf, int64(x+1), 10)
	}
	e.buf = append(e.buf, 'H')
}

func abs(n int) int {
	if n < 0 {
		return -n
	}
	return n
}
