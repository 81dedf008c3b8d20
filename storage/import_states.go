package storage

import (
	"database/sql"
	"errors"
	"fmt"
	"math"
)

// mergeRow is how two statements of one source about one violation become one:
// the worst severity, the more worrying applicability, suppressed only where
// both are, all places.
const mergeRow = ` ON CONFLICT DO UPDATE SET severity = ` + worseOf + `,
	reason = CASE WHEN min(suppressed, excluded.suppressed) = 0 THEN '' WHEN reason = '' THEN excluded.reason ELSE reason END,
	suppressed = min(suppressed, excluded.suppressed), fix = CASE fix WHEN '' THEN excluded.fix ELSE fix END,
	applicable = max(applicable, excluded.applicable), detail = merge_details(detail, excluded.detail),
	analysis = CASE analysis WHEN '' THEN excluded.analysis ELSE analysis END`

// fold brings the findings to the grain of violations: two issues of the
// report that are one fall together.
func (c *commit) fold(int) (int, bool, error) {
	same, err := c.run1(`INSERT INTO stage_same SELECT s.n, f.first FROM stage_issues s
		JOIN (SELECT id, min(n) AS first FROM stage_issues GROUP BY id HAVING count(*) > 1) f ON f.id = s.id WHERE s.n <> f.first`)
	if err != nil || same == 0 {
		return 0, false, err
	}
	return same, false, c.exec(
		`INSERT INTO stage_findings SELECT s.first, f.component, f.told, f.type, f.severity, f.suppressed, f.reason, f.fix, f.applicable, f.detail, f.analysis
			FROM stage_same s CROSS JOIN stage_findings f ON f.issue = s.n WHERE true`+mergeRow,
		`DELETE FROM stage_findings WHERE issue IN (SELECT n FROM stage_same)`)
}

// findingKey is the place of a staged finding.
type findingKey struct{ issue, component int64 }

// beforeAll comes before any finding.
var beforeAll = findingKey{-1, -1}

// inPortion are the findings of the portion; stagedRows these with their issues
// and components, placedRows with the violations that they came to as well.
const (
	inPortion  = `(f.issue, f.component) > (@from, @after) AND (f.issue, f.component) <= (@to, @upto)`
	stagedRows = ` FROM stage_findings f CROSS JOIN stage_issues i ON i.n = f.issue CROSS JOIN stage_components k ON k.n = f.component`
	placedRows = stagedRows + ` CROSS JOIN violations v ON v.version_id = @version AND v.issue_id = i.id AND v.component_id = k.id WHERE ` + inPortion
)

// priorityOf is model.Urgency's rule for finding f of issue q about which
// nothing is decided, as violation_priorities has it for all.
const priorityOf = `((((((CASE WHEN f.applicable = 1 THEN 1 ELSE 0 END) * 8
	+ CASE WHEN q.kev = 1 THEN 0 WHEN q.epss >= 0.5 THEN 1 ELSE f.severity + 2 END) * 2 + (f.applicable <> 3)) * 2 + (q.epss < 0.1)) * 8
	+ f.severity) * 2 + (f.fix = '')) * 16 + CASE WHEN q.cvss < 0 THEN 11 WHEN q.cvss >= 10 THEN 0 ELSE 10 - CAST(q.cvss AS INTEGER) END`

// takeFindings makes the violations that are new, and the sightings of all.
func (c *commit) takeFindings(room int) (int, bool, error) {
	c.portion = portion{from: c.finding.issue, after: c.finding.component, to: math.MaxInt64, upto: math.MaxInt64}
	err := c.QueryRowContext(c.ctx, `SELECT issue, component FROM stage_findings WHERE (issue, component) > (?, ?) ORDER BY issue, component LIMIT 1 OFFSET ?`,
		c.from, c.after, room-1).Scan(&c.to, &c.upto)
	more := err == nil
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, false, err
	}
	c.finding, c.shared = findingKey{c.to, c.upto}, true
	known, err := c.knownFindings()
	if err == nil {
		err = c.insertViolations(known)
	}
	if err != nil {
		return 0, false, err
	}
	seen, err := c.insertSightings(known)
	return seen, more, err
}

// knownFindings notes the violations of the portion that are there already, and
// tells whether there are any.
func (c *commit) knownFindings() (bool, error) {
	others, err := c.one(`SELECT coalesce(sum(n), 0) FROM tallies WHERE version_id = @version`)
	if err != nil || int(others) == c.result.New {
		return false, err // the version has nothing but what this import made
	}
	if err := c.exec(`INSERT OR IGNORE INTO stage_touched SELECT v.id` + placedRows); err != nil {
		return false, err
	}
	known, err := c.one(`SELECT EXISTS (SELECT 1 FROM stage_touched)`)
	return known == 1, err
}

// insertViolations makes the rows of the portion that are new. Where one cannot
// be made, nothing of the transaction stays: OR FAIL keeps SQLite from noting how
// each page was before the statement, which it does as well for any function that
// a statement calls.
func (c *commit) insertViolations(known bool) error {
	statement := `INSERT OR FAIL INTO violations
		(type, issue_id, component_id, version_id, product_id, current, state, severity, applicable, fix, ignored_by, ignore_reason, first_seen, updated, priority)
		SELECT f.type, i.id, k.id, @version, @product, (SELECT current FROM versions WHERE id = @version),
			CASE suppressed WHEN 1 THEN 2 ELSE 0 END, f.severity, applicable, fix, CASE suppressed WHEN 1 THEN 'report' ELSE '' END, reason, @now, @now, ` + priorityOf + stagedRows + `
		CROSS JOIN issues q ON q.id = i.id WHERE ` + inPortion
	if known {
		statement += ` AND NOT EXISTS (SELECT 1 FROM violations v WHERE v.version_id = @version AND v.issue_id = i.id AND v.component_id = k.id)`
	}
	fresh, err := c.run1(statement)
	if err != nil || fresh == 0 {
		return err
	}
	c.result.New += fresh
	c.fresh = int64(fresh)
	return c.exec(tally(`violations v WHERE v.id > (SELECT seq FROM sqlite_sequence WHERE name = 'violations') - @fresh`))
}

// tally adds violations v to the tallies, as whoever makes them has to.
func tally(from string) string {
	return `INSERT INTO tallies (current, state, severity, type, product_id, version_id, vex_status, ticketed, fixable, n)
		SELECT v.current, v.state, v.severity, v.type, v.product_id, v.version_id, v.vex_status, v.ticketed, v.fixable, count(*) FROM ` + from + `
		GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9 ON CONFLICT DO UPDATE SET n = n + excluded.n`
}

// insertSightings notes that this source shows the violations of the portion.
func (c *commit) insertSightings(known bool) (int, error) {
	statement := `INSERT OR FAIL INTO sightings (violation_id, source_id, import_id, reported_id, severity, suppressed, reason, fix, applicable, detail)
		SELECT v.id, @source, @run, CASE f.told WHEN i.n THEN i.identity ELSE (SELECT identity FROM stage_issues WHERE n = f.told) END,
			f.severity, f.suppressed, f.reason, f.fix, f.applicable, f.detail` + placedRows
	if known {
		statement += ` ON CONFLICT (violation_id, source_id) DO UPDATE SET import_id = excluded.import_id, reported_id = excluded.reported_id,
			severity = excluded.severity, suppressed = excluded.suppressed, reason = excluded.reason, fix = excluded.fix,
			applicable = excluded.applicable, detail = excluded.detail`
	}
	return c.run1(statement)
}

// takeGone drops the sightings of this source that the report no longer shows.
// Files of one command are no replacement for each other.
func (c *commit) takeGone(room int) (int, bool, error) {
	gone, err := c.run1(fmt.Sprintf(`INSERT INTO stage_gone SELECT violation_id FROM sightings WHERE source_id = @source AND import_id < @run
		AND import_id NOT IN (SELECT value FROM json_each(@earlier)) LIMIT %d`, room))
	if err != nil || gone == 0 {
		return 0, false, err
	}
	return gone, gone == room, c.exec(`INSERT OR IGNORE INTO stage_touched SELECT violation_id FROM stage_gone`,
		`DELETE FROM sightings WHERE source_id = @source AND violation_id IN (SELECT violation_id FROM stage_gone)`)
}

// settledNow is what violations are by the sightings that are left: resolved
// without any, ignored where all suppress it or a rule did before.
const settledNow = `SELECT v.id AS violation_id, v.state AS old_state, v.severity AS old_severity, v.fix AS old_fix, v.applicable AS old_applicable,
		v.ignored_by AS old_by, v.ignore_reason AS old_reason,
		CASE WHEN s.violation_id IS NULL THEN 1 WHEN min(s.suppressed) = 1 THEN 2 WHEN v.state = 2 AND v.ignored_by <> 'report' THEN 2 ELSE 0 END AS state,
		CASE WHEN s.violation_id IS NULL THEN v.severity ELSE coalesce(` + policySeverity + `, min(nullif(s.severity, 4)), 4) END AS severity,
		coalesce(max(s.fix), v.fix) AS fix, coalesce(max(s.applicable), v.applicable) AS applicable, coalesce(max(s.reason), '') AS told_reason
	FROM stage_touched t CROSS JOIN violations v ON v.id = t.violation_id LEFT JOIN sightings s ON s.violation_id = v.id GROUP BY v.id`

// settleStates derives what existed before from the sightings that are left,
// and writes what changed to the audit.
func (c *commit) settleStates() error {
	err := c.exec(`INSERT INTO stage_settled SELECT * FROM (SELECT violation_id, old_state, state, old_severity, severity, old_fix, fix, old_applicable, applicable,
			old_by, CASE WHEN state <> 2 THEN '' WHEN old_state = 2 AND old_by <> 'report' THEN old_by ELSE 'report' END AS ignored_by,
			old_reason, CASE WHEN state <> 2 THEN '' WHEN old_state = 2 AND old_by <> 'report' THEN old_reason ELSE told_reason END AS ignore_reason
		FROM (` + settledNow + `))
		WHERE (old_state, old_severity, old_fix, old_applicable, old_by, old_reason) <> (state, severity, fix, applicable, ignored_by, ignore_reason)`)
	if err != nil {
		return err
	}
	for _, count := range []struct {
		to    *int
		which string
	}{
		{&c.result.Resolved, `state = 1 AND old_state <> 1`}, {&c.result.Reopened, `state <> 1 AND old_state = 1`},
		{&c.result.Updated, `NOT (state = 1 AND old_state <> 1) AND NOT (state <> 1 AND old_state = 1)`},
	} {
		n, err := c.one(`SELECT count(*) FROM stage_settled WHERE ` + count.which)
		if err != nil {
			return err
		}
		*count.to += int(n)
	}
	for _, field := range []struct{ name, column, word string }{
		{"state", "state", `CASE %s WHEN 0 THEN 'open' WHEN 1 THEN 'resolved' ELSE 'ignored' END`},
		{"severity", "severity", `CASE %s WHEN 0 THEN 'critical' WHEN 1 THEN 'high' WHEN 2 THEN 'medium' WHEN 3 THEN 'low' WHEN 4 THEN 'unknown' ELSE 'info' END`},
		{"fix", "fix", `%s`},
		{"applicable", "applicable", `CASE %s WHEN 1 THEN 'no' WHEN 2 THEN 'unknown' WHEN 3 THEN 'yes' ELSE '' END`},
	} {
		err := c.exec(fmt.Sprintf(`INSERT INTO audit (at, by, source, batch, violation_id, field, before, after)
			SELECT @now, @by, 'import', @batch, violation_id, '%[1]s', %[2]s, %[3]s FROM stage_settled WHERE old_%[4]s <> %[4]s`,
			field.name, fmt.Sprintf(field.word, "old_"+field.column), fmt.Sprintf(field.word, field.column), field.column))
		if err != nil {
			return err
		}
	}
	return c.exec(`UPDATE violations SET updated = @now, (state, severity, fix, applicable, ignored_by, ignore_reason) =
			(SELECT state, severity, fix, applicable, ignored_by, ignore_reason FROM stage_settled s WHERE s.violation_id = violations.id)
		WHERE id IN (SELECT violation_id FROM stage_settled)`)
}

// recordMatches keeps the watches and policies that this source names.
func (c *commit) recordMatches() error {
	err := c.exec(`DELETE FROM reported_matches AS m WHERE source_id = @source AND violation_id IN (SELECT violation_id FROM stage_touched)
		AND NOT EXISTS (SELECT 1 FROM sightings g WHERE g.violation_id = m.violation_id AND g.source_id = @source AND g.import_id <> @run)`)
	if err != nil || !c.shared {
		return err
	}
	return c.exec(`INSERT OR IGNORE INTO reported_matches (violation_id, kind, name, source_id)
		SELECT v.id, f.kind, f.name, @source FROM stage_matches f CROSS JOIN stage_issues i ON i.n = f.issue
		CROSS JOIN stage_components k ON k.n = f.component CROSS JOIN violations v ON v.version_id = @version AND v.issue_id = i.id AND v.component_id = k.id WHERE ` + inPortion)
}
