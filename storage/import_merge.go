package storage

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// errCascades means: rows are to be deleted that others refer to. An import takes
// all ids from joins with the tables that they belong to, and looking each up once
// more was a twentieth of its time, so SQLite checks them in one that merges alone.
var errCascades = errors.New("what refers to a row has to go with it")

// cascade has SQLite keep the foreign keys from the next transaction on, and delete
// what refers to what is deleted.
func (im *Import) cascade(ctx context.Context) error {
	if _, err := im.conn.ExecContext(ctx, `PRAGMA foreign_keys = ON`); err != nil {
		return writeError(err)
	}
	im.cascades = true
	return nil
}

// mergeIssues makes one issue of two that turned out to be one. Nothing is
// lost: ids, ratings, sightings, decisions, tickets and history of the one
// that goes are the one's that stays.
func (c *commit) mergeIssues(keep, drop int64) error {
	var statements []string
	for _, table := range []string{"issue_aliases", "issue_texts", "issue_refs", "issue_cves", "ratings"} {
		statements = append(statements, fmt.Sprintf(`UPDATE OR IGNORE %s SET issue_id = %d WHERE issue_id = %d`, table, keep, drop))
	}
	statements = append(statements,
		fmt.Sprintf(`UPDATE issues SET title = CASE issues.title WHEN '' THEN d.title ELSE issues.title END, epss = max(issues.epss, d.epss),
			epss_percentile = max(issues.epss_percentile, d.epss_percentile), kev = max(issues.kev, d.kev), kev_due = max(issues.kev_due, d.kev_due)
			FROM issues d WHERE d.id = %d AND issues.id = %d`, drop, keep))
	if err := c.exec(statements...); err != nil {
		return err
	}
	if err := c.mergeViolations(keep, drop); err != nil {
		return err
	}
	if err := c.mergeDedupeKeys(keep, drop); err != nil {
		return err
	}
	return c.exec(
		fmt.Sprintf(`UPDATE stage_issues SET id = %d WHERE n < @from AND id = %d`, keep, drop),
		fmt.Sprintf(`UPDATE violations SET issue_id = %d, updated = @now WHERE issue_id = %d`, keep, drop),
		fmt.Sprintf(`DELETE FROM issues WHERE id = %d`, drop),
		fmt.Sprintf(`UPDATE issues SET display = %s WHERE id = %d`, displayOf, keep),
		fmt.Sprintf(`UPDATE issues SET (cvss, cvss_vector) = %s WHERE id = %d AND EXISTS (SELECT 1 FROM ratings r WHERE r.issue_id = issues.id AND r.score IS NOT NULL)`, cvssOf, keep))
}

// newID is the violation that a row of a table passes to.
const newID = `(SELECT new_id FROM stage_twins WHERE old_id = %[1]s.%[2]s) WHERE %[2]s IN (SELECT old_id FROM stage_twins)`

// mergeViolations folds the violations of the dropped issue whose component
// and version have one of the kept issue already.
func (c *commit) mergeViolations(keep, drop int64) error {
	err := c.exec(`DELETE FROM stage_twins`, fmt.Sprintf(`INSERT INTO stage_twins SELECT d.id, k.id FROM violations d JOIN violations k
		ON k.version_id = d.version_id AND k.component_id = d.component_id AND k.issue_id = %d WHERE d.issue_id = %d`, keep, drop))
	if err != nil {
		return err
	}
	if err := c.mergeDecisions(); err != nil {
		return err
	}
	err = c.exec(`INSERT INTO sightings SELECT t.new_id, s.source_id, s.import_id, s.reported_id, s.severity, s.suppressed, s.reason, s.fix, s.applicable, s.detail
		FROM stage_twins t JOIN sightings s ON s.violation_id = t.old_id WHERE true ON CONFLICT DO UPDATE SET severity = ` + worseOf + `,
			reason = CASE WHEN min(suppressed, excluded.suppressed) = 0 THEN '' WHEN reason = '' THEN excluded.reason ELSE reason END,
			suppressed = min(suppressed, excluded.suppressed), fix = CASE fix WHEN '' THEN excluded.fix ELSE fix END,
			import_id = max(import_id, excluded.import_id), applicable = max(applicable, excluded.applicable), detail = merge_details(detail, excluded.detail)`)
	if err != nil {
		return err
	}
	for _, table := range []string{"ticket_links", "reported_matches", "matches", "conflicts", "vex_bases", "resolved_conflicts"} {
		if err := c.exec(fmt.Sprintf(`UPDATE OR IGNORE %[1]s SET %[2]s = `+newID, table, "violation_id")); err != nil {
			return err
		}
	}
	const dropped = `(SELECT d.%s FROM stage_twins t JOIN violations d ON d.id = t.old_id WHERE t.new_id = violations.id)`
	return c.exec(
		fmt.Sprintf(`UPDATE violations SET offer_id = `+newID, "violations", "offer_id"),
		`UPDATE violations SET first_seen = min(first_seen, `+fmt.Sprintf(dropped, "first_seen")+`), offer_id = coalesce(offer_id, `+fmt.Sprintf(dropped, "offer_id")+`),
			lead_ticket_id = (SELECT max(ticket_id) FROM ticket_links l WHERE l.violation_id = violations.id), updated = @now
			WHERE id IN (SELECT new_id FROM stage_twins)`,
		fmt.Sprintf(`UPDATE merged_violations SET new_id = `+newID, "merged_violations", "new_id"),
		`INSERT INTO merged_violations SELECT old_id, new_id FROM stage_twins`,
		`INSERT INTO audit (at, by, source, batch, violation_id, field, before, after)
			SELECT @now, @by, 'import', @batch, new_id, 'merged', CAST(old_id AS TEXT), CAST(new_id AS TEXT) FROM stage_twins`,
		`DELETE FROM violations WHERE id IN (SELECT old_id FROM stage_twins)`,
		`INSERT OR IGNORE INTO stage_touched SELECT new_id FROM stage_twins`)
}

// mergeDecisions keeps the newer of two decisions; what the other one said
// stays in the history.
func (c *commit) mergeDecisions() error {
	const both = `FROM stage_twins t JOIN assessments o ON o.violation_id = t.old_id JOIN assessments k ON k.violation_id = t.new_id`
	return c.exec(
		`INSERT INTO audit (at, by, source, batch, violation_id, field, before, after)
			SELECT @now, @by, 'import', @batch, t.new_id, 'status', CASE WHEN o.updated > k.updated THEN k.status ELSE o.status END,
				CASE WHEN o.updated > k.updated THEN o.status ELSE k.status END `+both+` WHERE o.status <> k.status`,
		`DELETE FROM assessments WHERE violation_id IN (SELECT t.new_id `+both+` WHERE o.updated > k.updated)`,
		fmt.Sprintf(`UPDATE OR IGNORE assessments SET violation_id = `+newID, "assessments", "violation_id"),
		`UPDATE violations SET vex_status = coalesce((SELECT `+statusNumber("a.status")+` FROM assessments a WHERE a.violation_id = violations.id), 0)
			WHERE id IN (SELECT new_id FROM stage_twins)`)
}

// mergeDedupeKeys rewrites the keys of the dropped issue's tickets. Where the
// kept issue's ticket holds the new key already, the older of the two keeps it
// and the newer keeps its links (ruling 10).
func (c *commit) mergeDedupeKeys(keep, drop int64) error {
	rows, err := c.QueryContext(c.ctx, `SELECT id, dedupe_key FROM tickets WHERE living = 1 AND dedupe_key LIKE '%/' || ? || '%' ORDER BY id`, drop)
	if err != nil {
		return err
	}
	type ticket struct {
		id  int64
		key string
	}
	var all []ticket
	for rows.Next() {
		var t ticket
		if err := rows.Scan(&t.id, &t.key); err != nil {
			rows.Close() //nolint:errcheck // the scan's error counts
			return err
		}
		if key, ok := replaceIssue(t.key, drop, keep); ok {
			all = append(all, ticket{t.id, key})
		}
	}
	rows.Close() //nolint:errcheck // checked by Err
	if err := rows.Err(); err != nil {
		return err
	}
	for _, t := range all {
		for _, statement := range []string{
			`UPDATE tickets SET dedupe_key = '' WHERE dedupe_key = ?1 AND living = 1 AND id > ?2
				AND (connection_id, project) = (SELECT connection_id, project FROM tickets WHERE id = ?2)`,
			`UPDATE OR IGNORE tickets SET dedupe_key = ?1 WHERE id = ?2`,
			`UPDATE tickets SET dedupe_key = '' WHERE id = ?2 AND dedupe_key <> ?1`,
		} {
			if _, err := c.ExecContext(c.ctx, statement, t.key, t.id); err != nil {
				return err
			}
		}
	}
	return nil
}

// replaceIssue rewrites the issue in a dedupe key (model.DedupeKey).
func replaceIssue(key string, from, to int64) (string, bool) {
	place := map[string]int{"vuln": 2, "any": 2, "one": 3}
	parts := strings.SplitN(key, "/", 5)
	i, ok := place[parts[0]]
	if !ok || i >= len(parts) || parts[i] != fmt.Sprint(from) {
		return key, false
	}
	parts[i] = fmt.Sprint(to)
	return strings.Join(parts, "/"), true
}
