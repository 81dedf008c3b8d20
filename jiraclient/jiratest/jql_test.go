package jiratest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient/jiratest"
)

func (s site) search(jql string) string {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"jql": jql, "fields": []string{"summary"}, "maxResults": 100})
	if err != nil {
		s.t.Fatal(err)
	}
	status, answer := s.send("POST", api+"/search/jql", string(body))
	var out struct {
		Issues []struct{ Key string }
	}
	if err := json.Unmarshal([]byte(answer), &out); err != nil || status != 200 {
		return fmt.Sprintf("%d %s", status, answer)
	}
	keys := []string{}
	for _, issue := range out.Issues {
		keys = append(keys, strings.TrimPrefix(issue.Key, "SEC-"))
	}
	return strings.Join(keys, " ")
}

func TestJQL(t *testing.T) {
	c := newClock()
	s := newSite(t, jiratest.Options{Now: c.Now})
	start := c.Now()
	s.create(`"labels":["red","blue"],"priority":{"id":"1"},"customfield_10042":9.8`)
	c.pass(time.Minute)
	s.create(`"labels":["red"],"assignee":{"accountId":"712020:5e1f0000-0000-4000-8000-000000000002"},"customfield_10041":{"id":"14101"}`)
	c.pass(time.Minute)
	s.create(`"summary":"needle in \"hay\"","issuetype":{"id":"10003"}`)
	if err := s.SetStatus("SEC-3", "Done"); err != nil {
		t.Fatal(err)
	}
	for jql, want := range map[string]string{
		`project = SEC ORDER BY key`:                             "1 2 3",
		`project = "Security" order by key desc`:                 "3 2 1",
		`project in (SEC, PAY) AND key > SEC-1 ORDER BY key ASC`: "2 3",
		`key = SEC-2`: "2",
		`issuekey in (SEC-1, sec-3) ORDER BY key`: "1 3",
		`id = 10001`:                            "2",
		`labels = red AND labels != blue`:       "2",
		`labels in (blue, green)`:               "1",
		`labels not in (blue)`:                  "2",
		`labels is EMPTY`:                       "3",
		`status = Done`:                         "3",
		`status != "To Do"`:                     "3",
		`statusCategory = "To Do" ORDER BY key`: "1 2",
		`statusCategory != Done ORDER BY key`:   "1 2",
		`issuetype = Bug`:                       "3",
		`type in (Task) order by priority, key`: "1 2",
		`assignee = currentUser()`:              "2",
		`assignee is empty order by key`:        "1 3",
		`summary ~ "needle hay"`:                "3",
		`text ~ needl*`:                         "3",
		`summary !~ needle order by key`:        "1 2",
		`"CVSS Score" >= 9`:                     "1",
		`cf[10041] = High`:                      "2",
		fmt.Sprintf(`updated >= %d`, start.Add(time.Minute).UnixMilli()):    "3 2",
		fmt.Sprintf(`created < %d`, start.Add(time.Minute).UnixMilli()):     "1",
		`created > -90s OR updated >= -90m order by key`:                    `400 {"errorMessages":["Date value '-90s' for field 'created'`,
		`created > -1m order by key`:                                        "3",
		`updated >= "2026-11-22 12:01" order by updated, key`:               "2 3",
		`NOT (labels = red OR status = Done)`:                               "",
		`not labels = blue order by key`:                                    "2 3",
		`project = SEC and (labels = blue or (status = Done)) order by key`: "1 3",
		`PROJECT=SEC AND KEY=SEC-1`:                                         "1",
		`project = NOPE`:                                                    `400 {"errorMessages":["The value 'NOPE' does not exist for the field 'project'."]`,
		`key = SEC-9`:                                                       `400 {"errorMessages":["An issue with key 'SEC-9' does not exist for field 'key'."]`,
		`colour = red`:                                                      `400 {"errorMessages":["Field 'colour' does not exist`,
		`project = SEC AND`:                                                 `400 {"errorMessages":["Error in the JQL Query`,
		`project = "SEC`:                                                    `400 {"errorMessages":["Error in the JQL Query`,
		`project = SEC)`:                                                    `400 {"errorMessages":["Error in the JQL Query`,
		`status > Done`:                                                     `400 {"errorMessages":["The operator '`,
		`labels = "red\" OR project = SEC OR labels = \""`:                  "",
	} {
		if got := s.search(jql); got != want && (!strings.HasPrefix(want, "400") || !strings.HasPrefix(got, want)) {
			t.Errorf("%s\n gave %q\n want %q", jql, got, want)
		}
	}
}

func TestTheIndexLags(t *testing.T) {
	c := newClock()
	s := newSite(t, jiratest.Options{Now: c.Now, IndexLag: 10 * time.Second})
	key := s.create(`"labels":["red"]`)
	if got := s.search("labels = red"); got != "" {
		t.Errorf("search sees at once %q", got)
	}
	if status, _ := s.send("GET", api+"/issue/"+key, ""); status != 200 {
		t.Error("a read by key does not see it")
	}
	if status, body := s.send("POST", api+"/search/jql", `{"jql":"labels = red","fields":["summary"],"reconcileIssues":[10000]}`); status != 200 || !strings.Contains(body, key) {
		t.Errorf("reconciled: %d %s", status, body)
	}
	c.pass(11 * time.Second)
	if got := s.search("labels = red"); got != "1" {
		t.Errorf("later search sees %q", got)
	}
	if err := s.SetField(key, "labels", []any{"blue"}); err != nil {
		t.Fatal(err)
	}
	if got := s.search("labels = red") + "/" + s.search("labels = blue"); got != "1/" {
		t.Errorf("right after a change search sees %q", got)
	}
	c.pass(11 * time.Second)
	if got := s.search("labels = red") + "/" + s.search("labels = blue"); got != "/1" {
		t.Errorf("later search sees %q", got)
	}
}

func TestTheIndexFlickers(t *testing.T) {
	c := newClock()
	s := newSite(t, jiratest.Options{Now: c.Now, IndexLag: 10 * time.Second, Flicker: true})
	s.create("")
	c.pass(11 * time.Second)
	var seen []string
	for range 6 {
		seen = append(seen, s.search("project = SEC"))
	}
	if got := strings.Join(seen, ","); strings.Count(got, "1") != 4 {
		t.Errorf("a fresh issue shows as %q", got)
	}
	c.pass(time.Minute)
	for range 6 {
		if got := s.search("project = SEC"); got != "1" {
			t.Errorf("an old issue shows as %q", got)
		}
	}
}

func TestSearchGivesIDsOnlyUnlessAsked(t *testing.T) {
	s := newSite(t, jiratest.Options{})
	s.create("")
	_, body := s.send("POST", api+"/search/jql", `{"jql":"project = SEC"}`)
	if body != `{"isLast":true,"issues":[{"id":"10000"}]}` {
		t.Errorf("got %s", body)
	}
}
