package storage

import (
	"context"
	"database/sql"
	"fmt"

	"example.com/vexdesk/model"
)

// SaveDraft stores a connection that is being set up, as far as that has come:
// the draft is where a person goes on. A connection without an id is new; one
// with an id must still be a draft. Secrets that are given take the place of
// those before. A *ChangedError means that the draft is not in c's revision any
// more. What an incomplete draft lacks shows when it is verified.
func (s *Store) SaveDraft(ctx context.Context, actor model.Actor, c model.Connection, secrets map[SecretName][]byte) (model.Connection, error) {
	if c.ID == 0 {
		return s.AddConnectionWith(ctx, actor, c, secrets)
	}
	if err := model.CheckAuth(c.Type, c.Auth); err != nil {
		return c, err
	}
	err := s.update(ctx, func(tx *sql.Tx) error {
		if err := s.mayChange(ctx, tx, c); err != nil {
			return err
		}
		options, err := optionsOf(ctx, tx, c)
		if err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `UPDATE connections SET name = ?, type = ?, auth = ?, url = ?, user = ?, client_id = ?, consumer_key = ?, ca_file = ?, options = ?
			WHERE id = ? AND state = 'draft'`, c.Name, c.Type, c.Auth, c.URL, c.User, c.ClientID, c.ConsumerKey, c.CAFile, options, c.ID)
		if isUnique(err) {
			return fmt.Errorf("connection %q %w: choose another name", c.Name, ErrExists)
		}
		if err != nil {
			return err
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return fmt.Errorf("connection %q is no draft any more: change it instead", c.Name)
		}
		if err := s.putSecrets(ctx, tx, c.ID, secrets); err != nil {
			return err
		}
		if c.Revision, err = connectionRevision(ctx, tx, c.ID); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, "connection "+c.Name, "draft", "", "changed")
	})
	return c, err
}

// HasSecret reports whether a connection has one of its secrets.
func (s *Store) HasSecret(ctx context.Context, connection int64, name SecretName) (has bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM secrets WHERE owner = ? AND name = ?)`, connectionOwner(connection), string(name)).Scan(&has)
	return has, err
}

// ConnectionUse counts what hangs on a connection.
type ConnectionUse struct {
	Profiles int // go with it
	Tickets  int // keep it from being removed
}

// UseOf counts what hangs on a connection, for the question before it is removed.
func (s *Store) UseOf(ctx context.Context, connection int64) (u ConnectionUse, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT (SELECT count(*) FROM profiles WHERE connection_id = ?1), (SELECT count(*) FROM tickets WHERE connection_id = ?1)`, connection).
		Scan(&u.Profiles, &u.Tickets)
	return u, err
}
