package jiratest_test

import (
	"path/filepath"
	"strings"
	"testing"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
)

const oldAPI = "/rest/api/2"

func newDataCenter(t *testing.T, opts jiratest.Options) site {
	t.Helper()
	opts.Deployment = jiraclient.DataCenter
	return newSite(t, opts).as(jiratest.AnalystUser, jiratest.AnalystToken)
}

// TestDataCenterIsStrict: what belongs to the other dialect is refused.
func TestDataCenterIsStrict(t *testing.T) {
	s := newDataCenter(t, jiratest.Options{})
	fields := func(more string) string {
		return `{"fields":{"project":{"key":"SEC"},"issuetype":{"id":"10002"},"summary":"S"` + more + `}}`
	}
	if status, body := s.send("POST", oldAPI+"/issue", fields(`,"description":"h1. *x*","assignee":{"name":"robin"}`)); status != 201 {
		t.Fatalf("a plain issue: %d %s", status, body)
	}
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		says               string
	}{
		"document as description":    {"POST", "/issue", fields(`,"description":{"type":"doc","version":1,"content":[]}`), 400, "must be a string"},
		"account id":                 {"POST", "/issue", fields(`,"assignee":{"accountId":"robin"}`), 400, "containing a name"},
		"parent":                     {"POST", "/issue", fields(`,"parent":{"key":"SEC-1"}`), 400, "cannot be set"},
		"epic link to no epic":       {"POST", "/issue", fields(`,"customfield_10008":"SEC-1"`), 400, "is not an epic"},
		"document as comment":        {"POST", "/issue/SEC-1/comment", `{"body":{"type":"doc","version":1,"content":[]}}`, 400, "must be a string"},
		"search by token":            {"POST", "/search/jql", `{"jql":"project = SEC"}`, 404, ""},
		"bulk fetch":                 {"POST", "/issue/bulkfetch", `{"issueIdsOrKeys":["SEC-1"]}`, 404, ""},
		"label list":                 {"GET", "/label", "", 404, ""},
		"project search":             {"GET", "/project/search", "", 404, ""},
		"permissions by name":        {"GET", "/mypermissions?permissions=ADMINISTER", "", 400, "permissions"},
		"properties in search":       {"POST", "/search", `{"jql":"","properties":["x"]}`, 400, "payload"},
		"expand as a text in search": {"POST", "/search", `{"jql":"","expand":"names"}`, 400, "payload"},
		"a key that is gone":         {"POST", "/search", `{"jql":"key in (SEC-1, SEC-99)"}`, 400, "An issue with key 'SEC-99' does not exist for field 'key'"},
		"behind the window":          {"GET", "/search?jql=&startAt=9990&maxResults=100", "", 400, "window"},
		"old create metadata":        {"GET", "/issue/createmeta", "", 404, ""},
		"experimental by accident":   {"GET", "/myself", "", 400, "X-ExperimentalApi"},
		"the other API":              {"GET", "/../3/myself", "", 404, ""},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := s.send(c.method, oldAPI+c.path, c.body)
			if status != c.status || !strings.Contains(body, c.says) {
				t.Errorf("%d %s", status, body)
			}
		})
	}
	status, body := s.send("POST", oldAPI+"/search", `{"jql":"key in (SEC-1, SEC-99)","validateQuery":false,"maxResults":5000}`)
	if status != 200 || !strings.Contains(body, `"total":1`) || !strings.Contains(body, `"maxResults":1000`) || !strings.Contains(body, `"description":"h1. *x*"`) {
		t.Errorf("a search without validation: %d %s", status, body)
	}
}

// TestDataCenterPages: a person reads and writes markup, below a context path.
func TestDataCenterPages(t *testing.T) {
	file := filepath.Join(t.TempDir(), "jira.json")
	s := newDataCenter(t, jiratest.Options{ContextPath: "/jira", StateFile: file})
	if status, _ := s.send("GET", oldAPI+"/serverInfo", ""); status != 404 {
		t.Errorf("outside the context path: %d", status)
	}
	s.url += "/jira"
	s.send("POST", oldAPI+"/issue", `{"fields":{"project":{"key":"SEC"},"issuetype":{"id":"10002"},"summary":"S","description":"*b*"}}`)
	_, page := s.send("GET", "/browse/SEC-1", "")
	if !strings.Contains(page, `action="/jira/browse/SEC-1"`) || !strings.Contains(page, "*b*") {
		t.Errorf("the page: %s", page)
	}
	status, _ := s.send("POST", "/browse/SEC-1", "description=_i_&assignee=robin", "Content-Type", "application/x-www-form-urlencoded")
	issue, err := s.Issue("SEC-1")
	if err != nil || status != 303 || issue.Description != "i" || issue.Fields["description"] != "_i_" || issue.Assignee != "Robin Reviewer" {
		t.Errorf("%d, %+v, %v", status, issue, err)
	}
	closeServer(t, s.Server)
	again := newDataCenter(t, jiratest.Options{StateFile: file})
	if issue, err := again.Issue("SEC-1"); err != nil || issue.Fields["description"] != "_i_" {
		t.Errorf("after a restart %+v, %v", issue, err)
	}
}

func TestOptionsThatDoNotFit(t *testing.T) {
	for _, opts := range []jiratest.Options{
		{Deployment: "mainframe"}, {Deployment: jiraclient.DataCenter, Version: "ten"}, {ContextPath: "/jira"},
	} {
		if _, err := jiratest.New(opts); err == nil {
			t.Errorf("%+v is taken", opts)
		}
	}
}
