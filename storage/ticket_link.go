package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"example.com/vexdesk/model"
)

// LinkTicket links violations to a ticket that exists in Jira, by its key. One
// that is not known here yet is asked for by an operation of the outbox, which
// is returned; connection says where it is, empty being the only one there is.
func (s *Store) LinkTicket(ctx context.Context, actor model.Actor, key, connection string, ids []model.ViolationID) ([]model.Operation, error) {
	key = strings.ToUpper(strings.TrimSpace(key))
	project, number := splitKey(key)
	if number == 0 {
		return nil, fmt.Errorf("%q is not the key of a ticket: write it as SEC-123", model.Clean(key))
	}
	known, err := s.Tickets(ctx, TicketFilter{Keys: []string{key}})
	if err != nil {
		return nil, err
	}
	r := request{store: s, ctx: ctx, actor: actor, now: s.millis(), batch: uuid.NewString(), connections: map[string]int64{}}
	err = s.update(ctx, func(tx *sql.Tx) error {
		r.tx = tx
		for _, id := range ids {
			if err := mustExist(ctx, tx, id); err != nil {
				return err
			}
		}
		for i := range known {
			t := &known[i]
			if connection != "" && !strings.EqualFold(t.Connection, connection) || t.State == model.TicketFailed {
				continue
			}
			if t.State == model.TicketDeleted {
				return fmt.Errorf("ticket %s %w: there is nothing to link to", t.Key, ErrTicketDeleted)
			}
			if err := r.link(t.ID, ids, t.Key); err != nil {
				return err
			}
			return markTicketStale(ctx, tx, t.ID, r.now)
		}
		return r.requestLink(key, project, connection, ids)
	})
	return r.ops, err
}

func markTicketStale(ctx context.Context, tx *sql.Tx, ticket, now int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE tickets SET stale = ? WHERE id = ? AND grouping <> 'violation'`, now, ticket)
	return err
}

func (r *request) requestLink(key, project, connection string, ids []model.ViolationID) error {
	if connection == "" {
		names, err := strs(r.ctx, r.tx, `SELECT name FROM connections ORDER BY name`)
		switch {
		case err != nil:
			return err
		case len(names) == 0:
			return errors.New("there is no connection yet: add one with 'vexdesk connection add'")
		case len(names) > 1:
			return fmt.Errorf("it is not told in which Jira %s is: name the connection, one of %s", key, strings.Join(names, ", "))
		}
		connection = names[0]
	}
	at, err := r.connection(connection)
	if err != nil {
		return err
	}
	res, err := r.tx.ExecContext(r.ctx, `INSERT INTO tickets (connection_id, project, key, dedupe_key, living, state, requested) VALUES (?, ?, ?, '', 1, 'requested', ?)`, at, project, key, r.now)
	if err != nil {
		return err
	}
	ticket, err := res.LastInsertId()
	if err != nil {
		return err
	}
	if err := r.link(ticket, ids, key); err != nil {
		return err
	}
	line := model.PlanLine{Connection: connection, Violations: ids, Ticket: &model.Ticket{ID: ticket, Key: key}, Draft: model.TicketDraft{Project: project}}
	return r.operation(model.OpLink, at, ticket, &line)
}

// UnlinkTicket takes violations off a ticket; the ticket itself stays as it is.
func (s *Store) UnlinkTicket(ctx context.Context, actor model.Actor, key string, ids []model.ViolationID) error {
	known, err := s.Tickets(ctx, TicketFilter{Keys: []string{key}})
	if err != nil {
		return err
	}
	if len(known) == 0 {
		return fmt.Errorf("ticket %s: %w: 'vexdesk ticket list' shows what there is", model.Clean(key), ErrNotFound)
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		for _, id := range ids {
			if err := s.unlink(ctx, tx, actor, known, id); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) unlink(ctx context.Context, tx *sql.Tx, actor model.Actor, tickets []model.Ticket, id model.ViolationID) error {
	for i := range tickets {
		t := &tickets[i]
		res, err := tx.ExecContext(ctx, `DELETE FROM ticket_links WHERE ticket_id = ? AND violation_id = ?`, t.ID, int64(id))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			if err != nil {
				return err
			}
			continue
		}
		_, err = tx.ExecContext(ctx, `UPDATE violations SET lead_ticket_id = (SELECT max(ticket_id) FROM ticket_links WHERE violation_id = ?1), updated = ?2 WHERE id = ?1`, int64(id), s.millis())
		if err == nil {
			_, err = tx.ExecContext(ctx, `INSERT INTO audit (at, by, source, violation_id, field, before, after) VALUES (?, ?, ?, ?, 'ticket', ?, '')`, s.millis(), actor.Name, actor.Source, int64(id), t.Key)
		}
		return errors.Join(err, markTicketStale(ctx, tx, t.ID, s.millis()))
	}
	return fmt.Errorf("violation %s is not linked to %s: 'vexdesk show %s' lists its tickets", id, tickets[0].Key, id)
}

// settleLink brings a ticket that was linked by its key to what Jira said. One
// that is known by another key already takes over the links; one that is not
// there loses them.
func (s *Store) settleLink(ctx context.Context, tx *sql.Tx, ticket, connection int64, o *Outcome) error {
	if o.State != model.OpDone {
		return s.settleTicket(ctx, tx, ticket, connection, o)
	}
	twin, err := twinOf(ctx, tx, ticket, connection, o.JiraID)
	if err != nil {
		return err
	}
	if twin == 0 {
		return s.settleTicket(ctx, tx, ticket, connection, o)
	}
	return takeOver(ctx, tx, ticket, twin)
}

// twinOf is another ticket that stands for the same issue in Jira; 0 is none.
func twinOf(ctx context.Context, tx *sql.Tx, ticket, connection int64, jiraID string) (twin int64, err error) {
	// The index of Jira's ids leaves out the tickets without one.
	err = tx.QueryRowContext(ctx, `SELECT id FROM tickets WHERE connection_id = ? AND jira_id = ? AND jira_id <> '' AND id <> ?`, connection, jiraID, ticket).Scan(&twin)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return twin, err
}

// takeOver makes one ticket of two that stand for the same issue: what hangs on
// the one passes to the other.
func takeOver(ctx context.Context, tx *sql.Tx, from, to int64) error {
	linked, err := linkedViolations(ctx, tx, from)
	if err != nil {
		return err
	}
	list, err := json.Marshal(linked)
	if err != nil {
		return err
	}
	for _, statement := range []string{
		`INSERT OR IGNORE INTO ticket_links (ticket_id, violation_id, linked, by) SELECT ?2, violation_id, linked, by FROM ticket_links WHERE ticket_id = ?1`,
		`UPDATE OR IGNORE vex_bases SET ticket_id = ?2 WHERE ticket_id = ?1`,
		`UPDATE OR IGNORE conflicts SET ticket_id = ?2 WHERE ticket_id = ?1`,
		`UPDATE OR IGNORE resolved_conflicts SET ticket_id = ?2 WHERE ticket_id = ?1`,
		`DELETE FROM ticket_links WHERE ticket_id = ?1 AND ?2 > 0`,
		`UPDATE violations SET lead_ticket_id = (SELECT max(ticket_id) FROM ticket_links l WHERE l.violation_id = violations.id) WHERE id IN (SELECT value FROM json_each(?3)) AND ?1 > 0 AND ?2 > 0`,
		`UPDATE operations SET ticket_id = ?2 WHERE ticket_id = ?1`,
		`UPDATE tickets SET duplicate_of = nullif(?2, id) WHERE duplicate_of = ?1`,
		`DELETE FROM tickets WHERE id = ?1 AND ?2 > 0`,
	} {
		args := []any{from, to}
		if strings.Contains(statement, "?3") {
			args = append(args, string(list))
		}
		if _, err := tx.ExecContext(ctx, statement, args...); err != nil {
			return err
		}
	}
	return nil
}
