package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"strings"

	"github.com/google/uuid"

	"example.com/vexdesk/model"
)

// intend follows a change of a record: a field in dispute that now holds
// Jira's value is settled, and what is to reach Jira becomes an operation of
// the outbox. What came from Jira itself needs none.
func (w *vexWrite) intend(ctx context.Context, tx *sql.Tx, before, after model.Assessment) error {
	if w.provenance.Source == "jira" {
		return nil
	}
	changed := false
	for _, f := range model.SyncedFields() {
		value := after.Get(f)
		if before.Get(f) == value {
			continue
		}
		changed = true
		_, err := tx.ExecContext(ctx, `UPDATE conflicts SET local = ?, local_at = ? WHERE violation_id = ? AND field = ?`, value, w.at.UnixMilli(), w.id, string(f))
		if err != nil {
			return err
		}
		if err := settleEqual(ctx, tx, w.id, f, model.SyncForm(f, value)); err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	var ticket int64
	err := tx.QueryRowContext(ctx, `SELECT t.id FROM violations x JOIN tickets t ON t.id = x.lead_ticket_id WHERE x.id = ? AND `+syncedTicket, w.id).Scan(&ticket)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return pushTicket(ctx, tx, ticket, w.actor.Name, w.at.UnixMilli())
}

// settleEqual ends the disputes of a field whose two sides are equal by now.
func settleEqual(ctx context.Context, tx *sql.Tx, violation int64, f model.VEXField, value string) error {
	for _, text := range []string{
		`INSERT OR REPLACE INTO vex_bases (ticket_id, violation_id, field, value) SELECT ticket_id, violation_id, field, jira FROM conflicts WHERE violation_id = ?1 AND field = ?2 AND jira = ?3`,
		`DELETE FROM conflicts WHERE violation_id = ?1 AND field = ?2 AND jira = ?3`,
	} {
		if _, err := tx.ExecContext(ctx, text, violation, string(f), value); err != nil {
			return err
		}
	}
	return nil
}

// vexFieldsKind is the kind of metadata that holds the VEX fields of an issue
// type: "{}" where it has none.
const vexFieldsKind = "vex fields"

func vexFieldsKey(project, issueType string) string {
	return project + "/" + strings.ToLower(issueType)
}

// withoutVEXFields holds for a ticket t whose issue type is known to have none.
const withoutVEXFields = `EXISTS (SELECT 1 FROM metadata d WHERE d.connection_id = t.connection_id AND d.kind = '` + vexFieldsKind + `'
	AND d.key = substr(t.key, 1, instr(t.key, '-') - 1) || '/' || lower(t.issue_type) AND d.value = '{}')`

// pushTicket wants the VEX fields of a ticket written to Jira: one operation
// waits for each ticket, however many changes there are. What was refused
// before is tried anew by it. Where the issue type is known to hold no VEX
// fields, there is nothing to want.
func pushTicket(ctx context.Context, tx *sql.Tx, ticket int64, by string, now int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE operations SET state = 'discarded', updated = ? WHERE ticket_id = ? AND kind = 'fields' AND state = 'failed'`, now, ticket)
	if err != nil {
		return err
	}
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO operations (id, kind, state, connection_id, project, ticket_id, payload, by, created, updated)
		SELECT ?1, 'fields', 'pending', t.connection_id, t.project, t.id, json_object('project', t.project), ?2, ?3, ?3 FROM tickets t WHERE t.id = ?4
		AND NOT EXISTS (SELECT 1 FROM operations o WHERE o.ticket_id = t.id AND o.kind = 'fields' AND o.state = 'pending')
		AND NOT `+withoutVEXFields, id.String(), by, now, ticket)
	return err
}

// VEXSend is the writing of VEX fields that an operation stands for.
type VEXSend struct {
	Operation string
	TicketID  int64
	JiraID    string
	// Values is what the fields get, Comment what documents it (Markdown).
	Values  map[model.VEXField]string
	Comment string
}

// MarkVEXSent records, before their first byte leaves, what operations are
// about to write, so that it is recognised when Jira shows it.
func (s *Store) MarkVEXSent(ctx context.Context, generation int64, sends []VEXSend) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		if err := holds(ctx, tx, generation); err != nil {
			return err
		}
		for i := range sends {
			if err := s.markVEXSent(ctx, tx, generation, &sends[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) markVEXSent(ctx context.Context, tx *sql.Tx, generation int64, send *VEXSend) error {
	res, err := tx.ExecContext(ctx, `UPDATE operations SET state = 'sent', attempts = attempts + 1, sent = ?1, updated = ?1, payload = json_set(payload, '$.comment', ?2)
		WHERE id = ?3 AND state = 'claimed' AND generation = ?4`, s.millis(), send.Comment, send.Operation, generation)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n != 1 {
		return errors.Join(err, ErrLostLease)
	}
	all, err := members(ctx, tx, send.TicketID)
	if err != nil {
		return err
	}
	for f, value := range send.Values {
		for i := range all {
			if model.SyncForm(f, all[i].record.Get(f)) != value {
				continue // changed since; its base must not follow
			}
			_, err := tx.ExecContext(ctx, `INSERT INTO vex_bases (ticket_id, violation_id, field, sent) VALUES (?1, ?2, ?3, ?4)
				ON CONFLICT DO UPDATE SET sent = ?4`, send.TicketID, all[i].id, string(f), value)
			if err != nil {
				return err
			}
		}
	}
	return nil
}

// SentVEX is what was written to a ticket without an answer that settles it.
func (s *Store) SentVEX(ctx context.Context, ticket int64) (map[model.VEXField]string, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT DISTINCT field, sent FROM vex_bases WHERE ticket_id = ? AND sent IS NOT NULL`, ticket)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	out := map[model.VEXField]string{}
	for rows.Next() {
		var f model.VEXField
		var value string
		if err := rows.Scan(&f, &value); err != nil {
			return nil, err
		}
		out[f] = value
	}
	return out, rows.Err()
}

// SettleVEX records the outcomes of operations on VEX fields, in one
// transaction. What was written is agreed on from then, and a comment that
// documents it is wanted; what was refused is not waited for any more.
func (s *Store) SettleVEX(ctx context.Context, generation int64, outcomes []Outcome) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		if err := holds(ctx, tx, generation); err != nil {
			return err
		}
		for i := range outcomes {
			if err := s.settleVEX(ctx, tx, &outcomes[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) settleVEX(ctx context.Context, tx *sql.Tx, o *Outcome) error {
	var ticket int64
	var was model.OperationState
	if err := tx.QueryRowContext(ctx, `SELECT coalesce(ticket_id, 0), state FROM operations WHERE id = ?`, o.ID).Scan(&ticket, &was); err != nil {
		return err
	}
	if err := s.settle(ctx, tx, o); err != nil || was == model.OpClaimed || o.State == model.OpUnknown {
		return err
	}
	if o.State != model.OpDone {
		_, err := tx.ExecContext(ctx, `UPDATE vex_bases SET sent = NULL WHERE ticket_id = ?`, ticket)
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE vex_bases SET value = sent, sent = NULL WHERE ticket_id = ? AND sent IS NOT NULL`, ticket); err != nil {
		return err
	}
	return wantComment(ctx, tx, o.ID, s.millis())
}

// wantComment wants the comment that documents an operation on fields.
func wantComment(ctx context.Context, tx *sql.Tx, operation string, now int64) error {
	var payload, by string
	var connection, ticket int64
	err := tx.QueryRowContext(ctx, `SELECT payload, by, connection_id, ticket_id FROM operations WHERE id = ?`, operation).Scan(&payload, &by, &connection, &ticket)
	if err != nil {
		return err
	}
	var draft model.TicketDraft
	if err := json.Unmarshal([]byte(payload), &draft); err != nil || draft.Comment == "" {
		return err
	}
	return commentTicket(ctx, tx, ticket, draft.Comment, by, now)
}

// commentTicket wants a comment (Markdown) on a ticket.
func commentTicket(ctx context.Context, tx *sql.Tx, ticket int64, text, by string, now int64) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO operations (id, kind, state, connection_id, project, ticket_id, payload, by, created, updated)
		SELECT ?1, 'comment', 'pending', connection_id, project, id, json_object('project', project, 'comment', ?2), ?3, ?4, ?4 FROM tickets WHERE id = ?5`,
		id.String(), text, by, now, ticket)
	return err
}
