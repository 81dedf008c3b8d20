package storage

import (
	"context"
	"fmt"
)

// takeIssues gives staged issues their rows, and adds what the report knows of
// them. One of which the beginning lies in an earlier portion has that one's row.
func (c *commit) takeIssues(room int) (int, bool, error) {
	c.from, c.to = int64(c.issues), int64(min(c.issues+2*room, c.im.counts.issues))
	if c.from == c.to {
		return 0, false, nil
	}
	for _, step := range []func() error{c.resolveIssues, c.makeIssues, c.describeIssues, c.enrichIssues} {
		if err := step(); err != nil {
			return 0, false, err
		}
	}
	c.issues = int(c.to)
	return int(c.to-c.from+1) / 2, c.issues < c.im.counts.issues, nil
}

// resolveIssues finds the row that shares an alias. Where the report shows that
// two of ours are one, they are merged first; an import that is stored in
// several transactions relies on its rows, so that needs the turn.
func (c *commit) resolveIssues() error {
	for {
		err := c.exec(`DELETE FROM stage_known`,
			`INSERT OR IGNORE INTO stage_known SELECT s.root, a.issue_id FROM stage_aliases t
				CROSS JOIN stage_issues s ON s.n = t.n CROSS JOIN issue_aliases a ON a.alias = t.alias AND a.type = t.type WHERE t.n >= @from AND t.n < @to`)
		if err == nil && c.from > 0 {
			err = c.exec(`INSERT OR IGNORE INTO stage_known SELECT s.root, r.id FROM stage_issues s CROSS JOIN stage_issues r ON r.n = s.root
				WHERE s.n >= @from AND s.n < @to AND s.root < @from`)
		}
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
		if !c.several {
			if filled, err := c.one(`SELECT EXISTS (SELECT 1 FROM imports WHERE staged <> '')`); err != nil || filled == 1 {
				return firstError(err, errTurn)
			}
		}
		if !c.im.cascades {
			return errCascades
		}
		for _, p := range pairs {
			if err := c.mergeIssues(p[0], p[1]); err != nil {
				return err
			}
		}
	}
	return c.exec(`UPDATE stage_issues SET id = (SELECT issue_id FROM stage_known k WHERE k.root = stage_issues.root)
		WHERE n >= @from AND n < @to AND root IN (SELECT root FROM stage_known)`)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// makeIssues makes the issues that are not known. Those that a single staged
// one describes are written whole at once (fresh); what several describe is
// put together afterwards, as is what adds to a known one.
func (c *commit) makeIssues() error {
	base, err := c.one(`SELECT coalesce(max(id), 0) + 1 - @from FROM issues`)
	if err != nil {
		return err
	}
	return c.exec(
		fmt.Sprintf(`INSERT OR FAIL INTO issues (id, type, display, title, epss, epss_percentile, kev, kev_due, cvss, cvss_vector)
			SELECT %d + s.n, type, identity, title, epss, percentile, kev, kev_due, coalesce(r.score, -1), coalesce(r.vector, '')
			FROM stage_issues s LEFT JOIN (SELECT n, min(%s), score, vector FROM stage_ratings WHERE score IS NOT NULL AND n >= @from AND n < @to GROUP BY n) r ON r.n = s.n
			WHERE s.n >= @from AND s.n < @to AND s.id IS NULL AND s.joined = 0 ORDER BY s.n`, base, ratingRank),
		fmt.Sprintf(`INSERT INTO issues (id, type, display) SELECT %d + n, type, identity FROM stage_issues WHERE n >= @from AND n < @to AND id IS NULL AND joined = 1 AND n = root`, base),
		fmt.Sprintf(`UPDATE stage_issues SET id = %d + root, fresh = joined = 0 WHERE n >= @from AND n < @to AND id IS NULL`, base),
		`INSERT OR IGNORE INTO stage_described (issue_id) SELECT s.id FROM stage_aliases t CROSS JOIN stage_issues s ON s.n = t.n
			WHERE t.n >= @from AND t.n < @to AND CASE s.fresh WHEN 1 THEN t.alias <> s.identity ELSE NOT EXISTS (SELECT 1 FROM issue_aliases a WHERE a.alias = t.alias AND a.type = t.type) END`,
		`INSERT OR IGNORE INTO issue_aliases (alias, type, issue_id) SELECT t.alias, t.type, s.id FROM stage_aliases t CROSS JOIN stage_issues s ON s.n = t.n
			WHERE t.n >= @from AND t.n < @to ORDER BY 1`,
		`UPDATE issues SET display = `+displayOf+` WHERE id IN (SELECT issue_id FROM stage_described)`,
		`DELETE FROM stage_described`)
}

// markRoots writes down which staged issues are one.
func (im *Import) markRoots(ctx context.Context) error {
	for n := range im.parent {
		if root := int(im.root(int32(n))); root != n {
			if _, err := im.conn.ExecContext(ctx, `UPDATE stage_issues SET root = ?1, joined = 1 WHERE n IN (?1, ?2)`, root, n); err != nil {
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

// ratingRank orders the ratings of an issue, the lowest being shown: CVSS v3
// before v4 before v2, the NVD's before others, then the highest score (of at
// most 10).
const ratingRank = `CASE WHEN method LIKE 'CVSSv3%' THEN 0 WHEN method LIKE 'CVSSv4%' THEN 100 WHEN method LIKE 'CVSSv2%' THEN 200 ELSE 300 END
	+ CASE source WHEN 'nvd' THEN 0 ELSE 50 END - max(min(coalesce(score, -1), 10), -1)`

// shownAlias orders the ids of an issue by how well they serve as its name:
// the lowest CVE (their numbers grow in length), else the lowest GHSA, else the
// first of the rest.
const shownAlias = `CASE WHEN alias LIKE 'CVE-%' THEN 0 WHEN alias LIKE 'GHSA-%' THEN 1 ELSE 2 END,
	CASE WHEN alias LIKE 'CVE-%' THEN length(alias) ELSE 0 END, alias`

// displayOf and cvssOf are what an issue shows of its aliases and ratings.
const (
	displayOf = `(SELECT alias FROM issue_aliases a WHERE a.issue_id = issues.id ORDER BY ` + shownAlias + ` LIMIT 1)`
	cvssOf    = `(SELECT score, vector FROM ratings r WHERE r.issue_id = issues.id AND score IS NOT NULL ORDER BY ` + ratingRank + `, source, method LIMIT 1)`
)

// describeIssues adds what the report knows of its issues: nothing that is
// known is lost, ratings of the same source are renewed.
func (c *commit) describeIssues() error {
	return c.exec(
		`INSERT INTO stage_described SELECT s.id, CASE i.title WHEN '' THEN s.title ELSE i.title END, CASE WHEN s.epss < 0 THEN i.epss ELSE s.epss END,
				CASE WHEN s.epss < 0 THEN i.epss_percentile ELSE s.percentile END, max(s.kev, i.kev), CASE s.due WHEN '' THEN i.kev_due ELSE s.due END
			FROM (SELECT id, max(title) AS title, max(epss) AS epss, max(percentile) AS percentile, max(kev) AS kev, max(kev_due) AS due FROM stage_issues WHERE n >= @from AND n < @to AND fresh = 0 GROUP BY id) s
			CROSS JOIN issues i ON i.id = s.id
			WHERE i.title = '' AND s.title <> '' OR s.kev > i.kev OR s.due <> '' AND s.due <> i.kev_due
				OR s.epss >= 0 AND (s.epss <> i.epss OR s.percentile <> i.epss_percentile)`,
		`UPDATE issues SET (title, epss, epss_percentile, kev, kev_due) = (SELECT title, epss, percentile, kev, kev_due FROM stage_described d WHERE d.issue_id = issues.id)
			WHERE id IN (SELECT issue_id FROM stage_described)`,
		`DELETE FROM stage_described`,
		`INSERT OR IGNORE INTO issue_texts (issue_id, description) SELECT id, description FROM stage_issues WHERE n >= @from AND n < @to AND description <> '' ORDER BY id, n`,
		`INSERT OR IGNORE INTO issue_refs (issue_id, url) SELECT s.id, r.url FROM stage_refs r CROSS JOIN stage_issues s ON s.n = r.n WHERE r.n >= @from AND r.n < @to`,
		`INSERT OR IGNORE INTO issue_cves (issue_id, cve) SELECT s.id, r.cve FROM stage_cves r CROSS JOIN stage_issues s ON s.n = r.n WHERE r.n >= @from AND r.n < @to`,
		`INSERT OR IGNORE INTO stage_described (issue_id) SELECT s.id FROM stage_ratings r CROSS JOIN stage_issues s ON s.n = r.n
			WHERE r.n >= @from AND r.n < @to AND s.fresh = 0 AND (r.vector, r.severity, coalesce(r.score, -1)) IS NOT (SELECT vector, severity, coalesce(score, -1) FROM ratings x
				WHERE x.issue_id = s.id AND x.source = r.source AND x.method = r.method)`,
		`INSERT INTO ratings (issue_id, source, method, vector, score, severity)
			SELECT s.id, r.source, r.method, r.vector, r.score, r.severity FROM stage_ratings r CROSS JOIN stage_issues s ON s.n = r.n
			WHERE r.n >= @from AND r.n < @to AND (s.fresh = 1 OR s.id IN (SELECT issue_id FROM stage_described))
			ON CONFLICT (issue_id, source, method) DO UPDATE SET vector = excluded.vector, score = excluded.score, severity = excluded.severity`,
		`UPDATE issues SET (cvss, cvss_vector) = `+cvssOf+` WHERE id IN (SELECT issue_id FROM stage_described)
			AND EXISTS (SELECT 1 FROM ratings r WHERE r.issue_id = issues.id AND r.score IS NOT NULL)`,
		`DELETE FROM stage_described`)
}
