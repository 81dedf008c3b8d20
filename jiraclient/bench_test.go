package jiraclient_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/adf"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/jiraclient/jiratest/contract"
)

// fakeClock stands still until someone sleeps.
type fakeClock struct {
	mu    sync.Mutex
	now   time.Time
	slept []time.Duration
}

func newFakeClock() *fakeClock {
	return &fakeClock{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Sleep(ctx context.Context, d time.Duration) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	c.slept = append(c.slept, d)
	return ctx.Err()
}

// pass lets time go by.
func (c *fakeClock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// bench is a simulated Jira behind the contract check, and a client of it.
type bench struct {
	*jiraclient.Client
	jira  *jiratest.Server
	clock *fakeClock
}

func newBench(t *testing.T, change ...func(*jiraclient.Config)) bench {
	t.Helper()
	return newBenchBehind(t, func(h http.Handler) *httptest.Server { return contract.Serve(t, h) }, change...)
}

// newFaultyBench has no contract check, which answers of faults would break.
func newFaultyBench(t *testing.T, change ...func(*jiraclient.Config)) bench {
	t.Helper()
	return newBenchBehind(t, func(h http.Handler) *httptest.Server {
		server := httptest.NewServer(h)
		t.Cleanup(server.Close)
		return server
	}, change...)
}

func newBenchBehind(t *testing.T, serve func(http.Handler) *httptest.Server, change ...func(*jiraclient.Config)) bench {
	t.Helper()
	clock := newFakeClock()
	jira, err := jiratest.New(jiratest.Options{Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	server := serve(jira)
	cfg := jiraclient.Config{
		BaseURL: server.URL,
		Auth:    jiraclient.Basic(jiratest.AnalystEmail, jiratest.AnalystToken),
		Clock:   clock,
		Random:  func() float64 { return 0.5 },
		Timeout: 5 * time.Second,
	}
	for _, f := range change {
		f(&cfg)
	}
	client, err := jiraclient.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close()
		if err := jira.Close(); err != nil {
			t.Error(err)
		}
	})
	return bench{client, jira, clock}
}

func as(email, token string) func(*jiraclient.Config) {
	return func(cfg *jiraclient.Config) { cfg.Auth = jiraclient.Basic(email, token) }
}

// task is a valid issue with an operation id.
func task(n int) jiraclient.IssueCreate {
	return jiraclient.IssueCreate{
		ProjectKey: "SEC", IssueTypeID: "10002",
		Summary:     fmt.Sprintf("CVE-2026-%04d in libfoo", n),
		Description: adf.FromMarkdown("**Bad** thing, see [it](https://example.com/a).").JSON(),
		Labels:      []string{"security"},
		PriorityID:  "2",
		OperationID: fmt.Sprintf("op-%d", n),
	}
}

func tasks(n int) []jiraclient.IssueCreate {
	list := make([]jiraclient.IssueCreate, n)
	for i := range list {
		list[i] = task(i)
	}
	return list
}

func mustCreate(t *testing.T, b bench, issues ...jiraclient.IssueCreate) []jiraclient.Created {
	t.Helper()
	r, err := b.CreateIssues(t.Context(), issues)
	if err != nil {
		t.Fatal(err)
	}
	var out []jiraclient.Created
	for i, e := range r.Elements {
		if e.Created == nil {
			t.Fatalf("element %d was not created: %v", i, e.Err)
		}
		out = append(out, *e.Created)
	}
	return out
}
