package storage

import "example.com/vexdesk/model"

// count fills the rest of the result (ruling 2). told is what the report's
// reader counted as findings, 0 where it did not.
func (c *commit) count(told int) error {
	findings, err := int64(told), error(nil)
	if told == 0 {
		findings, err = c.staged()
	}
	if err != nil {
		return err
	}
	c.result.Findings = int(findings)
	if err := c.countRows(); err != nil {
		return err
	}
	_, err = c.ExecContext(c.ctx, `UPDATE imports SET findings = ? WHERE id = ?`, c.result.Findings, c.run)
	return err
}

// staged counts the distinct security findings that were staged.
func (c *commit) staged() (int64, error) {
	return c.one(`SELECT count(*) FROM (SELECT DISTINCT i.identity, k.name, k.version FROM stage_findings f
		JOIN stage_issues i ON i.n = f.issue JOIN stage_components k ON k.n = f.component WHERE f.type = 0 AND f.suppressed = 0)`)
}

// countRows counts the report's violations by type and state.
func (c *commit) countRows() error {
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
	return rows.Err()
}
