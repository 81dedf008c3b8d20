package storage

import (
	"encoding/json"
	"maps"
	"slices"
	"time"

	"example.com/vexdesk/model"
)

// statusNumber is the SQL that turns a status word into the number that
// violations keep for the list.
func statusNumber(column string) string {
	return `CASE ` + column + ` WHEN 'in_triage' THEN 1 WHEN 'affected' THEN 2 WHEN 'not_affected' THEN 3 WHEN 'fixed' THEN 4 ELSE 0 END`
}

// applyAnalyses takes decisions that the report carries where nothing was
// decided here.
func (c *commit) applyAnalyses() error {
	if !c.im.analysed || !c.shared {
		return nil
	}
	rows, err := c.QueryContext(c.ctx, `SELECT v.id, f.analysis`+placedRows+` AND f.analysis <> ''
		AND NOT EXISTS (SELECT 1 FROM assessments a WHERE a.violation_id = v.id)`, c.named()...)
	if err != nil {
		return err
	}
	carried := map[int64]model.Assessment{}
	for rows.Next() {
		var id int64
		var text string
		var a model.Assessment
		err := rows.Scan(&id, &text)
		if err == nil {
			err = json.Unmarshal([]byte(text), &a)
		}
		if err != nil {
			rows.Close() //nolint:errcheck // the scan's error counts
			return err
		}
		carried[id] = a
	}
	rows.Close() //nolint:errcheck // checked by Err
	if err := rows.Err(); err != nil {
		return err
	}
	at := time.UnixMilli(c.now).UTC()
	for _, id := range slices.Sorted(maps.Keys(carried)) {
		w := vexWrite{id: id, actor: model.Actor{Name: c.actor.Name, Source: "import"}, batch: c.batch, at: at,
			provenance: model.Provenance{Source: "document", By: c.actor.Name, At: at}}
		if a := known(carried[id]); !a.IsZero() {
			if err := w.store(c.ctx, c.Tx, model.Assessment{}, a, nil); err != nil {
				return err
			}
		}
	}
	return nil
}

// known is what vexdesk understands of a decision from outside, cleaned.
func known(from model.Assessment) (a model.Assessment) {
	for _, field := range model.VEXFields() {
		if a.Set(field, from.Get(field)) != nil {
			continue // a word outside the vocabulary decides nothing
		}
	}
	return a
}

// carryOver brings decisions of the same lineage to what is new in this
// version: copied where the component's version is the same, offered where it
// changed (B5, ruling 7). The newest decision counts.
func (c *commit) carryOver() (err error) {
	const fresh = `FROM violations v WHERE v.id > @base AND NOT EXISTS (SELECT 1 FROM assessments x WHERE x.violation_id = v.id)`
	decided, err := c.one(`SELECT EXISTS (SELECT 1 FROM tallies WHERE product_id = @product AND vex_status > 0 AND version_id <> @version AND n > 0)`)
	if err != nil || decided == 0 {
		return err
	}
	c.result.CarriedOver, err = c.run1(`INSERT INTO assessments
		(violation_id, status, qualifier, justification, response, impact, notes, action, review_by, provenance, updated)
		SELECT fresh, a.status, a.qualifier, a.justification, a.response, a.impact, a.notes, a.action, a.review_by,
			(SELECT json_group_object(p.key, json_object('source', 'carried', 'by', json_extract(p.value, '$.by'),
				'at', strftime('%Y-%m-%dT%H:%M:%fZ', @now / 1000.0, 'unixepoch'), 'ref', version)) FROM json_each(a.provenance) p), @now
		FROM (SELECT v.id AS fresh, (SELECT o.id FROM violations o JOIN assessments oa ON oa.violation_id = o.id
				WHERE o.product_id = v.product_id AND o.issue_id = v.issue_id AND o.component_id = v.component_id AND o.version_id <> v.version_id AND oa.status <> ''
				ORDER BY oa.updated DESC, o.id DESC LIMIT 1) AS old ` + fresh + `)
		JOIN assessments a ON a.violation_id = old
		JOIN (SELECT o.id AS oid, n.name AS version FROM violations o JOIN versions n ON n.id = o.version_id) ON oid = old`)
	if err != nil {
		return err
	}
	return c.exec(
		`UPDATE violations SET vex_status = (SELECT `+statusNumber("a.status")+` FROM assessments a WHERE a.violation_id = violations.id)
			WHERE id > @base AND id IN (SELECT violation_id FROM assessments WHERE violation_id > @base)`,
		`INSERT INTO audit (at, by, source, batch, violation_id, field, before, after)
			SELECT @now, @by, 'carried', @batch, a.violation_id, 'status', '', a.status FROM assessments a
			WHERE a.violation_id > @base AND json_extract(a.provenance, '$.status.source') = 'carried'`,
		`UPDATE violations SET offer_id = `+offered+` WHERE id IN (SELECT v.id `+fresh+`)`)
}

// offered is the violation whose decision is offered to a violation: the newest
// of the same lineage.
const offered = `(SELECT o.id FROM violations o JOIN components oc ON oc.id = o.component_id JOIN assessments oa ON oa.violation_id = o.id
	WHERE o.product_id = violations.product_id AND o.issue_id = violations.issue_id AND o.version_id <> violations.version_id AND oa.status <> ''
		AND oc.coordinate = (SELECT coordinate FROM components k WHERE k.id = violations.component_id)
	ORDER BY oa.updated DESC, o.id DESC LIMIT 1)`
