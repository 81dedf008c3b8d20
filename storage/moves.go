package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"example.com/vexdesk/model"
)

// movable is the condition under which a ticket t on a connection co is looked
// at for a VEX status that moves it.
const movable = `t.move_due = 1 AND co.broken_since IS NULL AND co.state = 'active' AND ` + syncedTicket

// movesRound is how many tickets one transaction looks at.
const movesRound = 500

// MoveTickets stores the transitions that VEX statuses ask for, by the
// profiles of their tickets, as operations of the outbox. A ticket that speaks
// for several violations is moved when they agree. It returns how many
// operations were made.
//
// It changes nothing, and so wakes nobody, where there is nothing to move: the
// sync that calls it is itself woken by every change.
func (s *Store) MoveTickets(ctx context.Context) (made int, err error) {
	var some bool
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM tickets t JOIN connections co ON co.id = t.connection_id WHERE `+movable+`)`).Scan(&some)
	if err != nil {
		return 0, fmt.Errorf("the tickets that VEX statuses move cannot be looked after: %w", err)
	}
	if !some {
		return 0, nil
	}
	for more := true; more; {
		n, seen := 0, 0
		err = s.update(ctx, func(tx *sql.Tx) error {
			due, err := dueMoves(ctx, tx)
			if err != nil {
				return err
			}
			n, seen = 0, len(due)
			for i := range due {
				moved, err := s.move(ctx, tx, &due[i])
				if err != nil {
					return err
				}
				if moved {
					n++
				}
			}
			return nil
		})
		if err != nil {
			return made, fmt.Errorf("the tickets that VEX statuses move cannot be looked after: %w", err)
		}
		made += n
		more = seen == movesRound
	}
	return made, nil
}

// dueMove is a ticket whose violations changed their VEX status.
type dueMove struct {
	ticket, connection int64
	key, project       string
	profile            model.Profile
	// status is what the violations agree on; agreed is false where they do not.
	status model.VEXStatus
	agreed bool
	moved  model.VEXStatus
}

func dueMoves(ctx context.Context, tx *sql.Tx) ([]dueMove, error) {
	rows, err := tx.QueryContext(ctx, `SELECT t.id, t.connection_id, t.key, t.project, coalesce((SELECT f.transitions FROM profiles f WHERE f.id = t.profile_id), '{}'), t.moved,
			(SELECT min(v.vex_status) FROM violations v WHERE v.lead_ticket_id = t.id AND v.current = 1 AND v.state = 0),
			(SELECT count(DISTINCT v.vex_status) = 1 FROM violations v WHERE v.lead_ticket_id = t.id AND v.current = 1 AND v.state = 0)
		FROM tickets t JOIN connections co ON co.id = t.connection_id WHERE `+movable+` ORDER BY t.id LIMIT ?`, movesRound)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []dueMove
	for rows.Next() {
		var d dueMove
		var transitions string
		var status int
		if err := rows.Scan(&d.ticket, &d.connection, &d.key, &d.project, &transitions, &d.moved, &status, &d.agreed); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(transitions), &d.profile.Transitions); err != nil {
			return nil, err
		}
		d.status = vexOf(status)
		out = append(out, d)
	}
	return out, rows.Err()
}

// move asks for the transition of one ticket. What was asked for before and
// not sent is no longer wanted.
func (s *Store) move(ctx context.Context, tx *sql.Tx, d *dueMove) (bool, error) {
	now := s.millis()
	if !d.agreed || d.status == d.moved {
		_, err := tx.ExecContext(ctx, `UPDATE tickets SET move_due = 0 WHERE id = ?`, d.ticket)
		return false, err
	}
	_, err := tx.ExecContext(ctx, `UPDATE operations SET state = 'discarded', updated = ? WHERE ticket_id = ? AND kind = 'transition' AND state IN ('pending', 'failed')
		AND json_extract(payload, '$.for') IS NOT NULL`, now, d.ticket)
	if err != nil {
		return false, err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE tickets SET move_due = 0, moved = ? WHERE id = ?`, string(d.status), d.ticket); err != nil {
		return false, err
	}
	step := d.profile.StepFor(string(d.status))
	if step == "" {
		return false, nil
	}
	r := request{store: s, ctx: ctx, tx: tx, actor: model.Actor{Name: "vexdesk", Source: "policy"}, now: now, batch: uuid.NewString()}
	line := model.PlanLine{Ticket: &model.Ticket{ID: d.ticket, Key: d.key}, Draft: model.TicketDraft{Project: d.project, Take: step, For: string(d.status)}}
	return true, r.operation(model.OpTransition, d.connection, d.ticket, &line)
}
