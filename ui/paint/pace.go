package paint

import "time"

const (
	// keyGap is the time between two frames while keys come faster than that.
	keyGap = 4 * time.Millisecond
	// otherGap is the time between two frames for all other messages.
	otherGap = 33 * time.Millisecond
	// answer is for how long after a key or the start other messages are drawn as soon as
	// keys are: they bring what it asked for.
	answer = 60 * time.Millisecond
	// maxRest bounds how long frames wait after a write that blocked.
	maxRest = time.Second
	// minBurst is the least that may be sent before the budget counts: two
	// full screens of a usual size.
	minBurst = 16 << 10
)

// pacer decides when the next frame is due. A key is answered at once. What
// comes faster shares a frame, and so does what a slow line cannot carry: the
// program may send so many bytes a second, and after a write that the terminal
// took long to accept, frames rest for as long as that.
type pacer struct {
	rate   float64 // bytes a second
	credit float64 // bytes that may be sent now; below zero is a debt
	filled time.Time
	last   time.Time     // end of the last frame
	rest   time.Duration // that the last frame needs after it
}

func newPacer(rate int) *pacer {
	return &pacer{rate: float64(rate), credit: max(float64(rate), minBurst)}
}

// due is when the next frame may be painted; not after now means at once.
func (p *pacer) due(now time.Time, key bool) time.Time {
	gap := otherGap
	if key {
		gap = keyGap
	}
	at := p.last.Add(max(gap, p.rest))
	if p.refill(now); p.credit < 0 {
		paid := now.Add(time.Duration(-p.credit / p.rate * float64(time.Second)))
		if paid.After(at) {
			at = paid
		}
	}
	return at
}

// painted records a frame of n bytes that ended now.
func (p *pacer) painted(now time.Time, n int, took time.Duration) {
	p.refill(now)
	p.credit -= float64(n)
	p.last, p.rest = now, min(took, maxRest)
}

func (p *pacer) refill(now time.Time) {
	if !p.filled.IsZero() {
		p.credit += now.Sub(p.filled).Seconds() * p.rate
	}
	p.filled = now
	p.credit = min(p.credit, max(p.rate, minBurst))
}
