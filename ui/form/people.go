package form

import (
	"context"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/widget"
)

// People finds accounts in Jira by a part of their name.
type People interface {
	People(ctx context.Context, connection, project, text string) ([]model.Person, error)
}

// Person makes a field for an account in Jira, searched as one types: the name
// is shown, the account's id is the value. where tells in which project; who
// may be nil, and what is typed is then taken as it is.
func Person(who People, where func() (connection, project string), name, label, hint string) *Field {
	f := &Field{Name: name, Label: label, Hint: hint, Far: true}
	if who == nil {
		return f
	}
	f.Propose = func(text string, _ int) Question {
		connection, project := where()
		typed := strings.TrimSpace(text)
		if connection == "" || typed == "" {
			return nil
		}
		return func(ctx context.Context) ([]widget.Proposal, error) {
			found, err := who.People(ctx, connection, project, typed)
			var all []widget.Proposal
			for _, p := range found {
				doc := p.Email
				if doc == "" {
					doc = p.ID
				}
				all = append(all, widget.Proposal{Text: p.Name, End: len(text), Doc: doc, Value: p.ID})
			}
			return all, err
		}
	}
	return f
}

// Profiles makes options of profiles, with where their tickets go.
func Profiles(profiles []model.Profile) []Option {
	options := make([]Option, len(profiles))
	for i, p := range profiles {
		options[i] = Option{Value: p.Name, Title: p.Name + "   " + p.Connection + " / " + p.Project + " / " + p.IssueType}
	}
	return options
}
