package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// applicationID marks our databases ("VEXD" in ASCII), so that another
// program's file is never taken for one.
const applicationID = 0x56455844

// Store is an open workspace. It is safe for use by many goroutines.
type Store struct {
	path  string
	read  *sql.DB
	write *sql.DB
	now   func() time.Time
	// onWait is Options.OnWait, onUpgrade Options.OnUpgrade.
	onWait    func()
	onUpgrade func(byAnother bool)
	vault     *vault
	bell      *bell
	// unclean tells that the last process to use the file did not close it.
	unclean bool
	// readOnly refuses every intention (I14, ruling 29).
	readOnly bool
	limits   limits
	noted    noted
	// pausing is called between two transactions of an import, for tests.
	pausing func() error
}

// Options say how to open a workspace. The zero value is right for most.
type Options struct {
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// KeyFile is where the key for secrets lies; empty: "key" beside the
	// database. With Keyring the operating system's keyring is tried first.
	KeyFile string
	Keyring bool
	// ReadOnly refuses every intention in one place (I14, ruling 29).
	ReadOnly bool
	// OnWait is called, in a goroutine of its own, when a change has waited for
	// a second because another one is being written; nil: nobody is told.
	OnWait func()
	// OnUpgrade is called, in a goroutine of its own, when bringing the schema
	// up to date has taken a second: with another process doing it, and again
	// with this one; nil: nobody is told.
	OnUpgrade func(byAnother bool)
}

// Errors that callers tell apart.
var (
	// ErrNotOurs: the file exists and is no vexdesk database.
	ErrNotOurs = errors.New("not a vexdesk database")
	// ErrNewer: the database was written by a newer vexdesk.
	ErrNewer = errors.New("made by a newer vexdesk")
	// ErrDamaged: SQLite finds the file broken.
	ErrDamaged = errors.New("the database is damaged")
	// ErrNotFound: what was asked for by name or id does not exist.
	ErrNotFound = errors.New("not found")
	// ErrExists: a thing of that name exists already.
	ErrExists = errors.New("exists already")
	// ErrReadOnly: the workspace was opened for reading only.
	ErrReadOnly = errors.New("this workspace is open for reading only: leave --readonly out to change it")
)

// Open opens the database at path, creating it and its folder (0700) where
// they do not exist, and brings its schema up to date. Before anything is
// written it checks the header, the application id, the schema version and
// that foreign keys hold (ruling 34).
func Open(ctx context.Context, path string, o Options) (*Store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("the folder of the database cannot be made: %w: check the folder above it, or choose another one with --home", err)
	}
	is, err := checkHeader(path)
	if err == nil && is != logged {
		err = startLog(ctx, path)
	}
	if err != nil {
		return nil, err
	}
	s := &Store{path: path, now: o.Now, unclean: leftOpen(path), readOnly: o.ReadOnly, limits: measured(), onWait: o.OnWait, onUpgrade: o.OnUpgrade}
	if s.now == nil {
		s.now = time.Now
	}
	if o.KeyFile == "" {
		o.KeyFile = filepath.Join(filepath.Dir(path), "key")
	}
	s.vault = &vault{file: o.KeyFile, keyring: o.Keyring, service: path}
	if s.write, err = openPool(path, "immediate", false, 1); err != nil {
		return nil, err
	}
	if s.read, err = openPool(path, "deferred", true, readers); err != nil {
		return nil, errors.Join(err, s.write.Close())
	}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(err, s.read.Close(), s.write.Close())
	}
	s.bell = newBell(s)
	return s, nil
}

// readers is how many reads run side by side: the page under the cursor must
// not wait behind a count.
const readers = 4

// pageCache is the page cache of each connection in KiB. A larger one makes an
// import no faster that is worth its memory.
const pageCache = 8_000

func openPool(path, lock string, queryOnly bool, conns int, more ...string) (*sql.DB, error) {
	pragmas := url.Values{"_txlock": {lock}, "_pragma": {
		"busy_timeout(15000)", "synchronous(FULL)", "foreign_keys(1)", "trusted_schema(0)", fmt.Sprintf("cache_size(-%d)", pageCache),
	}}
	if queryOnly {
		pragmas["_pragma"] = append(pragmas["_pragma"], "query_only(1)")
	}
	pragmas["_pragma"] = append(pragmas["_pragma"], more...)
	dsn := (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: pragmas.Encode()}).String()
	db, err := openDB(dsn)
	if err != nil {
		return nil, fmt.Errorf("the database %s cannot be opened: %w", path, err)
	}
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	db.SetConnMaxIdleTime(0)
	return db, nil
}

// createPrivate makes the file readable by its owner alone before SQLite puts
// anything into it (ruling 29).
func createPrivate(path string) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("the database cannot be made: %w", err)
	}
	return f.Close()
}

// leftOpen reports whether a write-ahead log lies beside the database: its
// last user died, or another process has it open.
func leftOpen(path string) bool {
	info, err := os.Stat(path + "-wal")
	return err == nil && info.Size() > 0
}

// prepare checks what the file is and migrates it. It asks a connection of the
// readers: the writer's is opened, and reads the schema, once something is
// written.
func (s *Store) prepare(ctx context.Context) error {
	var app, version, foreign, tables int
	err := s.read.QueryRowContext(ctx, `SELECT (SELECT application_id FROM pragma_application_id),
		(SELECT user_version FROM pragma_user_version), (SELECT foreign_keys FROM pragma_foreign_keys), (SELECT count(*) FROM sqlite_schema)`).Scan(&app, &version, &foreign, &tables)
	switch {
	case err != nil:
		return fmt.Errorf("%s: %w", s.path, writeError(err))
	case foreign != 1:
		return fmt.Errorf("%s: foreign keys cannot be switched on", s.path)
	case version == schemaVersion && app == applicationID:
		return nil
	case app == applicationID && version > schemaVersion:
		return fmt.Errorf("%s: %w (its schema is %d, this program knows %d): install the newer version", s.path, ErrNewer, version, schemaVersion)
	case app != applicationID && (app != 0 || version != 0 || tables != 0):
		return fmt.Errorf("%s: %w: choose another folder with --home", s.path, ErrNotOurs)
	}
	return s.migrate(ctx)
}

func damage(err error) error {
	if isDamage(err) {
		return fmt.Errorf("%w (restore a backup with 'vexdesk restore FILE'): %w", ErrDamaged, err)
	}
	return err
}

// Close ends the store. Nothing is lost without it: every intention is
// committed when its method returns.
func (s *Store) Close() error {
	s.bell.stop()
	return errors.Join(s.read.Close(), s.write.Close())
}

// Path is where the database lies.
func (s *Store) Path() string { return s.path }

// Now is the store's clock.
func (s *Store) Now() time.Time { return s.now() }

// Unclean reports whether the last process that used the database was
// killed, or still uses it; QuickCheck is advised then.
func (s *Store) Unclean() bool { return s.unclean }

// QuickCheck lets SQLite look for damage; it reads the whole file.
func (s *Store) QuickCheck(ctx context.Context) error {
	var verdict string
	if err := s.read.QueryRowContext(ctx, `PRAGMA quick_check(1)`).Scan(&verdict); err != nil {
		return damage(err)
	}
	if verdict != "ok" {
		return fmt.Errorf("%w: %s", ErrDamaged, verdict)
	}
	return nil
}

// update runs f in one write transaction, which either happens whole or not
// at all, and rings the bell when it happened.
func (s *Store) update(ctx context.Context, f func(*sql.Tx) error) error {
	if s.readOnly {
		return ErrReadOnly
	}
	return s.change(ctx, s.write, f)
}

// CheckWritable tells what keeps changes from being written. It changes nothing.
func (s *Store) CheckWritable(ctx context.Context) error {
	if s.readOnly {
		return nil
	}
	tx, err := s.write.BeginTx(ctx, nil)
	if err != nil {
		return writeError(err)
	}
	return tx.Rollback()
}

// ignoreDone is the error of rolling a transaction back, nil where there is none
// any more: SQLite ends it by itself where the disk is full.
func ignoreDone(err error) error {
	var e *sqlite.Error
	if errors.Is(err, sql.ErrTxDone) || errors.As(err, &e) && e.Code() == sqlite3.SQLITE_ERROR {
		return nil
	}
	return err
}

func (s *Store) millis() int64 { return s.now().UnixMilli() }

// fromMillis reads a time as stored; nothing and zero are the zero time.
func fromMillis(ms sql.NullInt64) time.Time {
	if !ms.Valid || ms.Int64 == 0 {
		return time.Time{}
	}
	return time.UnixMilli(ms.Int64).UTC()
}

// toMillis is the inverse of fromMillis: the zero time is NULL.
func toMillis(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t.UnixMilli()
}
