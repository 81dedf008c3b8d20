package storage

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/gofrs/flock"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// schemaVersion is the number of the newest file in migrations; a test keeps
// the two equal. It is repeated in the database's user_version, so that an
// open of a database that is up to date costs one read.
const schemaVersion = 1

// migrate brings the schema up to date, under a file lock: two processes that
// make one workspace at the same moment take turns.
func (s *Store) migrate(ctx context.Context) (err error) {
	lock := flock.New(s.path + ".migrate")
	if err := lock.Lock(); err != nil {
		return fmt.Errorf("the schema cannot be brought up to date: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Unlock()) }()
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
