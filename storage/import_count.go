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
	from := `SELECT v.type, v.state, count(*)` + shown + `GROUP BY 1, 2`
	// The tallies know a version that has nothing but what this import made.
	const made = `SELECT type, state, sum(n) AS n FROM tallies WHERE version_id = @version AND n > 0 GROUP BY 1, 2`
	var all int
	err := c.im.conn.QueryRowContext(c.ctx, `SELECT coalesce(sum(n), 0) FROM (`+made+`)`, sql.Named("version", c.version)).Scan(&all)
	if err != nil {
		return err
	}
	if all == c.result.New {
		from = made
	}
	rows, err := c.im.conn.QueryContext(c.ctx, from, sql.Named("source", c.source), sql.Named("run", c.run), sql.Named("version", c.version))
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
