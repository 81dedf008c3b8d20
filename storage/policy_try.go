package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

// asBefore are violations as they would be without what policies do to them:
// what is ignored by one counts as open, what is rated by one has its reported
// severity.
func (s *Store) asBefore(ctx context.Context) (string, error) {
	columns, err := strs(ctx, s.read, `SELECT name FROM pragma_table_xinfo('violations')`)
	if err != nil {
		return "", err
	}
	for i, name := range columns {
		switch name {
		case "state":
			columns[i] = `CASE WHEN v.state = 2 AND v.ignored_by = 'policy' THEN 0 ELSE v.state END AS state`
		case "severity":
			columns[i] = `CASE WHEN v.type > 0 AND v.state <> 1 AND ` + policySeverity + ` IS NOT NULL THEN ` + reportedSeverity + ` ELSE v.severity END AS severity`
		default:
			columns[i] = "v." + name
		}
	}
	return "(SELECT " + strings.Join(columns, ", ") + " FROM violations v) v", nil
}

// TryPolicy tells what a policy would match now, whether it is stored or not:
// for each rule how many violations it is the first to match, with some of the
// worst as examples. Nothing is changed.
func (s *Store) TryPolicy(ctx context.Context, p model.Policy, examples int) (model.PolicyMatches, error) {
	var out model.PolicyMatches
	if err := checkPolicy(&p, s.now()); err != nil {
		return out, err
	}
	var acts bool
	if err := s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM violations WHERE ignored_by = 'policy') OR EXISTS (SELECT 1`+acting+`r.severity IS NOT NULL)`).Scan(&acts); err != nil {
		return out, fmt.Errorf("the policy cannot be tried: %w", err)
	}
	from := "violations v"
	if acts {
		var err error
		if from, err = s.asBefore(ctx); err != nil {
			return out, err
		}
	}
	var earlier []sqlText
	for _, each := range p.Rules {
		q, err := query.Parse(each.Query, s.now())
		if err != nil {
			return out, err
		}
		r := rule{scope: &query.Query{}, query: q, kind: p.Type}
		condition := r.condition()
		only := condition
		for _, e := range earlier {
			only = within("%s AND NOT (%s)", only, e)
		}
		earlier = append(earlier, condition)
		m := model.RuleMatches{Rule: each}
		if err := s.read.QueryRowContext(ctx, "SELECT count(*) FROM "+from+" WHERE "+only.text, only.args...).Scan(&m.Count); err != nil {
			return out, fmt.Errorf("the policy cannot be tried: %w", err)
		}
		if m.Examples, err = s.examples(ctx, from, only, examples); err != nil {
			return out, err
		}
		out.Rules = append(out.Rules, m)
	}
	var err error
	out.Shared, err = s.sharedWith(ctx, p.Name, from, joinText(earlier, " OR "))
	return out, err
}

func (s *Store) examples(ctx context.Context, from string, condition sqlText, n int) ([]model.Row, error) {
	rows, err := s.read.QueryContext(ctx, fmt.Sprintf("SELECT v.id FROM %s WHERE %s ORDER BY v.severity, v.id LIMIT %d", from, condition.text, max(n, 0)), condition.args...)
	if err != nil {
		return nil, fmt.Errorf("the policy cannot be tried: %w", err)
	}
	ids, err := readIDs(rows)
	if err != nil {
		return nil, err
	}
	return s.RowsByID(ctx, ids)
}

func readIDs(rows *sql.Rows) (out []model.ViolationID, err error) {
	defer rows.Close() //nolint:errcheck // checked by Err
	for rows.Next() {
		var id model.ViolationID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

// sharedWith counts what other policies match too, those apart that match
// everything.
func (s *Store) sharedWith(ctx context.Context, name, from string, condition sqlText) (map[string]int, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT p.name, count(DISTINCT m.violation_id) FROM matches m JOIN policies p ON p.id = m.policy_id
		WHERE p.name <> ? AND m.violation_id IN (SELECT v.id FROM `+from+` WHERE `+condition.text+`) GROUP BY p.id`, append([]any{name}, condition.args...)...)
	if err != nil {
		return nil, fmt.Errorf("the policy cannot be tried: %w", err)
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	out := map[string]int{}
	for rows.Next() {
		var other string
		var n int
		if err := rows.Scan(&other, &n); err != nil {
			return nil, err
		}
		out[other] = n
	}
	return out, rows.Err()
}

// mutable are the keys whose values change without an import.
func mutable(key query.Key) bool {
	switch key {
	case query.KeyVEX, query.KeyJustification, query.KeyResponse, query.KeyTicket, query.KeyTicketStatus, query.KeyTicketCategory,
		query.KeyConnection, query.KeyConflict, query.KeyReview, query.KeyUpdated, query.KeyEPSS, query.KeyKEV, query.KeyCVSS, query.KeyHas:
		return true
	}
	return timely(key)
}

// timely are the keys whose terms hold or not as time goes by.
func timely(key query.Key) bool {
	info, _ := query.Lookup(string(key))
	return info.Kind == query.KindAge || info.Kind == query.KindTime
}

func (r *rule) names(is func(query.Key) bool) bool {
	found := false
	for _, q := range []*query.Query{r.scope, r.query} {
		query.Walk(q.Expr, func(e query.Expr) bool {
			if t, ok := e.(query.Term); ok && is(t.Key) {
				found = true
			}
			return !found
		})
	}
	return found
}

// evaluateEvery is how often what depends on the time, or changes without an
// import, is evaluated over everything.
const evaluateEvery = time.Hour

// dueEvaluation is what falls due without an import.
type dueEvaluation struct {
	// expired: something was ignored up to now. hourly: it is time to look at
	// what changes by itself. left: an edit was not followed to its end.
	expired, hourly, left bool
	next                  time.Time
}

func (s *Store) dueEvaluation(ctx context.Context) (d dueEvaluation, err error) {
	job, err := s.Job(ctx, "policies")
	if err != nil {
		return d, err
	}
	var until sql.NullInt64
	if err := s.read.QueryRowContext(ctx, `SELECT min(ignore_until) FROM violations WHERE ignored_by = 'policy'`).Scan(&until); err != nil {
		return d, err
	}
	changing, err := s.changing(ctx)
	if err != nil {
		return d, err
	}
	_, d.left, err = s.evaluationWanted(ctx)
	now := s.now()
	again := job.Finished.Add(evaluateEvery)
	d.next = fromMillis(until)
	d.expired, d.hourly = !d.next.IsZero() && !d.next.After(now), changing && !again.After(now)
	if changing && (d.next.IsZero() || again.Before(d.next)) {
		d.next = again
	}
	return d, err
}

// EvaluateDue does what falls due without an import: what was ignored up to
// now comes back, and, every hour, policies that ask for an age, a decision, a
// ticket or other things that change by themselves are evaluated over
// everything. What is left of an import whose process died is stored as well. It
// returns when more will be due; the zero time where nothing is
// foreseen.
func (s *Store) EvaluateDue(ctx context.Context, actor model.Actor) (next time.Time, err error) {
	if err := s.StoreLeft(ctx); err != nil {
		return next, err
	}
	d, err := s.dueEvaluation(ctx)
	if err != nil || !d.expired && !d.hourly && !d.left {
		return d.next, err
	}
	if d.left {
		if err := s.followLeft(ctx, actor); err != nil {
			return next, err
		}
	}
	now := s.now()
	if d.expired {
		err = s.update(ctx, func(tx *sql.Tx) error {
			e := newEvaluation(ctx, tx, now, actor)
			if err := e.prepare(); err != nil {
				return err
			}
			return errors.Join(e.act(), e.finish())
		})
		if err != nil {
			return next, err
		}
	}
	if d.hourly {
		if err := s.follow(ctx, actor, 0, mutables); err != nil {
			return next, err
		}
		if err := s.JobRan(ctx, "policies", now, nil); err != nil {
			return next, err
		}
	}
	d, err = s.dueEvaluation(ctx)
	return d.next, err
}

// mutables are all rules of the policies and watches of which one asks for what
// changes by itself.
func mutables(rules []rule) (out []rule) {
	changing := map[[2]int64]bool{}
	for i := range rules {
		if rules[i].names(mutable) {
			changing[[2]int64{rules[i].watch, rules[i].policy}] = true
		}
	}
	for _, r := range rules {
		if changing[[2]int64{r.watch, r.policy}] {
			out = append(out, r)
		}
	}
	return out
}

// changing reports whether some policy depends on what changes without an
// import.
func (s *Store) changing(ctx context.Context) (bool, error) {
	tx, err := s.read.BeginTx(ctx, &sql.TxOptions{ReadOnly: true})
	if err != nil {
		return false, err
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	rules, err := newEvaluation(ctx, tx, s.now(), model.Actor{}).rules()
	for i := range rules {
		if rules[i].names(mutable) {
			return true, err
		}
	}
	return false, err
}
