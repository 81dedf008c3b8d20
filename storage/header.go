package storage

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
)

// The beginning of a database file (sqlite.org/fileformat.html, 1.3 and 1.6).
const (
	magic             = "SQLite format 3\x00"
	readVersion       = 19 // 2 where the file is in write-ahead logging
	applicationOffset = 68
	pageOffset        = 100 // the first page's own header: its type, then two bytes, then how many cells it has
	leafTable         = 0x0d
	headerSize        = pageOffset + 5
)

// What the header of a database of ours tells.
type header int

const (
	unmade header = iota // nothing is in it yet
	plain                // with a rollback journal: a backup, or one that was just restored
	logged               // in write-ahead logging, as we use it
)

// checkHeader reads what a database is, and makes it where there is none. It
// refuses a file that is not SQLite's or another program's, without touching
// it.
func checkHeader(path string) (header, error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return unmade, createPrivate(path)
	}
	if err != nil {
		return unmade, fmt.Errorf("the database cannot be read: %w: check the owner and the rights of the file and its folder", err)
	}
	defer f.Close() //nolint:errcheck // read only
	head := make([]byte, headerSize)
	n, err := io.ReadFull(f, head)
	head = head[:n]
	switch {
	case n == 0 && errors.Is(err, io.EOF):
		return unmade, nil
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return unmade, fmt.Errorf("the database cannot be read: %w", err)
	case n < len(magic) || string(head[:len(magic)]) != magic, foreign(path, head):
		return unmade, fmt.Errorf("%s: %w: choose another folder with --home", path, ErrNotOurs)
	case n > readVersion && head[readVersion] == 2:
		return logged, nil
	}
	return plain, nil
}

// foreign tells whether the header shows another program's database: another
// application id, or none and yet a table. While a write-ahead log lies beside
// it the header may be older than the content, and SQLite has to say.
func foreign(path string, head []byte) bool {
	if len(head) < headerSize {
		return false
	}
	id := binary.BigEndian.Uint32(head[applicationOffset:])
	if id != 0 || leftOpen(path) {
		return id != 0 && id != applicationID
	}
	return head[pageOffset] != leafTable || binary.BigEndian.Uint16(head[pageOffset+3:]) > 0
}
