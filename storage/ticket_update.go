package storage

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/vexdesk/model"
)

// ErrTicketDeleted means: the ticket is gone from Jira and cannot be changed (X20).
var ErrTicketDeleted = errors.New("was deleted in Jira")

// UpdateRequest asks for tickets to be brought up to date with the present
// state of their violations (X19).
type UpdateRequest struct {
	Tickets []int64
	// Comment is added to each of them unless it is empty.
	Comment string
	// Anew makes new tickets for the violations of those that were deleted in
	// Jira; else they are skipped (X20).
	Anew bool
}

// PlanUpdates plans what a request comes to; nothing is changed. A ticket that
// cannot be brought up to date is skipped, with the reason.
func (s *Store) PlanUpdates(ctx context.Context, req UpdateRequest) (model.Plan, error) {
	var plan model.Plan
	if len(req.Tickets) == 0 {
		return plan, nil
	}
	found, err := s.Tickets(ctx, TicketFilter{IDs: req.Tickets})
	if err != nil {
		return plan, err
	}
	var orphans []model.ViolationID
	for i := range found {
		t := &found[i]
		line, err := s.planUpdateOf(ctx, t, req.Comment)
		switch {
		case errors.Is(err, ErrTicketDeleted) && req.Anew:
			orphans = append(orphans, t.Violations...)
			continue
		case err != nil && ctx.Err() != nil:
			return plan, err
		case err != nil:
			line = model.Plan{Lines: []model.PlanLine{{Action: model.PlanSkip, Violations: t.Violations, Ticket: t, Reason: err.Error()}}}
		}
		plan.Lines = append(plan.Lines, line.Lines...)
	}
	if len(orphans) == 0 {
		return plan, nil
	}
	slices.Sort(orphans)
	anew, err := s.PlanTickets(ctx, model.PlanRequest{IDs: slices.Compact(orphans), Comment: req.Comment})
	plan.Lines = append(plan.Lines, anew.Lines...)
	return plan, err
}

// PlanUpdate plans for one ticket, by key, and says why it cannot be done.
func (s *Store) PlanUpdate(ctx context.Context, key, comment string) (model.Plan, error) {
	found, err := s.Tickets(ctx, TicketFilter{Keys: []string{key}})
	if err != nil {
		return model.Plan{}, err
	}
	if len(found) == 0 {
		return model.Plan{}, fmt.Errorf("ticket %s: %w: 'vexdesk ticket list' shows what there is", key, ErrNotFound)
	}
	return s.planUpdateOf(ctx, &found[0], comment)
}

func (s *Store) planUpdateOf(ctx context.Context, t *model.Ticket, comment string) (model.Plan, error) {
	switch {
	case t.State == model.TicketDeleted:
		return model.Plan{}, fmt.Errorf("ticket %s %w: create a new one with 'vexdesk ticket create'", t.Key, ErrTicketDeleted)
	case len(t.Violations) == 0:
		return model.Plan{}, fmt.Errorf("ticket %s is linked to no violation: there is nothing to bring up to date", t.Key)
	}
	profile, err := strs(ctx, s.read, `SELECT f.name FROM tickets t JOIN profiles f ON f.id = t.profile_id WHERE t.id = ?`, t.ID)
	if err != nil {
		return model.Plan{}, err
	}
	return s.planUpdate(ctx, t, strings.Join(profile, ""), t.Violations, comment)
}

// planUpdate plans to describe a ticket by some of its violations, with the
// profile that it was made with, if any.
func (s *Store) planUpdate(ctx context.Context, t *model.Ticket, profile string, ids []model.ViolationID, comment string) (model.Plan, error) {
	req := model.PlanRequest{IDs: ids, Profile: profile, UpdateExisting: true, Comment: comment}
	whole, err := s.Violations(ctx, req.IDs)
	if err != nil {
		return model.Plan{}, err
	}
	p := planner{Store: s, ctx: ctx, holders: map[string]*model.Ticket{}}
	in, err := p.input(req, whole)
	if err != nil {
		return model.Plan{}, err
	}
	if len(in) == 0 {
		return model.Plan{}, fmt.Errorf("ticket %s is linked to no violation: there is nothing to bring up to date", t.Key)
	}
	if in[0].Profile == nil {
		return model.Plan{}, fmt.Errorf("ticket %s cannot be described: %s", t.Key, in[0].ProfileProblem)
	}
	line := model.PlanLine{Action: model.PlanUpdate, Violations: ids, Ticket: t, Connection: t.Connection,
		ProfileID: in[0].Profile.ID, Profile: in[0].Profile.Name, Reason: t.Key + " is brought up to date"}
	members := make([]*model.PlanViolation, len(in))
	severities := make([]model.Severity, len(in))
	for i := range in {
		members[i], severities[i] = &in[i], in[i].Severity
	}
	line.Severity = model.WorstSeverity(severities...)
	if err := model.NewRenderer()(&req, members, &line); err != nil {
		return model.Plan{}, err
	}
	line.Draft.Project = t.Project
	return model.Plan{Lines: []model.PlanLine{line}}, nil
}
