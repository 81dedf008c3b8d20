package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"example.com/vexdesk/model"
)

// ErrLostLease means: another process has become the syncer since (ruling 17).
var ErrLostLease = errors.New("another process has taken over the sync")

// OperationFilter says which operations; the zero value is all.
type OperationFilter struct {
	States []model.OperationState
	IDs    []string
	Limit  int
	// Moving leaves out those that are over, and those that wait for a person:
	// what is to be done to a ticket whose creation was refused.
	Moving bool
}

const operationColumns = `o.id, o.kind, o.state, co.name, o.project, coalesce(o.ticket_id, 0), coalesce(t.jira_id, ''), coalesce(t.key, ''),
	(SELECT json_group_array(violation_id) FROM ticket_links l WHERE l.ticket_id = o.ticket_id), o.payload, o.attempts, o.next_try, o.floor, o.sent,
	o.error_code, o.error, o.error_fields, o.created, o.by`

const operationTables = ` FROM operations o JOIN connections co ON co.id = o.connection_id LEFT JOIN tickets t ON t.id = o.ticket_id`

func scanOperation(read func(...any) error) (op model.Operation, err error) {
	var next, sent, created sql.NullInt64
	var violations, payload, fields string
	err = read(&op.ID, &op.Kind, &op.State, &op.Connection, &op.Project, &op.TicketID, &op.JiraID, &op.Key, &violations, &payload, &op.Attempts, &next, &op.Floor, &sent,
		&op.ErrorCode, &op.Error, &fields, &created, &op.By)
	if err != nil {
		return op, err
	}
	op.NextTry, op.Sent, op.Created = fromMillis(next), fromMillis(sent), fromMillis(created)
	err = errors.Join(json.Unmarshal([]byte(violations), &op.Violations), json.Unmarshal([]byte(payload), &op.Draft), json.Unmarshal([]byte(fields), &op.ErrorFields))
	return op, err
}

// Operations lists operations of the outbox, the oldest first.
func (s *Store) Operations(ctx context.Context, f OperationFilter) ([]model.Operation, error) {
	var all []sqlText
	if len(f.States) > 0 {
		args := make([]any, len(f.States))
		for i, state := range f.States {
			args[i] = string(state)
		}
		all = append(all, sqlf("o.state IN ("+placeholders(len(args))+")", args...))
	}
	if f.IDs != nil {
		list, err := json.Marshal(f.IDs)
		if err != nil {
			return nil, err
		}
		all = append(all, sqlf("o.id IN (SELECT value FROM json_each(?))", string(list)))
	}
	if f.Moving {
		all = append(all, sqlf(`o.state IN ('pending', 'claimed', 'sent', 'unknown')
			AND NOT (o.state = 'pending' AND o.kind NOT IN ('create', 'link') AND t.jira_id = '' AND coalesce(t.state, '') = 'failed')`))
	}
	all = append(all, always)
	limit := ""
	if f.Limit > 0 {
		limit = fmt.Sprintf(" LIMIT %d", f.Limit)
	}
	return operations(ctx, s.read, joinText(all, " AND "), limit)
}

func operations(ctx context.Context, q queryer, condition sqlText, tail string) ([]model.Operation, error) {
	rows, err := q.QueryContext(ctx, `SELECT `+operationColumns+operationTables+` WHERE `+condition.text+` ORDER BY o.id`+tail, condition.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []model.Operation
	for rows.Next() {
		op, err := scanOperation(rows.Scan)
		if err != nil {
			return nil, fmt.Errorf("the outbox cannot be read: %w", err)
		}
		out = append(out, op)
	}
	return out, rows.Err()
}

// TakeLease makes this process the syncer under a new generation: what an
// older one had claimed waits again, what it had sent is unknown (ruling 17).
// The caller holds the file lock that makes it the only one.
func (s *Store) TakeLease(ctx context.Context, holder string) (generation int64, err error) {
	err = s.update(ctx, func(tx *sql.Tx) error {
		err := tx.QueryRowContext(ctx, `INSERT INTO leases (name, generation, holder, since) VALUES ('sync', 1, ?1, ?2)
			ON CONFLICT (name) DO UPDATE SET generation = generation + 1, holder = ?1, since = ?2 RETURNING generation`, holder, s.millis()).Scan(&generation)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE operations SET state = CASE state WHEN 'claimed' THEN 'pending' ELSE 'unknown' END, updated = ?,
			error = CASE state WHEN 'sent' THEN 'the program ended before Jira answered' ELSE error END
			WHERE state IN ('claimed', 'sent')`, s.millis())
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE tickets SET state = 'unknown' WHERE state = 'requested'
			AND id IN (SELECT ticket_id FROM operations WHERE state = 'unknown' AND kind = 'create')`)
		return err
	})
	return generation, err
}

// Queue is a line of operations that wait for the same place.
type Queue struct {
	ConnectionID int64
	Project      string
	Kind         model.OperationKind
}

// inTurn holds for operation o when no earlier one of its ticket is still on
// its way: what was asked for first reaches Jira first, so that a comment never
// overtakes the change that it speaks of. Creations are the first of theirs.
// One that failed waits for a person and holds nobody up; retried, it takes its
// old place.
const inTurn = `(o.kind = 'create' OR NOT EXISTS (SELECT 1 FROM operations e WHERE e.ticket_id = o.ticket_id AND e.id < o.id
	AND e.state IN ('pending', 'claimed', 'sent', 'unknown')))`

// longestWait is more than an operation is made to wait: what is to wait longer
// was told so by a clock that has been put back since.
const longestWait = time.Hour

// Queues lists where operations are due: pending ones whose time has come, on
// active connections, whose ticket exists unless they create it and has none
// before them. Creations come first. next is when the earliest of those that wait is due, zero where
// none waits.
func (s *Store) Queues(ctx context.Context) (due []Queue, next time.Time, err error) {
	rows, err := s.read.QueryContext(ctx, `SELECT o.connection_id, o.project, o.kind, min(CASE WHEN o.next_try > ? THEN 0 ELSE o.next_try END) AS first FROM operations o
		JOIN connections co ON co.id = o.connection_id AND co.state = 'active' LEFT JOIN tickets t ON t.id = o.ticket_id
		WHERE o.state = 'pending' AND (o.kind IN ('create', 'link') OR t.jira_id <> '') AND `+inTurn+`
		GROUP BY 1, 2, 3 ORDER BY o.kind <> 'create', first`, s.now().Add(longestWait).UnixMilli())
	if err != nil {
		return nil, next, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	now := s.millis()
	for rows.Next() {
		var q Queue
		var first int64
		if err := rows.Scan(&q.ConnectionID, &q.Project, &q.Kind, &first); err != nil {
			return nil, next, err
		}
		if first <= now {
			due = append(due, q)
		} else if at := time.UnixMilli(first); next.IsZero() || at.Before(next) {
			next = at
		}
	}
	return due, next, rows.Err()
}

// Claim takes up to limit due operations of a queue for this generation.
func (s *Store) Claim(ctx context.Context, generation int64, q Queue, limit int) (ops []model.Operation, err error) {
	err = s.update(ctx, func(tx *sql.Tx) error {
		if err := holds(ctx, tx, generation); err != nil {
			return err
		}
		ids, err := strs(ctx, tx, `SELECT o.id FROM operations o LEFT JOIN tickets t ON t.id = o.ticket_id
			WHERE o.state = 'pending' AND o.connection_id = ? AND o.project = ? AND o.kind = ? AND (o.next_try <= ? OR o.next_try > ?) AND (o.kind IN ('create', 'link') OR t.jira_id <> '')
			AND `+inTurn+` ORDER BY o.id LIMIT ?`, q.ConnectionID, q.Project, string(q.Kind), s.millis(), s.now().Add(longestWait).UnixMilli(), limit)
		if err != nil || len(ids) == 0 {
			return err
		}
		list, err := json.Marshal(ids)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE operations SET state = 'claimed', generation = ?, updated = ? WHERE id IN (SELECT value FROM json_each(?))`, generation, s.millis(), string(list))
		if err != nil {
			return err
		}
		ops, err = operations(ctx, tx, sqlf(`o.id IN (SELECT value FROM json_each(?))`, string(list)), "")
		return err
	})
	return ops, err
}

func holds(ctx context.Context, tx *sql.Tx, generation int64) error {
	var current int64
	err := tx.QueryRowContext(ctx, `SELECT generation FROM leases WHERE name = 'sync'`).Scan(&current)
	if err != nil {
		return err
	}
	if current != generation {
		return ErrLostLease
	}
	return nil
}

// MarkSent records, before their first byte leaves, that claimed operations
// are being sent. floor is the highest key number of the project known by
// now; an operation that was sent before keeps its own (ruling 15).
func (s *Store) MarkSent(ctx context.Context, generation int64, ids []string, floor int) error {
	list, err := json.Marshal(ids)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		if err := holds(ctx, tx, generation); err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `UPDATE operations SET state = 'sent', attempts = attempts + 1, sent = ?1, updated = ?1, floor = CASE floor WHEN 0 THEN ?2 ELSE floor END
			WHERE state = 'claimed' AND generation = ?3 AND id IN (SELECT value FROM json_each(?4))`, s.millis(), floor, generation, string(list))
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || int(n) != len(ids) {
			return errors.Join(err, ErrLostLease)
		}
		return nil
	})
}

// Outcome is what became of one operation.
type Outcome struct {
	ID    string
	State model.OperationState
	// JiraID, Key, Status, Category and Created describe the issue of a
	// creation that is done; the last three may be missing. Linked tells that it
	// was there before.
	JiraID, Key, Status, Category string
	Linked                        bool
	Created                       time.Time
	// The rest describes what went wrong, and when to try again.
	ErrorCode, Error string
	ErrorFields      map[string]string
	NextTry          time.Time
}

// Settle records outcomes, in one transaction. A move that the table of
// transitions does not know is refused.
func (s *Store) Settle(ctx context.Context, generation int64, outcomes []Outcome) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		if err := holds(ctx, tx, generation); err != nil {
			return err
		}
		for i := range outcomes {
			if err := s.settle(ctx, tx, &outcomes[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) settle(ctx context.Context, tx *sql.Tx, o *Outcome) error {
	var state model.OperationState
	var kind model.OperationKind
	var ticket, connection int64
	err := tx.QueryRowContext(ctx, `SELECT state, kind, coalesce(ticket_id, 0), connection_id FROM operations WHERE id = ?`, o.ID).Scan(&state, &kind, &ticket, &connection)
	if err != nil {
		return fmt.Errorf("operation %s: %w", o.ID, err)
	}
	if !state.CanBecome(o.State) {
		return fmt.Errorf("operation %s cannot go from %s to %s", o.ID, state, o.State)
	}
	problems := make(map[string]string, len(o.ErrorFields))
	for field, problem := range o.ErrorFields {
		problems[cut(model.Clean(field), 200)] = cut(model.Clean(problem), 500)
	}
	fields, err := json.Marshal(problems)
	if err != nil {
		return err
	}
	var next int64
	if !o.NextTry.IsZero() {
		next = o.NextTry.UnixMilli()
	}
	_, err = tx.ExecContext(ctx, `UPDATE operations SET state = ?, next_try = ?, error_code = ?, error = ?, error_fields = ?, updated = ? WHERE id = ?`,
		string(o.State), next, o.ErrorCode, cut(model.Clean(o.Error), 1000), string(fields), s.millis(), o.ID)
	switch {
	case err != nil:
		return err
	case kind == model.OpLink:
		return s.settleLink(ctx, tx, ticket, connection, o)
	case kind == model.OpCreate:
		return s.settleTicket(ctx, tx, ticket, connection, o)
	}
	return nil
}

// settleTicket brings the ticket of a creation to what became of it.
func (s *Store) settleTicket(ctx context.Context, tx *sql.Tx, ticket, connection int64, o *Outcome) error {
	now := s.millis()
	state := map[model.OperationState]model.TicketState{model.OpPending: model.TicketRequested, model.OpUnknown: model.TicketUnknown, model.OpFailed: model.TicketFailed, model.OpDone: model.TicketOpen}[o.State]
	if state == "" {
		return nil
	}
	if o.State != model.OpDone {
		_, err := tx.ExecContext(ctx, `UPDATE tickets SET state = ?, problem = ? WHERE id = ?`, string(state), cut(model.Clean(o.Error), 500), ticket)
		if err != nil {
			return err
		}
		return touch(ctx, tx, ticket, now)
	}
	// Somebody may have seen the issue in Jira and linked it before it was known here.
	twin, err := twinOf(ctx, tx, ticket, connection, o.JiraID)
	if err == nil && twin != 0 {
		err = takeOver(ctx, tx, twin, ticket)
	}
	if err != nil {
		return err
	}
	if err := agreePrefilled(ctx, tx, ticket); err != nil {
		return err
	}
	created := o.Created
	if created.IsZero() {
		created = s.now()
	}
	_, err = tx.ExecContext(ctx, `UPDATE tickets SET state = 'open', problem = '', jira_id = ?, key = ?, status = ?, category = ?, jira_created = ?,
		refreshed = CASE ?3 WHEN '' THEN 0 ELSE ? END WHERE id = ?`, o.JiraID, model.Clean(o.Key), model.Clean(o.Status), model.Clean(o.Category), created.UnixMilli(), now, ticket)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO audit (at, by, source, violation_id, field, before, after)
		SELECT ?, '', 'sync', violation_id, 'ticket', 'requested', ? FROM ticket_links WHERE ticket_id = ?`, now, model.Clean(o.Key), ticket)
	if err != nil {
		return err
	}
	if err := noteKey(ctx, tx, connection, o.Key); err != nil {
		return err
	}
	return touch(ctx, tx, ticket, now)
}

// touch marks the violations of a ticket as changed.
func touch(ctx context.Context, tx *sql.Tx, ticket, now int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE violations SET updated = ? WHERE id IN (SELECT violation_id FROM ticket_links WHERE ticket_id = ?)`, now, ticket)
	return err
}

// noteKey remembers the highest key number of a project that any answer has
// shown us (ruling 15).
func noteKey(ctx context.Context, tx *sql.Tx, connection int64, key string) error {
	project, n := splitKey(key)
	if n == 0 {
		return nil
	}
	return noteHighest(ctx, tx, connection, project, n)
}

// splitKey takes a key of Jira apart; what is none has the number 0.
func splitKey(key string) (project string, n int) {
	project, number, _ := strings.Cut(key, "-")
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 {
		return "", 0
	}
	return project, n
}

func noteHighest(ctx context.Context, tx *sql.Tx, connection int64, project string, n int) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO projects (connection_id, key, highest) VALUES (?, ?, ?)
		ON CONFLICT (connection_id, key) DO UPDATE SET highest = max(highest, excluded.highest)`, connection, project, n)
	return err
}

// HighestKey is the highest key number of a project that any answer has shown
// us; false where none has yet.
func (s *Store) HighestKey(ctx context.Context, connection int64, project string) (n int, known bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT highest FROM projects WHERE connection_id = ? AND key = ?`, connection, project).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return n, err == nil, err
}

// NoteHighestKey remembers a key number that an answer has shown.
func (s *Store) NoteHighestKey(ctx context.Context, connection int64, project string, n int) error {
	return s.update(ctx, func(tx *sql.Tx) error { return noteHighest(ctx, tx, connection, project, n) })
}
