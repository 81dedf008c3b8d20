// Package profile sets up what tickets look like: the form, with what Jira offers
// and a preview of a real ticket, and the page that says how a profile stands.
package profile

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Store is what the screens read and write.
type Store interface {
	Profiles(ctx context.Context) ([]model.Profile, error)
	Profile(ctx context.Context, name string) (model.Profile, error)
	Connections(ctx context.Context) ([]model.Connection, error)
	AddProfile(ctx context.Context, actor model.Actor, p model.Profile) (model.Profile, error)
	SetProfile(ctx context.Context, actor model.Actor, p model.Profile) error
	RemoveProfile(ctx context.Context, actor model.Actor, name string) error
	UseOfProfile(ctx context.Context, id int64) (storage.ProfileUse, error)
	PreviewTicket(ctx context.Context, profile model.Profile) (line model.PlanLine, ok bool, err error)
}

// Jira tells what a project offers while a person waits. Package sync's Live
// implements it.
type Jira interface {
	Projects(ctx context.Context, connection string, oldest time.Duration) ([]model.JiraProject, time.Time, error)
	Types(ctx context.Context, connection, project string, oldest time.Duration) ([]model.JiraType, time.Time, error)
	Labels(ctx context.Context, connection string, oldest time.Duration) ([]string, time.Time, error)
	UnknownLabels(ctx context.Context, connection string, labels []string, oldest time.Duration) ([]string, error)
	CheckProfile(ctx context.Context, p model.Profile) (warnings []string, err error)
}

// Desk is what the screens of a profile work with.
type Desk struct {
	Env   *widget.Env
	Store Store
	Jira  Jira // nil where nobody can ask Jira
}

// Standing is a profile and what uses it.
type Standing struct {
	model.Profile
	Use storage.ProfileUse
}

// Standings reads all profiles.
func Standings(ctx context.Context, s Store) ([]Standing, error) {
	all, err := s.Profiles(ctx)
	if err != nil {
		return nil, err
	}
	out := make([]Standing, len(all))
	for i := range all {
		out[i].Profile = all[i]
		if out[i].Use, err = s.UseOfProfile(ctx, all[i].ID); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Open is the page of a profile.
func (d Desk) Open(s Standing) widget.Screen { return d.page(s.Name) }

// Check is the page of a profile that is being checked against Jira.
func (d Desk) Check(s Standing) widget.Screen {
	p := d.page(s.Name)
	p.atOnce = true
	return p
}

// Summed is the profile in a few words.
func (s *Standing) Summed() string {
	labels := "no labels"
	if len(s.Labels) > 0 {
		labels = "labels " + strings.Join(s.Labels, ", ")
	}
	parts := []string{labels, "one ticket for " + dedupe(s.Dedupe)}
	if len(s.Fields) > 0 {
		parts = append(parts, "fills "+strings.Join(slices.Sorted(maps.Keys(s.Fields)), ", "))
	}
	return strings.Join(append(parts, widget.Plural(s.Use.Tickets, "ticket"), widget.Plural(s.Use.Products, "product"), widget.Plural(s.Use.Watches, "watch")), ", ")
}

func dedupe(across bool) string {
	if across {
		return "all versions"
	}
	return "each version"
}

// Removal is what a removal would touch, for the question before it.
func (s *Standing) Removal() string {
	what := "This removes profile " + s.Name
	var users []string
	for _, each := range []struct {
		n    int
		noun string
	}{{s.Use.Products, "product"}, {s.Use.Watches, "watch"}} {
		if each.n > 0 {
			users = append(users, widget.Plural(each.n, each.noun))
		}
	}
	if len(users) > 0 {
		what += ", which " + strings.Join(users, " and ") + " then lack"
	}
	return what + "; its " + widget.Plural(s.Use.Tickets, "ticket") + " stay"
}

// Remove removes a profile.
func (d Desk) Remove(p model.Profile) tea.Cmd {
	return d.Env.Go(func(ctx context.Context) tea.Msg {
		if err := d.Store.RemoveProfile(ctx, d.Env.Actor, p.Name); err != nil {
			return toast.Msg{Level: toast.Error, Text: "Not removed: " + err.Error()}
		}
		return toast.Msg{Level: toast.Done, Text: "Profile " + p.Name + " is removed; its tickets stay."}
	})
}
