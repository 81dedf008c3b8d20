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
	v = cleanView(v)
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

// SetView puts a view in place of the one of that name, or adds it where name
// is empty, as the place-th of all (1 is the first; beyond the last means the
// last). Its query and order were checked by whoever made it.
func (s *Store) SetView(ctx context.Context, actor model.Actor, name string, v model.View, place int) error {
	v = cleanView(v)
	return s.update(ctx, func(tx *sql.Tx) error {
		var id int64
		var before string
		var err error
		if name == "" {
			err = tx.QueryRowContext(ctx, `INSERT INTO views (name, query, sort, position) VALUES (?, ?, ?, 0) RETURNING id`, v.Name, v.Query, v.Sort).Scan(&id)
		} else {
			err = tx.QueryRowContext(ctx, `SELECT id, query FROM views WHERE name = ?`, name).Scan(&id, &before)
			if err == nil {
				_, err = tx.ExecContext(ctx, `UPDATE views SET name = ?, query = ?, sort = ? WHERE id = ?`, v.Name, v.Query, v.Sort, id)
			}
		}
		switch {
		case isUnique(err):
			return fmt.Errorf("view %q %w: choose another name", v.Name, ErrExists)
		case errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("view %q: %w: it was removed meanwhile", name, ErrNotFound)
		case err != nil:
			return err
		}
		if err := placeView(ctx, tx, id, place); err != nil {
			return err
		}
		return s.note(ctx, tx, actor, "view "+v.Name, "query", before, v.Query)
	})
}

func cleanView(v model.View) model.View {
	return model.View{Name: cut(model.Clean(v.Name), 200), Query: model.Clean(v.Query), Sort: model.Clean(v.Sort)}
}

// placeView numbers all views anew, one of them at its place.
func placeView(ctx context.Context, tx *sql.Tx, id int64, place int) error {
	_, err := tx.ExecContext(ctx, `UPDATE views SET position = r.place FROM
		(SELECT id, row_number() OVER (ORDER BY CASE id WHEN ?1 THEN ?2 - 0.5 ELSE n END) AS place FROM
			(SELECT id, row_number() OVER (ORDER BY position, id) AS n FROM views WHERE id <> ?1 UNION ALL SELECT ?1, 0)) r
		WHERE views.id = r.id`, id, place)
	return err
}
