package storage

import (
	"context"
	"database/sql"
	"time"

	"example.com/vexdesk/model"
)

// LedgerEntry is a thing that provisioning made or found in Jira, or a step of
// it where Object is empty (I2).
type LedgerEntry struct {
	Step, Object string
	// JiraID is Jira's own id of the thing; of one whose making has begun, the
	// ids of the namesakes that were there before.
	JiraID string
	// State is in_progress, completed or failed.
	State string
	Error string
	At    time.Time
}

// Ledger lists what provisioning made or found on a connection.
func (s *Store) Ledger(ctx context.Context, connection int64) ([]LedgerEntry, error) {
	return s.ledger(ctx, `connection_id = ?`, connection)
}

// SiteLedger lists what provisioning made or found on the Jira of a
// connection, with whichever connection: an administrator's sets up what
// another one uses.
func (s *Store) SiteLedger(ctx context.Context, connection int64) ([]LedgerEntry, error) {
	return s.ledger(ctx, `connection_id IN (SELECT other.id FROM connections mine JOIN connections other ON other.url = mine.url WHERE mine.id = ?)`, connection)
}

func (s *Store) ledger(ctx context.Context, condition string, args ...any) ([]LedgerEntry, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT step, object, jira_id, state, error, at FROM provisioned WHERE `+condition+` ORDER BY step, object`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []LedgerEntry
	for rows.Next() {
		var e LedgerEntry
		var at int64
		if err := rows.Scan(&e.Step, &e.Object, &e.JiraID, &e.State, &e.Error, &at); err != nil {
			return nil, err
		}
		e.At = time.UnixMilli(at).UTC()
		out = append(out, e)
	}
	return out, rows.Err()
}

// Record enters a thing or a step into the ledger, before what follows it is
// asked of Jira.
func (s *Store) Record(ctx context.Context, connection int64, e LedgerEntry) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO provisioned (connection_id, step, object, jira_id, state, error, at) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			connection, e.Step, e.Object, e.JiraID, e.State, cut(model.Clean(e.Error), 500), s.millis())
		return err
	})
}
