package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// examinePolicies looks for what keeps automatic tickets from being what was
// meant (I18).
func examinePolicies(ctx context.Context, d *doctor, s *storage.Store) error {
	watches, err := s.Watches(ctx)
	if err != nil {
		return err
	}
	policies, err := s.Policies(ctx)
	if err != nil {
		return err
	}
	profiles, err := s.Profiles(ctx)
	if err != nil {
		return err
	}
	sick := d.sick
	for _, w := range watches {
		if !w.CreateTickets {
			continue
		}
		if !anyCreates(policies, w.Policies) {
			d.ill("watch "+w.Name, "it creates tickets, and no rule of its policies asks for one", "add a rule with --create-ticket, or turn it off with 'vexdesk watch set "+w.Name+" --create-tickets=off'")
		}
		if w.Profile == "" && len(profiles) != 1 {
			d.ill("watch "+w.Name, "it creates tickets and has no profile: only products with one of their own get any", "name one with 'vexdesk watch set "+w.Name+" --profile NAME'")
		}
	}
	overlaps, err := s.PolicyOverlaps(ctx)
	if err != nil {
		return err
	}
	for _, o := range overlaps {
		d.ill("policies", fmt.Sprintf("%s and %s both ask for tickets for %s: each gets one ticket, by whichever comes first", o.A, o.B, plural(o.Count, "violation")),
			"make one policy of the two, or exclude in one what the other covers")
	}
	job, err := s.Job(ctx, "auto")
	if err != nil {
		return err
	}
	if job.Error != "" {
		d.ill("automatic tickets", job.Error, "mend it; the sync tries again by itself")
	}
	if d.sick == sick {
		d.well("policies", "policies: %d, watches: %d", len(policies), len(watches))
	}
	return nil
}

// anyCreates tells whether a rule of the named policies asks for tickets.
func anyCreates(policies []model.Policy, names []string) bool {
	return slices.ContainsFunc(policies, func(p model.Policy) bool {
		named := slices.ContainsFunc(names, func(name string) bool { return strings.EqualFold(name, p.Name) })
		return named && slices.ContainsFunc(p.Rules, func(r model.Rule) bool { return r.CreateTicket })
	})
}
