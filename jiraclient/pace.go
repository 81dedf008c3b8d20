package jiraclient

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Pace holds how fast requests may go, per method and route. Zero values mean
// Jira Cloud's documented burst limits: 100 GET, 100 POST and 50 PUT or DELETE
// a second.
type Pace struct {
	GetPerSecond, PostPerSecond, PutPerSecond int
}

// Jira Cloud's limits on writes to one issue: 20 in 2 s and 100 in 30 s.
var issueWindows = [...]struct {
	writes int
	span   time.Duration
}{{20, 2 * time.Second}, {100, 30 * time.Second}}

// pacer makes requests wait for their turn.
type pacer struct {
	clock Clock
	pace  Pace

	mu      sync.Mutex
	routes  map[string]*rate.Limiter // by method and route
	writes  map[string][]time.Time   // by issue: the latest 100 writes, oldest first
	blocked map[string]time.Time     // by route, by issue, or "" for everything: not before
}

func newPacer(clock Clock, pace Pace) *pacer {
	orElse := func(n, fallback int) int {
		if n > 0 {
			return n
		}
		return fallback
	}
	return &pacer{
		clock: clock,
		pace: Pace{
			GetPerSecond:  orElse(pace.GetPerSecond, 100),
			PostPerSecond: orElse(pace.PostPerSecond, 100),
			PutPerSecond:  orElse(pace.PutPerSecond, 50),
		},
		routes:  map[string]*rate.Limiter{},
		writes:  map[string][]time.Time{},
		blocked: map[string]time.Time{},
	}
}

// wait returns when the request may go, or with ctx's error, or with a
// *PausedError when Jira's own pause is longer than a call sits out.
func (p *pacer) wait(ctx context.Context, method, route, issue string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	for {
		d, granted := p.reserve(method, route, issue)
		if !granted && d > longestWait {
			return &PausedError{Method: method, Route: route, Wait: d}
		}
		if d > 0 {
			if err := p.clock.Sleep(ctx, d); err != nil {
				return err
			}
		}
		if granted {
			return nil
		}
	}
}

// reserve takes a place in the queue. When it is not granted the caller waits
// and asks again, because pauses may be prolonged meanwhile.
func (p *pacer) reserve(method, route, issue string) (time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.clock.Now()
	key := method + " " + route
	if d := p.pause(now, "", key, issue); d > 0 {
		return d, false
	}
	if issue != "" && method != http.MethodGet {
		if d := p.issueDelay(now, issue); d > 0 {
			return d, false
		}
		p.recordWrite(now, issue)
	}
	limiter := p.routes[key]
	if limiter == nil {
		n := p.perSecond(method)
		limiter = rate.NewLimiter(rate.Limit(n), n)
		p.routes[key] = limiter
	}
	return limiter.ReserveN(now, 1).DelayFrom(now), true
}

func (p *pacer) perSecond(method string) int {
	switch method {
	case http.MethodGet:
		return p.pace.GetPerSecond
	case http.MethodPost:
		return p.pace.PostPerSecond
	default:
		return p.pace.PutPerSecond
	}
}

// pause is the longest of the pauses that Jira imposed on any of the keys.
func (p *pacer) pause(now time.Time, keys ...string) time.Duration {
	var longest time.Duration
	for i, key := range keys {
		until, ok := p.blocked[key]
		if !ok || i > 0 && key == "" {
			continue
		}
		if d := until.Sub(now); d > 0 {
			longest = max(longest, d)
		} else {
			delete(p.blocked, key)
		}
	}
	return longest
}

func (p *pacer) issueDelay(now time.Time, issue string) time.Duration {
	times := p.writes[issue]
	var longest time.Duration
	for _, w := range issueWindows {
		if len(times) >= w.writes {
			longest = max(longest, times[len(times)-w.writes].Add(w.span).Sub(now))
		}
	}
	return longest
}

// recordWrite keeps as many writes as the widest window needs, and forgets
// issues that have been left alone for as long.
func (p *pacer) recordWrite(now time.Time, issue string) {
	widest := issueWindows[len(issueWindows)-1]
	if len(p.writes) > 1000 {
		for key, times := range p.writes {
			if now.Sub(times[len(times)-1]) > widest.span {
				delete(p.writes, key)
			}
		}
	}
	times := append(p.writes[issue], now)
	p.writes[issue] = times[max(0, len(times)-widest.writes):]
}

// block obeys a 429 or 503: a quota stops everything, a limit per issue that
// issue, anything else that route.
func (p *pacer) block(method, route, issue, reason string, d time.Duration) {
	if d <= 0 {
		return
	}
	key := method + " " + route
	switch {
	case strings.Contains(reason, "quota"):
		key = ""
	case strings.Contains(reason, "per-issue") && issue != "":
		key = issue
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := p.clock.Now().Add(d); until.After(p.blocked[key]) {
		p.blocked[key] = until
	}
}
