package jiratest

import (
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// Reply is a canned answer.
type Reply struct {
	Status int
	Header http.Header // Content-Type is application/json unless set
	Body   string
}

// Fault is something that goes wrong. The first one that matches a request is
// applied to it.
type Fault struct {
	Method string // "" for any
	Route  string // pattern as in "/issue/{issueIdOrKey}"; "" for any
	Skip   int    // matching requests to let through first
	Times  int    // matching requests to spoil; 0 for all until Heal

	Delay      time.Duration // before acting; the server acts even if the client leaves
	DelayAfter time.Duration // after acting, before answering
	Act        bool          // carry the request out before Reply or HangUp
	Reply      *Reply        // answer this instead
	HangUp     bool          // cut the connection instead of answering
	Truncate   bool          // send half of the answer, then cut the connection
	SlowBody   time.Duration // pause in the middle of the answer's body
}

// Throttle is a way in which Jira says 429.
type Throttle uint8

// Ways of saying 429.
const (
	RetryAfterSeconds Throttle = iota // Retry-After in seconds, JSON body
	ResetTime                         // X-RateLimit-Reset with seconds
	ResetMinute                       // X-RateLimit-Reset without seconds
	HTMLBody                          // Retry-After, and a page as the body
	Bare                              // no header at all
	RetryAfterDate                    // Retry-After as a date
	QuotaPolicies                     // a quota that is used up, among policies that are not, in RateLimit
	DataCenterHeaders                 // Retry-After beside the headers of a Data Center
)

// Inject adds a fault.
func (s *Server) Inject(f Fault) { s.faults.add(f) }

// Heal removes all faults and delays.
func (s *Server) Heal() { s.faults.clear() }

// SetLatency delays every answer by fixed plus up to jitter, which runs through
// a fixed sequence.
func (s *Server) SetLatency(fixed, jitter time.Duration) { s.faults.setLatency(fixed, jitter) }

// FailNext answers the next n requests of a route with a status, without acting.
func (s *Server) FailNext(method, route string, n, status int) {
	s.Inject(Fault{Method: method, Route: route, Times: n, Reply: &Reply{Status: status, Body: failureBody(status)}})
}

// ThrottleNext answers the next n requests of a route with 429, without acting.
func (s *Server) ThrottleNext(method, route string, n int, how Throttle, wait time.Duration) {
	r := &Reply{Status: http.StatusTooManyRequests, Header: http.Header{}, Body: failureBody(http.StatusTooManyRequests)}
	r.Header.Set("RateLimit-Reason", "jira-burst-based")
	until := s.now().Add(wait).UTC()
	switch how {
	case RetryAfterSeconds:
		r.Header.Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
	case ResetTime:
		r.Header.Set("X-RateLimit-Reset", until.Format("2006-01-02T15:04:05Z"))
	case ResetMinute:
		r.Header.Set("X-RateLimit-Reset", until.Format("2006-01-02T15:04Z"))
	case HTMLBody:
		r.Header.Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
		r.Header.Set("Content-Type", "text/html")
		r.Body = "<html><body>Too many requests</body></html>"
	case Bare:
	case RetryAfterDate:
		r.Header.Set("Retry-After", until.Add(time.Second-1).Format(http.TimeFormat))
	case QuotaPolicies:
		r.Header.Set("RateLimit-Reason", "jira-quota-global-based")
		r.Header.Set("RateLimit", fmt.Sprintf(`"tenant-quota";r=400;t=3000, "global-app-quota";r=0;t=%d`, int(wait.Seconds())))
	case DataCenterHeaders:
		r.Header.Del("RateLimit-Reason")
		r.Header.Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
		r.Header.Set("X-RateLimit-Limit", "5")
		r.Header.Set("X-RateLimit-Remaining", "0")
		r.Header.Set("X-RateLimit-Interval-Seconds", "10")
		r.Header.Set("X-RateLimit-FillRate", "1")
	}
	s.Inject(Fault{Method: method, Route: route, Times: n, Reply: r})
}

// HangUpNext cuts the next n requests of a route before acting.
func (s *Server) HangUpNext(method, route string, n int) {
	s.Inject(Fault{Method: method, Route: route, Times: n, HangUp: true})
}

// CommitThenHangUp acts on the next n requests of a route and cuts them then.
func (s *Server) CommitThenHangUp(method, route string, n int) {
	s.Inject(Fault{Method: method, Route: route, Times: n, Act: true, HangUp: true})
}

// CommitThenFail acts on the next n requests of a route and answers a status
// such as 500, 502 or 504.
func (s *Server) CommitThenFail(method, route string, n, status int) {
	s.Inject(Fault{Method: method, Route: route, Times: n, Act: true, Reply: &Reply{Status: status, Body: failureBody(status)}})
}

func failureBody(status int) string {
	return fmt.Sprintf(`{"errorMessages":[%q],"errors":{}}`, http.StatusText(status))
}

// faultList holds the faults in force.
type faultList struct {
	mu            sync.Mutex
	faults        []*Fault
	fixed, jitter time.Duration
	answered      int
}

func (l *faultList) add(f Fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, &f)
}

func (l *faultList) clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults, l.fixed, l.jitter = nil, 0, 0
}

func (l *faultList) setLatency(fixed, jitter time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.fixed, l.jitter = fixed, jitter
}

// take gives the fault for a request; its Delay includes the latency.
func (l *faultList) take(method, route string) Fault {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answered++
	latency := l.fixed
	if l.jitter > 0 {
		latency += l.jitter * time.Duration(l.answered*37%100) / 100
	}
	for i, f := range l.faults {
		if f.Method != "" && f.Method != method || f.Route != "" && f.Route != route {
			continue
		}
		if f.Skip > 0 {
			f.Skip--
			continue
		}
		taken := *f
		if f.Times == 1 {
			l.faults = append(l.faults[:i], l.faults[i+1:]...)
		} else if f.Times > 1 {
			f.Times--
		}
		taken.Delay += latency
		return taken
	}
	return Fault{Delay: latency}
}

// answer sends what the fault makes of the request. It enters the request into
// the log, with status 0 for a cut connection, before the client sees anything.
func (s *Server) answer(w http.ResponseWriter, f Fault, act func() response, log func(status int)) {
	if !s.pause(f.Delay) {
		hangUp(w)
		return
	}
	var real response
	if f.Act || f.Reply == nil && !f.HangUp {
		real = act()
	}
	if !s.pause(f.DelayAfter) {
		hangUp(w)
		return
	}
	switch {
	case f.HangUp:
		log(0)
		hangUp(w)
	case f.Reply != nil:
		log(f.Reply.Status)
		send(w, f.Reply.response())
	case f.Truncate:
		log(0)
		truncate(w, real)
	case f.SlowBody > 0:
		log(real.status)
		s.sendSlowly(w, real, f.SlowBody)
	default:
		log(real.status)
		send(w, real)
	}
}

// pause waits, and tells whether the server is still there afterwards.
func (s *Server) pause(d time.Duration) bool {
	if d <= 0 {
		return true
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.closing:
		return false
	}
}

func (r *Reply) response() response {
	header := r.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if header.Get("Content-Type") == "" {
		header.Set("Content-Type", "application/json;charset=UTF-8")
	}
	return response{status: r.Status, header: header, body: []byte(r.Body)}
}

func writeHead(w http.ResponseWriter, r response) {
	for name, values := range r.header {
		w.Header()[name] = values
	}
	if len(r.body) > 0 {
		w.Header().Set("Content-Length", strconv.Itoa(len(r.body)))
	} else {
		w.Header().Del("Content-Type")
	}
	w.WriteHeader(r.status)
}

// send writes an answer. A client that has left is no concern of the server.
func send(w http.ResponseWriter, r response) {
	writeHead(w, r)
	_, _ = w.Write(r.body)
}

func (s *Server) sendSlowly(w http.ResponseWriter, r response, d time.Duration) {
	writeHead(w, r)
	half := len(r.body) / 2
	_, _ = w.Write(r.body[:half])
	flush(w)
	if !s.pause(d) {
		hangUp(w)
		return
	}
	_, _ = w.Write(r.body[half:])
}

func truncate(w http.ResponseWriter, r response) {
	writeHead(w, r)
	_, _ = w.Write(r.body[:len(r.body)/2])
	flush(w)
	panic(http.ErrAbortHandler)
}

func flush(w http.ResponseWriter) {
	// A writer that cannot flush sends when the handler returns.
	_ = http.NewResponseController(w).Flush()
}

// hangUp resets the connection, as a dying proxy or server does.
func hangUp(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // RST instead of FIN; without it the cut is only gentler
	}
	_ = conn.Close()
}
