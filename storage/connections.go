package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"example.com/vexdesk/model"
)

const connectionColumns = `id, name, type, auth, url, user, client_id, consumer_key, ca_file, state, retrieve_tickets, base_url, verified_at, broken_since, problem, options, revision`

func scanConnection(read func(...any) error) (c model.Connection, err error) {
	var verified, broken sql.NullInt64
	var options string
	err = read(&c.ID, &c.Name, &c.Type, &c.Auth, &c.URL, &c.User, &c.ClientID, &c.ConsumerKey, &c.CAFile, &c.State, &c.RetrieveTickets, &c.BaseURL, &verified, &broken, &c.Problem, &options, &c.Revision)
	if err != nil {
		return c, err
	}
	if err := json.Unmarshal([]byte(options), &c.Options); err != nil {
		return c, fmt.Errorf("the options of connection %q cannot be read: %w", c.Name, err)
	}
	c.VerifiedAt, c.BrokenSince = fromMillis(verified), fromMillis(broken)
	return c, nil
}

// Connections lists the connections by name.
func (s *Store) Connections(ctx context.Context) ([]model.Connection, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+connectionColumns+` FROM connections ORDER BY name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []model.Connection
	for rows.Next() {
		c, err := scanConnection(rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// Connection finds a connection by name.
func (s *Store) Connection(ctx context.Context, name string) (model.Connection, error) {
	c, err := scanConnection(s.read.QueryRowContext(ctx, `SELECT `+connectionColumns+` FROM connections WHERE name = ?`, name).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return c, fmt.Errorf("connection %q: %w: 'vexdesk connection list' shows what there is", name, ErrNotFound)
	}
	return c, err
}

// ConnectionByID finds a connection by its number.
func (s *Store) ConnectionByID(ctx context.Context, id int64) (model.Connection, error) {
	c, err := scanConnection(s.read.QueryRowContext(ctx, `SELECT `+connectionColumns+` FROM connections WHERE id = ?`, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return c, fmt.Errorf("the connection: %w", ErrNotFound)
	}
	return c, err
}

// ErrConnectionsLocked means: connections may not be changed in this workspace.
var ErrConnectionsLocked = errors.New("connections are locked in this workspace (setting connections.locked)")

// mayEditConnections is the one place that decides who may change
// connections (I14, ruling 29).
func mayEditConnections(ctx context.Context, tx *sql.Tx) error {
	locked, err := setting(ctx, tx, "connections.locked")
	if err != nil {
		return err
	}
	if locked == "true" {
		return ErrConnectionsLocked
	}
	return nil
}

// mayChange is mayEditConnections for somebody who read the connection before.
func (s *Store) mayChange(ctx context.Context, tx *sql.Tx, c model.Connection) error {
	if err := mayEditConnections(ctx, tx); err != nil {
		return err
	}
	stored, err := connectionRevision(ctx, tx, c.ID)
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("connection %q: %w: it was removed meanwhile", c.Name, ErrNotFound)
	}
	if err != nil {
		return err
	}
	return s.seen(ctx, tx, "connection", c.Name, c.Revision, stored)
}

func connectionRevision(ctx context.Context, q queryer, id int64) (revision int64, err error) {
	err = q.QueryRowContext(ctx, `SELECT revision FROM connections WHERE id = ?`, id).Scan(&revision)
	return revision, err
}

func connectionOwner(id int64) string { return fmt.Sprintf("connection/%d", id) }

// SetVerified records that a connection passed its verification: a draft
// becomes active, a broken one works again. baseURL is where Jira's pages are.
func (s *Store) SetVerified(ctx context.Context, actor model.Actor, c model.Connection, baseURL string) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE connections SET state = 'active', base_url = ?, verified_at = ?, broken_since = NULL, problem = '' WHERE id = ?`,
			model.Clean(baseURL), s.millis(), c.ID)
		if err != nil || c.State == model.ConnectionActive {
			return err
		}
		return s.note(ctx, tx, actor, "connection "+c.Name, "state", string(c.State), string(model.ConnectionActive))
	})
}

// SetProblem records why a draft is not active yet.
func (s *Store) SetProblem(ctx context.Context, c model.Connection, problem string) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE connections SET problem = ? WHERE id = ?`, cut(model.Clean(problem), 500), c.ID)
		return err
	})
}

// SetBroken records that a connection does not work, and why; its tickets show
// Unknown until SetWorking (S8). Nothing is written where nothing changes.
func (s *Store) SetBroken(ctx context.Context, id int64, problem string) error {
	problem = cut(model.Clean(problem), 500)
	var same bool
	err := s.read.QueryRowContext(ctx, `SELECT broken_since IS NOT NULL AND problem = ? FROM connections WHERE id = ?`, problem, id).Scan(&same)
	if err != nil || same {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE connections SET broken_since = coalesce(broken_since, ?), problem = ? WHERE id = ?`, s.millis(), problem, id)
		return err
	})
}

// SetWorking records that a connection works again.
func (s *Store) SetWorking(ctx context.Context, id int64) error {
	var works bool
	err := s.read.QueryRowContext(ctx, `SELECT broken_since IS NULL FROM connections WHERE id = ?`, id).Scan(&works)
	if err != nil || works {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE connections SET broken_since = NULL, problem = '' WHERE id = ?`, id)
		return err
	})
}

// SetRetrieveTickets turns the retrieval of ticket statuses on or off (S4, S9).
func (s *Store) SetRetrieveTickets(ctx context.Context, actor model.Actor, c model.Connection, on bool) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		if err := mayEditConnections(ctx, tx); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `UPDATE connections SET retrieve_tickets = ? WHERE id = ?`, on, c.ID)
		if err != nil {
			return err
		}
		return s.note(ctx, tx, actor, "connection "+c.Name, "retrieve tickets", fmt.Sprint(c.RetrieveTickets), fmt.Sprint(on))
	})
}

// RemoveConnection removes a connection, its profiles and its secrets. It is
// refused while tickets hang on it: they could never be refreshed again.
func (s *Store) RemoveConnection(ctx context.Context, actor model.Actor, c model.Connection) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		if err := mayEditConnections(ctx, tx); err != nil {
			return err
		}
		var tickets int
		if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM tickets WHERE connection_id = ?`, c.ID).Scan(&tickets); err != nil {
			return err
		}
		if tickets > 0 {
			return fmt.Errorf("connection %q holds %d tickets and is kept: without it they could not be refreshed", c.Name, tickets)
		}
		for _, text := range []string{`DELETE FROM secrets WHERE owner = ?`, `DELETE FROM connections WHERE 'connection/' || id = ?`} {
			if _, err := tx.ExecContext(ctx, text, connectionOwner(c.ID)); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, actor, "connection "+c.Name, "state", string(c.State), "removed")
	})
}

// note writes an audit entry about the workspace rather than a violation.
func (s *Store) note(ctx context.Context, tx *sql.Tx, actor model.Actor, subject, field, before, after string) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO audit (at, by, source, subject, field, before, after) VALUES (?, ?, ?, ?, ?, ?, ?)`,
		s.millis(), actor.Name, actor.Source, subject, field, before, after)
	return err
}

// PutMetadata keeps what Jira told about itself, as JSON, with its age.
func (s *Store) PutMetadata(ctx context.Context, connection int64, kind, key string, value []byte) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO metadata (connection_id, kind, key, value, fetched) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (connection_id, kind, key) DO UPDATE SET value = excluded.value, fetched = excluded.fetched`, connection, kind, key, string(value), s.millis())
		return err
	})
}

// Metadata returns what Jira told and when; ErrNotFound where it was not asked.
func (s *Store) Metadata(ctx context.Context, connection int64, kind, key string) (value []byte, fetched time.Time, err error) {
	var text string
	var when sql.NullInt64
	err = s.read.QueryRowContext(ctx, `SELECT value, fetched FROM metadata WHERE connection_id = ? AND kind = ? AND key = ?`, connection, kind, key).Scan(&text, &when)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, time.Time{}, fmt.Errorf("%s of %s: %w", kind, key, ErrNotFound)
	}
	return []byte(text), fromMillis(when), err
}
