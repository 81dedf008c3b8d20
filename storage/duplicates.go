package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"example.com/vexdesk/model"
)

// SentAgain lists the creations on a connection that are done, were sent more
// than once, and are no older than span: Jira may have carried out an earlier
// request too.
func (s *Store) SentAgain(ctx context.Context, connection int64, span time.Duration) ([]model.Operation, error) {
	// Ids begin with the time (UUID version 7, RFC 9562, 5.7), so that the old
	// ones need not be read.
	from := time.Now().Add(-span).UnixMilli()
	return operations(ctx, s.read, sqlf("o.id >= ? AND o.connection_id = ? AND o.kind = 'create' AND o.state = 'done' AND o.attempts > 1",
		fmt.Sprintf("%08x-%04x", from>>16, from&0xffff), connection), "")
}

// NoteIssue records an issue that carries the id of one of our creations. Is
// it not the ticket that we know, Jira acted twice: the second is linked to
// the same violations and told as a duplicate (ruling 15), until one of the two
// is closed or gone.
func (s *Store) NoteIssue(ctx context.Context, operation, jiraID, key string) error {
	var connection, ticket int64
	var project, known, knownKey string
	err := s.read.QueryRowContext(ctx, `SELECT o.connection_id, t.id, t.project, t.jira_id, t.key FROM operations o JOIN tickets t ON t.id = o.ticket_id
		WHERE o.id = ? AND o.state = 'done'`, operation).Scan(&connection, &ticket, &project, &known, &knownKey)
	if errors.Is(err, sql.ErrNoRows) || err == nil && known == jiraID {
		return nil
	}
	if err != nil {
		return err
	}
	now := s.millis()
	return s.update(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, `INSERT INTO tickets (connection_id, project, jira_id, key, dedupe_key, living, state, duplicate_of, jira_created, requested)
			VALUES (?, ?, ?, ?, '', 1, 'open', ?, ?, ?) ON CONFLICT DO NOTHING`, connection, project, jiraID, model.Clean(key), ticket, now, now)
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return err
		}
		id, err := res.LastInsertId()
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO ticket_links (ticket_id, violation_id, linked, by) SELECT ?, violation_id, ?, '' FROM ticket_links WHERE ticket_id = ?`, id, now, ticket)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO audit (at, by, source, violation_id, field, before, after) SELECT ?, '', 'sync', violation_id, 'duplicate ticket', ?, ? FROM ticket_links WHERE ticket_id = ?`,
			now, knownKey, key, ticket)
		return err
	})
}

// ticketProblem is what is wrong with a ticket, or else with its connection, or
// that both of two tickets for the same are open.
const ticketProblem = `CASE WHEN t.problem <> '' THEN t.problem WHEN co.broken_since IS NOT NULL THEN co.problem
	WHEN t.duplicate_of IS NOT NULL AND t.state = 'open' AND t.category <> 'done' THEN coalesce((SELECT 'a duplicate of ' || k.key || ': Jira carried out a request twice; close one of them'
		FROM tickets k WHERE k.id = t.duplicate_of AND k.state = 'open' AND k.category <> 'done'), '') ELSE '' END`

// AskedTickets counts the tickets whose status a person waits for and that can
// be fetched.
func (s *Store) AskedTickets(ctx context.Context) (n int, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT count(*) FROM tickets t JOIN connections co ON co.id = t.connection_id
		WHERE t.asked > 0 AND co.state = 'active' AND co.retrieve_tickets = 1`).Scan(&n)
	return n, err
}
