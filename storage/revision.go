package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// ErrChanged means: what is there is not what the caller saw any more.
var ErrChanged = errors.New("was changed meanwhile")

// ChangedError means: since a caller read what it wants to change, somebody
// else changed it. Nothing was stored. It is an [ErrChanged].
type ChangedError struct {
	// Kind is connection, profile, policy, watch or product.
	Kind, Name string
	// By is who made the last change, Source where from (command, console …),
	// At when; empty where the audit does not tell.
	By, Source string
	At         time.Time
}

// Error says what changed, by whom, and what to do.
func (e *ChangedError) Error() string {
	who := ""
	if e.By != "" {
		who = fmt.Sprintf(" by %s (%s, %s UTC)", e.By, e.Source, e.At.Format("15:04:05"))
	}
	return fmt.Sprintf("%s %q %v%s: nothing was stored; look at it, and make your change again", e.Kind, e.Name, ErrChanged, who)
}

// Unwrap returns [ErrChanged].
func (e *ChangedError) Unwrap() error { return ErrChanged }

// seen refuses a change by somebody who saw another revision of a thing than
// the one that is stored; saw is 0 for whoever does not depend on what they saw.
func (s *Store) seen(ctx context.Context, tx *sql.Tx, kind, name string, saw, stored int64) error {
	if saw == 0 || saw == stored {
		return nil
	}
	e := &ChangedError{Kind: kind, Name: name}
	var at sql.NullInt64
	err := tx.QueryRowContext(ctx, `SELECT by, source, at FROM audit WHERE subject = ? ORDER BY id DESC LIMIT 1`, kind+" "+name).Scan(&e.By, &e.Source, &at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	e.At = fromMillis(at)
	return e
}
