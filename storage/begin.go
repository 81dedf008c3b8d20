package storage

import (
	"context"
	"database/sql"
	"errors"
	"time"
)

// An import is one transaction, and a large one takes seconds: whoever wants
// to write meanwhile waits. A change that waits is never refused within
// patience, and says that it waits after waitNotice.
const (
	waitNotice = time.Second
	patience   = 5 * time.Minute
)

// beginner is a pool or a connection that writes.
type beginner interface {
	BeginTx(context.Context, *sql.TxOptions) (*sql.Tx, error)
}

// begin starts a transaction that writes, as soon as nobody else does.
func (s *Store) begin(ctx context.Context, in beginner) (*sql.Tx, error) {
	if s.onWait != nil {
		notice := time.AfterFunc(waitNotice, s.onWait)
		defer notice.Stop()
	}
	for since := time.Now(); ; {
		tx, err := in.BeginTx(ctx, nil)
		if err = writeError(err); !errors.Is(err, ErrLocked) || time.Since(since) > patience {
			return tx, err
		}
	}
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
