package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

// Policies are evaluated set by set in SQL, over what changed: after an import
// over what it touched, after an edit over everything. What a rule matches is
// stored in matches, and what follows from that on the violation itself
// (severity, ignoring) is done in the same transaction.

// evaluation is one such run.
type evaluation struct {
	ctx   context.Context
	tx    *sql.Tx
	now   time.Time
	actor model.Actor
	batch string
	// policies and watches are those that were edited.
	policies, watches []int64
	prepared          bool
}

func newEvaluation(ctx context.Context, tx *sql.Tx, now time.Time, actor model.Actor) *evaluation {
	return &evaluation{ctx: ctx, tx: tx, now: now, actor: actor, batch: uuid.NewString()}
}

// rule is one rule of a policy in one watch, ready to be evaluated.
type rule struct {
	watch, policy int64
	position      int
	scope, query  *query.Query
	kind          string
	applied       bool // the policy's mode is apply
	// tickets: an automatic ticket is wanted for what was first seen since.
	tickets bool
	since   int64
	grace   int64
}

// prepare makes the temporary tables of an evaluation, empty.
func (e *evaluation) prepare() error {
	if e.prepared {
		return nil
	}
	e.prepared = true
	if err := e.exec(`CREATE TEMP TABLE IF NOT EXISTS policy_touched (violation_id INTEGER PRIMARY KEY)`,
		`CREATE TEMP TABLE IF NOT EXISTS policy_changed (violation_id INTEGER PRIMARY KEY)`,
		`CREATE TEMP TABLE IF NOT EXISTS policy_pairs (watch_id INTEGER, policy_id INTEGER, chosen INTEGER, PRIMARY KEY (watch_id, policy_id)) WITHOUT ROWID`,
		`CREATE TEMP TABLE IF NOT EXISTS policy_found (violation_id INTEGER, watch_id INTEGER, policy_id INTEGER, rule INTEGER, wanted INTEGER, grace INTEGER,
			PRIMARY KEY (violation_id, watch_id, policy_id)) WITHOUT ROWID`,
		`CREATE TEMP TABLE IF NOT EXISTS policy_rows AS SELECT * FROM violations WHERE false`,
		`CREATE TEMP TABLE IF NOT EXISTS policy_settled (violation_id INTEGER PRIMARY KEY, old_state INTEGER, state INTEGER, until INTEGER, reason TEXT,
			old_severity INTEGER, severity INTEGER, rated_by TEXT)`); err != nil {
		return err
	}
	return e.finish()
}

// finish empties the temporary tables.
func (e *evaluation) finish() error {
	return e.exec(`DELETE FROM policy_touched`, `DELETE FROM policy_changed`, `DELETE FROM policy_pairs`, `DELETE FROM policy_found`, `DELETE FROM policy_rows`, `DELETE FROM policy_settled`)
}

func (e *evaluation) exec(statements ...string) error {
	for _, statement := range statements {
		if _, err := e.tx.ExecContext(e.ctx, statement, sql.Named("now", e.now.UnixMilli()), sql.Named("batch", e.batch)); err != nil {
			return fmt.Errorf("%w in: %.120s", err, statement)
		}
	}
	return nil
}

// acting joins matches m with their rules where these do something to the
// violation itself.
const acting = ` FROM matches m JOIN policy_rules r ON r.policy_id = m.policy_id AND r.position = m.rule AND (r.severity IS NOT NULL OR r.ignore_until IS NOT NULL) WHERE `

// run evaluates all rules over policy_touched, stores the matches and does what
// follows.
func (e *evaluation) run() error {
	rules, err := e.rules()
	if err != nil {
		return err
	}
	if err := e.prepare(); err != nil {
		return err
	}
	if err := e.findTouched(rules); err != nil {
		return err
	}
	if err := e.store(); err != nil {
		return err
	}
	if err := e.act(); err != nil {
		return err
	}
	return e.finish()
}

// rules reads the rules that are evaluated, in their order; those that match
// everything are derived instead.
func (e *evaluation) rules() ([]rule, error) {
	rows, err := e.tx.QueryContext(e.ctx, `SELECT w.id, w.scope, w.create_tickets, coalesce(w.create_since, 0), p.id, p.type, p.mode, p.grace, r.position, r.query, r.create_ticket
		FROM watches w JOIN watch_policies wp ON wp.watch_id = w.id JOIN policies p ON p.id = wp.policy_id JOIN policy_rules r ON r.policy_id = p.id
		WHERE p.mode <> 'off' AND NOT (w.scope = '' AND p.matches_all = 1) ORDER BY w.id, wp.position, r.position`)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []rule
	for rows.Next() {
		var r rule
		var scope, text string
		var mode model.PolicyMode
		var on, wanted bool
		if err := rows.Scan(&r.watch, &scope, &on, &r.since, &r.policy, &r.kind, &mode, &r.grace, &r.position, &text, &wanted); err != nil {
			return nil, err
		}
		r.applied = mode == model.PolicyApply
		r.tickets = on && wanted && r.applied
		r.grace *= (24 * time.Hour).Milliseconds()
		if r.scope, err = query.Parse(scope, e.now); err != nil {
			return nil, fmt.Errorf("the scope of a watch cannot be read: %w", err)
		}
		if r.query, err = query.Parse(text, e.now); err != nil {
			return nil, fmt.Errorf("a rule of a policy cannot be read: %w", err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// chosen are the rules of what was edited.
func (e *evaluation) chosen(rules []rule) []rule {
	var out []rule
	for _, r := range rules {
		if contains(e.policies, r.policy) || contains(e.watches, r.watch) {
			out = append(out, r)
		}
	}
	return out
}

func contains(list []int64, id int64) bool {
	for _, each := range list {
		if each == id {
			return true
		}
	}
	return false
}

// condition is the SQL of a rule within its watch's scope over violations v.
// Current versions and open violations are meant unless one of the two queries
// says otherwise (ruling 8).
func (r *rule) condition() sqlText {
	var all []sqlText
	if !r.scope.Names(query.KeyVersion) && !r.query.Names(query.KeyVersion) {
		all = append(all, sqlf("v.current = 1"))
	}
	if !r.scope.Names(query.KeyState) && !r.query.Names(query.KeyState) {
		all = append(all, sqlf("v.state = 0"))
	}
	if r.kind != "" {
		all = append(all, sqlf("v.type = ?", typeNumber(r.kind)))
	}
	for _, q := range []*query.Query{r.scope, r.query} {
		if q.Expr != nil {
			all = append(all, expression(q.Expr))
		}
	}
	return oneSet(joinText(all, " AND "))
}

// narrowed puts what surrounds the violations of policy_rows in the place of
// the whole tables, so that a condition costs what these cost. Which watches
// and policies match by our own evaluation is no part of a rule's question.
const narrowed = `WITH issues AS (SELECT * FROM main.issues WHERE id IN (SELECT issue_id FROM policy_rows)),
	issue_aliases AS (SELECT * FROM main.issue_aliases WHERE issue_id IN (SELECT issue_id FROM policy_rows)),
	issue_cves AS (SELECT * FROM main.issue_cves WHERE issue_id IN (SELECT issue_id FROM policy_rows)),
	components AS (SELECT * FROM main.components WHERE id IN (SELECT component_id FROM policy_rows)),
	component_risks AS (SELECT * FROM main.component_risks WHERE component_id IN (SELECT component_id FROM policy_rows)),
	sightings AS (SELECT * FROM main.sightings WHERE violation_id IN (SELECT id FROM policy_rows)),
	assessments AS (SELECT * FROM main.assessments WHERE violation_id IN (SELECT id FROM policy_rows)),
	ticket_links AS (SELECT * FROM main.ticket_links WHERE violation_id IN (SELECT id FROM policy_rows)),
	conflicts AS (SELECT * FROM main.conflicts WHERE violation_id IN (SELECT id FROM policy_rows)),
	reported_matches AS (SELECT * FROM main.reported_matches WHERE violation_id IN (SELECT id FROM policy_rows)),
	matches AS (SELECT * FROM main.matches WHERE false) `

// reportedSeverity is what the sightings of violation v say.
const reportedSeverity = `(SELECT coalesce(min(nullif(g.severity, 4)), 4) FROM sightings g WHERE g.violation_id = v.id)`

// policySeverity is what policies make of the severity of violation v; NULL
// where they make nothing of it.
const policySeverity = `(SELECT min(r.severity) FROM matches m JOIN policies p ON p.id = m.policy_id AND p.mode = 'apply'
	JOIN policy_rules r ON r.policy_id = m.policy_id AND r.position = m.rule WHERE m.violation_id = v.id)`

// fillRows puts violations v into policy_rows, as they would be without what
// policies did to them.
func (e *evaluation) fillRows(from string) error {
	return e.exec(`INSERT INTO policy_rows SELECT v.* `+from,
		`UPDATE policy_rows SET state = 0 WHERE state = 2 AND ignored_by = 'policy'`,
		`UPDATE policy_rows AS v SET severity = `+reportedSeverity+` WHERE v.type > 0 AND v.state <> 1 AND `+policySeverity+` IS NOT NULL`)
}

// findTouched evaluates over policy_touched.
func (e *evaluation) findTouched(rules []rule) error {
	if err := e.fillRows(`FROM policy_touched t CROSS JOIN violations v ON v.id = t.violation_id`); err != nil {
		return err
	}
	for i := range rules {
		if err := e.find(&rules[i], narrowed, "policy_rows v", always); err != nil {
			return err
		}
	}
	return nil
}

// findEverywhere evaluates the chosen rules over all violations, and notes
// which pairs of watch and policy there are.
func (e *evaluation) findEverywhere(rules, chosen []rule) error {
	for _, r := range rules {
		if _, err := e.tx.ExecContext(e.ctx, `INSERT OR IGNORE INTO policy_pairs VALUES (?, ?, 0)`, r.watch, r.policy); err != nil {
			return err
		}
	}
	for i := range chosen {
		if _, err := e.tx.ExecContext(e.ctx, `UPDATE policy_pairs SET chosen = 1 WHERE watch_id = ? AND policy_id = ?`, chosen[i].watch, chosen[i].policy); err != nil {
			return err
		}
		if err := e.find(&chosen[i], "", "violations v", always); err != nil {
			return err
		}
	}
	return nil
}

// find adds what a rule matches, unless an earlier one of its policy did.
func (e *evaluation) find(r *rule, with, from string, only sqlText) error {
	condition := joinText([]sqlText{r.condition(), only}, " AND ")
	args := append([]any{r.watch, r.policy, r.position, r.tickets, r.since, r.grace}, condition.args...)
	_, err := e.tx.ExecContext(e.ctx, `INSERT OR IGNORE INTO policy_found `+with+`SELECT v.id, ?, ?, ?, ? AND v.first_seen >= ?, ? FROM `+from+` WHERE `+condition.text, args...)
	if err != nil {
		return fmt.Errorf("a policy cannot be evaluated: %w", err)
	}
	return nil
}

// store brings the matches of policy_touched to what was found, and notes the
// violations to which that may do something.
func (e *evaluation) store() error {
	const looked = `m.violation_id IN (SELECT violation_id FROM policy_touched)`
	return e.exec(
		`INSERT OR IGNORE INTO policy_changed SELECT m.violation_id`+acting+looked,
		`DELETE FROM matches AS m WHERE `+looked+` AND NOT EXISTS (SELECT 1 FROM policy_found f
			WHERE f.violation_id = m.violation_id AND f.watch_id = m.watch_id AND f.policy_id = m.policy_id)`,
		`INSERT INTO matches AS m (violation_id, watch_id, policy_id, rule, since, due)
			SELECT violation_id, watch_id, policy_id, rule, @now, CASE WHEN wanted THEN @now + grace END FROM policy_found WHERE true
			ON CONFLICT DO UPDATE SET rule = excluded.rule, due = CASE WHEN excluded.due IS NULL OR m.acted IS NOT NULL THEN NULL ELSE m.since + excluded.due - excluded.since END
			WHERE m.rule <> excluded.rule OR m.due IS NOT CASE WHEN excluded.due IS NULL OR m.acted IS NOT NULL THEN NULL ELSE m.since + excluded.due - excluded.since END`,
		`INSERT OR IGNORE INTO policy_changed SELECT f.violation_id FROM policy_found f
			JOIN policy_rules r ON r.policy_id = f.policy_id AND r.position = f.rule AND (r.severity IS NOT NULL OR r.ignore_until IS NOT NULL)`)
}
