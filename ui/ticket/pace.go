package ticket

import (
	"fmt"
	"math"
	"slices"
	"time"

	"example.com/vexdesk/ui/widget"
)

// paced is how far back the pace looks: long enough to span the batches that
// results arrive in, short enough to follow what Jira allows now.
const paced = 30 * time.Second

// pace measures how fast operations are settled, from how many were so at the
// moments of the last half minute.
type pace struct{ seen []sample }

type sample struct {
	at      time.Time
	settled int
}

// see notes how many are settled now. Where fewer are than before, some are
// tried again, and measuring begins anew.
func (p *pace) see(now time.Time, settled int) {
	if n := len(p.seen); n > 0 && settled < p.seen[n-1].settled {
		p.seen = nil
	}
	p.seen = append(p.seen, sample{now, settled})
	p.forget(now)
}

// forget drops what is too old, but for the newest of it, from which the first
// step is measured.
func (p *pace) forget(now time.Time) {
	young := slices.IndexFunc(p.seen, func(s sample) bool { return now.Sub(s.at) < paced })
	switch {
	case young < 0:
		p.seen = p.seen[max(0, len(p.seen)-1):]
	case young > 1:
		p.seen = p.seen[young-1:]
	}
}

// rate is how many are settled in a second; 0 while that cannot be told.
func (p *pace) rate(now time.Time) float64 {
	if len(p.seen) < 2 {
		return 0
	}
	first, last := p.seen[0], p.seen[len(p.seen)-1]
	if took := now.Sub(first.at); took >= time.Second && now.Sub(last.at) < paced {
		return float64(last.settled-first.settled) / took.Seconds()
	}
	return 0
}

// say tells how many are left, how fast they go, and how long that takes.
func (p *pace) say(now time.Time, left int) string {
	if left == 0 {
		return ""
	}
	text := widget.Count(left) + " left"
	rate := p.rate(now)
	switch {
	case rate == 0:
		return text
	case rate >= 1:
		text += fmt.Sprintf(", %.0f per second", rate)
	default:
		text += fmt.Sprintf(", %.0f per minute", math.Ceil(rate*60))
	}
	return text + ", about " + toGo(time.Duration(float64(left)/rate*float64(time.Second)))
}

// toGo is a time to wait in words, as coarse as it is known.
func toGo(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(math.Ceil(d.Seconds())))
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(math.Ceil(d.Minutes())))
	}
	return fmt.Sprintf("%d h", int(math.Ceil(d.Hours())))
}
