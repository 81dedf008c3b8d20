package sync

import (
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"sync"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
)

// site is one connection at work: its client, what was learnt of it, and how
// it is doing.
type site struct {
	connection model.Connection
	client     *jiraclient.Client

	// learn is held while Jira is asked about itself, so that requests side by
	// side ask once.
	learn sync.Mutex

	mu sync.Mutex
	// meta is what Jira told about projects and issue types, by age.
	meta map[string]*metadata
	// initial is the status that new issues of a project and type start in.
	initial map[string]jiraclient.Status
	// failures counts failed attempts in a row; until retryAt it rests.
	failures    int
	retryAt     time.Time
	unreachable bool
	// seenUnknown is when this process learnt that an operation's outcome is
	// unknown: its settling time counts from there, on the monotonic clock.
	seenUnknown map[string]time.Time
	probed      map[string]bool
	// late are operations that were sent again, to be looked at once more.
	late map[string]lateCheck
}

type lateCheck struct {
	project string
	floor   int
	at      time.Time
}

// refreshSites follows the connections of the workspace: new ones get a
// client, changed ones a new one.
func (e *Engine) refreshSites(ctx context.Context) error {
	connections, err := e.store.Connections(ctx)
	if err != nil {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	seen := map[int64]bool{}
	for _, c := range connections {
		if c.State != model.ConnectionActive {
			continue
		}
		seen[c.ID] = true
		if old := e.sites[c.ID]; old != nil && sameSite(old.connection, c) {
			old.update(c)
			continue
		}
		client, err := e.connect(ctx, c)
		if err != nil {
			e.log.Error("a connection cannot be used", "connection", c.Name, "error", err)
			continue
		}
		again, err := e.store.SentAgain(ctx, c.ID, lateSpan)
		if err != nil {
			client.Close()
			return err
		}
		e.dropSite(c.ID)
		s := &site{connection: c, client: client, meta: map[string]*metadata{}, initial: map[string]jiraclient.Status{},
			seenUnknown: map[string]time.Time{}, probed: map[string]bool{}, late: map[string]lateCheck{}}
		for _, op := range again {
			s.checkLate(op, op.Sent)
		}
		e.sites[c.ID] = s
	}
	for id := range e.sites {
		if !seen[id] {
			e.dropSite(id)
		}
	}
	return nil
}

// sameSite tells whether a client made for a still serves b. A verification
// after the client was made may mean a new secret.
func sameSite(a, b model.Connection) bool {
	return a.URL == b.URL && a.User == b.User && a.Auth == b.Auth && a.ClientID == b.ClientID && a.CAFile == b.CAFile &&
		reflect.DeepEqual(a.Options, b.Options) && a.VerifiedAt.Equal(b.VerifiedAt)
}

func (s *site) update(c model.Connection) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.connection = c
}

func (e *Engine) dropSite(id int64) {
	if s := e.sites[id]; s != nil {
		s.client.Close()
		delete(e.sites, id)
	}
}

func (e *Engine) closeSites() {
	e.mu.Lock()
	defer e.mu.Unlock()
	for id := range e.sites {
		e.dropSite(id)
	}
}

func (e *Engine) site(id int64) *site {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.sites[id]
}

// rests reports until when the site is left alone after failures.
func (s *site) rests() (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.retryAt, time.Now().Before(s.retryAt)
}

// Back-off after failures in a row, with jitter.
const (
	firstRest = 2 * time.Second
	longRest  = 5 * time.Minute
)

// failed records that the site did not answer as it should: it rests, longer
// each time, and where the connection itself is at fault it counts as broken
// (S8).
func (e *Engine) failed(ctx context.Context, s *site, err error) {
	s.mu.Lock()
	rest := min(firstRest<<min(s.failures, 10), longRest)
	s.failures++
	rest = time.Duration(float64(rest) * (0.7 + 0.6*rand.Float64()))
	rest = max(rest, jiraclient.RetryAfter(err))
	s.retryAt = time.Now().Add(rest)
	s.unreachable = errors.Is(err, jiraclient.ErrUnreachable) && jiraclient.OutcomeOf(err) == jiraclient.NotSent
	s.mu.Unlock()
	e.log.Warn("jira did not do it", "connection", s.connection.Name, "error", err, "rest", rest.Round(time.Millisecond))
	if breaks(err) {
		if serr := e.store.SetBroken(ctx, s.connection.ID, Sentence(err)); serr != nil {
			e.log.Error("the state of a connection cannot be stored", "error", serr)
		}
	}
	e.store.Wake()
}

// breaks tells errors of the connection from those of one request.
func breaks(err error) bool {
	for _, kind := range []error{jiraclient.ErrUnreachable, jiraclient.ErrUnauthorized, jiraclient.ErrCaptcha, jiraclient.ErrForbidden,
		jiraclient.ErrNotJSON, jiraclient.ErrRedirected, jiraclient.ErrServer} {
		if errors.Is(err, kind) {
			return true
		}
	}
	var lost *lostRight
	return errors.As(err, &lost)
}

// works records that the site answered.
func (e *Engine) works(ctx context.Context, s *site) {
	s.mu.Lock()
	s.failures, s.retryAt, s.unreachable = 0, time.Time{}, false
	s.mu.Unlock()
	if err := e.store.SetWorking(ctx, s.connection.ID); err != nil {
		e.log.Error("the state of a connection cannot be stored", "error", err)
	}
}

// Sentence is an error with its advice.
func Sentence(err error) string {
	if hint := jiraclient.HintOf(err); hint != "" {
		return err.Error() + ": " + hint
	}
	return err.Error()
}
