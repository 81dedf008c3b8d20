package sync

import (
	"testing"

	"example.com/vexdesk/model"
)

func TestRetrievalFollowsTheScopesOfAConsent(t *testing.T) {
	enough, little := []string{"read:jira-work", "write:jira-work"}, []string{"write:jira-work"}
	granular := []string{"read:issue-details:jira", "read:field.default-value:jira", "read:field.option:jira"}
	for _, c := range []struct {
		name            string
		before, granted []string
		was, want       bool
	}{
		{"first, with the scopes", nil, enough, true, true},
		{"first, with the granular ones", nil, granular, true, true},
		{"first, without them", nil, little, true, false},
		{"first, without one of the granular ones", nil, granular[:2], true, false},
		{"they were added", little, enough, false, true},
		{"switched off by a person, and consented again", enough, enough, false, false},
		{"switched on by a person in spite of it, and consented again", little, little, true, true},
		{"they were taken away", enough, little, true, false},
	} {
		connection := model.Connection{RetrieveTickets: c.was, Options: model.ConnectionOptions{Granted: c.before}}
		if got := retrieveWith(connection, c.granted); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
