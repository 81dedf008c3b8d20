package jiratest_test

import (
	"net/http"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient/jiratest"
)

// TestWritesToOneIssueAreLimited as Jira does: 20 in 2 s and 100 in 30 s, by
// issue, whatever name is used for it.
func TestWritesToOneIssueAreLimited(t *testing.T) {
	c := newClock()
	s := newSite(t, jiratest.Options{Now: c.Now})
	key, other := s.create(""), s.create("")
	issue, err := s.Issue(key)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string) int {
		status, _ := s.send("PUT", api+"/issue/"+name, `{"fields":{"summary":"x"}}`)
		return status
	}
	for i := range 20 {
		name := key
		if i%2 == 0 {
			name = issue.ID
		}
		if status := write(name); status != http.StatusNoContent {
			t.Fatalf("write %d: %d", i+1, status)
		}
	}
	if status := write(key); status != http.StatusTooManyRequests {
		t.Errorf("write 21: %d", status)
	}
	if status, _ := s.send("GET", api+"/issue/"+key, ""); status != http.StatusOK {
		t.Errorf("a read: %d", status)
	}
	if status := write(other); status != http.StatusNoContent {
		t.Errorf("another issue: %d", status)
	}
	for range 4 {
		c.pass(2 * time.Second)
		for range 20 {
			if status := write(key); status != http.StatusNoContent {
				t.Fatalf("after a pause: %d", status)
			}
		}
	}
	c.pass(2 * time.Second)
	if status := write(key); status != http.StatusTooManyRequests {
		t.Errorf("write 101 in 30 s: %d", status)
	}
	c.pass(21 * time.Second)
	if status := write(key); status != http.StatusNoContent {
		t.Errorf("30 s later: %d", status)
	}
}
