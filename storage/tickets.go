package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"

	"example.com/vexdesk/model"
)

// RequestTickets stores a plan as an intention: tickets in state requested,
// links, operations of the outbox and the audit, all or nothing. Sync carries
// it out. A line whose dedupe key was taken by another process meanwhile is
// linked to that ticket instead; where a violation got a ticket of another kind
// since, the error is [ErrChanged].
func (s *Store) RequestTickets(ctx context.Context, actor model.Actor, plan model.Plan) ([]model.Operation, error) {
	r := request{store: s, ctx: ctx, actor: actor, now: s.millis(), batch: uuid.NewString(), connections: map[string]int64{}}
	d, err := s.newDecision(actor, plan.Decision)
	if err != nil {
		return nil, err
	}
	err = s.update(ctx, func(tx *sql.Tx) error {
		r.tx, r.ops = tx, nil
		if err := r.decide(&d, &plan); err != nil {
			return err
		}
		for i := range plan.Lines {
			if err := r.line(&plan.Lines[i]); err != nil {
				return err
			}
		}
		return nil
	})
	return r.ops, err
}

type request struct {
	store       *Store
	ctx         context.Context
	tx          *sql.Tx
	actor       model.Actor
	now         int64
	batch       string
	connections map[string]int64
	ops         []model.Operation
}

// decide stores what was decided along with the plan, ahead of the tickets that
// are to carry it.
func (r *request) decide(d *decision, plan *model.Plan) error {
	if len(d.changes) == 0 {
		return nil
	}
	for i := range plan.Lines {
		if plan.Lines[i].Action == model.PlanSkip {
			continue
		}
		if _, err := d.store(r.ctx, r.tx, plan.Lines[i].Violations); err != nil {
			return err
		}
	}
	return nil
}

func (r *request) line(line *model.PlanLine) error {
	switch line.Action {
	case model.PlanCreate:
		return r.create(line)
	case model.PlanUpdate:
		return r.updateTicket(line)
	case model.PlanLink:
		return r.link(line.Ticket.ID, line.Violations, line.Ticket.Key)
	}
	return nil
}

func (r *request) connection(name string) (int64, error) {
	if id, ok := r.connections[name]; ok {
		return id, nil
	}
	var id int64
	err := r.tx.QueryRowContext(r.ctx, `SELECT id FROM connections WHERE name = ?`, name).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("connection %q: %w", name, ErrNotFound)
	}
	r.connections[name] = id
	return id, err
}

func (r *request) create(line *model.PlanLine) error {
	connection, err := r.connection(line.Connection)
	if err != nil {
		return err
	}
	// A closed or deleted holder that the plan passed over gives up its key.
	_, err = r.tx.ExecContext(r.ctx, `UPDATE tickets SET living = 0 WHERE connection_id = ? AND project = ? AND dedupe_key = ? AND living = 1
		AND (state = 'deleted' OR category = 'done' AND EXISTS (SELECT 1 FROM profiles f WHERE f.id = ? AND f.on_seen_again = 'new'))`,
		connection, line.Draft.Project, line.DedupeKey, line.ProfileID)
	if err != nil {
		return err
	}
	res, err := r.tx.ExecContext(r.ctx, `INSERT INTO tickets (connection_id, project, dedupe_key, state, summary, grouping, profile_id, requested, issue_type)
		VALUES (?, ?, ?, 'requested', ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		connection, line.Draft.Project, line.DedupeKey, line.Draft.Summary, string(line.Grouping), line.ProfileID, r.now, line.Draft.IssueType)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil {
		return err
	} else if n == 0 {
		var holder int64
		var key string
		err := r.tx.QueryRowContext(r.ctx, `SELECT id, key FROM tickets WHERE connection_id = ? AND project = ? AND dedupe_key = ? AND living = 1`,
			connection, line.Draft.Project, line.DedupeKey).Scan(&holder, &key)
		if err != nil {
			return err
		}
		return r.link(holder, line.Violations, key)
	}
	ticket, err := res.LastInsertId()
	if err != nil {
		return err
	}
	if err := r.checkSeen(line); err != nil {
		return err
	}
	if err := r.link(ticket, line.Violations, "requested"); err != nil {
		return err
	}
	if err := r.operation(model.OpCreate, connection, ticket, line); err != nil {
		return err
	}
	if line.Draft.Comment != "" {
		return r.operation(model.OpComment, connection, ticket, line)
	}
	return nil
}

// checkSeen refuses a creation for a violation that got another ticket since the
// plan was made: in another project, or one that is shared otherwise.
func (r *request) checkSeen(line *model.PlanLine) error {
	ids, err := idList(line.Violations)
	if err != nil {
		return err
	}
	seen, err := json.Marshal(append([]int64{}, line.Seen...))
	if err != nil {
		return err
	}
	var id model.ViolationID
	var key string
	err = r.tx.QueryRowContext(r.ctx, `SELECT l.violation_id, coalesce(nullif(t.key, ''), 'one that is being made') FROM ticket_links l JOIN tickets t ON t.id = l.ticket_id
		WHERE l.violation_id IN (SELECT value FROM json_each(?)) AND t.living = 1 AND t.state NOT IN ('failed', 'deleted')
		AND t.id NOT IN (SELECT value FROM json_each(?)) LIMIT 1`, ids, string(seen)).Scan(&id, &key)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("violation %s %w: it has a ticket by now (%s), and nothing was stored; make the plan again", id, ErrChanged, key)
}

// updateTicket brings summary and description up to date, links what is not
// linked yet, and adds the comment (X19).
func (r *request) updateTicket(line *model.PlanLine) error {
	connection, err := r.connection(line.Connection)
	if err != nil {
		return err
	}
	if err := r.link(line.Ticket.ID, line.Violations, line.Ticket.Key); err != nil {
		return err
	}
	if err := r.operation(model.OpUpdate, connection, line.Ticket.ID, line); err != nil {
		return err
	}
	if line.Draft.Comment != "" {
		return r.operation(model.OpComment, connection, line.Ticket.ID, line)
	}
	return nil
}

func (r *request) operation(kind model.OperationKind, connection, ticket int64, line *model.PlanLine) error {
	id, err := uuid.NewV7()
	if err != nil {
		return err
	}
	draft := line.Draft
	if kind == model.OpComment {
		draft = model.TicketDraft{Project: draft.Project, Comment: draft.Comment}
	} else {
		draft.Comment = ""
	}
	payload, err := json.Marshal(draft)
	if err != nil {
		return err
	}
	_, err = r.tx.ExecContext(r.ctx, `INSERT INTO operations (id, kind, state, connection_id, project, ticket_id, payload, by, created, updated) VALUES (?, ?, 'pending', ?, ?, ?, ?, ?, ?, ?)`,
		id.String(), string(kind), connection, draft.Project, ticket, string(payload), r.actor.Name, r.now, r.now)
	if err != nil {
		return err
	}
	op := model.Operation{ID: id.String(), Kind: kind, State: model.OpPending, Connection: line.Connection, Project: draft.Project,
		TicketID: ticket, Violations: line.Violations, Draft: draft, Created: fromMillis(sql.NullInt64{Int64: r.now, Valid: true}), By: r.actor.Name}
	if line.Ticket != nil {
		op.Key = line.Ticket.Key
	}
	r.ops = append(r.ops, op)
	return nil
}

// link ties violations to a ticket and makes the newest ticket of each the
// leading one (X17).
func (r *request) link(ticket int64, ids []model.ViolationID, name string) error {
	for _, id := range ids {
		res, err := r.tx.ExecContext(r.ctx, `INSERT OR IGNORE INTO ticket_links (ticket_id, violation_id, linked, by) VALUES (?, ?, ?, ?)`, ticket, int64(id), r.now, r.actor.Name)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			if err != nil {
				return err
			}
			continue
		}
		_, err = r.tx.ExecContext(r.ctx, `UPDATE violations SET lead_ticket_id = (SELECT max(ticket_id) FROM ticket_links WHERE violation_id = ?1), updated = ?2 WHERE id = ?1`, int64(id), r.now)
		if err == nil {
			_, err = r.tx.ExecContext(r.ctx, `INSERT INTO audit (at, by, source, batch, violation_id, field, before, after) VALUES (?, ?, ?, ?, ?, 'ticket', '', ?)`,
				r.now, r.actor.Name, r.actor.Source, r.batch, int64(id), name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// Tickets lists tickets, all of them or those of the violations that a
// condition selects, the newest first, each with its violations.
func (s *Store) Tickets(ctx context.Context, f TicketFilter) ([]model.Ticket, error) {
	condition := sqlf(`NOT (t.state = 'failed' AND t.problem = '` + givenUp + `')`)
	switch {
	case len(f.Keys) > 0:
		list, err := json.Marshal(f.Keys)
		if err != nil {
			return nil, err
		}
		condition = sqlf(`t.key IN (SELECT value FROM json_each(?))`, string(list))
	case f.IDs != nil:
		list, err := json.Marshal(f.IDs)
		if err != nil {
			return nil, err
		}
		condition = sqlf(`t.id IN (SELECT value FROM json_each(?))`, string(list))
	case f.Violations != nil:
		list, err := idList(f.Violations)
		if err != nil {
			return nil, err
		}
		condition = sqlf(`t.id IN (SELECT l.ticket_id FROM ticket_links l WHERE l.violation_id IN (SELECT value FROM json_each(?)))`, list)
	case f.Window != nil:
		condition = within(`t.id IN (SELECT l.ticket_id FROM ticket_links l JOIN violations v ON v.id = l.violation_id WHERE %s)`, where(f.Window.Filter))
	}
	rows, err := s.read.QueryContext(ctx, `SELECT `+ticketColumns+`, (SELECT json_group_array(violation_id) FROM ticket_links l WHERE l.ticket_id = t.id)
		FROM tickets t JOIN connections co ON co.id = t.connection_id WHERE `+condition.text+` ORDER BY t.id DESC`, condition.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []model.Ticket
	for rows.Next() {
		var ids string
		t, err := scanTicket(func(targets ...any) error { return rows.Scan(append(targets, &ids)...) })
		if err == nil {
			err = json.Unmarshal([]byte(ids), &t.Violations)
		}
		if err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// TicketFilter says which tickets: those of these keys or ids, those of these
// violations, or those of the violations in a window; nothing is all but those
// that were given up before they came to be.
type TicketFilter struct {
	Keys       []string
	IDs        []int64
	Violations []model.ViolationID
	Window     *Window
}

// AskRefresh asks for the status of tickets now (S3): those of the given
// violations, or all for nil. Sync fetches them. It returns how many tickets
// were asked for. Left alone are deleted and missing ones (S7, ruling 19), those
// older than the setting ticket.age (S6, ruling 20), and those of connections
// whose retrieval is off (S9).
func (s *Store) AskRefresh(ctx context.Context, actor model.Actor, ids []model.ViolationID) (n int, err error) {
	condition, args := `true`, []any{}
	if ids != nil {
		list, err := idList(ids)
		if err != nil {
			return 0, err
		}
		condition, args = `id IN (SELECT ticket_id FROM ticket_links WHERE violation_id IN (SELECT value FROM json_each(?)))`, []any{list}
	}
	age, err := s.DurationSetting(ctx, "ticket.age")
	if err != nil {
		return 0, err
	}
	err = s.update(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `UPDATE tickets SET asked = max(asked, 1) WHERE jira_id <> '' AND state = 'open'
			AND connection_id IN (SELECT id FROM connections WHERE retrieve_tickets = 1) AND coalesce(jira_created, requested) >= ? AND `+condition, append([]any{s.now().Add(-age).UnixMilli()}, args...)...)
		if err != nil {
			return err
		}
		changed, err := res.RowsAffected()
		n = int(changed)
		return err
	})
	return n, err
}

// AskRefreshKeys asks for the status of tickets named by key, whatever their
// age and state (rulings 19, 20). Unknown keys are named in the error.
func (s *Store) AskRefreshKeys(ctx context.Context, keys []string) (n int, err error) {
	err = s.update(ctx, func(tx *sql.Tx) error {
		for _, key := range keys {
			res, err := tx.ExecContext(ctx, `UPDATE tickets SET asked = 2 WHERE key = ? AND jira_id <> ''`, key)
			if err != nil {
				return err
			}
			changed, err := res.RowsAffected()
			if err != nil {
				return err
			}
			if changed == 0 {
				return fmt.Errorf("ticket %s: %w: 'vexdesk ticket list' shows what there is", key, ErrNotFound)
			}
			n += int(changed)
		}
		return nil
	})
	return n, err
}

// AskSync asks for all background jobs now. What waits since Jira could not be
// reached is due at once: whoever asks does not wait for its rest to end.
func (s *Store) AskSync(ctx context.Context) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO jobs (name, asked) VALUES ('status', ?1), ('vex', ?1) ON CONFLICT (name) DO UPDATE SET asked = ?1`, s.millis())
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE operations SET next_try = 0 WHERE state = 'pending' AND error_code = 'unreachable'`)
		return err
	})
}
