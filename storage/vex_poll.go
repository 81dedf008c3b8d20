package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"
)

// VEXPoll is where the polling of a connection for changed VEX fields stands.
type VEXPoll struct {
	// Asked is when Jira was last asked with success: the next window begins
	// there, with overlap, never at the newest change that was seen.
	Asked time.Time `json:"asked"`
	// Tried is when it was last asked at all, Swept when all tickets were last
	// made due to be compared by id.
	Tried time.Time `json:"tried"`
	Swept time.Time `json:"swept"`
}

const vexPollKind, vexPollKey = "vex", "poll"

// VEXPoll reads where the polling of a connection stands; the zero value where
// it never was.
func (s *Store) VEXPoll(ctx context.Context, connection int64) (p VEXPoll, err error) {
	text, _, err := s.Metadata(ctx, connection, vexPollKind, vexPollKey)
	if errors.Is(err, ErrNotFound) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	return p, json.Unmarshal(text, &p)
}

// SetVEXPoll records where the polling of a connection stands.
func (s *Store) SetVEXPoll(ctx context.Context, connection int64, p VEXPoll) error {
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return s.PutMetadata(ctx, connection, vexPollKind, vexPollKey, text)
}

// VEXFields reads what is known of the VEX fields of an issue type, as JSON,
// and when that was learnt; ErrNotFound where nothing is.
func (s *Store) VEXFields(ctx context.Context, connection int64, project, issueType string) ([]byte, time.Time, error) {
	return s.Metadata(ctx, connection, vexFieldsKind, vexFieldsKey(project, issueType))
}

// SetVEXFields records the VEX fields of an issue type: "{}" where it has
// none. Where that changed, its tickets are due to be compared.
func (s *Store) SetVEXFields(ctx context.Context, connection int64, project, issueType string, fields []byte) error {
	was, _, err := s.VEXFields(ctx, connection, project, issueType)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	if err := s.PutMetadata(ctx, connection, vexFieldsKind, vexFieldsKey(project, issueType), fields); err != nil || string(was) == string(fields) || was == nil {
		return err
	}
	return s.AskVEXSweep(ctx, connection, project)
}

// ForgetVEXFields drops what is known of a connection's VEX fields, after Jira
// refused what it should have taken or its set-up changed.
func (s *Store) ForgetVEXFields(ctx context.Context, connection int64) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE metadata SET fetched = 0 WHERE connection_id = ? AND kind = '`+vexFieldsKind+`'`, connection)
		return err
	})
}

// AskVEX asks for the comparison of VEX fields with Jira now.
func (s *Store) AskVEX(ctx context.Context) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO jobs (name, asked) VALUES ('vex', ?1) ON CONFLICT (name) DO UPDATE SET asked = ?1, finished = NULL`, s.millis())
		return err
	})
}
