package storage

import (
	"errors"
	"fmt"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

// Errors of writing that a person can mend.
var (
	// ErrFull: no room on the device.
	ErrFull = errors.New("the disk is full: nothing was changed; make room and try again")
	// ErrLocked: another process held the database for too long.
	ErrLocked = errors.New("the database is held by another process: nothing was changed; try again when it is done")
	// ErrUnwritable: the file or its folder cannot be written.
	ErrUnwritable = errors.New("the database cannot be written: check the owner and the rights of its folder")
	// ErrWrite: writing failed for another reason, such as a quota or a limit
	// of the size of files.
	ErrWrite = errors.New("writing to the database failed: nothing was changed; check the room, quotas and limits of its file system")
)

// writeError puts SQLite's result codes (sqlite.org/rescode.html) into words.
func writeError(err error) error {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return err
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_FULL:
		return fmt.Errorf("%w (%w)", ErrFull, err)
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return fmt.Errorf("%w (%w)", ErrLocked, err)
	case sqlite3.SQLITE_READONLY:
		return fmt.Errorf("%w (%w)", ErrUnwritable, err)
	case sqlite3.SQLITE_IOERR:
		return fmt.Errorf("%w (%w)", ErrWrite, err)
	case sqlite3.SQLITE_CANTOPEN:
		return fmt.Errorf("%w (%w)", ErrUnwritable, err)
	}
	return damage(err)
}

func isDamage(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	code := e.Code() & 0xff
	return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
}

func isUnique(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE || e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY)
}
