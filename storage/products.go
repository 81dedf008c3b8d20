package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

// Products lists the products by name, each with its versions, the newest
// first.
func (s *Store) Products(ctx context.Context) ([]model.Product, error) {
	return s.productsWhere(ctx, ``)
}

// Product finds a product by name.
func (s *Store) Product(ctx context.Context, name string) (model.Product, error) {
	all, err := s.productsWhere(ctx, ` WHERE p.name = ?`, name)
	if err != nil {
		return model.Product{}, err
	}
	if len(all) == 0 {
		return model.Product{}, noSuchProduct(ctx, s.read, name)
	}
	return all[0], nil
}

// noSuchProduct names the products that may have been meant.
func noSuchProduct(ctx context.Context, q queryer, name string) error {
	names, err := strs(ctx, q, `SELECT name FROM products ORDER BY name`)
	if err != nil {
		return err
	}
	return fmt.Errorf("product %q: %w: %s'vexdesk product list' shows what there is", name, ErrNotFound, didYouMean(name, names))
}

// noSuchVersion names the versions that may have been meant.
func noSuchVersion(ctx context.Context, q queryer, name, product string) error {
	names, err := strs(ctx, q, `SELECT r.name FROM versions r JOIN products p ON p.id = r.product_id WHERE p.name = ? ORDER BY r.name`, product)
	if err != nil {
		return err
	}
	return fmt.Errorf("version %q of %s: %w: %s'vexdesk product show' lists its versions", name, product, ErrNotFound, didYouMean(name, names))
}

// didYouMean asks for what resembles a name, "" where nothing does.
func didYouMean(name string, names []string) string {
	near := query.Nearest(name, names)
	if len(near) == 0 {
		return ""
	}
	for i := range near {
		near[i] = strconv.Quote(near[i])
	}
	return "did you mean " + strings.Join(near, " or ") + "? "
}

func (s *Store) productsWhere(ctx context.Context, condition string, args ...any) ([]model.Product, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+productColumns+` FROM products p`+condition+` ORDER BY p.name`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []model.Product
	at := map[int64]int{}
	for rows.Next() {
		var p model.Product
		if err := rows.Scan(&p.ID, &p.Name, &p.Resource, &p.Profile, &p.Project, &p.IssueType, &p.Assignee, &p.Reporter, &p.Epic, &p.Sync, &p.PushNotes, &p.Revision); err != nil {
			return nil, err
		}
		at[p.ID] = len(out)
		out = append(out, p)
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	versions, err := s.read.QueryContext(ctx, `SELECT r.product_id, r.id, r.name, r.current,
			coalesce(o.n, 0)
		FROM versions r JOIN products p ON p.id = r.product_id
		LEFT JOIN (SELECT version_id, sum(n) AS n FROM tallies WHERE state = 0 GROUP BY version_id) o ON o.version_id = r.id`+condition+` ORDER BY r.first_import DESC, r.id DESC`, args...)
	if err != nil {
		return nil, err
	}
	defer versions.Close() //nolint:errcheck // checked by Err
	for versions.Next() {
		var product int64
		var v model.ProductVersion
		if err := versions.Scan(&product, &v.ID, &v.Name, &v.Current, &v.Open); err != nil {
			return nil, err
		}
		if i, ok := at[product]; ok {
			out[i].Versions = append(out[i].Versions, v)
		}
	}
	return out, versions.Err()
}

// ProductChange changes the settings of a product (I4). What is nil stays; an
// empty text goes back to what the profile says.
type ProductChange struct {
	Profile, Project, IssueType, Assignee, Reporter, Epic *string
	// Current names the current versions; an empty list that is not nil goes
	// back to the one whose first import is the latest (ruling 4).
	Current []string
	// Sync keeps VEX decisions and tickets in step, PushNotes lets internal notes
	// go to Jira (I12, rulings 24, 25).
	Sync, PushNotes *bool
	// Revision is that of the product which the change is made to; 0: whatever
	// there is.
	Revision int64
}

// SetProduct changes the settings of a product and returns them. A *ChangedError
// means that the product is not in the change's revision any more.
func (s *Store) SetProduct(ctx context.Context, actor model.Actor, name string, change ProductChange) (model.Product, error) {
	err := s.update(ctx, func(tx *sql.Tx) error {
		p, err := s.product(ctx, tx, `WHERE p.name = ?`, name)
		if errors.Is(err, sql.ErrNoRows) {
			return noSuchProduct(ctx, tx, name)
		}
		if err != nil {
			return err
		}
		if err := s.seen(ctx, tx, "product", p.Name, change.Revision, p.Revision); err != nil {
			return err
		}
		if err := s.setProfile(ctx, tx, actor, p, change.Profile); err != nil {
			return err
		}
		for _, c := range []struct {
			column, before string
			after          *string
		}{
			{"project", p.Project, change.Project}, {"issue_type", p.IssueType, change.IssueType},
			{"assignee", p.Assignee, change.Assignee}, {"reporter", p.Reporter, change.Reporter}, {"epic", p.Epic, change.Epic},
		} {
			if c.after == nil || *c.after == c.before {
				continue
			}
			after := cut(model.Clean(*c.after), 200)
			if _, err := tx.ExecContext(ctx, `UPDATE products SET `+c.column+` = ? WHERE id = ?`, after, p.ID); err != nil {
				return err
			}
			if err := s.note(ctx, tx, actor, "product "+p.Name, strings.ReplaceAll(c.column, "_", " "), c.before, after); err != nil {
				return err
			}
		}
		if err := s.setSwitches(ctx, tx, actor, p, change); err != nil {
			return err
		}
		return s.pin(ctx, tx, actor, p, change.Current)
	})
	if err != nil {
		return model.Product{}, err
	}
	return s.Product(ctx, name)
}

func (s *Store) setProfile(ctx context.Context, tx *sql.Tx, actor model.Actor, p model.Product, after *string) error {
	if after == nil || strings.EqualFold(*after, p.Profile) {
		return nil
	}
	var id any
	if *after != "" {
		found, err := profiles(ctx, tx, ` WHERE f.name = ?`, *after)
		if err != nil {
			return err
		}
		if len(found) == 0 {
			return fmt.Errorf("profile %q: %w: 'vexdesk profile list' shows what there is", *after, ErrNotFound)
		}
		id = found[0].ID
	}
	if _, err := tx.ExecContext(ctx, `UPDATE products SET profile_id = ? WHERE id = ?`, id, p.ID); err != nil {
		return err
	}
	return s.note(ctx, tx, actor, "product "+p.Name, "profile", p.Profile, *after)
}

// pin makes the named versions the current ones.
func (s *Store) pin(ctx context.Context, tx *sql.Tx, actor model.Actor, p model.Product, names []string) error {
	if names == nil {
		return nil
	}
	before, err := strs(ctx, tx, `SELECT name FROM versions WHERE product_id = ? AND current = 1 ORDER BY id`, p.ID)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `UPDATE versions SET pinned = 0 WHERE product_id = ?`, p.ID); err != nil {
		return err
	}
	for _, name := range names {
		res, err := tx.ExecContext(ctx, `UPDATE versions SET pinned = 1 WHERE product_id = ? AND name = ?`, p.ID, name)
		if err != nil {
			return err
		}
		switch n, err := res.RowsAffected(); {
		case err != nil:
			return err
		case n == 0:
			return noSuchVersion(ctx, tx, name, p.Name)
		}
	}
	now := s.now()
	if err := settleCurrent(ctx, tx, p.ID, now.UnixMilli()); err != nil {
		return err
	}
	if err := evaluateProduct(ctx, tx, now, actor, p.ID); err != nil {
		return err
	}
	return s.note(ctx, tx, actor, "product "+p.Name, "current versions", strings.Join(before, ", "), strings.Join(names, ", "))
}
