package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/gofrs/flock"

	"example.com/vexdesk/model"
)

// An edit of a policy or a watch may concern every violation. It is stored at
// once, with the wish that what follows from it be worked out; that happens in
// two steps. What could differ is found by reading alone, on a connection of its
// own, set by set. Then those violations, and no others, are evaluated as an
// import evaluates what it touched: a few hundred in a transaction, with a
// breath between, so that nobody else waits. A kill leaves the wish: the next
// syncer goes on with what still differs.

const (
	evaluateRows = 500
	// evaluateJob is the job whose asked is set while an evaluation is wanted.
	evaluateJob = "evaluate"
)

// wantEvaluation notes within the transaction of an edit that it has to be
// followed. others tells that an earlier edit waits for that as well: whoever
// follows this one follows all.
func wantEvaluation(ctx context.Context, tx *sql.Tx, now time.Time) (asked int64, others bool, err error) {
	err = tx.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM jobs WHERE name = ? AND asked IS NOT NULL)`, evaluateJob).Scan(&others)
	if err != nil {
		return 0, false, err
	}
	err = tx.QueryRowContext(ctx, `INSERT INTO jobs (name, asked) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET asked = max(coalesce(asked, 0) + 1, ?2) RETURNING asked`,
		evaluateJob, now.UnixMilli()).Scan(&asked)
	return asked, others, err
}

// evaluationWanted reports whether an edit has not been followed to its end.
func (s *Store) evaluationWanted(ctx context.Context) (asked int64, wanted bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT asked FROM jobs WHERE name = ? AND asked IS NOT NULL`, evaluateJob).Scan(&asked)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, false, nil
	}
	return asked, err == nil, err
}

// edit stores an edit of policies or watches and follows it; change reports
// whether there is anything to follow.
func (s *Store) edit(ctx context.Context, actor model.Actor, change func(e *evaluation) (bool, error)) error {
	var e *evaluation
	follow, others := false, false
	var asked int64
	err := s.update(ctx, func(tx *sql.Tx) error {
		e = newEvaluation(ctx, tx, s.now(), actor)
		var err error
		if follow, err = change(e); err != nil || !follow {
			return err
		}
		asked, others, err = wantEvaluation(ctx, tx, e.now)
		return err
	})
	if err != nil || !follow {
		return err
	}
	chosen := e.chosen
	if others {
		chosen = everyRule
	}
	return s.follow(ctx, actor, asked, chosen)
}

// follow evaluates the chosen rules over everything, and what no rule wants any
// more. With that the wish asked is fulfilled, 0 where there is none; a later
// one stays. Only one process does so at a time.
func (s *Store) follow(ctx context.Context, actor model.Actor, asked int64, chosen func([]rule) []rule) error {
	lock := flock.New(s.path+".evaluate", flock.SetPermissions(0o600))
	if ok, err := lock.TryLockContext(ctx, 20*time.Millisecond); err != nil || !ok {
		return fmt.Errorf("the change is stored, and the next sync works out what follows from it: %w", errors.Join(err, lock.Unlock()))
	}
	err := s.evaluateAll(ctx, actor, asked, chosen)
	if err != nil {
		err = fmt.Errorf("the change is stored, and the next sync works out what is left to follow from it: %w", err)
	}
	return errors.Join(err, lock.Unlock())
}

// followLeft goes on with an evaluation that somebody was interrupted in.
func (s *Store) followLeft(ctx context.Context, actor model.Actor) error {
	lock := flock.New(s.path+".evaluate", flock.SetPermissions(0o600))
	ok, err := lock.TryLock()
	if err != nil || !ok {
		return err // somebody is at it
	}
	asked, wanted, err := s.evaluationWanted(ctx)
	if err == nil && wanted {
		err = s.evaluateAll(ctx, actor, asked, everyRule)
	}
	return errors.Join(err, lock.Unlock())
}

func everyRule(all []rule) []rule { return all }

func (s *Store) evaluateAll(ctx context.Context, actor model.Actor, asked int64, chosen func([]rule) []rule) error {
	if err := s.deriveAll(ctx, actor); err != nil {
		return err
	}
	ids, err := s.differing(ctx, actor, chosen)
	if err != nil {
		return err
	}
	now := s.now()
	for len(ids) > 0 {
		part := ids[:min(len(ids), evaluateRows)]
		ids = ids[len(part):]
		if err := s.evaluateThese(ctx, actor, now, part); err != nil {
			return err
		}
		if len(ids) > 0 {
			if err := s.breathe(ctx); err != nil {
				return err
			}
		}
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM watches WHERE id NOT IN (SELECT watch_id FROM watch_policies) AND NOT EXISTS (SELECT 1 FROM matches m WHERE m.watch_id = watches.id)`)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE jobs SET asked = NULL, started = ?2, finished = ?3 WHERE name = ?1 AND asked = ?4`, evaluateJob, now.UnixMilli(), s.millis(), asked)
		return err
	})
}

// deriveAll makes and resolves the violations of licence and operational-risk
// policies, as many components in a transaction as have evaluateRows violations.
func (s *Store) deriveAll(ctx context.Context, actor model.Actor) error {
	now := s.now()
	if derives, err := s.derives(ctx, actor); err != nil || !derives {
		return err
	}
	versions, err := s.ids(ctx, sqlf(`SELECT id FROM versions WHERE current = 1`))
	if err != nil {
		return err
	}
	for i, version := range versions {
		parts, err := s.byComponent(ctx, version)
		if err != nil {
			return err
		}
		for j, part := range parts {
			if i+j > 0 {
				if err := s.breathe(ctx); err != nil {
					return err
				}
			}
			if err := s.deriveThese(ctx, actor, now, version, part); err != nil {
				return err
			}
		}
	}
	return nil
}

// derives reports whether any policy makes violations, or made some.
func (s *Store) derives(ctx context.Context, actor model.Actor) (bool, error) {
	tx, err := s.read.BeginTx(ctx, nil)
	if err != nil {
		return false, err
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	e := newEvaluation(ctx, tx, s.now(), actor)
	rules, err := e.rules()
	if err != nil {
		return false, err
	}
	return e.derives(rules)
}

// byComponent cuts the violations of a version into parts of evaluateRows, or
// more where one component has more: a component is never cut.
func (s *Store) byComponent(ctx context.Context, version int64) (parts [][]model.ViolationID, err error) {
	rows, err := s.read.QueryContext(ctx, `SELECT id, component_id FROM violations WHERE version_id = ? ORDER BY component_id`, version)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var part []model.ViolationID
	var last int64
	for rows.Next() {
		var id model.ViolationID
		var component int64
		if err := rows.Scan(&id, &component); err != nil {
			return nil, err
		}
		if component != last && len(part) >= evaluateRows {
			parts, part = append(parts, part), nil
		}
		part, last = append(part, id), component
	}
	if len(part) > 0 {
		parts = append(parts, part)
	}
	return parts, rows.Err()
}

// deriveThese makes and resolves the violations of policies on the components of
// some violations of a version.
func (s *Store) deriveThese(ctx context.Context, actor model.Actor, now time.Time, version int64, ids []model.ViolationID) error {
	list, err := idList(ids)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		e := newEvaluation(ctx, tx, now, actor)
		rules, err := e.rules()
		if err != nil {
			return err
		}
		if err := e.prepare(); err != nil {
			return err
		}
		if err := e.derive(rules, version, `SELECT value FROM json_each(?)`, list); err != nil {
			return err
		}
		return e.run()
	})
}

// evaluateThese brings the matches of some violations, and what follows from
// them, to what the rules say now.
func (s *Store) evaluateThese(ctx context.Context, actor model.Actor, now time.Time, ids []model.ViolationID) error {
	list, err := idList(ids)
	if err != nil {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		e := newEvaluation(ctx, tx, now, actor)
		if err := e.prepare(); err != nil {
			return err
		}
		for _, table := range []string{"policy_touched", "policy_changed"} {
			if _, err := tx.ExecContext(ctx, `INSERT INTO `+table+` SELECT v.id FROM json_each(?) j CROSS JOIN violations v ON v.id = j.value`, list); err != nil {
				return err
			}
		}
		return e.run()
	})
}

// differing finds the violations for which the chosen rules, or the pairs of
// watch and policy that are no more, may lead to something else than what is
// stored. It writes into temporary tables of its own connection alone.
func (s *Store) differing(ctx context.Context, actor model.Actor, chosen func([]rule) []rule) (ids []model.ViolationID, err error) {
	db, err := openPool(s.path, "deferred", false, 1)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() //nolint:errcheck // nothing was written
	e := newEvaluation(ctx, tx, s.now(), actor)
	rules, err := e.rules()
	if err == nil {
		err = e.prepare()
	}
	if err == nil {
		err = e.findEverywhere(rules, chosen(rules))
	}
	if err == nil {
		err = e.exec(`CREATE TEMP TABLE policy_due (violation_id INTEGER PRIMARY KEY)`,
			// What a policy did to a violation is not what a query means by its
			// state and severity: such violations are always looked at closely.
			`INSERT OR IGNORE INTO policy_due SELECT id FROM violations WHERE ignored_by = 'policy'`,
			`INSERT OR IGNORE INTO policy_due SELECT m.violation_id`+acting+`r.severity IS NOT NULL`,
			`INSERT OR IGNORE INTO policy_due SELECT v.id FROM violations v CROSS JOIN matches m ON m.violation_id = v.id WHERE v.type > 0 AND v.state <> 1`,
			// Pairs that are no more.
			`INSERT OR IGNORE INTO policy_due SELECT violation_id FROM matches WHERE (watch_id, policy_id) NOT IN (SELECT watch_id, policy_id FROM policy_pairs)`,
			// Matches of the chosen pairs that are no more.
			`INSERT OR IGNORE INTO policy_due SELECT m.violation_id FROM policy_pairs p CROSS JOIN matches m ON m.watch_id = p.watch_id AND m.policy_id = p.policy_id
				WHERE p.chosen = 1 AND NOT EXISTS (SELECT 1 FROM policy_found f WHERE f.violation_id = m.violation_id AND f.watch_id = m.watch_id AND f.policy_id = m.policy_id)`,
			// Matches that are new, or by another rule, or due at another time; and
			// what their rules do to the violation.
			`INSERT OR IGNORE INTO policy_due SELECT f.violation_id FROM policy_found f LEFT JOIN matches m ON m.violation_id = f.violation_id AND m.watch_id = f.watch_id AND m.policy_id = f.policy_id
				WHERE m.rule IS NULL OR m.rule <> f.rule OR m.due IS NOT CASE WHEN f.wanted AND m.acted IS NULL THEN m.since + f.grace END`,
			`INSERT OR IGNORE INTO policy_due SELECT f.violation_id FROM policy_found f
				JOIN policy_rules r ON r.policy_id = f.policy_id AND r.position = f.rule AND (r.severity IS NOT NULL OR r.ignore_until IS NOT NULL)`)
	}
	if err != nil {
		return nil, fmt.Errorf("what an edit changes cannot be found: %w", err)
	}
	rows, err := tx.QueryContext(ctx, `SELECT violation_id FROM policy_due ORDER BY 1`)
	if err != nil {
		return nil, err
	}
	return readIDs(rows)
}
