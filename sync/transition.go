package sync

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// move takes a ticket to a status of the category that the operation names, by
// a transition that leads there; where none does, by those that the profile
// names, one after another. A ticket that is there already stays, so that
// doing it twice does no harm.
func (e *Engine) move(ctx context.Context, s *site, op model.Operation) error {
	if op.Draft.Take != "" {
		return e.takeStep(ctx, s, op)
	}
	issue, err := s.client.GetIssue(ctx, op.JiraID, []string{"status"}, nil)
	if err != nil {
		return err
	}
	status, wantDone := issue.Status(), op.Draft.To == model.CategoryDone
	been := map[string]bool{status.ID: true}
	for status.Done() != wantDone {
		open, err := s.client.Transitions(ctx, op.JiraID)
		if err != nil {
			return err
		}
		step := chooseStep(open, op.Draft.Steps, wantDone, been)
		if step == nil {
			return &metadataError{"transition", fmt.Sprintf("%s cannot be %s: no transition leads there from %q for this account; name the steps in the profile (--transition), or give the account the right to transition issues",
				op.Key, map[bool]string{true: "closed", false: "reopened"}[wantDone], status.Name)}
		}
		if err := s.client.DoTransition(ctx, op.JiraID, step.ID); err != nil {
			return err
		}
		status = step.To
		been[status.ID] = true
	}
	return e.store.AskTicket(ctx, op.TicketID)
}

// chooseStep picks a transition: one that leads to the wanted category, those
// of the profile first and back to the beginning before into work; else one of
// the profile's to a status where the ticket has not been.
func chooseStep(open []jiraclient.Transition, preferred []string, wantDone bool, been map[string]bool) *jiraclient.Transition {
	find := func(fits func(jiraclient.Transition) bool) *jiraclient.Transition {
		if i := slices.IndexFunc(open, fits); i >= 0 {
			return &open[i]
		}
		return nil
	}
	named := func(t jiraclient.Transition) bool { return slices.Contains(preferred, t.ID) }
	there := func(t jiraclient.Transition) bool { return t.To.Done() == wantDone }
	for _, fits := range []func(jiraclient.Transition) bool{
		func(t jiraclient.Transition) bool { return there(t) && named(t) },
		func(t jiraclient.Transition) bool { return there(t) && t.To.Category.Key == model.CategoryNew },
		there,
		func(t jiraclient.Transition) bool { return named(t) && !been[t.To.ID] },
	} {
		if t := find(fits); t != nil {
			return t
		}
	}
	return nil
}

// takeStep takes the one transition that a VEX status or a violation that is
// gone asks for. A ticket that is where it leads stays, so that doing it twice
// does no harm; a transition that is not open is said, never forced by another.
func (e *Engine) takeStep(ctx context.Context, s *site, op model.Operation) error {
	issue, err := s.client.GetIssue(ctx, op.JiraID, []string{"status", "issuetype"}, nil)
	if err != nil {
		return err
	}
	open, err := s.client.Transitions(ctx, op.JiraID)
	if err != nil {
		return err
	}
	targets, err := noteTargets(ctx, e.store, s.connection.ID, op.Project, issue.Type().Name, open)
	if err != nil {
		return err
	}
	if target := targets[op.Draft.Take]; target != "" && target == issue.Status().ID {
		return e.store.AskTicket(ctx, op.TicketID)
	}
	if !slices.ContainsFunc(open, func(t jiraclient.Transition) bool { return t.ID == op.Draft.Take }) {
		return &metadataError{"transition", fmt.Sprintf("%s cannot be moved for %q: the transition %s is not open from %q for this account, which may take %s; change --transition in the profile, or move the ticket in Jira",
			op.Key, op.Draft.For, op.Draft.Take, issue.Status().Name, steps(open))}
	}
	if err := s.client.DoTransition(ctx, op.JiraID, op.Draft.Take); err != nil {
		return err
	}
	return e.store.AskTicket(ctx, op.TicketID)
}

// steps lists transitions for a message.
func steps(open []jiraclient.Transition) string {
	if len(open) == 0 {
		return "none"
	}
	names := make([]string, len(open))
	for i, t := range open {
		names[i] = t.ID + " (" + model.Clean(t.Name) + ")"
	}
	return strings.Join(names, ", ")
}

// targetsKind is the kind of metadata that holds where the transitions of an
// issue type lead, by the ids of both.
const targetsKind = "transitions"

// noteTargets keeps where transitions lead, before one of them is taken: after
// a lost answer, the ticket's status tells whether it was. It returns what is
// known of the issue type.
func noteTargets(ctx context.Context, store *storage.Store, connection int64, project, issueType string, open []jiraclient.Transition) (map[string]string, error) {
	key := project + "/" + strings.ToLower(issueType)
	targets := map[string]string{}
	known, _, err := store.Metadata(ctx, connection, targetsKind, key)
	if err == nil {
		err = json.Unmarshal(known, &targets)
	}
	if err != nil && !errors.Is(err, storage.ErrNotFound) {
		return nil, err
	}
	fresh := false
	for _, t := range open {
		if targets[t.ID] != t.To.ID {
			targets[t.ID], fresh = t.To.ID, true
		}
	}
	if !fresh {
		return targets, nil
	}
	text, err := json.Marshal(targets)
	if err != nil {
		return nil, err
	}
	return targets, recorded(store.PutMetadata(ctx, connection, targetsKind, key, text))
}
