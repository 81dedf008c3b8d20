package jiratest_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/jiraclient/jiratest/contract"
)

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// site is a server, and a person with curl before it.
type site struct {
	*jiratest.Server
	t           *testing.T
	url         string
	email, code string
}

func newSite(t *testing.T, opts jiratest.Options) site {
	t.Helper()
	s, err := jiratest.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	server := contract.Serve(t, s)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return site{s, t, server.URL, jiratest.AnalystEmail, jiratest.AnalystToken}
}

func (s site) as(email, token string) site {
	s.email, s.code = email, token
	return s
}

// send makes a request and gives status and body.
func (s site) send(method, path, body string, header ...string) (int, string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if s.email != "" {
		req.SetBasicAuth(s.email, s.code)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

const api = "/rest/api/3"

// create makes an issue of SEC from the given fields beyond the needed ones.
func (s site) create(fields string) string {
	s.t.Helper()
	if fields != "" {
		fields = "," + fields
	}
	status, body := s.send("POST", api+"/issue", `{"fields":{"project":{"key":"SEC"},"issuetype":{"id":"10002"},"summary":"S"`+fields+`}}`)
	var out struct{ Key string }
	if err := json.Unmarshal([]byte(body), &out); err != nil || status != 201 {
		s.t.Fatalf("create: %d %s", status, body)
	}
	return out.Key
}

func closeServer(t *testing.T, s *jiratest.Server) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}
