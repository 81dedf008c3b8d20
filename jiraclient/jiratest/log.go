package jiratest

import (
	"slices"
	"sync"
	"time"
)

// Request is an entry of the request log. Status is 0 when the connection was
// cut. Route is the pattern, or "(unknown)".
type Request struct {
	Method, Route, Path string
	Status              int
	At                  time.Time
}

const (
	unknownRoute = "(unknown)"
	maxLog       = 10000
)

type requestLog struct {
	mu      sync.Mutex
	entries []Request
	counts  map[[2]string]int
}

func (l *requestLog) add(r Request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.entries) >= 2*maxLog {
		l.entries = slices.Clone(l.entries[maxLog:])
	}
	l.entries = append(l.entries, r)
	if l.counts == nil {
		l.counts = map[[2]string]int{}
	}
	l.counts[[2]string{r.Method, r.Route}]++
}

// Requests gives the latest API requests (at least 10,000), oldest first. A
// request is entered when its answer is out.
func (s *Server) Requests() []Request {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	return slices.Clone(s.log.entries)
}

// Count tells how many requests of a method and route pattern have been
// answered or cut; "" matches any.
func (s *Server) Count(method, route string) int {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	n := 0
	for key, count := range s.log.counts {
		if (method == "" || key[0] == method) && (route == "" || key[1] == route) {
			n += count
		}
	}
	return n
}

// ResetLog empties the request log and its counters.
func (s *Server) ResetLog() {
	s.log.mu.Lock()
	defer s.log.mu.Unlock()
	s.log.entries, s.log.counts = nil, nil
}
