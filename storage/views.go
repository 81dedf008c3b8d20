package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"example.com/vexdesk/model"
)

// AddView saves a view behind those that there are. Its query and order were
// checked by whoever made it.
func (s *Store) AddView(ctx context.Context, actor model.Actor, v model.View) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO views (name, query, sort, position)
			VALUES (?, ?, ?, (SELECT coalesce(max(position), 0) + 1 FROM views))`, v.Name, v.Query, v.Sort)
		if isUnique(err) {
			return fmt.Errorf("view %q %w: choose another name, or 'vexdesk view remove %s' first", v.Name, ErrExists, v.Name)
		}
		if err != nil {
			return err
		}
		return s.note(ctx, tx, actor, "view "+v.Name, "query", "", v.Query)
	})
}

// RemoveView forgets a saved view.
func (s *Store) RemoveView(ctx context.Context, actor model.Actor, name string) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		var before string
		err := tx.QueryRowContext(ctx, `DELETE FROM views WHERE name = ? RETURNING query`, name).Scan(&before)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("view %q: %w: 'vexdesk view list' shows what there is", name, ErrNotFound)
		}
		if err != nil {
			return err
		}
		return s.note(ctx, tx, actor, "view "+name, "query", before, "")
	})
}
