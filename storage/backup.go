package storage

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
)

// Backup writes a whole, consistent copy of the workspace to a new file, while
// others go on working. Secrets are in it as they are stored: encrypted, and
// of no use without the key, which stays behind.
func (s *Store) Backup(ctx context.Context, file string) error {
	if _, err := os.Stat(file); err == nil {
		return fmt.Errorf("%s %w: choose another name", file, ErrExists)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("the backup cannot be written: %w", err)
	}
	if err := createPrivate(file); err != nil {
		return err
	}
	// The pools of the store are for reading only or for changing it; VACUUM
	// INTO does neither and takes an empty file as well as none.
	db, err := openPlain(s.path)
	if err != nil {
		return errors.Join(err, os.Remove(file))
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, file)
	if err := errors.Join(writeError(err), db.Close()); err != nil {
		return errors.Join(fmt.Errorf("the backup cannot be written: %w", err), os.Remove(file))
	}
	return nil
}
