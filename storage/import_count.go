package storage

import (
	"context"
	"database/sql"

	"example.com/vexdesk/model"
)

// findings counts what was staged (ruling 2), before ids that mean one issue
// fall together. told is what the report's reader counted, 0 where it did not.
func (im *Import) findings(ctx context.Context, told int) (n int, err error) {
	if told > 0 {
		return told, nil
	}
	err = im.conn.QueryRowContext(ctx, `SELECT count(*) FROM (SELECT DISTINCT i.identity, k.name, k.version FROM stage_findings f
		JOIN stage_issues i ON i.n = f.issue JOIN stage_components k ON k.n = f.component WHERE f.type = 0 AND f.suppressed = 0)`).Scan(&n)
	return n, err
}

// shown are the violations that this import saw.
const shown = ` FROM sightings g CROSS JOIN violations v ON v.id = g.violation_id WHERE g.source_id = @source AND g.import_id = @run `

// count fills the rest of the result: the report's violations by type and
// state.
func (c *commit) count() error {
	rows, err := c.im.conn.QueryContext(c.ctx, `SELECT v.type, v.state, count(*)`+shown+`GROUP BY 1, 2`, sql.Named("source", c.source), sql.Named("run", c.run))
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
