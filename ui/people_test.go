package ui

import (
	"context"
	"strings"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/setup"
)

// people is a Jira with two accounts and three priorities, which answers
// nothing else.
type people struct{ setup.Jira }

func (people) Priorities(context.Context, string, time.Duration) ([]string, time.Time, error) {
	return []string{"Highest", "High", "Low"}, time.Time{}, nil
}

func (people) People(_ context.Context, _, _, text string) (found []model.Person, _ error) {
	for _, p := range []model.Person{{ID: "712020:meier", Name: "Ana Meier", Email: "ana@example.net"}, {ID: "712020:okafor", Name: "Chidi Okafor"}} {
		if strings.Contains(strings.ToLower(p.Name), strings.ToLower(text)) {
			found = append(found, p)
		}
	}
	return found, nil
}
