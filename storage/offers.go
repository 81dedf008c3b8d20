package storage

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/google/uuid"

	"example.com/vexdesk/model"
)

// Offer is a decision of another version of the same lineage, whose component
// has another version (B5).
type Offer struct {
	Violation model.ViolationID
	// From is the violation that was decided, of that product version and
	// component version.
	From                    model.ViolationID
	Version, ComponentThere string
	Assessment              model.Assessment
}

// Offers lists what is offered to the given violations.
func (s *Store) Offers(ctx context.Context, ids []model.ViolationID) ([]Offer, error) {
	return offers(ctx, s.read, ids)
}

func offers(ctx context.Context, q queryer, ids []model.ViolationID) ([]Offer, error) {
	list, err := idList(ids)
	if err != nil {
		return nil, err
	}
	rows, err := q.QueryContext(ctx, `SELECT v.id, o.id, n.name, k.version, a.status, a.qualifier, a.justification, a.response, a.impact, a.notes, a.action, a.review_by, a.provenance
		FROM violations v JOIN violations o ON o.id = v.offer_id JOIN versions n ON n.id = o.version_id JOIN components k ON k.id = o.component_id
		JOIN assessments a ON a.violation_id = o.id WHERE v.id IN (SELECT value FROM json_each(?)) ORDER BY v.id`, list)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []Offer
	for rows.Next() {
		var o Offer
		o.Assessment, _, err = scanAssessment(func(to ...any) error {
			return rows.Scan(append([]any{&o.Violation, &o.From, &o.Version, &o.ComponentThere}, to...)...)
		})
		if err != nil {
			return nil, err
		}
		out = append(out, o)
	}
	return out, rows.Err()
}

// AcceptOffers takes the decisions that are offered to violations: copies
// them, with provenance. Violations without an offer are left alone; it
// returns how many took one. 'vex undo' takes it back.
func (s *Store) AcceptOffers(ctx context.Context, actor model.Actor, ids []model.ViolationID) (n int, err error) {
	now, batch := s.now().UTC(), uuid.NewString()
	err = s.update(ctx, func(tx *sql.Tx) error {
		n = 0
		for _, id := range ids {
			if err := mustExist(ctx, tx, id); err != nil {
				return err
			}
		}
		found, err := offers(ctx, tx, ids)
		if err != nil {
			return err
		}
		for i := range found {
			o := &found[i]
			before, origins, err := readAssessment(ctx, tx, int64(o.Violation))
			if err != nil {
				return err
			}
			w := vexWrite{id: int64(o.Violation), actor: actor, batch: batch, subject: vexSubject, at: now,
				provenance: model.Provenance{Source: "carried", By: actor.Name, At: now, Ref: o.Version}}
			if err := w.store(ctx, tx, before, o.Assessment, origins); err != nil {
				return err
			}
			if _, err := tx.ExecContext(ctx, `UPDATE violations SET offer_id = NULL WHERE id = ?`, int64(o.Violation)); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}

// Judged is how the same issue and coordinate was judged elsewhere.
type Judged struct {
	Violation                  model.ViolationID
	Product, Version           string
	ComponentVersion           string
	Assessment                 model.Assessment
	Provenance                 map[model.VEXField]model.Provenance
	SameProduct, SameComponent bool
}

// JudgedElsewhere lists the decisions on the same issue and coordinate in
// other products and versions, the newest first.
func (s *Store) JudgedElsewhere(ctx context.Context, id model.ViolationID) ([]Judged, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT b.id, p.name, n.name, kb.version, b.product_id = a.product_id, kb.version = ka.version,
			x.status, x.qualifier, x.justification, x.response, x.impact, x.notes, x.action, x.review_by, x.provenance
		FROM violations a JOIN components ka ON ka.id = a.component_id JOIN violations b ON b.issue_id = a.issue_id AND b.id <> a.id
		JOIN components kb ON kb.id = b.component_id AND kb.coordinate = ka.coordinate JOIN products p ON p.id = b.product_id JOIN versions n ON n.id = b.version_id
		JOIN assessments x ON x.violation_id = b.id AND x.status <> '' WHERE a.id = ? ORDER BY x.updated DESC, b.id`, int64(id))
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []Judged
	for rows.Next() {
		var j Judged
		j.Assessment, j.Provenance, err = scanAssessment(func(to ...any) error {
			return rows.Scan(append([]any{&j.Violation, &j.Product, &j.Version, &j.ComponentVersion, &j.SameProduct, &j.SameComponent}, to...)...)
		})
		if err != nil {
			return nil, err
		}
		out = append(out, j)
	}
	return out, rows.Err()
}

// CopyVEX copies the decision of one violation to others: "how was it judged
// elsewhere", taken over. It returns how many records changed.
func (s *Store) CopyVEX(ctx context.Context, actor model.Actor, from model.ViolationID, to []model.ViolationID) (n int, err error) {
	now, batch := s.now().UTC(), uuid.NewString()
	err = s.update(ctx, func(tx *sql.Tx) error {
		n = 0
		if err := mustExist(ctx, tx, from); err != nil {
			return err
		}
		source, _, err := readAssessment(ctx, tx, int64(from))
		if err != nil {
			return err
		}
		if source.IsZero() {
			return fmt.Errorf("violation %s holds no decision to copy: %w", from, ErrNotFound)
		}
		var version string
		err = tx.QueryRowContext(ctx, `SELECT p.name || ' ' || n.name FROM violations v JOIN products p ON p.id = v.product_id JOIN versions n ON n.id = v.version_id WHERE v.id = ?`, int64(from)).Scan(&version)
		if err != nil {
			return err
		}
		for _, id := range to {
			if err := mustExist(ctx, tx, id); err != nil {
				return err
			}
			before, origins, err := readAssessment(ctx, tx, int64(id))
			if err != nil {
				return err
			}
			if id == from || before == source {
				continue
			}
			w := vexWrite{id: int64(id), actor: actor, batch: batch, subject: vexSubject, at: now,
				provenance: model.Provenance{Source: "carried", By: actor.Name, At: now, Ref: version}}
			if err := w.store(ctx, tx, before, source, origins); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, err
}
