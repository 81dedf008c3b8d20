package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/gofrs/flock"
)

// A change is one transaction, and one of many rows takes seconds: whoever
// wants to write meanwhile waits. A change that waits is never refused within
// patience, and says that it waits after waitNotice.
const (
	waitNotice = time.Second
	patience   = 5 * time.Minute
	waitSuffix = ".wait"
)

// beginner is a pool or a connection that writes.
type beginner interface {
	BeginTx(context.Context, *sql.TxOptions) (*sql.Tx, error)
}

// begin starts a transaction that writes, as soon as nobody else does.
func (s *Store) begin(ctx context.Context, in beginner) (_ *sql.Tx, err error) {
	// Whoever writes one transaction after another sees by this lock that others
	// wait (breathe). It is none that anybody waits for.
	waits := flock.New(s.path+waitSuffix, flock.SetPermissions(0o600))
	if err := waits.RLock(); err != nil {
		return nil, fmt.Errorf("the database cannot be written: %w", err)
	}
	defer func() { err = errors.Join(err, waits.Unlock()) }()
	if s.onWait != nil {
		notice := time.AfterFunc(waitNotice, s.onWait)
		defer notice.Stop()
	}
	for since := time.Now(); ; {
		tx, err := in.BeginTx(ctx, nil)
		if err = writeError(err); err == nil {
			if err = s.still(ctx, tx); err != nil {
				return nil, errors.Join(err, ignoreDone(tx.Rollback()))
			}
			return tx, nil
		}
		if !errors.Is(err, ErrLocked) || time.Since(since) > patience {
			return nil, err
		}
	}
}

// still refuses to write where a newer program brought the database up to date
// since this one opened it: it may keep by other means what a change leads to.
func (s *Store) still(ctx context.Context, tx *sql.Tx) error {
	var version int
	if err := tx.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return writeError(err)
	}
	if version > schemaVersion {
		return fmt.Errorf("%s: %w since this one was started: leave it and start the newer one", s.path, ErrNewer)
	}
	return nil
}

// change makes one change of the workspace, as soon as nobody else does, whole
// or not at all, and tells those who listen.
func (s *Store) change(ctx context.Context, in beginner, f func(*sql.Tx) error) error {
	tx, err := s.begin(ctx, in)
	if err != nil {
		return err
	}
	begun, err := s.beginDay(ctx, tx)
	if err == nil {
		err = f(tx)
	}
	if err != nil {
		return errors.Join(writeError(err), ignoreDone(tx.Rollback()))
	}
	if err := tx.Commit(); err != nil {
		return writeError(err)
	}
	begun()
	s.bell.ring()
	return nil
}

// Between two of many transactions their writer rests, and goes on when nobody
// waits any more: SQLite's waiters look ten times a second, and would hardly ever
// meet a short rest. One who keeps on writing does not hold it up for good.
const (
	shortRest, longestRest = 5 * time.Millisecond, 2 * time.Second
)

// breathe lets other writers in.
func (s *Store) breathe(ctx context.Context) error {
	for rested := time.Duration(0); rested < longestRest; rested += shortRest {
		timer := time.NewTimer(shortRest)
		select {
		case <-ctx.Done():
			timer.Stop()
			return ctx.Err()
		case <-timer.C:
		}
		if awaited, err := s.awaited(); err != nil || !awaited {
			return err
		}
	}
	return nil
}

// awaited reports whether somebody waits to write.
func (s *Store) awaited() (bool, error) {
	waits := flock.New(s.path+waitSuffix, flock.SetPermissions(0o600))
	nobody, err := waits.TryLock()
	return err == nil && !nobody, errors.Join(err, waits.Unlock())
}
