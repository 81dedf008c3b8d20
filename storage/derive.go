package storage

import (
	"fmt"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

// Licence and operational-risk violations come from what reports state, and
// from policies of these types (ruling 3): where such a rule asks about
// components alone, a component of a product version that fits it has the
// violation. The policy is then one of its sources, so that it is resolved and
// comes back like any other.

// derives tells whether the rule makes violations: it belongs to an applied
// policy of one of the two types and it asks about components alone, for a
// licence policy about their licences.
func (r *rule) derives() bool {
	if !r.applied || r.kind != model.License.String() && r.kind != model.OperationalRisk.String() {
		return false
	}
	licensed, terms, alone := false, 0, true
	for _, q := range []*query.Query{r.scope, r.query} {
		query.Walk(q.Expr, func(e query.Expr) bool {
			switch e := e.(type) {
			case query.Word:
				alone = false
			case query.Term:
				terms++
				alone = alone && aboutComponents(e.Key)
				licensed = licensed || e.Key == query.KeyLicense || e.Key == query.KeyBesides
			}
			return alone
		})
	}
	return alone && r.query.Expr != nil && terms > 0 && (licensed || r.kind == model.OperationalRisk.String())
}

func aboutComponents(key query.Key) bool {
	switch key {
	case query.KeyLicense, query.KeyBesides, query.KeyComponent, query.KeyPackageVersion, query.KeyEcosystem, query.KeyPURL, query.KeyPath,
		query.KeyProduct, query.KeyVersion, query.KeyResource, query.KeyEOL, query.KeyReleased, query.KeyNewer, query.KeyCadence, query.KeyCommits, query.KeyCommitters:
		return true
	}
	return false
}

// derives reports whether policies make violations, or made some before.
func (e *evaluation) derives(rules []rule) (bool, error) {
	for i := range rules {
		if rules[i].derives() {
			return true, nil
		}
	}
	var before bool
	err := e.tx.QueryRowContext(e.ctx, `SELECT EXISTS (SELECT 1 FROM sources WHERE format = 'policy')`).Scan(&before)
	return before, err
}

// derive makes and resolves the violations of policies in a version, and adds
// them to policy_touched: on the components of those of its violations that the
// statement selects, which has to select all violations of a component or none.
func (e *evaluation) derive(rules []rule, version int64, selection string, args ...any) error {
	var deriving []rule
	for _, r := range rules {
		if r.derives() {
			deriving = append(deriving, r)
		}
	}
	if any, err := e.derives(rules); err != nil || !any {
		return err
	}
	if err := e.exec(`CREATE TEMP TABLE IF NOT EXISTS policy_scope (violation_id INTEGER PRIMARY KEY)`, `DELETE FROM policy_scope`,
		`CREATE TEMP TABLE IF NOT EXISTS policy_derived (version_id INTEGER, component_id INTEGER, type INTEGER, identity TEXT COLLATE NOCASE, issue_id INTEGER, violation_id INTEGER,
			PRIMARY KEY (version_id, component_id, type)) WITHOUT ROWID`, `DELETE FROM policy_derived`); err != nil {
		return err
	}
	if _, err := e.tx.ExecContext(e.ctx, `INSERT INTO policy_scope `+selection, args...); err != nil {
		return err
	}
	if err := e.fillRows(`FROM policy_scope s CROSS JOIN violations v ON v.id = s.violation_id WHERE v.state <> 1
		AND EXISTS (SELECT 1 FROM sightings g JOIN sources o ON o.id = g.source_id WHERE g.violation_id = v.id AND o.format <> 'policy')`); err != nil {
		return err
	}
	for i := range deriving {
		if err := e.deriveBy(&deriving[i]); err != nil {
			return err
		}
	}
	if err := e.exec(`DELETE FROM policy_rows`); err != nil {
		return err
	}
	if err := e.namedIssues(); err != nil {
		return err
	}
	return e.settleDerived(version)
}

// deriveBy adds what one rule finds.
func (e *evaluation) deriveBy(r *rule) error {
	any := *r
	any.kind = ""
	condition := any.condition()
	identity := `'operational_risk'`
	if r.kind == model.License.String() {
		identity = `coalesce((SELECT group_concat(l.value, ', ') FROM components k, json_each(k.licenses) l WHERE k.id = v.component_id), 'unknown licence')`
	}
	_, err := e.tx.ExecContext(e.ctx, fmt.Sprintf(`INSERT OR IGNORE INTO policy_derived (version_id, component_id, type, identity) %s
		SELECT v.version_id, v.component_id, %d, %s FROM policy_rows v WHERE %s`, narrowed, typeNumber(r.kind), identity, condition.text), condition.args...)
	if err != nil {
		return fmt.Errorf("a policy cannot be evaluated over components: %w", err)
	}
	return nil
}

// namedIssues gives what was found its issues, which reports may have named
// already.
func (e *evaluation) namedIssues() error {
	rows, err := e.tx.QueryContext(e.ctx, `SELECT DISTINCT type, identity FROM policy_derived d WHERE NOT EXISTS (SELECT 1 FROM issue_aliases a WHERE a.alias = d.identity AND a.type = d.type)`)
	if err != nil {
		return err
	}
	type issue struct {
		kind model.ViolationType
		name string
	}
	var fresh []issue
	for rows.Next() {
		var i issue
		if err := rows.Scan(&i.kind, &i.name); err != nil {
			rows.Close() //nolint:errcheck // the scan's error counts
			return err
		}
		fresh = append(fresh, i)
	}
	rows.Close() //nolint:errcheck // checked by Err
	if err := rows.Err(); err != nil {
		return err
	}
	for _, i := range fresh {
		title := "Operational risk"
		if i.kind == model.License {
			title = "Licence " + i.name
		}
		_, err := e.tx.ExecContext(e.ctx, `INSERT INTO issues (type, display, title) VALUES (?, ?, ?)`, i.kind, i.name, title)
		if err == nil {
			_, err = e.tx.ExecContext(e.ctx, `INSERT INTO issue_aliases (alias, type, issue_id) VALUES (?, ?, last_insert_rowid())`, i.name, i.kind)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// settleDerived brings violations and sightings to what was found.
func (e *evaluation) settleDerived(version int64) error {
	mine := fmt.Sprintf(`(SELECT id FROM sources WHERE version_id = %d AND format = 'policy')`, version)
	return e.exec(
		`UPDATE policy_derived SET issue_id = (SELECT a.issue_id FROM issue_aliases a WHERE a.alias = policy_derived.identity AND a.type = policy_derived.type)`,
		`INSERT OR IGNORE INTO violations (type, issue_id, component_id, version_id, product_id, current, state, severity, first_seen, updated)
			SELECT d.type, d.issue_id, d.component_id, d.version_id, n.product_id, n.current, 0, 4, @now, @now FROM policy_derived d JOIN versions n ON n.id = d.version_id`,
		`UPDATE policy_derived SET violation_id = (SELECT v.id FROM violations v WHERE v.version_id = policy_derived.version_id AND v.issue_id = policy_derived.issue_id
			AND v.component_id = policy_derived.component_id)`,
		// What was made just now has no priority yet.
		tally("policy_derived d CROSS JOIN violations v ON v.id = d.violation_id WHERE v.priority < 0"),
		`UPDATE violations SET priority = (SELECT priority FROM violation_priorities WHERE violation_id = violations.id)
			WHERE priority < 0 AND id IN (SELECT violation_id FROM policy_derived)`,
		`INSERT OR IGNORE INTO sources (version_id, format, scanner, artifact) SELECT DISTINCT version_id, 'policy', 'vexdesk', '' FROM policy_derived`,
		`INSERT INTO imports (source_id, file, at, by, entries, findings) SELECT o.id, '', @now, 'policy', 0, 0 FROM sources o
			WHERE o.id IN `+mine+` AND NOT EXISTS (SELECT 1 FROM imports m WHERE m.source_id = o.id)`,
		`INSERT OR IGNORE INTO sightings (violation_id, source_id, import_id, reported_id, severity)
			SELECT d.violation_id, o.id, (SELECT max(m.id) FROM imports m WHERE m.source_id = o.id), d.identity, 4 FROM policy_derived d JOIN sources o ON o.version_id = d.version_id AND o.format = 'policy'`,
		`INSERT OR IGNORE INTO component_places SELECT component_id, '' FROM policy_derived`,
		// What is gone, and what is back.
		`INSERT OR IGNORE INTO policy_touched SELECT violation_id FROM policy_derived`,
		`INSERT OR IGNORE INTO policy_touched SELECT g.violation_id FROM policy_scope s CROSS JOIN sightings g ON g.violation_id = s.violation_id AND g.source_id IN `+mine,
		`DELETE FROM sightings WHERE violation_id IN (SELECT violation_id FROM policy_scope) AND source_id IN `+mine+`
			AND violation_id NOT IN (SELECT violation_id FROM policy_derived)`,
		`INSERT INTO audit (at, by, source, batch, violation_id, field, before, after) SELECT @now, '', 'policy', @batch, v.id, 'state', CASE v.state WHEN 0 THEN 'open' ELSE 'ignored' END, 'resolved'
			FROM policy_touched t JOIN violations v ON v.id = t.violation_id WHERE v.type > 0 AND v.state <> 1 AND NOT EXISTS (SELECT 1 FROM sightings g WHERE g.violation_id = v.id)`,
		`UPDATE violations SET state = 1, updated = @now, ignored_by = '', ignore_reason = '', ignore_until = NULL WHERE type > 0 AND state <> 1
			AND id IN (SELECT violation_id FROM policy_touched) AND NOT EXISTS (SELECT 1 FROM sightings g WHERE g.violation_id = violations.id)`,
		`INSERT INTO audit (at, by, source, batch, violation_id, field, before, after) SELECT @now, '', 'policy', @batch, v.id, 'state', 'resolved', 'open'
			FROM policy_derived d JOIN violations v ON v.id = d.violation_id WHERE v.state = 1`,
		`UPDATE violations SET state = 0, updated = @now WHERE state = 1 AND id IN (SELECT violation_id FROM policy_derived)`)
}
