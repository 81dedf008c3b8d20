package jiraclient_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
)

const bulk = "/issue/bulk"

// html is a login page in Jira's place.
func html(status int) *jiratest.Reply {
	return &jiratest.Reply{Status: status, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>log in</html>"}
}

// TestOutcomes is the table that exactly-once hangs on: for each way in which a
// creation can end, what is known about it, what really happened, and that it
// was sent exactly once. The connection is a used one, where net/http would
// repeat a request that it thinks harmless.
func TestOutcomes(t *testing.T) {
	respond := func(r *jiratest.Reply) func(*jiratest.Server) {
		return func(s *jiratest.Server) { s.Inject(jiratest.Fault{Route: bulk, Times: 1, Reply: r}) }
	}
	status := func(code int) func(*jiratest.Server) {
		return func(s *jiratest.Server) { s.FailNext("POST", bulk, 1, code) }
	}
	fault := func(f jiratest.Fault) func(*jiratest.Server) {
		f.Route, f.Times = bulk, 1
		return func(s *jiratest.Server) { s.Inject(f) }
	}
	for name, c := range map[string]struct {
		spoil   func(*jiratest.Server)
		outcome jiraclient.Outcome
		is      error
		created bool
	}{
		"all is well":            {func(*jiratest.Server) {}, jiraclient.Done, nil, true},
		"400":                    {status(400), jiraclient.Refused, nil, false},
		"401":                    {status(401), jiraclient.Refused, jiraclient.ErrUnauthorized, false},
		"403":                    {status(403), jiraclient.Refused, jiraclient.ErrForbidden, false},
		"403 page":               {respond(html(403)), jiraclient.Refused, jiraclient.ErrForbidden, false},
		"404":                    {status(404), jiraclient.Refused, jiraclient.ErrNotFound, false},
		"408":                    {status(408), jiraclient.Refused, nil, false},
		"409":                    {status(409), jiraclient.Refused, jiraclient.ErrConflict, false},
		"410":                    {status(410), jiraclient.Refused, jiraclient.ErrGone, false},
		"413":                    {status(413), jiraclient.Refused, nil, false},
		"415":                    {status(415), jiraclient.Refused, nil, false},
		"malformed 200":          {respond(&jiratest.Reply{Status: 201, Body: `{"issues":[{`}), jiraclient.Unknown, jiraclient.ErrInvalidAnswer, false},
		"500":                    {status(500), jiraclient.Unknown, jiraclient.ErrServer, false},
		"503":                    {status(503), jiraclient.Unknown, jiraclient.ErrServer, false},
		"acted, then 500":        {func(s *jiratest.Server) { s.CommitThenFail("POST", bulk, 1, 500) }, jiraclient.Unknown, jiraclient.ErrServer, true},
		"acted, then 502":        {func(s *jiratest.Server) { s.CommitThenFail("POST", bulk, 1, 502) }, jiraclient.Unknown, jiraclient.ErrServer, true},
		"acted, then 504 page":   {fault(jiratest.Fault{Act: true, Reply: html(504)}), jiraclient.Unknown, jiraclient.ErrServer, true},
		"cut before it acted":    {func(s *jiratest.Server) { s.HangUpNext("POST", bulk, 1) }, jiraclient.Unknown, jiraclient.ErrUnreachable, false},
		"acted, then cut":        {func(s *jiratest.Server) { s.CommitThenHangUp("POST", bulk, 1) }, jiraclient.Unknown, jiraclient.ErrUnreachable, true},
		"half an answer":         {fault(jiratest.Fault{Truncate: true}), jiraclient.Unknown, jiraclient.ErrInvalidAnswer, true},
		"slow to act":            {fault(jiratest.Fault{Delay: 3 * time.Second}), jiraclient.Unknown, context.DeadlineExceeded, true},
		"slow to answer":         {fault(jiratest.Fault{DelayAfter: 3 * time.Second}), jiraclient.Unknown, jiraclient.ErrUnreachable, true},
		"slow in mid-answer":     {fault(jiratest.Fault{SlowBody: 3 * time.Second}), jiraclient.Unknown, jiraclient.ErrInvalidAnswer, true},
		"200 page":               {respond(html(200)), jiraclient.Unknown, jiraclient.ErrNotJSON, false},
		"200 that fits nothing":  {respond(&jiratest.Reply{Status: 201, Body: `{"issues":7}`}), jiraclient.Unknown, jiraclient.ErrInvalidAnswer, false},
		"redirect to a login":    {respond(&jiratest.Reply{Status: 302, Header: http.Header{"Location": {"https://sso.example.com/in?secret=1"}}}), jiraclient.Unknown, jiraclient.ErrRedirected, false},
		"redirect of the method": {respond(&jiratest.Reply{Status: 307, Header: http.Header{"Location": {"/elsewhere"}}}), jiraclient.Unknown, jiraclient.ErrRedirected, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newFaultyBench(t, func(cfg *jiraclient.Config) { cfg.Timeout = 500 * time.Millisecond })
			if _, err := b.Myself(t.Context()); err != nil { // the connection is in use from here on
				t.Fatal(err)
			}
			c.spoil(b.jira)
			_, err := b.CreateIssues(t.Context(), tasks(3))
			if got := jiraclient.OutcomeOf(err); got != c.outcome {
				t.Errorf("outcome %s, want %s: %v", got, c.outcome, err)
			}
			if c.is != nil {
				assertIs(t, err, c.is)
			}
			if err != nil && (jiraclient.HintOf(err) == "" || strings.Contains(err.Error(), "secret=") || strings.Contains(err.Error(), jiratest.AnalystToken)) {
				t.Errorf("error %q, hint %q", err, jiraclient.HintOf(err))
			}
			eventually(t, func() bool { return b.jira.Count("POST", bulk) == 1 })
			if got := len(b.jira.Issues()) == 3; got != c.created {
				t.Errorf("%d issues exist", len(b.jira.Issues()))
			}
		})
	}
}

// eventually polls until ok holds.
func eventually(t *testing.T, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	deadline := time.After(10 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("it did not come about")
		}
	}
}

func TestNothingSentWithoutAConnection(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	foreign := httptest.NewTLSServer(http.NotFoundHandler()) // its authority is unknown
	defer foreign.Close()
	for name, url := range map[string]string{"no one listens": closed.URL, "untrusted certificate": foreign.URL} {
		t.Run(name, func(t *testing.T) {
			c, err := jiraclient.New(jiraclient.Config{BaseURL: url, Auth: jiraclient.Basic("a", "b")})
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			_, err = c.CreateIssues(t.Context(), tasks(1))
			if jiraclient.OutcomeOf(err) != jiraclient.NotSent {
				t.Errorf("outcome %s: %v", jiraclient.OutcomeOf(err), err)
			}
			assertIs(t, err, jiraclient.ErrUnreachable)
		})
	}
}

func TestNothingSentAfterTheCallerGaveUp(t *testing.T) {
	b := newBench(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := b.CreateIssues(ctx, tasks(1))
	if jiraclient.OutcomeOf(err) != jiraclient.NotSent || errors.Is(err, jiraclient.ErrUnreachable) {
		t.Errorf("outcome %s: %v", jiraclient.OutcomeOf(err), err)
	}
	assertIs(t, err, context.Canceled)
}

func TestShortAnswerAssignsNothing(t *testing.T) {
	b := newFaultyBench(t)
	b.jira.Inject(jiratest.Fault{Route: bulk, Reply: &jiratest.Reply{Status: 201, Body: `{"issues":[{"id":"1","key":"SEC-1"}],"errors":[]}`}})
	r, err := b.CreateIssues(t.Context(), tasks(3))
	if err != nil {
		t.Fatal(err)
	}
	if !r.Confirm || len(r.Unassigned) != 1 || len(r.Elements) != 3 {
		t.Errorf("result %+v", r)
	}
	for i, e := range r.Elements {
		if e.Created != nil || e.Err != nil {
			t.Errorf("element %d claims %+v", i, e)
		}
	}
}

func TestReadsAreRepeated(t *testing.T) {
	for name, spoil := range map[string]func(*jiratest.Server){
		"502":  func(s *jiratest.Server) { s.FailNext("GET", "/myself", 2, 502) },
		"cut":  func(s *jiratest.Server) { s.HangUpNext("GET", "/myself", 2) },
		"half": func(s *jiratest.Server) { s.Inject(jiratest.Fault{Route: "/myself", Times: 2, Truncate: true}) },
		"invalid": func(s *jiratest.Server) {
			s.Inject(jiratest.Fault{Route: "/myself", Times: 2, Reply: &jiratest.Reply{Status: 200, Body: "{"}})
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newFaultyBench(t)
			spoil(b.jira)
			if me, err := b.Myself(t.Context()); err != nil || me.Name != "Dana Analyst" {
				t.Errorf("%+v, %v", me, err)
			}
		})
	}
}

func TestReadsAreNotRepeatedForEver(t *testing.T) {
	b := newFaultyBench(t)
	b.jira.FailNext("GET", "/myself", 0, 500)
	_, err := b.Myself(t.Context())
	assertIs(t, err, jiraclient.ErrServer)
	if n := b.jira.Count("GET", "/myself"); n != 4 {
		t.Errorf("%d tries, want 4", n)
	}
	if got := b.clock.slept; len(got) != 3 || got[0] != 2*time.Second || got[1] != 4*time.Second || got[2] != 8*time.Second {
		t.Errorf("pauses %v, want 2s 4s 8s", got)
	}
}

func TestCaptchaStopsAtOnce(t *testing.T) {
	b := newFaultyBench(t)
	b.jira.Inject(jiratest.Fault{Route: "/myself", Reply: &jiratest.Reply{Status: 429, Header: http.Header{"X-Seraph-Loginreason": {"AUTHENTICATION_DENIED"}}}})
	_, err := b.Myself(t.Context())
	assertIs(t, err, jiraclient.ErrCaptcha)
	if b.jira.Count("GET", "/myself") != 1 || !strings.Contains(jiraclient.HintOf(err), "CAPTCHA") {
		t.Errorf("%d tries, hint %q", b.jira.Count("GET", "/myself"), jiraclient.HintOf(err))
	}
}

func TestHostileWordsAreCleaned(t *testing.T) {
	b := newFaultyBench(t)
	b.jira.Inject(jiratest.Fault{Route: "/myself", Reply: &jiratest.Reply{Status: 400, Body: `{"errorMessages":["a\u001b[31mred\u202e\nline"],"errors":{"x\u0007":"` + strings.Repeat("y", 5000) + `"}}`}})
	_, err := b.Myself(t.Context())
	if strings.ContainsAny(err.Error(), "\x1b\x07\n\u202e") || len(err.Error()) > 1500 {
		t.Errorf("%q", err)
	}
}

func TestAddressesThatAreRefused(t *testing.T) {
	for _, url := range []string{
		"", "example.atlassian.net", "http://example.atlassian.net", "ftp://example.com", "https://u:s3cr3t@example.com",
		"https://example.com/?a=s3cr3t", "https://", "https://example.com/#x", "https://exa mple.com:s3cr3t@x",
	} {
		_, err := jiraclient.New(jiraclient.Config{BaseURL: url, Auth: jiraclient.Basic("a", "b")})
		if !errors.Is(err, jiraclient.ErrBadRequest) || jiraclient.HintOf(err) == "" || strings.Contains(err.Error(), "u:s3cr3t") {
			t.Errorf("%q: %v", url, err)
		}
	}
	for _, url := range []string{"https://example.atlassian.net/", "http://localhost:80", "http://127.0.0.1:1/jira", "http://[::1]:1", " https://x.test "} {
		if _, err := jiraclient.New(jiraclient.Config{BaseURL: url, Auth: jiraclient.Basic("a", "b")}); err != nil {
			t.Errorf("%q: %v", url, err)
		}
	}
}

func TestOddIdsCannotLeaveTheirPlace(t *testing.T) {
	b := newFaultyBench(t)
	for _, id := range []string{"", "..", ".", "SEC-1/../../x", "a?b=c", "a#b", "%2e%2e"} {
		_, err := b.GetIssue(t.Context(), id, nil, nil)
		if err == nil {
			t.Errorf("%q found something", id)
		}
	}
	for _, r := range b.jira.Requests() {
		if r.Route != "/issue/{issueIdOrKey}" {
			t.Errorf("a request went to %s", r.Path)
		}
	}
}
