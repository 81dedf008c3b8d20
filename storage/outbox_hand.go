package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"example.com/vexdesk/model"
)

// RetryOperation lets a failed operation be tried again, after its cause was
// mended.
func (s *Store) RetryOperation(ctx context.Context, actor model.Actor, id string) error {
	return s.moveByHand(ctx, actor, id, model.OpPending, `UPDATE tickets SET state = 'requested', problem = '' WHERE id = ? AND jira_id = ''`)
}

// DiscardOperation gives a pending or failed operation up. The ticket that it
// would have created is given up with it: its links go, its dedupe key is free
// again.
func (s *Store) DiscardOperation(ctx context.Context, actor model.Actor, id string) error {
	return s.moveByHand(ctx, actor, id, model.OpDiscarded, `UPDATE tickets SET living = 0, state = 'failed', problem = 'discarded' WHERE id = ? AND jira_id = ''`)
}

func (s *Store) moveByHand(ctx context.Context, actor model.Actor, id string, to model.OperationState, ticketChange string) error {
	return s.update(ctx, func(tx *sql.Tx) error {
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
			return fmt.Errorf("operation %s is %s and cannot be made %s by hand", id, state, to)
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
	})
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
