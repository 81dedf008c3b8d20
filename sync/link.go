package sync

import (
	"context"
	"errors"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// meet learns of a ticket that somebody linked by its key. It only reads, so
// that doing it twice does no harm.
func (e *Engine) meet(ctx context.Context, generation int64, s *site, op model.Operation) error {
	issue, err := s.client.GetIssue(ctx, op.Key, []string{"status", "created"}, nil)
	ops := []model.Operation{op}
	switch {
	case err == nil:
		e.works(ctx, s)
		status := issue.Status()
		return e.settleAll(ctx, generation, ops, storage.Outcome{State: model.OpDone, Linked: true, JiraID: issue.ID, Key: issue.Key, Status: status.Name, Category: status.Category.Key, Created: issue.Created().Time})
	case errors.Is(err, jiraclient.ErrNotFound):
		e.works(ctx, s)
		return e.settleAll(ctx, generation, ops, storage.Outcome{State: model.OpFailed, ErrorCode: "not_found",
			Error: op.Key + " does not exist in Jira or is not visible to this account: discard this operation with 'vexdesk outbox discard', and link the right key"})
	}
	return e.settleRefusal(ctx, generation, s, ops, err)
}
