package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"example.com/vexdesk/model"
)

// policyIgnore are the rules that ignore violation v at @now, the longest
// first.
const policyIgnore = ` FROM matches m JOIN policies p ON p.id = m.policy_id AND p.mode = 'apply'
	JOIN policy_rules r ON r.policy_id = m.policy_id AND r.position = m.rule AND r.ignore_until > @now WHERE m.violation_id = v.id ORDER BY r.ignore_until DESC, p.id LIMIT 1`

// act does to the violations in policy_changed what the rules that match them
// say, and takes back what none says any more or whose time is up. Every change
// is in the history, with the policy as its author.
func (e *evaluation) act() error {
	const settled = `SELECT v.id, v.state AS old_state, CASE WHEN v.state = 0 AND until IS NOT NULL THEN 2 WHEN v.state = 2 AND v.ignored_by = 'policy' AND until IS NULL THEN 0 ELSE v.state END AS state,
			until, reason, v.ignore_until AS old_until, v.severity AS old_severity,
			CASE WHEN v.type = 0 OR v.state = 1 THEN v.severity WHEN rated IS NOT NULL THEN rated ELSE ` + reportedSeverity + ` END AS severity, rated_by
		FROM (SELECT v.*, (SELECT r.ignore_until` + policyIgnore + `) AS until, (SELECT p.name` + policyIgnore + `) AS reason, ` + policySeverity + ` AS rated,
				(SELECT p.name FROM matches m JOIN policies p ON p.id = m.policy_id AND p.mode = 'apply' JOIN policy_rules r ON r.policy_id = m.policy_id AND r.position = m.rule
					WHERE m.violation_id = v.id AND r.severity IS NOT NULL ORDER BY r.severity, p.id LIMIT 1) AS rated_by
			FROM policy_changed c CROSS JOIN violations v ON v.id = c.violation_id) v`
	const state, level = `CASE %s WHEN 0 THEN 'open' WHEN 1 THEN 'resolved' ELSE 'ignored' END`,
		`CASE %s WHEN 0 THEN 'critical' WHEN 1 THEN 'high' WHEN 2 THEN 'medium' WHEN 3 THEN 'low' WHEN 4 THEN 'unknown' ELSE 'info' END`
	return e.exec(
		`INSERT OR IGNORE INTO policy_changed SELECT id FROM violations WHERE ignored_by = 'policy' AND ignore_until <= @now`,
		`INSERT INTO policy_settled SELECT id, old_state, state, until, reason, old_severity, severity, rated_by FROM (`+settled+`)
			WHERE state <> old_state OR severity <> old_severity OR state = 2 AND until IS NOT NULL AND until IS NOT old_until`,
		`INSERT INTO audit (at, by, source, batch, violation_id, field, before, after) SELECT @now, coalesce(reason, ''), 'policy', @batch, violation_id, 'state', `+
			fmt.Sprintf(state, "old_state")+`, `+fmt.Sprintf(state, "state")+` FROM policy_settled WHERE old_state <> state`,
		`INSERT INTO audit (at, by, source, batch, violation_id, field, before, after) SELECT @now, coalesce(rated_by, ''), 'policy', @batch, violation_id, 'severity', `+
			fmt.Sprintf(level, "old_severity")+`, `+fmt.Sprintf(level, "severity")+` FROM policy_settled WHERE old_severity <> severity`,
		`UPDATE violations SET state = s.state, severity = s.severity, updated = @now,
				ignored_by = CASE WHEN s.state = 2 AND s.until IS NOT NULL AND (s.old_state = 0 OR violations.ignored_by = 'policy') THEN 'policy' WHEN s.state = 2 THEN violations.ignored_by ELSE '' END,
				ignore_reason = CASE WHEN s.state = 2 AND s.until IS NOT NULL AND (s.old_state = 0 OR violations.ignored_by = 'policy')
					THEN 'policy ' || s.reason || ', until ' || date(s.until / 1000, 'unixepoch') WHEN s.state = 2 THEN violations.ignore_reason ELSE '' END,
				ignore_until = CASE WHEN s.state = 2 AND s.until IS NOT NULL THEN s.until END
			FROM policy_settled s WHERE violations.id = s.violation_id`)
}

// evaluate looks at what the import's transaction touched, and, where a new
// version made others leave the list, at these. In the last one the policies
// that make violations go over the version.
func (c *commit) evaluate(last bool) error {
	e := newEvaluation(c.ctx, c.Tx, time.UnixMilli(c.now), c.actor)
	if needed, err := e.needed(); err != nil || !needed {
		return err
	}
	err := c.exec(`INSERT OR IGNORE INTO policy_touched SELECT id FROM violations WHERE id > @base`,
		`INSERT OR IGNORE INTO policy_touched SELECT violation_id FROM stage_touched`,
		`INSERT OR IGNORE INTO policy_touched SELECT violation_id FROM stage_moved`)
	if err != nil {
		return err
	}
	rules, err := e.rules()
	if err == nil && last {
		err = e.derive(rules, c.version, `SELECT id FROM violations WHERE version_id = ?`, c.version)
	}
	if err != nil {
		return err
	}
	return e.run()
}

// needed reports whether there is anything to evaluate or to take back.
func (e *evaluation) needed() (needed bool, err error) {
	err = e.tx.QueryRowContext(e.ctx, `SELECT EXISTS (SELECT 1 FROM watches w JOIN watch_policies wp ON wp.watch_id = w.id JOIN policies p ON p.id = wp.policy_id
		WHERE p.mode <> 'off' AND NOT (w.scope = '' AND p.matches_all = 1)) OR EXISTS (SELECT 1 FROM matches) OR EXISTS (SELECT 1 FROM sources WHERE format = 'policy')`).Scan(&needed)
	if err != nil || !needed {
		return needed, err
	}
	return true, e.prepare()
}

// touchProduct adds what changed just now in any version of a product: what
// became current, or ceased to be.
func (e *evaluation) touchProduct(product int64) error {
	_, err := e.tx.ExecContext(e.ctx, `INSERT OR IGNORE INTO policy_touched SELECT v.id FROM versions r CROSS JOIN violations v ON v.version_id = r.id
		WHERE r.product_id = ? AND v.updated = ?`, product, e.now.UnixMilli())
	return err
}

// evaluateProduct looks at what became current just now, or ceased to be.
func evaluateProduct(ctx context.Context, tx *sql.Tx, now time.Time, actor model.Actor, product int64) error {
	e := newEvaluation(ctx, tx, now, actor)
	if needed, err := e.needed(); err != nil || !needed {
		return err
	}
	if err := e.touchProduct(product); err != nil {
		return err
	}
	return e.run()
}
