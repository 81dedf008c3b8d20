package storage

import (
	"context"
	"database/sql"
	"fmt"

	"example.com/vexdesk/model"
)

// place finds or makes the product, the version, the source and this run of
// it. A version that will be current is so at once; those that it follows stay
// so until all of it is there (takeVersions).
func (c *commit) place(report *model.Report, o ImportOptions) error {
	product := cut(firstOf(model.Clean(o.Product), model.Clean(report.Product)), 200)
	version := cut(firstOf(model.Clean(o.Version), model.Clean(report.Version), Unversioned), 200)
	if product == "" {
		return fmt.Errorf("%w: name its product with --product (and --version)", ErrNoProduct)
	}
	resource := cut(model.Clean(firstOf(o.Resource, report.Resource)), 60)
	err := c.QueryRowContext(c.ctx, `INSERT INTO products (name, resource, created_at) VALUES (?1, ?2, ?3)
		ON CONFLICT (name) DO UPDATE SET resource = CASE WHEN ?2 <> '' THEN ?2 ELSE resource END RETURNING id, name`,
		product, resource, c.now).Scan(&c.product, &c.result.Product)
	if err != nil {
		return err
	}
	filled, err := c.one(`SELECT EXISTS (SELECT 1 FROM imports m JOIN sources o ON o.id = m.source_id JOIN versions r ON r.id = o.version_id
		WHERE m.staged <> '' AND r.product_id = @product)`)
	if err == nil && filled == 1 {
		err = errTurn // another import fills the product
	}
	if err != nil {
		return err
	}
	c.result.Version = version
	err = c.QueryRowContext(c.ctx, `INSERT INTO versions (product_id, name, first_import, last_import) VALUES (?1, ?2, ?3, ?3)
		ON CONFLICT (product_id, name) DO UPDATE SET last_import = ?3 RETURNING id`, c.product, version, c.now).Scan(&c.version)
	if err != nil {
		return err
	}
	err = c.QueryRowContext(c.ctx, `INSERT INTO sources (version_id, format, scanner, artifact) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT (version_id, format, scanner, artifact) DO UPDATE SET format = ?2 RETURNING id`,
		c.version, cut(model.Clean(report.Format), 60), cut(model.Clean(report.Scanner), 200), cut(model.Clean(report.Artifact), 500)).Scan(&c.source)
	if err != nil {
		return err
	}
	err = c.QueryRowContext(c.ctx, `INSERT INTO imports (source_id, file, at, by, entries, findings) VALUES (?, ?, ?, ?, ?, ?) RETURNING id`,
		c.source, cut(model.Clean(o.File), 500), c.now, c.actor.Name, report.Entries, c.result.Findings).Scan(&c.run)
	if err != nil {
		return err
	}
	_, err = c.run1(`UPDATE versions SET current = 1 WHERE id = @version AND id IN (` + currentVersions + `)`)
	return err
}

// currentVersions are the current versions of @product: the pinned ones, else
// the one whose first import is the latest (ruling 4).
const currentVersions = `SELECT id FROM versions WHERE product_id = @product AND pinned = 1
	UNION SELECT id FROM (SELECT id FROM versions WHERE product_id = @product ORDER BY first_import DESC, id DESC LIMIT 1)
		WHERE NOT EXISTS (SELECT 1 FROM versions WHERE product_id = @product AND pinned = 1)`

const settleVersions = `UPDATE versions SET current = id IN (` + currentVersions + `) WHERE product_id = @product`

// settleCurrent marks the current versions of a product, and their violations.
func settleCurrent(ctx context.Context, tx *sql.Tx, product, now int64) error {
	if _, err := tx.ExecContext(ctx, settleVersions, sql.Named("product", product)); err != nil {
		return err
	}
	_, err := tx.ExecContext(ctx, `UPDATE violations SET current = 1 - current, updated = ?2 WHERE version_id IN (SELECT id FROM versions WHERE product_id = ?1)
		AND current <> (SELECT r.current FROM versions r WHERE r.id = violations.version_id)`, product, now)
	return err
}

// versionKey is a violation's place in its version.
type versionKey struct{ version, issue, component int64 }

// takeVersions is settleCurrent in portions. The tallies know which versions
// hold what is to be changed.
func (c *commit) takeVersions(room int) (int, bool, error) {
	if c.flip.issue == 0 {
		if err := c.exec(settleVersions); err != nil {
			return 0, false, err
		}
		version, err := c.one(fmt.Sprintf(`SELECT coalesce(min(t.version_id), 0) FROM versions r CROSS JOIN tallies t ON t.version_id = r.id AND t.current <> r.current AND t.n > 0
			WHERE r.product_id = @product AND r.id > %d`, c.flip.version))
		if err != nil || version == 0 {
			return 0, false, err
		}
		c.flip = versionKey{version, -1, -1}
	}
	res, err := c.ExecContext(c.ctx, `INSERT INTO stage_moved SELECT id, version_id, issue_id, component_id FROM violations
		WHERE version_id = ? AND (issue_id, component_id) > (?, ?) ORDER BY issue_id, component_id LIMIT ?`, c.flip.version, c.flip.issue, c.flip.component, room)
	if err != nil {
		return 0, false, err
	}
	moved, err := res.RowsAffected()
	if err == nil && int(moved) == room {
		err = c.QueryRowContext(c.ctx, `SELECT issue_id, component_id FROM stage_moved WHERE version_id = ? ORDER BY issue_id DESC, component_id DESC LIMIT 1`,
			c.flip.version).Scan(&c.flip.issue, &c.flip.component)
	} else {
		c.flip.issue = 0 // the next version
	}
	if err != nil {
		return 0, false, err
	}
	return int(moved), true, c.exec(`UPDATE violations SET current = 1 - current, updated = @now WHERE id IN (SELECT violation_id FROM stage_moved)
		AND current <> (SELECT r.current FROM versions r WHERE r.id = violations.version_id)`)
}

// takeComponents gives staged components their rows. What is known of a
// component stays; licences are renewed.
func (c *commit) takeComponents(room int) (int, bool, error) {
	c.from, c.to = int64(c.components), int64(min(c.components+2*room, c.im.counts.components))
	if c.from == c.to {
		return 0, false, nil
	}
	base, err := c.one(`SELECT coalesce(max(id), 0) + 1 - @from FROM components`)
	if err != nil {
		return 0, false, err
	}
	err = c.exec(`UPDATE stage_components SET id = (SELECT id FROM components WHERE components.key = stage_components.key) WHERE n >= @from AND n < @to`,
		`UPDATE components SET purl = CASE components.purl WHEN '' THEN s.purl ELSE components.purl END,
				licenses = CASE s.licenses WHEN '[]' THEN components.licenses ELSE s.licenses END
			FROM stage_components s WHERE s.n >= @from AND s.n < @to AND components.id = s.id
				AND (components.purl = '' AND s.purl <> '' OR s.licenses <> '[]' AND s.licenses <> components.licenses)`,
		fmt.Sprintf(`INSERT OR FAIL INTO components (id, key, coordinate, type, name, version, purl, licenses)
			SELECT %d + n, key, coordinate, type, name, version, purl, licenses FROM stage_components WHERE n >= @from AND n < @to AND id IS NULL ORDER BY n`, base),
		fmt.Sprintf(`UPDATE stage_components SET id = %d + n WHERE n >= @from AND n < @to AND id IS NULL`, base),
		recordRisks)
	if err == nil {
		err = c.recordPlaces()
	}
	c.components = int(c.to)
	return int(c.to-c.from+1) / 2, c.components < c.im.counts.components, err
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
