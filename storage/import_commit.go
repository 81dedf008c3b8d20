package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"example.com/vexdesk/model"
)

// commit moves one staged report into the workspace.
type commit struct {
	*sql.Tx
	ctx   context.Context
	im    *Import
	now   int64
	actor model.Actor
	batch string
	// earlier is a JSON list for json_each.
	earlier string
	result  ImportResult

	product, version, source, run int64
	// base is the highest id that a violation had before: what is above it is
	// new by this import.
	base int64
}

// Commit takes the staged report into the workspace. The report's own
// artifact name and tag are its product and version unless the options say
// otherwise (ruling 5). The import replaces its own source's sightings in that
// version, resolves what no source shows any more, reopens what is back, and
// keeps what was decided (rulings 1, 7).
func (im *Import) Commit(ctx context.Context, report *model.Report, o ImportOptions) (ImportResult, error) {
	for _, b := range im.staged {
		if err := b.flush(ctx); err != nil {
			return ImportResult{}, err
		}
	}
	// All that needs the report alone is done before anybody has to wait.
	findings, err := im.findings(ctx, report.Findings)
	if err == nil {
		err = im.markRoots(ctx)
	}
	if err == nil {
		_, err = im.conn.ExecContext(ctx, `COMMIT`)
	}
	im.forget()
	if err != nil {
		return ImportResult{}, writeError(err)
	}
	earlier, err := json.Marshal(append([]int64{}, o.Earlier...))
	if err != nil {
		return ImportResult{}, err
	}
	c := &commit{earlier: string(earlier), ctx: ctx, im: im, actor: o.Actor, batch: uuid.NewString()}
	err = im.store.change(ctx, im.conn, func(tx *sql.Tx) error {
		c.Tx, c.now, c.result = tx, im.store.millis(), ImportResult{Findings: findings}
		for _, step := range []func() error{
			func() error { return c.place(report, o) },
			c.resolveIssues, c.describeIssues, c.enrichIssues, c.resolveComponents, c.recordRisks, c.foldFindings,
			c.insertViolations, c.recordSightings, c.settleStates, c.recordMatches,
			c.applyAnalyses, c.carryOver, c.linkLivingTickets, c.markStale, c.evaluate,
			c.count,
		} {
			if err := step(); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return ImportResult{}, err
	}
	c.result.Entries, c.result.Run = report.Entries, c.run
	return c.result, nil
}

// exec runs statements in order with the same arguments by name.
func (c *commit) exec(statements ...string) error {
	for _, statement := range statements {
		if _, err := c.run1(statement); err != nil {
			return err
		}
	}
	return nil
}

// run1 runs one statement and returns how many rows it changed.
func (c *commit) run1(statement string) (int, error) {
	res, err := c.ExecContext(c.ctx, statement,
		sql.Named("version", c.version), sql.Named("product", c.product), sql.Named("source", c.source),
		sql.Named("run", c.run), sql.Named("now", c.now), sql.Named("by", c.actor.Name), sql.Named("batch", c.batch),
		sql.Named("earlier", c.earlier), sql.Named("base", c.base))
	if err != nil {
		return 0, fmt.Errorf("%w in: %.120s", err, statement)
	}
	n, err := res.RowsAffected()
	return int(n), err
}

func (c *commit) one(query string) (n int64, err error) {
	err = c.QueryRowContext(c.ctx, query,
		sql.Named("version", c.version), sql.Named("product", c.product), sql.Named("source", c.source), sql.Named("run", c.run), sql.Named("base", c.base)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("%w in: %.120s", err, query)
	}
	return n, nil
}

// place finds or makes the product, the version, the source and this run of
// it, and settles which version is current (ruling 4).
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
	if c.base, err = c.one(`SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'violations'), 0)`); err != nil {
		return err
	}
	return settleCurrent(c.ctx, c.Tx, c.product, c.now)
}

// settleCurrent marks the current versions of a product: the pinned ones,
// else the one whose first import is the latest (ruling 4).
func settleCurrent(ctx context.Context, tx *sql.Tx, product, now int64) error {
	_, err := tx.ExecContext(ctx, `UPDATE versions SET current = id IN (
		SELECT id FROM versions WHERE product_id = ?1 AND pinned = 1
		UNION SELECT id FROM (SELECT id FROM versions WHERE product_id = ?1 ORDER BY first_import DESC, id DESC LIMIT 1)
			WHERE NOT EXISTS (SELECT 1 FROM versions WHERE product_id = ?1 AND pinned = 1)) WHERE product_id = ?1`, product)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE violations SET current = 1 - current, updated = ?2 WHERE version_id IN (SELECT id FROM versions WHERE product_id = ?1)
		AND current <> (SELECT r.current FROM versions r WHERE r.id = violations.version_id)`, product, now)
	return err
}

// resolveComponents gives every staged component its row. What is known of a
// component stays; licences are renewed.
func (c *commit) resolveComponents() error {
	base, err := c.one(`SELECT coalesce(max(id), 0) + 1 FROM components`)
	if err != nil {
		return err
	}
	if base > 1 {
		err := c.exec(`UPDATE stage_components SET id = (SELECT id FROM components WHERE components.key = stage_components.key)`,
			`UPDATE components SET purl = CASE components.purl WHEN '' THEN s.purl ELSE components.purl END,
					licenses = CASE s.licenses WHEN '[]' THEN components.licenses ELSE s.licenses END
				FROM stage_components s WHERE components.id = s.id
					AND (components.purl = '' AND s.purl <> '' OR s.licenses <> '[]' AND s.licenses <> components.licenses)`)
		if err != nil {
			return err
		}
	}
	return c.loading("components", c.im.counts.components, func() error {
		return c.exec(
			fmt.Sprintf(`INSERT INTO components (id, key, coordinate, type, name, version, purl, licenses)
				SELECT %d + n, key, coordinate, type, name, version, purl, licenses FROM stage_components WHERE id IS NULL ORDER BY n`, base),
			fmt.Sprintf(`UPDATE stage_components SET id = %d + n WHERE id IS NULL`, base))
	})
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
