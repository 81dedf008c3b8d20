package jiratest_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient/jiratest"
)

func TestStateSurvives(t *testing.T) {
	file := filepath.Join(t.TempDir(), "jira.json")
	c := newClock()
	first := newSite(t, jiratest.Options{Now: c.Now, StateFile: file})
	key := first.create(`"labels":["red"],"description":{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"x"}]}]},"customfield_10042":7.5`)
	first.send("PUT", api+"/issue/"+key+"/properties/p", `{"n":1}`)
	if err := first.Comment(key, "hello"); err != nil {
		t.Fatal(err)
	}
	gone := first.create("")
	if err := first.Delete(gone); err != nil {
		t.Fatal(err)
	}
	moved, err := first.Move(key, "PAY")
	if err != nil {
		t.Fatal(err)
	}
	before, err := first.Issue(moved)
	if err != nil {
		t.Fatal(err)
	}
	closeServer(t, first.Server)

	second := newSite(t, jiratest.Options{Now: c.Now, StateFile: file})
	after, err := second.Issue(key)
	if err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(before) != fmt.Sprint(after) {
		t.Errorf("before %+v\nafter  %+v", before, after)
	}
	if next := second.create(""); next != "SEC-3" {
		t.Errorf("the next key is %s; SEC-2 was given out before", next)
	}

	if err := os.WriteFile(file, []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := jiratest.New(jiratest.Options{StateFile: file}); err == nil || !strings.Contains(err.Error(), file) {
		t.Errorf("a broken state file: %v", err)
	}
}

func TestWhatAnAdministratorMadeSurvives(t *testing.T) {
	file := filepath.Join(t.TempDir(), "jira.json")
	first := newSite(t, jiratest.Options{StateFile: file}).as(jiratest.AdminEmail, jiratest.AdminToken)
	for _, made := range []struct{ path, body string }{
		{"/issuetype", `{"name":"VexdeskVuln","type":"standard"}`},
		{"/field", `{"name":"Judgement","type":"com.atlassian.jira.plugin.system.customfieldtypes:textfield"}`},
		{"/screens", `{"name":"Vexdesk screen"}`},
	} {
		if status, answer := first.send("POST", api+made.path, made.body); status/100 != 2 {
			t.Fatalf("POST %s: %d %s", made.path, status, answer)
		}
	}
	key := first.create("")
	if status, answer := first.send("PUT", api+"/issue/"+key, `{"fields":{"customfield_10042":3}}`); status != 204 {
		t.Fatalf("%d %s", status, answer)
	}
	asked := []string{"/issuetype", "/field/search?query=Judgement", "/screens", "/issue/" + key + "/changelog"}
	var before []string
	for _, path := range asked {
		_, answer := first.send("GET", api+path, "")
		before = append(before, answer)
	}
	closeServer(t, first.Server)

	second := newSite(t, jiratest.Options{StateFile: file}).as(jiratest.AdminEmail, jiratest.AdminToken)
	for i, path := range asked {
		_, answer := second.send("GET", api+path, "")
		// Addresses have another port.
		if strings.ReplaceAll(answer, second.url, first.url) != before[i] {
			t.Errorf("%s: before\n%s\nafter\n%s", path, before[i], answer)
		}
	}
	if !strings.Contains(before[0], "VexdeskVuln") || !strings.Contains(before[1], "Judgement") || !strings.Contains(before[2], "Vexdesk screen") || !strings.Contains(before[3], "customfield_10042") {
		t.Errorf("the answers before do not show what was made: %v", before)
	}
}

func TestColleagueFollowsTheSeed(t *testing.T) {
	run := func(seed uint64) string {
		s := newSite(t, jiratest.Options{})
		for range 5 {
			s.create("")
		}
		c := s.Colleague(seed)
		var steps []string
		for range 40 {
			step, ok := c.Move()
			if !ok {
				break
			}
			issue, err := s.Issue(step.Key)
			if err != nil || issue.Status != step.To {
				t.Fatalf("%+v left the issue in %s (%v)", step, issue.Status, err)
			}
			steps = append(steps, fmt.Sprint(step))
		}
		return strings.Join(steps, ";")
	}
	if a, b := run(1), run(1); a != b || a == "" {
		t.Errorf("the same seed gave\n%s\n%s", a, b)
	}
	if run(1) == run(2) {
		t.Error("another seed gave the same")
	}
	empty := newSite(t, jiratest.Options{})
	if _, ok := empty.Colleague(1).Move(); ok {
		t.Error("a colleague moved nothing")
	}
}

// TestTenThousandIssues keeps creation from growing with the square of what is
// there: the last thousand may not take much longer than the first.
func TestTenThousandIssues(t *testing.T) {
	s := jiratest.NewServer(jiratest.Options{StateFile: filepath.Join(t.TempDir(), "jira.json")})
	defer closeServer(t, s)
	me := site{s, t, s.URL, jiratest.AnalystEmail, jiratest.AnalystToken}
	one := `{"fields":{"project":{"key":"SEC"},"issuetype":{"id":"10002"},"summary":"S","description":{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"words"}]}]}}}`
	body := `{"issueUpdates":[` + strings.Repeat(one+",", 49) + one + `]}`
	var laps []time.Duration
	for range 10 {
		start := time.Now()
		for range 20 {
			if status, answer := me.send("POST", api+"/issue/bulk", body); status != 201 {
				t.Fatalf("%d %s", status, answer)
			}
		}
		laps = append(laps, time.Since(start))
	}
	t.Logf("a thousand issues each: %v", laps)
	if first, last := laps[1], laps[9]; last > 8*first+3*time.Second {
		t.Errorf("the second thousand took %s, the last %s", first, last)
	}
	start := time.Now()
	if got := me.search("project = SEC ORDER BY key DESC"); !strings.HasPrefix(got, "10000 9999") {
		t.Errorf("search gave %.60s", got)
	}
	t.Logf("a search over them: %s", time.Since(start))
}

func TestPages(t *testing.T) {
	server := jiratest.NewServer(jiratest.Options{Title: "Demo <Jira>"})
	defer closeServer(t, server)
	s := site{server, t, server.URL, jiratest.AnalystEmail, jiratest.AnalystToken}
	key := s.create(`"summary":"<script>alert(1)</script>","description":{"type":"doc","version":1,"content":[{"type":"paragraph","content":[{"type":"text","text":"bold","marks":[{"type":"strong"}]}]}]}`)
	s = s.as("", "")
	contains := func(path string, want ...string) {
		t.Helper()
		status, body := s.send("GET", path, "")
		for _, w := range want {
			if status != 200 || !strings.Contains(body, w) {
				t.Errorf("%s: %d without %q", path, status, w)
			}
		}
		if strings.Contains(body, "<script") {
			t.Errorf("%s holds a script", path)
		}
	}
	contains("/browse", key)
	contains("/", "Demo &lt;Jira&gt;", key, "&lt;script&gt;alert(1)", "To Do")
	contains("/browse/"+key, "Start work", `value="21"`, "bold", "Reporter", "Dana Analyst")
	form := func(path string, values url.Values, header ...string) int {
		t.Helper()
		status, _ := s.send("POST", path, values.Encode(), append([]string{"Content-Type", "application/x-www-form-urlencoded"}, header...)...)
		return status
	}
	if got := form("/browse/"+key+"/status", url.Values{"transition": {"21"}}, "Sec-Fetch-Site", "cross-site"); got != http.StatusForbidden {
		t.Errorf("a form of another site: %d", got)
	}
	if got := form("/browse/"+key+"/status", url.Values{"transition": {"21"}}); got != http.StatusSeeOther {
		t.Errorf("status: %d", got)
	}
	if got := form("/browse/"+key+"/status", url.Values{"transition": {"41"}}); got != http.StatusBadRequest {
		t.Errorf("closed step: %d", got)
	}
	edit := url.Values{"summary": {"new"}, "description": {"bold"}, "labels": {"a b"}, "priority": {"1"}, "customfield_10043": {"libfoo"}, "assignee": {"712020:5e1f0000-0000-4000-8000-000000000005"}}
	if got := form("/browse/"+key, edit); got != http.StatusSeeOther {
		t.Errorf("edit: %d", got)
	}
	if got := form("/browse/"+key, url.Values{"summary": {""}}); got != http.StatusBadRequest {
		t.Errorf("an edit that Jira refuses: %d", got)
	}
	if got := form("/browse/"+key+"/comment", url.Values{"text": {"hi"}}); got != http.StatusSeeOther {
		t.Errorf("comment: %d", got)
	}
	issue, err := server.Issue(key)
	if err != nil {
		t.Fatal(err)
	}
	if issue.Summary != "new" || issue.Status != "In Progress" || fmt.Sprint(issue.Labels) != "[a b]" || issue.Priority != "Highest" ||
		issue.Assignee != "Sam Developer" || issue.Fields["customfield_10043"] != "libfoo" || fmt.Sprint(issue.Comments) != "[hi]" {
		t.Errorf("the issue is now %+v", issue)
	}
	if raw := fmt.Sprint(issue.Fields["description"]); !strings.Contains(raw, "strong") {
		t.Errorf("an untouched description lost its form: %s", raw)
	}
	for _, nowhere := range []string{"SEC", "NONE"} {
		if got := form("/browse/"+key+"/move", url.Values{"project": {nowhere}}); got != http.StatusBadRequest {
			t.Errorf("a move to %s: %d", nowhere, got)
		}
	}
	contains("/browse/"+key, "Move there", `value="PAY"`)
	if got := form("/browse/"+key+"/move", url.Values{"project": {"PAY"}}); got != http.StatusSeeOther {
		t.Errorf("move: %d", got)
	}
	contains("/browse/PAY-1", "new", "libfoo")
	if got := form("/browse/"+key+"/delete", nil); got != http.StatusSeeOther {
		t.Errorf("delete: %d", got)
	}
	if _, err := server.Issue(key); !errors.Is(err, jiratest.ErrNoIssue) {
		t.Errorf("after deletion: %v", err)
	}
	if status, _ := s.send("GET", "/browse/"+key, ""); status != http.StatusNotFound {
		t.Errorf("page of a deleted issue: %d", status)
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", s.url+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Host = "evil.example.com"
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("under a foreign name: %d", resp.StatusCode)
	}
}

// TestHiddenIssues are as if they were not there, until they are shown again.
func TestHiddenIssues(t *testing.T) {
	s := newSite(t, jiratest.Options{})
	key := s.create("")
	look := func() (int, bool, bool) {
		status, _ := s.send("GET", api+"/issue/"+key, "")
		_, fetched := s.send("POST", api+"/issue/bulkfetch", `{"issueIdsOrKeys":["`+key+`"],"fields":["summary"]}`)
		_, found := s.send("POST", api+"/search/jql", `{"jql":"project = SEC","fields":["summary"]}`)
		return status, strings.Contains(fetched, key), strings.Contains(found, key)
	}
	for _, hidden := range []bool{true, false} {
		if err := s.Hide(key, hidden); err != nil {
			t.Fatal(err)
		}
		status, fetched, found := look()
		if (status == http.StatusNotFound) != hidden || fetched == hidden || found == hidden {
			t.Errorf("hidden %v: %d, fetched %v, found %v", hidden, status, fetched, found)
		}
	}
}
