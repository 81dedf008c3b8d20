package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"example.com/vexdesk/model"
)

// RetryOperation lets a failed operation be tried again, after its cause was
// mended.
func (s *Store) RetryOperation(ctx context.Context, actor model.Actor, id string) error {
	return s.moveByHand(ctx, actor, id, model.OpPending, retried)
}

// retried is what becomes of the ticket of a creation that is tried again.
const retried = `UPDATE tickets SET state = 'requested', problem = '' WHERE id = ? AND jira_id = ''`

// AmendOperation gives a failed operation another draft, in which what Jira
// refused is mended, and lets it be tried again. Project and connection stay:
// they are part of what keeps a second ticket away.
func (s *Store) AmendOperation(ctx context.Context, actor model.Actor, id string, draft model.TicketDraft) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		ops, err := operations(ctx, tx, sqlf("o.id = ?", id), "")
		if err != nil {
			return err
		}
		if len(ops) == 0 {
			return fmt.Errorf("operation %s: %w: 'vexdesk outbox list' shows what there is", id, ErrNotFound)
		}
		op := &ops[0]
		if op.State != model.OpFailed {
			return fmt.Errorf("operation %s is %s: only what has failed can be changed", id, op.State)
		}
		draft.Project = op.Draft.Project
		before, after, err := payloads(op.Draft, draft)
		if err != nil {
			return err
		}
		if before != after {
			if _, err := tx.ExecContext(ctx, `UPDATE operations SET payload = ? WHERE id = ?`, after, id); err != nil {
				return err
			}
			if err := s.note(ctx, tx, actor, "operation "+id, "draft", cut(before, 2000), cut(after, 2000)); err != nil {
				return err
			}
		}
		if op.Kind == model.OpCreate {
			if _, err := tx.ExecContext(ctx, `UPDATE tickets SET summary = ?, issue_type = ? WHERE id = ?`, draft.Summary, draft.IssueType, op.TicketID); err != nil {
				return err
			}
		}
		return s.moveInTx(ctx, tx, actor, id, model.OpPending, retried)
	})
}

func payloads(a, b model.TicketDraft) (before, after string, err error) {
	x, err := json.Marshal(a)
	if err != nil {
		return "", "", err
	}
	y, err := json.Marshal(b)
	return string(x), string(y), err
}

// givenUp is the problem of a ticket that never came to be, since the operation
// that was to make or find it was discarded.
const givenUp = "discarded"

// DiscardOperation gives a pending or failed operation up. The ticket that it
// would have created is given up with it: its links go, its dedupe key is free
// again.
func (s *Store) DiscardOperation(ctx context.Context, actor model.Actor, id string) error {
	return s.moveByHand(ctx, actor, id, model.OpDiscarded, `UPDATE tickets SET living = 0, state = 'failed', problem = '`+givenUp+`' WHERE id = ? AND jira_id = ''`)
}

func (s *Store) moveByHand(ctx context.Context, actor model.Actor, id string, to model.OperationState, ticketChange string) error {
	return s.update(ctx, func(tx *sql.Tx) error { return s.moveInTx(ctx, tx, actor, id, to, ticketChange) })
}

func (s *Store) moveInTx(ctx context.Context, tx *sql.Tx, actor model.Actor, id string, to model.OperationState, ticketChange string) error {
	var state model.OperationState
	var kind model.OperationKind
	var ticket int64
	err := tx.QueryRowContext(ctx, `SELECT state, kind, coalesce(ticket_id, 0) FROM operations WHERE id = ?`, id).Scan(&state, &kind, &ticket)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("operation %s: %w: 'vexdesk outbox list' shows what there is", id, ErrNotFound)
	}
	if err != nil {
		return err
	}
	if !state.CanBecome(to) || state == model.OpSent || state == model.OpUnknown || state == model.OpClaimed {
		return fmt.Errorf("operation %s is %s: %s", id, state, whyNotByHand(state, to))
	}
	if _, err := tx.ExecContext(ctx, `UPDATE operations SET state = ?, next_try = 0, updated = ? WHERE id = ?`, string(to), s.millis(), id); err != nil {
		return err
	}
	if err := s.note(ctx, tx, actor, "operation "+id, "state", string(state), string(to)); err != nil || kind != model.OpCreate && kind != model.OpLink {
		return err
	}
	if err := touch(ctx, tx, ticket, s.millis()); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, ticketChange, ticket); err != nil || to != model.OpDiscarded {
		return err
	}
	return unlinkAll(ctx, tx, ticket)
}

// unlinkAll takes a ticket that never came to be off its violations, and gives
// up what was to happen to it.
func unlinkAll(ctx context.Context, tx *sql.Tx, ticket int64) error {
	for _, text := range []string{
		`UPDATE operations SET state = 'discarded' WHERE ticket_id = ?1 AND state IN ('pending', 'failed')`,
		`UPDATE violations SET lead_ticket_id = (SELECT max(l.ticket_id) FROM ticket_links l WHERE l.violation_id = violations.id AND l.ticket_id <> ?1) WHERE lead_ticket_id = ?1`,
		`DELETE FROM ticket_links WHERE ticket_id = ?1`,
	} {
		if _, err := tx.ExecContext(ctx, text, ticket); err != nil {
			return err
		}
	}
	return nil
}

// whyNotByHand says why an operation of this state is not tried again or
// discarded, and what happens instead.
func whyNotByHand(state, to model.OperationState) string {
	switch {
	case state == model.OpDone:
		return "there is nothing left to do"
	case state == model.OpDiscarded && to == model.OpPending:
		return "ask for it anew, as with 'vexdesk ticket create'"
	case state == model.OpDiscarded:
		return "there is nothing left to discard"
	case state == model.OpPending:
		return "the next sync tries it anyway"
	}
	return "what Jira makes of it is not known yet; 'vexdesk sync --once' finds out"
}
