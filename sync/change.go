package sync

import (
	"context"
	"errors"
	"strings"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/adf"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// change carries out an operation on a ticket that exists.
func (e *Engine) change(ctx context.Context, generation int64, s *site, op model.Operation) error {
	if err := e.store.MarkSent(ctx, generation, []string{op.ID}, 0); err != nil {
		return err
	}
	ctx = context.WithoutCancel(ctx)
	if op.Kind == model.OpLink {
		return e.meet(ctx, generation, s, op)
	}
	var err error
	switch op.Kind {
	case model.OpUpdate:
		err = e.bringUpToDate(ctx, s, op)
	case model.OpComment:
		_, err = s.client.AddComment(ctx, op.JiraID, s.client.Document(op.Draft.Comment, ""))
	case model.OpTransition:
		err = e.move(ctx, s, op)
	}
	if err == nil {
		e.works(ctx, s)
		return e.settleAll(ctx, generation, []model.Operation{op}, storage.Outcome{State: model.OpDone})
	}
	var misfit *metadataError
	if asMisfit(err, &misfit) {
		return e.settleAll(ctx, generation, []model.Operation{op}, storage.Outcome{State: model.OpFailed, ErrorCode: "field", Error: misfit.message})
	}
	if errors.Is(err, jiraclient.ErrNotFound) {
		if err := mayBrowse(ctx, s, op.Project); err != nil {
			return e.putBack(ctx, generation, s, []model.Operation{op}, err)
		}
		return e.ticketGone(ctx, generation, op)
	}
	return e.settleRefusal(ctx, generation, s, []model.Operation{op}, err)
}

// bringUpToDate writes summary and description, which vexdesk owns, and
// nothing else (X19). Doing it twice changes nothing.
func (e *Engine) bringUpToDate(ctx context.Context, s *site, op model.Operation) error {
	return s.client.EditIssue(ctx, op.JiraID, jiraclient.Edit{Fields: map[string]any{
		"summary":     adf.Summary(op.Draft.Summary),
		"description": s.client.Document(op.Draft.Description, ""),
	}})
}

// ticketGone ends an operation on a ticket that Jira no longer shows to an
// account that may see those of its project (X20).
func (e *Engine) ticketGone(ctx context.Context, generation int64, op model.Operation) error {
	_, err := e.store.SetStatuses(ctx, []storage.StatusNews{{ID: op.TicketID, State: model.TicketDeleted, Problem: "not found in Jira"}})
	if err != nil {
		return err
	}
	return e.settleAll(ctx, generation, []model.Operation{op}, storage.Outcome{State: model.OpFailed, ErrorCode: "not_found",
		Error: op.Key + " was deleted in Jira or is not visible to this account: create a new ticket instead"})
}

// resolveChange settles an operation on a ticket whose outcome is unknown. An
// update is simply done again. A comment is looked for among the newest ones.
func (e *Engine) resolveChange(ctx context.Context, generation int64, s *site, op model.Operation) error {
	if _, rests := s.rests(); rests {
		return nil
	}
	o := storage.Outcome{ID: op.ID, State: model.OpPending}
	if op.Kind == model.OpComment {
		made, err := e.hasComment(ctx, s, op)
		if err != nil {
			e.failed(ctx, s, err)
			return nil
		}
		if made {
			o.State = model.OpDone
		}
	}
	e.count([]storage.Outcome{o})
	return e.store.Settle(ctx, generation, []storage.Outcome{o})
}

// clockSkew is how far our clock and Jira's may be apart.
const clockSkew = 10 * time.Minute

func (e *Engine) hasComment(ctx context.Context, s *site, op model.Operation) (bool, error) {
	comments, err := s.client.Comments(ctx, op.JiraID, 50)
	if errors.Is(err, jiraclient.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	want := s.client.DocumentText(s.client.Document(op.Draft.Comment, ""))
	for _, c := range comments {
		if c.Created.After(op.Sent.Add(-clockSkew)) && strings.EqualFold(s.client.DocumentText(c.Body), want) {
			return true, nil
		}
	}
	return false, nil
}
