package storage

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// schemaVersion is the number of the newest file in migrations; a test keeps
// the two equal. It is repeated in the database's user_version, so that an
// open of a database that is up to date costs one read.
const schemaVersion = 12

// makingLock is the file lock of those who change what the whole database is:
// two processes that make one workspace at the same moment take turns.
func makingLock(path string) *flock.Flock { return flock.New(path + ".migrate") }

// startLog changes the database to write-ahead logging, which it then stays
// in. SQLite changes over without waiting for others (the busy timeout does
// not hold there), so it is done once and under the lock, not by each
// connection that opens.
func startLog(ctx context.Context, path string) (err error) {
	lock := makingLock(path)
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("the database %s cannot be opened: %w", path, err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	db, err := openPlain(path)
	if err != nil {
		return err
	}
	var mode string
	err = db.QueryRowContext(ctx, `PRAGMA journal_mode = WAL`).Scan(&mode)
	if err = errors.Join(writeError(err), db.Close()); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if mode != "wal" {
		return fmt.Errorf("%s: its file system cannot hold a shared database: choose a local folder with --home", path)
	}
	return nil
}

// lockRetry is how often the lock is tried while another process holds it.
const lockRetry = 20 * time.Millisecond

// migrate brings the schema up to date, under the lock. Each file is a
// transaction: an interrupted upgrade goes on from there.
func (s *Store) migrate(ctx context.Context) (err error) {
	told := s.tellUpgrade(true)
	lock := makingLock(s.path)
	ok, err := lock.TryLockContext(ctx, lockRetry)
	told()
	if err != nil || !ok {
		return fmt.Errorf("the schema cannot be brought up to date: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
	defer s.tellUpgrade(false)()
	// The file says first whose it is, so that a half-made one is known again.
	if _, err := s.write.ExecContext(ctx, fmt.Sprintf(`PRAGMA application_id = %d`, applicationID)); err != nil {
		return fmt.Errorf("the schema cannot be marked: %w", writeError(err))
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	provider, err := goose.NewProvider(goose.DialectSQLite3, s.write, files, goose.WithTableName("migrations"))
	if err != nil {
		return fmt.Errorf("the migrations cannot be read: %w", err)
	}
	if _, err := provider.Up(ctx); err != nil {
		return fmt.Errorf("the schema cannot be brought up to date: %w", writeError(err))
	}
	if _, err := s.write.ExecContext(ctx, fmt.Sprintf(`PRAGMA user_version = %d`, schemaVersion)); err != nil {
		return fmt.Errorf("the schema cannot be marked: %w", writeError(err))
	}
	return nil
}

// tellUpgrade tells that the upgrade takes long, unless done is called before.
func (s *Store) tellUpgrade(byAnother bool) (done func()) {
	if s.onUpgrade == nil {
		return func() {}
	}
	notice := time.AfterFunc(waitNotice, func() { s.onUpgrade(byAnother) })
	return func() { notice.Stop() }
}
