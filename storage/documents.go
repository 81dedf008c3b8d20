package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"example.com/vexdesk/model"
)

// Document is a VEX document that was written before.
type Document struct {
	// ID is the document's own, Digest that of its content.
	ID, Digest string
	// Made is when each of its versions was made, the oldest first.
	Made []time.Time
}

// Document reads what is known of a document; one that was never written has
// no versions.
func (s *Store) Document(ctx context.Context, id string) (Document, error) {
	d := Document{ID: id}
	var made string
	err := s.read.QueryRowContext(ctx, `SELECT digest, made FROM documents WHERE id = ?`, id).Scan(&d.Digest, &made)
	if errors.Is(err, sql.ErrNoRows) {
		return d, nil
	}
	var millis []int64
	if err == nil {
		err = json.Unmarshal([]byte(made), &millis)
	}
	if err != nil {
		return d, fmt.Errorf("the versions of document %s cannot be read: %w", id, damage(err))
	}
	for _, ms := range millis {
		d.Made = append(d.Made, time.UnixMilli(ms).UTC())
	}
	return d, nil
}

// SaveDocument keeps what is known of a document that has just been written,
// and notes its new version.
func (s *Store) SaveDocument(ctx context.Context, actor model.Actor, d Document) error {
	millis := make([]int64, len(d.Made))
	for i, at := range d.Made {
		millis[i] = at.UnixMilli()
	}
	made, err := json.Marshal(millis)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO documents (id, digest, made) VALUES (?1, ?2, ?3) ON CONFLICT (id) DO UPDATE SET digest = ?2, made = ?3`, d.ID, d.Digest, string(made))
		if err != nil {
			return err
		}
		return s.note(ctx, tx, actor, "document "+d.ID, "version", "", fmt.Sprint(len(d.Made)))
	})
}

// Each yields the violations of a window in its order, whole, a page of them
// at a time.
func (s *Store) Each(ctx context.Context, w Window) func(yield func(*model.Violation, error) bool) {
	return func(yield func(*model.Violation, error) bool) {
		ids, err := s.MatchingIDs(ctx, w)
		for len(ids) > 0 && err == nil {
			page := ids[:min(len(ids), eachPage)]
			ids = ids[len(page):]
			var all []model.Violation
			if all, err = s.Violations(ctx, page); err != nil {
				break
			}
			for i := range all {
				if !yield(&all[i], nil) {
					return
				}
			}
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// eachPage is how many violations Each holds at once.
const eachPage = 500
