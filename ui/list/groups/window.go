package groups

import (
	"slices"

	"example.com/vexdesk/storage"
)

// window is the part of all groups that is held: some pages, around the cursor.
type window struct {
	groups     []storage.Group
	start, end bool // nothing lies before the first, behind the last
	at, top    int
	height     int
}

// most groups held; beyond that the far end is let go.
const most = 600

func (w *window) current() *storage.Group {
	if w.at < 0 || w.at >= len(w.groups) {
		return nil
	}
	return &w.groups[w.at]
}

// show keeps the cursor among the groups and in sight.
func (w *window) show() {
	w.at = max(0, min(w.at, len(w.groups)-1))
	w.top = max(min(w.top, w.at), w.at-w.height+1)
	w.top = max(0, min(w.top, len(w.groups)-w.height))
}

func (w *window) move(by int) {
	w.at += by
	w.show()
}

func (w *window) page(by int) {
	w.top += by
	w.move(by)
}

func (w *window) seen() (from, to int) { return w.top, min(len(w.groups), w.top+w.height) }

func (w *window) replace(groups []storage.Group, start, end bool, at int) {
	w.groups, w.start, w.end, w.at, w.top = groups, start, end, at, 0
	w.show()
}

func (w *window) append(groups []storage.Group, end bool) {
	w.groups, w.end = append(w.groups, groups...), end
	if cut := w.top - most/3; len(w.groups) > most && cut > 0 {
		w.groups = append([]storage.Group(nil), w.groups[cut:]...)
		w.at, w.top, w.start = w.at-cut, w.top-cut, false
	}
}

func (w *window) prepend(groups []storage.Group, start bool) {
	w.groups, w.start = append(groups, w.groups...), start
	w.at, w.top = w.at+len(groups), w.top+len(groups)
	if keep := w.top + w.height + most/3; len(w.groups) > most && keep < len(w.groups) {
		w.groups, w.end = append([]storage.Group(nil), w.groups[:keep]...), false
	}
}

// placeOf is where a group is held, or else the top of the screen.
func (w *window) placeOf(key string) int {
	if i := slices.IndexFunc(w.groups, func(g storage.Group) bool { return g.Key == key }); i >= 0 {
		return i
	}
	return w.top
}

// renew puts groups that were read again, from what was the top of the screen on,
// in place of what is held from there; the cursor stays on its group.
func (w *window) renew(groups []storage.Group, end bool) {
	var was string
	if g := w.current(); g != nil {
		was = g.Key
	}
	from := w.top
	if len(groups) > 0 {
		from = w.placeOf(groups[0].Key)
	}
	w.groups, w.end = append(w.groups[:from:from], groups...), end
	for i := range w.groups {
		if w.groups[i].Key == was {
			w.at = i
		}
	}
	w.show()
}
