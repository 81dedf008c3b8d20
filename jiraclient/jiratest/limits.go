package jiratest

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// issueWindows are Jira Cloud's limits on writes to one issue. They are always
// in force on a Cloud.
var issueWindows = []struct {
	writes int
	span   time.Duration
}{{20, 2 * time.Second}, {100, 30 * time.Second}}

// limitState is guarded by Server.mu.
type limitState struct {
	writes map[int64][]time.Time // by issue: the latest ones, oldest first
	burst  int                   // requests in a second and route; 0 for any number
	recent map[string][]time.Time
}

// SetBurst limits requests to a number in a second, for each method and route by
// itself, as a Cloud does or an administrator of a Data Center may. 0 ends it.
func (s *Server) SetBurst(perSecond int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limits.burst, s.limits.recent = perSecond, map[string][]time.Time{}
}

// limited refuses what comes too fast; nil lets it through. What is refused does
// not count.
func (s *Server) limited(e endpoint, q *request) *apiError {
	now := s.now()
	if wait := s.burstWait(e.method+" "+e.route, now); wait > 0 {
		return s.tooMany("jira-burst-based", wait)
	}
	if s.dc || e.method == http.MethodGet || !strings.HasPrefix(e.route, "/issue/{issueIdOrKey}") {
		return nil
	}
	found := s.issues.find(q.args[0])
	if found == nil {
		return nil
	}
	if s.limits.writes == nil {
		s.limits.writes = map[int64][]time.Time{}
	}
	times := s.limits.writes[found.ID]
	var wait time.Duration
	for _, w := range issueWindows {
		if len(times) >= w.writes {
			wait = max(wait, times[len(times)-w.writes].Add(w.span).Sub(now))
		}
	}
	if wait > 0 {
		return s.tooMany("jira-per-issue-on-write", wait)
	}
	most := issueWindows[len(issueWindows)-1].writes
	times = append(times, now)
	s.limits.writes[found.ID] = times[max(0, len(times)-most):]
	return nil
}

// burstWait is how long until the route may be asked again.
func (s *Server) burstWait(route string, now time.Time) time.Duration {
	if s.limits.burst == 0 {
		return 0
	}
	times := s.limits.recent[route]
	for len(times) > 0 && now.Sub(times[0]) >= time.Second {
		times = times[1:]
	}
	if len(times) >= s.limits.burst {
		return times[0].Add(time.Second).Sub(now)
	}
	s.limits.recent[route] = append(times, now)
	return 0
}

// tooMany is a 429 as the deployment says it.
func (s *Server) tooMany(reason string, wait time.Duration) *apiError {
	e := refuse(http.StatusTooManyRequests, "Rate limit exceeded.")
	seconds := strconv.Itoa(int((wait + time.Second - 1) / time.Second))
	e.header = http.Header{"Retry-After": {seconds}}
	if s.dc {
		e.header["X-Ratelimit-Limit"] = []string{strconv.Itoa(s.limits.burst)}
		e.header["X-Ratelimit-Remaining"] = []string{"0"}
		e.header["X-Ratelimit-Interval-Seconds"] = []string{"1"}
		e.header["X-Ratelimit-Fillrate"] = []string{strconv.Itoa(s.limits.burst)}
		return e
	}
	e.header["X-Ratelimit-Remaining"] = []string{"0"}
	e.header["X-Ratelimit-Reset"] = []string{s.now().Add(wait).UTC().Format(time.RFC3339)}
	e.header["Ratelimit-Reason"] = []string{reason}
	return e
}
