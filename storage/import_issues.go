package storage

import (
	"fmt"
	"strings"
)

// resolveIssues gives every staged issue its row: the one that shares an
// alias, or a new one. Where the report shows that two of ours are one, they
// are merged first.
func (c *commit) resolveIssues() error {
	if err := c.markRoots(); err != nil {
		return err
	}
	if err := c.exec(`CREATE TEMP TABLE stage_known (root INTEGER, issue_id INTEGER, PRIMARY KEY (root, issue_id)) WITHOUT ROWID`); err != nil {
		return err
	}
	for {
		err := c.exec(`DELETE FROM stage_known`,
			`INSERT OR IGNORE INTO stage_known SELECT s.root, a.issue_id FROM stage_aliases t
				JOIN stage_issues s ON s.n = t.n JOIN issue_aliases a ON a.alias = t.alias AND a.type = t.type`)
		if err != nil {
			return err
		}
		pairs, err := c.twins()
		if err != nil {
			return err
		}
		if len(pairs) == 0 {
			break
		}
		for _, p := range pairs {
			if err := c.mergeIssues(p[0], p[1]); err != nil {
				return err
			}
		}
	}
	base, err := c.one(`SELECT coalesce(max(id), 0) + 1 FROM issues`)
	if err != nil {
		return err
	}
	return c.exec(
		`UPDATE stage_issues SET id = (SELECT issue_id FROM stage_known k WHERE k.root = stage_issues.root)`,
		fmt.Sprintf(`INSERT INTO issues (id, type, display) SELECT %d + n, type, identity FROM stage_issues WHERE id IS NULL AND n = root ORDER BY n`, base),
		fmt.Sprintf(`UPDATE stage_issues SET id = %d + root WHERE id IS NULL`, base),
		`INSERT OR IGNORE INTO issue_aliases (alias, type, issue_id) SELECT t.alias, t.type, s.id FROM stage_aliases t JOIN stage_issues s ON s.n = t.n`)
}

// markRoots writes down which staged issues are one.
func (c *commit) markRoots() error {
	if err := c.exec(`UPDATE stage_issues SET root = n`); err != nil {
		return err
	}
	for n := range c.im.parent {
		if root := c.im.root(n); root != n {
			if _, err := c.ExecContext(c.ctx, `UPDATE stage_issues SET root = ? WHERE n = ?`, root, n); err != nil {
				return err
			}
		}
	}
	return nil
}

// twins returns pairs of our issues that the report shows to be one, each
// issue in one pair at most.
func (c *commit) twins() ([][2]int64, error) {
	rows, err := c.QueryContext(c.ctx, `SELECT min(issue_id), max(issue_id) FROM stage_known GROUP BY root HAVING count(*) > 1`)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var pairs [][2]int64
	used := map[int64]bool{}
	for rows.Next() {
		var p [2]int64
		if err := rows.Scan(&p[0], &p[1]); err != nil {
			return nil, err
		}
		if !used[p[0]] && !used[p[1]] {
			used[p[0]], used[p[1]] = true, true
			pairs = append(pairs, p)
		}
	}
	return pairs, rows.Err()
}

// shownRating orders the ratings of an issue: CVSS v3 before v4 before v2, the
// NVD's before others, then the highest.
const shownRating = `CASE WHEN method LIKE 'CVSSv3%' THEN 0 WHEN method LIKE 'CVSSv4%' THEN 1 WHEN method LIKE 'CVSSv2%' THEN 2 ELSE 3 END,
	CASE source WHEN 'nvd' THEN 0 ELSE 1 END, score DESC`

// shownAlias orders the ids of an issue by how well they serve as its name:
// the lowest CVE (their numbers grow in length), else the lowest GHSA, else the
// first of the rest.
const shownAlias = `CASE WHEN alias LIKE 'CVE-%' THEN 0 WHEN alias LIKE 'GHSA-%' THEN 1 ELSE 2 END,
	CASE WHEN alias LIKE 'CVE-%' THEN length(alias) ELSE 0 END, alias`

// describeIssues adds what the report knows of its issues: nothing that is
// known is lost, ratings of the same source are renewed.
func (c *commit) describeIssues() error {
	return c.exec(
		`UPDATE issues SET display = (SELECT alias FROM issue_aliases a WHERE a.issue_id = issues.id ORDER BY `+shownAlias+` LIMIT 1)
			WHERE id IN (SELECT a.issue_id FROM (SELECT DISTINCT id FROM stage_issues) s JOIN issue_aliases a ON a.issue_id = s.id
				GROUP BY a.issue_id HAVING count(*) > 1)`,
		`UPDATE issues SET title = s.title FROM (SELECT id, max(title) AS title FROM stage_issues GROUP BY id) s
			WHERE issues.id = s.id AND issues.title = '' AND s.title <> ''`,
		`UPDATE issues SET epss = s.epss, epss_percentile = s.percentile FROM (SELECT id, max(epss) AS epss, max(percentile) AS percentile FROM stage_issues GROUP BY id) s
			WHERE issues.id = s.id AND s.epss >= 0`,
		`UPDATE issues SET kev = 1, kev_due = s.due FROM (SELECT id, max(kev) AS kev, max(kev_due) AS due FROM stage_issues GROUP BY id) s
			WHERE issues.id = s.id AND s.kev = 1`,
		`INSERT OR IGNORE INTO issue_texts (issue_id, description) SELECT id, description FROM stage_issues WHERE description <> '' ORDER BY id, n`,
		`INSERT OR IGNORE INTO issue_refs (issue_id, url) SELECT s.id, r.url FROM stage_refs r JOIN stage_issues s ON s.n = r.n`,
		`INSERT OR IGNORE INTO issue_cves (issue_id, cve) SELECT s.id, r.cve FROM stage_cves r JOIN stage_issues s ON s.n = r.n`,
		`INSERT INTO ratings (issue_id, source, method, vector, score, severity)
			SELECT s.id, r.source, r.method, r.vector, r.score, r.severity FROM stage_ratings r JOIN stage_issues s ON s.n = r.n WHERE true
			ON CONFLICT (issue_id, source, method) DO UPDATE SET vector = excluded.vector, score = excluded.score, severity = excluded.severity`,
		`UPDATE issues SET (cvss, cvss_vector) = (SELECT score, vector FROM ratings r WHERE r.issue_id = issues.id AND score IS NOT NULL ORDER BY `+shownRating+` LIMIT 1)
			WHERE id IN (SELECT s.id FROM stage_ratings r JOIN stage_issues s ON s.n = r.n WHERE r.score IS NOT NULL)`)
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
		fmt.Sprintf(`UPDATE issues SET title = CASE title WHEN '' THEN d.title ELSE issues.title END, epss = max(issues.epss, d.epss),
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
		fmt.Sprintf(`UPDATE violations SET issue_id = %d, updated = @now WHERE issue_id = %d`, keep, drop),
		fmt.Sprintf(`DELETE FROM issues WHERE id = %d`, drop),
		fmt.Sprintf(`UPDATE issues SET display = (SELECT alias FROM issue_aliases a WHERE a.issue_id = issues.id ORDER BY %s LIMIT 1) WHERE id = %d`, shownAlias, keep))
}

// mergeViolations folds the violations of the dropped issue whose component
// and version have one of the kept issue already.
func (c *commit) mergeViolations(keep, drop int64) error {
	const twins = `SELECT d.id AS old_id, k.id AS new_id FROM violations d JOIN violations k
		ON k.version_id = d.version_id AND k.component_id = d.component_id AND k.issue_id = %d WHERE d.issue_id = %d`
	err := c.exec(
		`CREATE TEMP TABLE IF NOT EXISTS stage_twins (old_id INTEGER PRIMARY KEY, new_id INTEGER)`,
		`DELETE FROM stage_twins`,
		fmt.Sprintf(`INSERT INTO stage_twins `+twins, keep, drop))
	if err != nil {
		return err
	}
	for _, t := range []string{"sightings", "ticket_links", "assessments", "reported_matches", "conflicts"} {
		err := c.exec(fmt.Sprintf(`UPDATE OR IGNORE %[1]s SET violation_id = (SELECT new_id FROM stage_twins WHERE old_id = %[1]s.violation_id)
			WHERE violation_id IN (SELECT old_id FROM stage_twins)`, t))
		if err != nil {
			return err
		}
	}
	return c.exec(
		`UPDATE violations SET vex_status = max(vex_status, (SELECT d.vex_status FROM stage_twins t JOIN violations d ON d.id = t.old_id WHERE t.new_id = violations.id)),
			first_seen = min(first_seen, (SELECT d.first_seen FROM stage_twins t JOIN violations d ON d.id = t.old_id WHERE t.new_id = violations.id)),
			lead_ticket_id = (SELECT max(ticket_id) FROM ticket_links l WHERE l.violation_id = violations.id), updated = @now
			WHERE id IN (SELECT new_id FROM stage_twins)`,
		`UPDATE merged_violations SET new_id = (SELECT new_id FROM stage_twins WHERE old_id = merged_violations.new_id) WHERE new_id IN (SELECT old_id FROM stage_twins)`,
		`INSERT INTO merged_violations SELECT old_id, new_id FROM stage_twins`,
		`INSERT INTO audit (at, by, source, batch, violation_id, field, before, after)
			SELECT @now, @by, 'import', @batch, new_id, 'merged', CAST(old_id AS TEXT), CAST(new_id AS TEXT) FROM stage_twins`,
		`DELETE FROM violations WHERE id IN (SELECT old_id FROM stage_twins)`)
}

// mergeDedupeKeys rewrites the keys of the dropped issue's tickets; where the
// kept issue's ticket or an older one holds the new key already, the newer
// ticket keeps its links and gives up the key (ruling 10).
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
		// The older of two holders keeps the key.
		_, err := c.ExecContext(c.ctx, `UPDATE tickets SET dedupe_key = '' WHERE dedupe_key = ?1 AND living = 1 AND id > ?2
			AND connection_id = (SELECT connection_id FROM tickets WHERE id = ?2) AND project = (SELECT project FROM tickets WHERE id = ?2)`, t.key, t.id)
		if err == nil {
			_, err = c.ExecContext(c.ctx, `UPDATE OR IGNORE tickets SET dedupe_key = ? WHERE id = ?`, t.key, t.id)
		}
		if err == nil {
			_, err = c.ExecContext(c.ctx, `UPDATE tickets SET dedupe_key = '' WHERE id = ? AND dedupe_key <> ?`, t.id, t.key)
		}
		if err != nil {
			return err
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
