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
	applicationOffset = 68
	pageOffset        = 100 // the first page's own header: its type, then two bytes, then how many cells it has
	leafTable         = 0x0d
	headerSize        = pageOffset + 5
)

// checkHeader reports whether the database is still to be made, and refuses a
// file that is not SQLite's or another program's, without touching it: opening
// it in SQLite would already change it to write-ahead logging.
func checkHeader(path string) (fresh bool, err error) {
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return true, createPrivate(path)
	}
	if err != nil {
		return false, fmt.Errorf("the database cannot be read: %w", err)
	}
	defer f.Close() //nolint:errcheck // read only
	header := make([]byte, headerSize)
	n, err := io.ReadFull(f, header)
	header = header[:n]
	switch {
	case n == 0 && errors.Is(err, io.EOF):
		return true, nil
	case err != nil && !errors.Is(err, io.ErrUnexpectedEOF):
		return false, fmt.Errorf("the database cannot be read: %w", err)
	case n < len(magic) || string(header[:len(magic)]) != magic, foreign(path, header):
		return false, fmt.Errorf("%s: %w: choose another folder with --home", path, ErrNotOurs)
	}
	return false, nil
}

// foreign tells whether the header shows another program's database: another
// application id, or none and yet a table. While a write-ahead log lies beside
// it the header may be older than the content, and SQLite has to say.
func foreign(path string, header []byte) bool {
	if len(header) < headerSize {
		return false
	}
	id := binary.BigEndian.Uint32(header[applicationOffset:])
	if id != 0 || leftOpen(path) {
		return id != 0 && id != applicationID
	}
	return header[pageOffset] != leafTable || binary.BigEndian.Uint16(header[pageOffset+3:]) > 0
}
