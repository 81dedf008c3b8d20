// Package jiratest is a simulated Jira, Cloud (REST API v3) or Data Center (v2),
// in the manner of net/http/httptest: strict about what it accepts, faulty on
// demand, and with a page per issue where a person plays the other side. Tests,
// the demo and `vexdesk jira-sim` run against it.
//
// It follows Atlassian's published API description and the behaviour that
// others report of the real service; where the real service is lenient it is
// strict, so that a client's slip shows here first.
package jiratest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"example.com/vexdesk/jiraclient"
)

// Accounts of the default site. The tokens are no secrets: they open nothing
// but the simulation.
const (
	AnalystEmail = "analyst@example.com" // creates, edits, comments, transitions
	AnalystToken = "demo-token"
	AdminEmail   = "admin@example.com" // everything
	AdminToken   = "admin-token"
	ViewerEmail  = "viewer@example.com" // may only look at SEC
	ViewerToken  = "viewer-token"
	ServiceEmail = "vexdesk-service@example.com" // a service account with an analyst's rights
	ServiceToken = "service-token"
)

// The same accounts on Data Center: they sign in with user name and password,
// for which their tokens stand, or with a personal access token.
const (
	AnalystUser = "analyst"
	AnalystPAT  = "demo-personal-access-token"
	AdminUser   = "admin"
	AdminPAT    = "admin-personal-access-token"
	ViewerUser  = "viewer"
)

// Options shape a simulated Jira. The zero value is the default site.
type Options struct {
	// Deployment is the kind of Jira; Cloud when empty.
	Deployment jiraclient.Deployment
	// Version is that of a Data Center, such as 8.3.0; 10.3.2 when empty.
	Version string
	// ContextPath is where below the host a Data Center lies, such as /jira.
	ContextPath string
	// Now is the server's clock; time.Now when nil.
	Now func() time.Time
	// StateFile keeps the issues between runs: read at the start, replaced as
	// a whole soon after each change and at Close. Empty keeps nothing.
	StateFile string
	// Title is the site's name in serverInfo.
	Title string
	// IndexLag is how long a change stays unseen by search. Reads by id or
	// key see it at once.
	IndexLag time.Duration
	// Flicker makes an issue that search has shown already disappear now and
	// then while it is fresh, as the real index does.
	Flicker bool
}

// Server is a simulated Jira. It is an http.Handler, safe for concurrent use.
type Server struct {
	// URL is the address without a slash at the end, context path included, set
	// by Start and Serve.
	URL string

	now       func() time.Time
	title     string
	dc        bool // Data Center
	version   version
	path      string // context path
	endpoints []endpoint
	site      *site
	saver     *saver
	faults    faultList
	log       requestLog
	pages     http.Handler

	mu       sync.Mutex // guards what follows
	issues   store
	searches searchState
	oauth2   oauth2State
	oauth1   oauth1State
	limits   limitState
	lag      time.Duration
	offset   time.Duration // of the clock that serverInfo tells
	flicker  bool
	zone     *time.Location // of the accounts
	history  map[int64][]fieldChange

	closing  chan struct{}
	closeOne sync.Once
	http     *http.Server
	serving  sync.WaitGroup
}

// New makes a server that does not listen yet. It fails when the state file
// cannot be read.
func New(opts Options) (*Server, error) {
	s := &Server{
		now:     opts.Now,
		title:   opts.Title,
		path:    strings.TrimRight(opts.ContextPath, "/"),
		lag:     opts.IndexLag,
		flicker: opts.Flicker,
		issues:  newStore(),
		zone:    time.UTC,
		oauth2:  newOAuth2State(),
		oauth1:  newOAuth1State(),
		closing: make(chan struct{}),
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.title == "" {
		s.title = "Simulated Jira"
	}
	if err := s.deploy(opts); err != nil {
		return nil, err
	}
	s.pages = s.newPages()
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	if opts.StateFile != "" {
		if err := s.load(opts.StateFile); err != nil {
			return nil, err
		}
		s.saver = s.startSaver(opts.StateFile)
	}
	return s, nil
}

// deploy makes the server a Cloud or a Data Center.
func (s *Server) deploy(opts Options) error {
	s.site = defaultSite()
	switch opts.Deployment {
	case "", jiraclient.Cloud:
		s.version, s.endpoints = version{1001, 0, 0}, append(cloudEndpoints(), provisionEndpoints()...)
		if s.path != "" {
			return errors.New("a simulated Jira Cloud has no context path; leave it out")
		}
	case jiraclient.DataCenter:
		if opts.Version == "" {
			opts.Version = "10.3.2"
		}
		var err error
		if s.version, err = parseVersion(opts.Version); err != nil {
			return err
		}
		s.dc, s.endpoints = true, dataCenterEndpoints(s.version)
		s.site.moveToDataCenter()
	default:
		return fmt.Errorf("there is no kind of Jira called %q; use cloud or datacenter", opts.Deployment)
	}
	return nil
}

// root is the path of the API below the site.
func (s *Server) root() string {
	if s.dc {
		return "/rest/api/2"
	}
	return "/rest/api/3"
}

// NewServer makes a server and starts it on a free port of the loopback. Like
// httptest.NewServer it panics when that fails.
func NewServer(opts Options) *Server {
	s, err := New(opts)
	if err == nil {
		err = s.Start("127.0.0.1:0")
	}
	if err != nil {
		panic("jiratest: " + err.Error())
	}
	return s
}

// Start listens on an address such as 127.0.0.1:0 and serves in the background
// until Close. URL is set when it returns.
func (s *Server) Start(address string) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("the simulated Jira cannot listen on %s: %w", address, err)
	}
	s.setURL(l)
	s.serving.Go(func() {
		// Serve ends with ErrServerClosed at Close; a failing listener shows
		// to the clients.
		_ = s.http.Serve(l)
	})
	return nil
}

// Serve answers on a listener until Close, and then returns nil.
func (s *Server) Serve(l net.Listener) error {
	s.setURL(l)
	if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("the simulated Jira stopped: %w", err)
	}
	return nil
}

func (s *Server) setURL(l net.Listener) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.URL = "http://" + l.Addr().String() + s.path
}

// Close ends delayed answers, waits briefly for those under way, and saves the
// state. It may be called more than once.
func (s *Server) Close() error {
	var err error
	s.closeOne.Do(func() {
		close(s.closing)
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		if s.http.Shutdown(ctx) != nil {
			err = s.http.Close()
		}
		s.serving.Wait()
		if s.saver != nil {
			err = errors.Join(err, s.saver.stop())
		}
	})
	return err
}

// ServeHTTP answers API requests and the pages for people.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	http.StripPrefix(s.path, http.HandlerFunc(s.serve)).ServeHTTP(w, r)
}

func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.HasPrefix(r.URL.Path, "/rest/"):
		s.serveAPI(w, r, "")
	case s.serveCloud(w, r), s.serveOAuth1(w, r):
	default:
		s.pages.ServeHTTP(w, r)
	}
}

// address is the base of all links, from the listener or else the request.
func (s *Server) address(r *http.Request) string {
	if s.URL != "" {
		return s.URL
	}
	return "http://" + r.Host + s.path
}

// SetClockOffset lets the server tell a time that is later than its clock's, or
// earlier when it is negative.
func (s *Server) SetClockOffset(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.offset = d
}

// SetTeamManaged makes a project of a Cloud team-managed.
func (s *Server) SetTeamManaged(projectKey string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p := s.site.project(projectKey); p != nil {
		p.teamManaged = true
	}
}

// SetIndexLag changes how long a change stays unseen by search.
func (s *Server) SetIndexLag(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lag = d
}
