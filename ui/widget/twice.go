package widget

import "time"

// Twice asks before something far-reaching: the first press says what it would
// touch, the same press again does it. A press that was typed ahead, before
// the question can have been read, confirms nothing.
type Twice struct {
	what string
	from time.Time
}

// readable is how long a question is on the screen before it can be answered.
const readable = 300 * time.Millisecond

// Sure reports whether what was asked about already and is now confirmed; if
// not, it has been asked now.
func (t *Twice) Sure(what string, now time.Time) bool {
	if t.what == what {
		if now.Before(t.from) {
			return false
		}
		t.what = ""
		return true
	}
	t.what, t.from = what, now.Add(readable)
	return false
}

// Forget lets go of the question.
func (t *Twice) Forget() { t.what = "" }

// Asked reports whether the question is open.
func (t *Twice) Asked() bool { return t.what != "" }
