package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"example.com/vexdesk/model"
)

// SecretName names one of the secrets of a connection.
type SecretName string

// The secrets that a connection can have.
const (
	SecretMain   SecretName = "secret"        // password, API token or personal access token
	SecretClient SecretName = "client secret" // of an OAuth 2 app
	SecretToken  SecretName = "token"         // what a consent came to
	SecretKey    SecretName = "private key"   // of an OAuth 1 application link
)

// MainSecret is the secret that a way to sign in cannot do without.
func MainSecret(a model.AuthMethod) SecretName {
	switch a {
	case model.AuthOAuth2:
		return SecretClient
	case model.AuthOAuth1:
		return SecretKey
	}
	return SecretMain
}

// AddConnection stores a new connection as a draft, with its password or token.
func (s *Store) AddConnection(ctx context.Context, actor model.Actor, c model.Connection, secret []byte) (model.Connection, error) {
	return s.AddConnectionWith(ctx, actor, c, map[SecretName][]byte{SecretMain: secret})
}

// AddConnectionWith stores a new connection as a draft, with all its secrets.
func (s *Store) AddConnectionWith(ctx context.Context, actor model.Actor, c model.Connection, secrets map[SecretName][]byte) (model.Connection, error) {
	if err := model.CheckAuth(c.Type, c.Auth); err != nil {
		return c, err
	}
	options, err := json.Marshal(c.Options)
	if err != nil {
		return c, err
	}
	c.State, c.RetrieveTickets = model.ConnectionDraft, true
	err = s.update(ctx, func(tx *sql.Tx) error {
		if err := mayEditConnections(ctx, tx); err != nil {
			return err
		}
		res, err := tx.ExecContext(ctx, `INSERT INTO connections (name, type, auth, url, user, client_id, consumer_key, ca_file, state, retrieve_tickets, options, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, c.Name, c.Type, c.Auth, c.URL, c.User, c.ClientID, c.ConsumerKey, c.CAFile, c.State, c.RetrieveTickets, string(options), s.millis())
		if isUnique(err) {
			return fmt.Errorf("connection %q %w: choose another name, or 'vexdesk connection remove %s' first", c.Name, ErrExists, c.Name)
		}
		if err != nil {
			return err
		}
		if c.ID, err = res.LastInsertId(); err != nil {
			return err
		}
		if err := s.putSecrets(ctx, tx, c.ID, secrets); err != nil {
			return err
		}
		if c.Revision, err = connectionRevision(ctx, tx, c.ID); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, "connection "+c.Name, "state", "", string(c.State))
	})
	return c, err
}

func (s *Store) putSecrets(ctx context.Context, tx *sql.Tx, connection int64, secrets map[SecretName][]byte) error {
	for name, secret := range secrets {
		if err := s.putSecret(ctx, tx, connectionOwner(connection), string(name), secret); err != nil {
			return err
		}
	}
	return nil
}

// ConnectionSecret decrypts the password or token of a connection.
func (s *Store) ConnectionSecret(ctx context.Context, c model.Connection) ([]byte, error) {
	return s.NamedSecret(ctx, c.ID, SecretMain)
}

// NamedSecret decrypts one of the secrets of a connection, by its id;
// ErrNotFound where it has none of the name.
func (s *Store) NamedSecret(ctx context.Context, connection int64, name SecretName) ([]byte, error) {
	return s.secret(ctx, connectionOwner(connection), string(name))
}

// PutToken replaces the token of a connection by one that was renewed. It is on
// the disk when it returns.
func (s *Store) PutToken(ctx context.Context, connection int64, token []byte) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		var there bool
		if err := tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM connections WHERE id = ?)`, connection).Scan(&there); err != nil {
			return err
		}
		if !there {
			return fmt.Errorf("the connection of a renewed token: %w: it was removed meanwhile", ErrNotFound)
		}
		return s.putSecret(ctx, tx, connectionOwner(connection), string(SecretToken), token)
	})
}

// ChangeConnection stores how a connection signs in: its user, its app's or
// link's name, its certificate authorities, its options and the secrets that
// are given. Type, way to sign in and address stay: another site is another
// connection. A *ChangedError means that it is not in c's revision any more.
func (s *Store) ChangeConnection(ctx context.Context, actor model.Actor, c model.Connection, secrets map[SecretName][]byte) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		if err := s.mayChange(ctx, tx, c); err != nil {
			return err
		}
		options, err := optionsOf(ctx, tx, c)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE connections SET user = ?, client_id = ?, consumer_key = ?, ca_file = ?, options = ? WHERE id = ?`,
			c.User, c.ClientID, c.ConsumerKey, c.CAFile, options, c.ID); err != nil {
			return err
		}
		if err := s.putSecrets(ctx, tx, c.ID, secrets); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, "connection "+c.Name, "sign-in", "", "changed")
	})
}

// optionsOf are the options of a connection that is changed, as stored. What a
// consent to the same site came to since the caller read them is not theirs to
// change.
func optionsOf(ctx context.Context, tx *sql.Tx, c model.Connection) (string, error) {
	stored, err := scanConnection(tx.QueryRowContext(ctx, `SELECT `+connectionColumns+` FROM connections WHERE id = ?`, c.ID).Scan)
	if err != nil {
		return "", err
	}
	if c.Auth.Consents() && c.URL == stored.URL {
		c.Options.CloudID, c.Options.Granted = stored.Options.CloudID, stored.Options.Granted
	}
	text, err := json.Marshal(c.Options)
	return string(text), err
}

// SetGrant stores what a consent came to: the token and the options that it
// decides (cloud id, granted scopes), and the switch of S4, which depends on the
// scopes. A *ChangedError means that the connection is not in c's revision any
// more: the consent was to something else.
func (s *Store) SetGrant(ctx context.Context, actor model.Actor, c model.Connection, token []byte) error {
	options, err := json.Marshal(c.Options)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		if err := s.mayChange(ctx, tx, c); err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, `UPDATE connections SET options = ?, retrieve_tickets = ? WHERE id = ?`, string(options), c.RetrieveTickets, c.ID); err != nil {
			return err
		}
		if err := s.putSecrets(ctx, tx, c.ID, map[SecretName][]byte{SecretToken: token}); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, "connection "+c.Name, "consent", "", "given")
	})
}

// SetCloudID keeps where at Atlassian's gateway a connection's site was found.
func (s *Store) SetCloudID(ctx context.Context, c model.Connection, id string) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE connections SET options = CASE ?1 WHEN '' THEN json_remove(options, '$.cloud_id') ELSE json_set(options, '$.cloud_id', ?1) END WHERE id = ?2`, id, c.ID)
		return err
	})
}
