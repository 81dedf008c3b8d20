package storage

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
)

// Cursor is the place of a row in the order of a window.
type Cursor string

// ErrCursor means: a cursor that no list of this order gave out.
var ErrCursor = errors.New("the cursor does not belong to this order: start again without it")

func makeCursor(at place) (Cursor, error) {
	for i, v := range at {
		if b, ok := v.([]byte); ok {
			at[i] = string(b)
		}
	}
	text, err := json.Marshal(at)
	return Cursor(base64.RawURLEncoding.EncodeToString(text)), err
}

func parseCursor(c Cursor, width int) (place, error) {
	text, err := base64.RawURLEncoding.DecodeString(string(c))
	if err != nil {
		return nil, ErrCursor
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var at place
	if err := decoder.Decode(&at); err != nil || len(at) != width {
		return nil, ErrCursor
	}
	for i, v := range at {
		switch v := v.(type) {
		case string:
		case json.Number:
			if whole, err := v.Int64(); err == nil {
				at[i] = whole
			} else if at[i], err = v.Float64(); err != nil {
				return nil, ErrCursor
			}
		default:
			return nil, ErrCursor
		}
	}
	return at, nil
}
