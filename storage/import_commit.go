package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
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
	tx, err := im.conn.BeginTx(ctx, nil)
	if err != nil {
		return ImportResult{}, writeError(err)
	}
	earlier, err := json.Marshal(append([]int64{}, o.Earlier...))
	if err != nil {
		return ImportResult{}, errors.Join(err, ignoreDone(tx.Rollback()))
	}
	c := &commit{earlier: string(earlier), Tx: tx, ctx: ctx, im: im, now: im.store.millis(), actor: o.Actor, batch: uuid.NewString()}
	for _, step := range []func() error{
		func() error { return c.place(report, o) },
		c.resolveIssues, c.describeIssues, c.resolveComponents, c.gatherRows,
		c.insertViolations, c.recordSightings, c.settleStates, c.recordMatches,
		c.applyAnalyses, c.carryOver, c.linkLivingTickets, c.count,
	} {
		if err := step(); err != nil {
			return ImportResult{}, errors.Join(writeError(err), ignoreDone(tx.Rollback()))
		}
	}
	if err := tx.Commit(); err != nil {
		return ImportResult{}, writeError(err)
	}
	c.result.Entries, c.result.Run = report.Entries, c.run
	im.store.bell.ring()
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
		sql.Named("earlier", c.earlier))
	if err != nil {
		return 0, fmt.Errorf("%w in: %.120s", err, statement)
	}
	n, err := res.RowsAffected()
	return int(n), err
}

func (c *commit) one(query string) (n int64, err error) {
	err = c.QueryRowContext(c.ctx, query,
		sql.Named("version", c.version), sql.Named("product", c.product), sql.Named("source", c.source), sql.Named("run", c.run)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("%w in: %.120s", err, query)
	}
	return n, nil
}

// place finds or makes the product, the version, the source and this run of
// it, and settles which version is current (ruling 4).
func (c *commit) place(report *model.Report, o ImportOptions) error {
	product := cut(model.Clean(firstOf(o.Product, report.Product)), 200)
	version := cut(model.Clean(firstOf(o.Version, report.Version, Unversioned)), 200)
	if product == "" {
		return fmt.Errorf("%w: name its product with --product (and --version)", ErrNoProduct)
	}
	resource := firstOf(o.Resource, report.Resource)
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
		c.version, report.Format, model.Clean(report.Scanner), cut(model.Clean(report.Artifact), 500)).Scan(&c.source)
	if err != nil {
		return err
	}
	err = c.QueryRowContext(c.ctx, `INSERT INTO imports (source_id, file, at, by, entries, findings) VALUES (?, ?, ?, ?, ?, 0) RETURNING id`,
		c.source, cut(model.Clean(o.File), 500), c.now, c.actor.Name, report.Entries).Scan(&c.run)
	if err != nil {
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
	_, err = tx.ExecContext(ctx, `UPDATE violations SET current = 1 - current, updated = ?2 WHERE product_id = ?1
		AND current <> (SELECT r.current FROM versions r WHERE r.id = violations.version_id)`, product, now)
	return err
}

// resolveComponents gives every staged component its row.
func (c *commit) resolveComponents() error {
	return c.exec(
		`INSERT INTO components (key, coordinate, type, name, version, purl, licenses)
			SELECT key, coordinate, type, name, version, purl, licenses FROM stage_components WHERE true ORDER BY n
			ON CONFLICT (key) DO UPDATE SET
				purl = CASE components.purl WHEN '' THEN excluded.purl ELSE components.purl END,
				licenses = CASE excluded.licenses WHEN '[]' THEN components.licenses ELSE excluded.licenses END
			WHERE components.purl = '' AND excluded.purl <> '' OR excluded.licenses <> '[]' AND excluded.licenses <> components.licenses`,
		`UPDATE stage_components SET id = (SELECT id FROM components WHERE components.key = stage_components.key)`)
}

// gatherRows brings the findings to the grain of violations: two issues of the
// report that are one, and two spellings of a component, fall together.
func (c *commit) gatherRows() error {
	return c.exec(
		`INSERT INTO stage_rows SELECT i.id, k.id, f.type, f.severity, f.suppressed, f.reason, f.fix, f.applicable, f.detail, f.analysis, i.identity, NULL, NULL
			FROM stage_findings f JOIN stage_issues i ON i.n = f.issue JOIN stage_components k ON k.n = f.component WHERE true
			ON CONFLICT DO UPDATE SET severity = `+worseOf+`, suppressed = min(suppressed, excluded.suppressed),
				fix = CASE fix WHEN '' THEN excluded.fix ELSE fix END, applicable = max(applicable, excluded.applicable),
				analysis = CASE analysis WHEN '' THEN excluded.analysis ELSE analysis END`,
		`UPDATE stage_rows SET (violation_id, was) = (SELECT id, state FROM violations v
			WHERE v.version_id = @version AND v.issue_id = stage_rows.issue_id AND v.component_id = stage_rows.component_id)
			WHERE EXISTS (SELECT 1 FROM violations WHERE version_id = @version)`)
}

// insertViolations makes the rows that are new.
func (c *commit) insertViolations() (err error) {
	c.result.New, err = c.run1(`INSERT INTO violations
		(type, issue_id, component_id, version_id, product_id, current, state, severity, applicable, fix, ignored_by, ignore_reason, first_seen, updated)
		SELECT type, issue_id, component_id, @version, @product, (SELECT current FROM versions WHERE id = @version),
			CASE suppressed WHEN 1 THEN 2 ELSE 0 END, severity, applicable, fix,
			CASE suppressed WHEN 1 THEN 'report' ELSE '' END, CASE suppressed WHEN 1 THEN reason ELSE '' END, @now, @now
		FROM stage_rows WHERE violation_id IS NULL ORDER BY issue_id, component_id`)
	if err != nil {
		return err
	}
	return c.exec(`UPDATE stage_rows SET violation_id = (SELECT id FROM violations v
		WHERE v.version_id = @version AND v.issue_id = stage_rows.issue_id AND v.component_id = stage_rows.component_id)
		WHERE violation_id IS NULL`)
}

// recordSightings replaces this source's sightings and gathers what it no
// longer shows.
func (c *commit) recordSightings() error {
	return c.exec(
		`INSERT INTO sightings (violation_id, source_id, import_id, reported_id, severity, suppressed, reason, fix, detail)
			SELECT violation_id, @source, @run, reported_id, severity, suppressed, reason, fix, detail FROM stage_rows WHERE true ORDER BY violation_id
			ON CONFLICT (violation_id, source_id) DO UPDATE SET import_id = excluded.import_id, reported_id = excluded.reported_id,
				severity = excluded.severity, suppressed = excluded.suppressed, reason = excluded.reason, fix = excluded.fix, detail = excluded.detail`,
		`INSERT INTO stage_gone (violation_id) SELECT violation_id FROM sightings WHERE source_id = @source AND import_id <> @run
			AND import_id NOT IN (SELECT value FROM json_each(@earlier))`,
		`DELETE FROM sightings WHERE source_id = @source AND import_id <> @run AND import_id NOT IN (SELECT value FROM json_each(@earlier))`)
}

// settleStates derives state, severity and fix of what existed before from
// the sightings that are left, and writes what changed to the audit.
func (c *commit) settleStates() (err error) {
	err = c.exec(
		`CREATE TEMP TABLE IF NOT EXISTS stage_settled (violation_id INTEGER PRIMARY KEY, old_state INTEGER, state INTEGER,
			old_severity INTEGER, severity INTEGER, fix TEXT, reason TEXT)`,
		`INSERT INTO stage_settled
			SELECT v.id, v.state,
				CASE WHEN s.violation_id IS NULL THEN 1 WHEN min(s.suppressed) = 1 THEN 2
					WHEN v.state = 2 AND v.ignored_by <> 'report' THEN 2 ELSE 0 END,
				v.severity,
				CASE WHEN s.violation_id IS NULL THEN v.severity
					ELSE coalesce(min(CASE s.severity WHEN 4 THEN NULL ELSE s.severity END), 4) END,
				coalesce(max(s.fix), v.fix), coalesce(max(s.reason), '')
			FROM (SELECT violation_id FROM stage_rows WHERE was IS NOT NULL UNION SELECT violation_id FROM stage_gone) touched
			JOIN violations v ON v.id = touched.violation_id
			LEFT JOIN sightings s ON s.violation_id = v.id
			GROUP BY v.id`)
	if err != nil {
		return err
	}
	resolved, err := c.one(`SELECT count(*) FROM stage_settled WHERE state = 1 AND old_state <> 1`)
	if err != nil {
		return err
	}
	reopened, err := c.one(`SELECT count(*) FROM stage_settled WHERE state <> 1 AND old_state = 1`)
	if err != nil {
		return err
	}
	c.result.Resolved, c.result.Reopened = int(resolved), int(reopened)
	const word = `CASE %s WHEN 0 THEN 'open' WHEN 1 THEN 'resolved' ELSE 'ignored' END`
	const level = `CASE %s WHEN 0 THEN 'critical' WHEN 1 THEN 'high' WHEN 2 THEN 'medium' WHEN 3 THEN 'low' WHEN 4 THEN 'unknown' ELSE 'info' END`
	err = c.exec(
		`INSERT INTO audit (at, by, source, batch, violation_id, field, before, after)
			SELECT @now, @by, 'import', @batch, violation_id, 'state', `+fmt.Sprintf(word, "old_state")+`, `+fmt.Sprintf(word, "state")+`
			FROM stage_settled WHERE state <> old_state`,
		`INSERT INTO audit (at, by, source, batch, violation_id, field, before, after)
			SELECT @now, @by, 'import', @batch, violation_id, 'severity', `+fmt.Sprintf(level, "old_severity")+`, `+fmt.Sprintf(level, "severity")+`
			FROM stage_settled WHERE severity <> old_severity`)
	if err != nil {
		return err
	}
	changed, err := c.run1(`UPDATE violations SET state = s.state, severity = s.severity, fix = s.fix, updated = @now,
			ignored_by = CASE WHEN s.state <> 2 THEN '' WHEN violations.state = 2 THEN violations.ignored_by ELSE 'report' END,
			ignore_reason = CASE WHEN s.state <> 2 THEN '' WHEN violations.state = 2 AND violations.ignored_by <> 'report' THEN violations.ignore_reason ELSE s.reason END
		FROM stage_settled s WHERE violations.id = s.violation_id
			AND (violations.state <> s.state OR violations.severity <> s.severity OR violations.fix <> s.fix)`)
	c.result.Updated = changed - c.result.Resolved - c.result.Reopened
	if err != nil {
		return err
	}
	return c.exec(`UPDATE violations SET applicable = r.applicable FROM stage_rows r
		WHERE violations.id = r.violation_id AND r.was IS NOT NULL AND violations.applicable <> r.applicable`)
}

// recordMatches keeps the watches and policies that the report names.
func (c *commit) recordMatches() error {
	return c.exec(
		`DELETE FROM reported_matches WHERE violation_id IN (SELECT violation_id FROM stage_rows WHERE was IS NOT NULL)`,
		`INSERT OR IGNORE INTO reported_matches (violation_id, kind, name)
			SELECT r.violation_id, m.kind, m.name FROM stage_matches m JOIN stage_issues i ON i.n = m.issue
			JOIN stage_components k ON k.n = m.component JOIN stage_rows r ON r.issue_id = i.id AND r.component_id = k.id`)
}

// count fills the rest of the result (ruling 2).
func (c *commit) count() error {
	findings, err := c.one(`SELECT count(*) FROM (SELECT DISTINCT i.identity, k.name, k.version FROM stage_findings f
		JOIN stage_issues i ON i.n = f.issue JOIN stage_components k ON k.n = f.component WHERE f.type = 0 AND f.suppressed = 0)`)
	if err != nil {
		return err
	}
	c.result.Findings = int(findings)
	rows, err := c.QueryContext(c.ctx, `SELECT v.type, v.state, count(*) FROM stage_rows r JOIN violations v ON v.id = r.violation_id GROUP BY 1, 2`)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	for rows.Next() {
		var kind model.ViolationType
		var state model.State
		var n int
		if err := rows.Scan(&kind, &state, &n); err != nil {
			return err
		}
		switch {
		case state == model.Ignored:
			c.result.Ignored += n
		case kind == model.Security:
			c.result.Violations += n
		case kind == model.License:
			c.result.Licenses += n
		default:
			c.result.OperationalRisks += n
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	_, err = c.ExecContext(c.ctx, `UPDATE imports SET findings = ? WHERE id = ?`, c.result.Findings, c.run)
	return err
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
