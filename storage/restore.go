package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
)

// ErrInUse means: another process has the workspace open.
var ErrInUse = errors.New("the workspace is in use by another process: close it first")

// Restore puts a backup in the place of the database at path, whole or not at
// all. The backup is checked first; the former database is kept beside it
// under the returned name, empty where there was none. It is refused while
// another process uses the workspace.
func Restore(ctx context.Context, file, path string) (kept string, err error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("the folder of the database cannot be made: %w", err)
	}
	fresh := path + ".restoring"
	if err := copyPrivate(file, fresh); err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, removeIfThere(fresh)) }()
	if err := checkBackup(ctx, file, fresh); err != nil {
		return "", err
	}
	switch info, serr := os.Stat(path); {
	case errors.Is(serr, fs.ErrNotExist):
	case serr != nil:
		return "", fmt.Errorf("the database cannot be reached: %w", serr)
	default:
		if info.Size() > 0 {
			if err := settleAlone(ctx, path); err != nil {
				return "", err
			}
		}
		kept = path + ".before-restore"
		if err := keep(path, kept); err != nil {
			return "", fmt.Errorf("the former database cannot be kept: %w", err)
		}
	}
	if err := os.Rename(fresh, path); err != nil {
		return "", fmt.Errorf("the backup cannot be put in place: %w", err)
	}
	return kept, syncFolder(filepath.Dir(path))
}

// checkBackup looks whether a copy of a backup is a whole workspace that this
// program understands; name is what messages call it.
func checkBackup(ctx context.Context, name, path string) error {
	if is, err := checkHeader(path); err != nil || is == unmade {
		return fmt.Errorf("%s: %w: it is no backup of a workspace", name, ErrNotOurs)
	}
	db, err := openPlain(path)
	if err != nil {
		return err
	}
	defer db.Close() //nolint:errcheck // it was only read
	var app, version int
	var verdict string
	err = db.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM pragma_user_version),
		(SELECT quick_check FROM pragma_quick_check LIMIT 1)`).Scan(&app, &version, &verdict)
	switch {
	case err != nil && isDamage(err), err == nil && verdict != "ok":
		return fmt.Errorf("%s: %w: take another backup", name, ErrDamaged)
	case err != nil:
		return fmt.Errorf("%s cannot be read: %w", name, err)
	case app != applicationID:
		return fmt.Errorf("%s: %w: it is no backup of a workspace", name, ErrNotOurs)
	case version > schemaVersion:
		return fmt.Errorf("%s: %w (its schema is %d, this program knows %d): install the newer version", name, ErrNewer, version, schemaVersion)
	}
	return nil
}

// settleAlone leaves write-ahead logging, which SQLite allows only to the one
// connection that has the file open (sqlite.org/wal.html): what is in the log
// goes into the file, and the log is gone.
func settleAlone(ctx context.Context, path string) error {
	db, err := openPlain(path)
	if err != nil {
		return err
	}
	var mode string
	err = db.QueryRowContext(ctx, `PRAGMA journal_mode = DELETE`).Scan(&mode)
	if cerr := db.Close(); err == nil {
		err = cerr
	}
	switch {
	case err == nil && mode == "delete", isDamage(err):
		// A damaged database is what a restore is for.
		return errors.Join(removeIfThere(path+"-wal"), removeIfThere(path+"-shm"))
	case errors.Is(writeError(err), ErrLocked), err == nil:
		return fmt.Errorf("%s: %w", path, ErrInUse)
	}
	return fmt.Errorf("the database %s cannot be replaced: %w", path, writeError(err))
}

// openPlain opens a database file as it is, in one connection.
func openPlain(path string) (*sql.DB, error) {
	dsn := url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: "_pragma=busy_timeout(500)"}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, fmt.Errorf("the database %s cannot be opened: %w", path, err)
	}
	db.SetMaxOpenConns(1)
	return db, nil
}

// keep leaves the file at path under a second name.
func keep(path, name string) error {
	if err := removeIfThere(name); err != nil {
		return err
	}
	if os.Link(path, name) == nil {
		return nil
	}
	return copyPrivate(path, name) // a file system without hard links
}

func copyPrivate(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return fmt.Errorf("the backup cannot be read: %w", err)
	}
	defer in.Close() //nolint:errcheck // read only
	out, err := os.OpenFile(to, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("the backup cannot be copied: %w", err)
	}
	_, err = io.Copy(out, in)
	if err := errors.Join(err, out.Sync(), out.Close()); err != nil {
		return errors.Join(fmt.Errorf("the backup cannot be copied: %w", err), removeIfThere(to))
	}
	return nil
}

func removeIfThere(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncFolder makes a rename outlast a power failure.
func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}
