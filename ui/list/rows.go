package list

import (
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// line is a row that is held in memory, with its drawing.
type line struct {
	storage.Listed
	// changed is when the row last changed under the person's eyes.
	changed time.Time

	drawn      string
	drawnWidth int
}

// rows is the part of a window that is held in memory: some pages around the
// cursor. The whole list stays in the database. Rows are known by id; indexes
// never leave this file's types.
type rows struct {
	lines      []line
	start, end bool // nothing lies before the first, behind the last line
	// base is the place of the first line in the whole list, -1 where it is
	// not known.
	base    int
	at, top int
	height  int
	// want is the rest of a movement that went beyond what is held.
	want int
}

const (
	pagesAhead = 3   // fetched before the cursor gets there
	heldMost   = 900 // lines held; beyond that the far end is let go
)

// current is the line under the cursor, nil in an empty list.
func (r *rows) current() *line {
	if r.at < 0 || r.at >= len(r.lines) {
		return nil
	}
	return &r.lines[r.at]
}

func (r *rows) index(id model.ViolationID) int {
	for i := range r.lines {
		if r.lines[i].ID == id {
			return i
		}
	}
	return -1
}

// move moves the cursor; what goes beyond the held lines is kept in want.
func (r *rows) move(by int) {
	r.want = 0
	target := r.at + by
	if target < 0 && !r.start {
		r.want = target
	}
	if last := len(r.lines) - 1; target > last && !r.end {
		r.want = target - last
	}
	r.at = target
	r.show()
}

// page moves the cursor and what is seen by the same number of lines.
func (r *rows) page(by int) {
	r.top += by
	r.move(by)
}

// show keeps the cursor in the list and in sight.
func (r *rows) show() {
	r.at = max(0, min(r.at, len(r.lines)-1))
	r.top = min(r.top, r.at)
	r.top = max(r.top, r.at-r.height+1)
	r.top = max(0, min(r.top, len(r.lines)-r.height))
}

func (r *rows) resize(height int) {
	r.height = max(1, height)
	r.show()
}

// seen is the range of lines in sight.
func (r *rows) seen() (from, to int) {
	return r.top, min(len(r.lines), r.top+r.height)
}

// replace puts other lines in place, the cursor on the given line of them.
// Drawings and signs of change are kept where the row is the same.
func (r *rows) replace(in []storage.Listed, start, end bool, base, at int) {
	r.lines = wrap(in)
	r.start, r.end, r.base, r.want = start, end, base, 0
	r.at = at
	r.show()
}

// append and prepend add a page at an end.
func (r *rows) append(in []storage.Listed, end bool) {
	r.lines = append(r.lines, wrap(in)...)
	r.end = end
	if want := r.want; want > 0 {
		r.move(want)
	}
	if cut := r.top - heldMost/3; len(r.lines) > heldMost && cut > 0 {
		r.lines = append([]line(nil), r.lines[cut:]...)
		r.at, r.top, r.start = r.at-cut, r.top-cut, false
		if r.base >= 0 {
			r.base += cut
		}
	}
}

func (r *rows) prepend(in []storage.Listed, start bool) {
	r.lines = append(wrap(in), r.lines...)
	r.at, r.top, r.start = r.at+len(in), r.top+len(in), start
	switch {
	case start:
		r.base = 0
	case r.base >= 0:
		r.base = max(0, r.base-len(in))
	}
	if want := r.want; want < 0 {
		r.move(want)
	}
	if keep := r.top + r.height + heldMost/3; len(r.lines) > heldMost && keep < len(r.lines) {
		r.lines = append([]line(nil), r.lines[:keep]...)
		r.end = false
	}
}

// needs says at which end a page should be fetched: +1 behind, -1 in front, 0
// at neither.
func (r *rows) needs() int {
	ahead := pagesAhead * r.height
	switch {
	case !r.end && len(r.lines)-r.at < ahead+r.height:
		return +1
	case !r.start && r.at < ahead:
		return -1
	}
	return 0
}

// place is the cursor's place in the whole list, counted from 1; 0 where it is
// not known.
func (r *rows) place() int {
	if r.base < 0 || len(r.lines) == 0 {
		return 0
	}
	return r.base + r.at + 1
}

func wrap(in []storage.Listed) []line {
	lines := make([]line, len(in))
	for i := range in {
		lines[i].Listed = in[i]
	}
	return lines
}

// adopt gives new lines the drawings of old ones where nothing changed, and
// the time of the change where something did. It reports whether one did.
func adopt(lines, old []line, now time.Time) (changed bool) {
	byID := make(map[model.ViolationID]*line, len(old))
	for i := range old {
		byID[old[i].ID] = &old[i]
	}
	for i := range lines {
		was, ok := byID[lines[i].ID]
		if !ok {
			continue
		}
		lines[i].changed = was.changed
		if sameRow(&lines[i].Row, &was.Row) {
			lines[i].drawn, lines[i].drawnWidth = was.drawn, was.drawnWidth
			continue
		}
		lines[i].changed = now
		changed = true
	}
	return changed
}

// sameRow compares what a row shows.
func sameRow(a, b *model.Row) bool {
	x, y := *a, *b
	x.Ticket, y.Ticket = nil, nil
	x.Updated, y.Updated = time.Time{}, time.Time{}
	x.FirstSeen, y.FirstSeen = time.Time{}, time.Time{}
	if x != y || (a.Ticket == nil) != (b.Ticket == nil) {
		return false
	}
	return a.Ticket == nil || a.Ticket.Key == b.Ticket.Key && a.Ticket.State == b.Ticket.State &&
		a.Ticket.Status == b.Ticket.Status && a.Ticket.Category == b.Ticket.Category
}
