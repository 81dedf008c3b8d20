package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"example.com/vexdesk/model"
)

// vexStatuses maps a status to the number that violations keep of it.
var vexStatuses = []model.VEXStatus{model.VEXNone, model.VEXInTriage, model.VEXAffected, model.VEXNotAffected, model.VEXFixed}

func vexOf(n int) model.VEXStatus {
	if n < 0 || n >= len(vexStatuses) {
		return model.VEXNone
	}
	return vexStatuses[n]
}

const assessmentColumns = `status, qualifier, justification, response, impact, notes, action, review_by, provenance`

// readAssessment reads the VEX record of a violation; none is the zero value.
func readAssessment(ctx context.Context, q queryer, id int64) (model.Assessment, map[model.VEXField]model.Provenance, error) {
	a, origins, err := scanAssessment(q.QueryRowContext(ctx, `SELECT `+assessmentColumns+` FROM assessments WHERE violation_id = ?`, id).Scan)
	if errors.Is(err, sql.ErrNoRows) {
		return model.Assessment{}, nil, nil
	}
	return a, origins, err
}

func scanAssessment(read func(...any) error) (a model.Assessment, origins map[model.VEXField]model.Provenance, err error) {
	var review sql.NullInt64
	var provenance string
	err = read(&a.Status, &a.Qualifier, &a.Justification, &a.Response, &a.Impact, &a.Notes, &a.Action, &review, &provenance)
	if err != nil {
		return a, nil, err
	}
	a.ReviewBy = fromMillis(review)
	if err := json.Unmarshal([]byte(provenance), &origins); err != nil {
		return a, nil, fmt.Errorf("the provenance of a decision cannot be read: %w", err)
	}
	return a, origins, nil
}

// vexWrite is one change of one violation's VEX record.
type vexWrite struct {
	id         int64
	actor      model.Actor
	batch      string
	subject    string
	at         time.Time
	provenance model.Provenance
}

// store writes the fields in which after differs from before, with their
// provenance and an audit entry each.
func (w *vexWrite) store(ctx context.Context, tx *sql.Tx, before, after model.Assessment, origins map[model.VEXField]model.Provenance) error {
	if origins == nil {
		origins = map[model.VEXField]model.Provenance{}
	}
	for _, field := range model.VEXFields() {
		old, fresh := before.Get(field), after.Get(field)
		if old == fresh {
			continue
		}
		origins[field] = w.provenance
		_, err := tx.ExecContext(ctx, `INSERT INTO audit (at, by, source, batch, violation_id, subject, field, before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			w.at.UnixMilli(), w.actor.Name, w.actor.Source, w.batch, w.id, w.subject, string(field), old, fresh)
		if err != nil {
			return err
		}
	}
	provenance, err := json.Marshal(origins)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO assessments (violation_id, `+assessmentColumns+`, updated) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		w.id, string(after.Status), after.Qualifier, after.Justification, after.Response, after.Impact, after.Notes, after.Action, toMillis(after.ReviewBy), string(provenance), w.at.UnixMilli())
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `UPDATE violations SET vex_status = `+statusNumber("?1")+`, offer_id = CASE WHEN ?1 <> '' THEN NULL ELSE offer_id END, updated = ?2 WHERE id = ?3`,
		string(after.Status), w.at.UnixMilli(), w.id)
	if err != nil {
		return err
	}
	return w.intend(ctx, tx, before, after)
}

// SetVEX changes fields of the VEX records of violations, in one transaction;
// the values are checked against the vocabulary. It returns how many records
// changed.
func (s *Store) SetVEX(ctx context.Context, actor model.Actor, ids []model.ViolationID, changes map[model.VEXField]string) (changed int, err error) {
	d, err := s.newDecision(actor, changes)
	if err != nil {
		return 0, err
	}
	err = s.update(ctx, func(tx *sql.Tx) error {
		changed, err = d.store(ctx, tx, ids)
		return err
	})
	if err != nil {
		return 0, err
	}
	return changed, nil
}

// decision is a change of VEX records that one undo takes back whole.
type decision struct {
	actor   model.Actor
	changes map[model.VEXField]string
	batch   string
	at      time.Time
}

// newDecision checks the values against the vocabulary.
func (s *Store) newDecision(actor model.Actor, changes map[model.VEXField]string) (decision, error) {
	return decision{actor, changes, uuid.NewString(), s.now().UTC()}, new(model.Assessment).Change(changes)
}

// store changes the records of violations and returns how many changed.
func (d *decision) store(ctx context.Context, tx *sql.Tx, ids []model.ViolationID) (changed int, err error) {
	for _, id := range ids {
		if err := mustExist(ctx, tx, id); err != nil {
			return 0, err
		}
		before, origins, err := readAssessment(ctx, tx, int64(id))
		if err != nil {
			return 0, err
		}
		after := before
		if err := after.Change(d.changes); err != nil {
			return 0, err
		}
		if after == before {
			continue
		}
		changed++
		w := vexWrite{id: int64(id), actor: d.actor, batch: d.batch, subject: vexSubject, at: d.at,
			provenance: model.Provenance{Source: "analyst", By: d.actor.Name, At: d.at}}
		if err := w.store(ctx, tx, before, after, origins); err != nil {
			return 0, err
		}
	}
	return changed, nil
}

// Subjects of audit entries that undo looks for.
const (
	vexSubject  = "vex"
	undoSubject = "undo:"
)

// UndoVEX takes back this actor's last SetVEX whole (ruling 26): every field
// that still holds what was set then gets its former value, and a dispute that
// it ended is open again, as long as nothing was sent. It returns how
// many records changed, 0 where there is nothing to undo.
func (s *Store) UndoVEX(ctx context.Context, actor model.Actor) (changed int, err error) {
	now := s.now().UTC()
	err = s.update(ctx, func(tx *sql.Tx) error {
		var batch string
		err := tx.QueryRowContext(ctx, `SELECT a.batch FROM audit a WHERE a.subject = ?1 AND a.subject <> '' AND a.by = ?2
			AND NOT EXISTS (SELECT 1 FROM audit u WHERE u.subject = '`+undoSubject+`' || a.batch AND u.subject <> '') ORDER BY a.id DESC LIMIT 1`,
			vexSubject, actor.Name).Scan(&batch)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		steps, err := vexSteps(ctx, tx, batch)
		if err != nil {
			return err
		}
		undone := map[int64]bool{}
		for _, id := range slices.Sorted(maps.Keys(steps)) {
			before, origins, err := readAssessment(ctx, tx, id)
			if err != nil {
				return err
			}
			after := before
			for field, values := range steps[id] {
				if before.Get(field) != values[1] {
					continue
				}
				if err := after.Set(field, values[0]); err != nil {
					return err
				}
			}
			if after == before {
				continue
			}
			undone[id] = true
			w := vexWrite{id: id, actor: actor, batch: uuid.NewString(), subject: undoSubject + batch, at: now,
				provenance: model.Provenance{Source: "analyst", By: actor.Name, At: now, Ref: "undo"}}
			if err := w.store(ctx, tx, before, after, origins); err != nil {
				return err
			}
			if before.Status != model.VEXNone && after.Status == model.VEXNone { // what it had been offered before holds again
				if _, err := tx.ExecContext(ctx, `UPDATE violations SET offer_id = `+offered+` WHERE id = ?`, id); err != nil {
					return err
				}
			}
		}
		written := len(undone)
		reopened, err := reopen(ctx, tx, batch, now.UnixMilli())
		if err != nil {
			return err
		}
		for _, id := range reopened {
			undone[id] = true
		}
		changed = len(undone)
		if written == 0 { // no record shows it: it is done with all the same
			return s.note(ctx, tx, actor, undoSubject+batch, "vex", "", "")
		}
		return nil
	})
	return changed, err
}

// vexSteps returns, per violation and field, the values before and after a
// batch. What was merged since is undone where it went.
func vexSteps(ctx context.Context, tx *sql.Tx, batch string) (map[int64]map[model.VEXField][2]string, error) {
	rows, err := tx.QueryContext(ctx, `SELECT v.id, a.field, a.before, a.after FROM audit a LEFT JOIN merged_violations m ON m.old_id = a.violation_id
		JOIN violations v ON v.id = coalesce(m.new_id, a.violation_id) WHERE a.batch = ? AND a.batch <> ''`, batch)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	steps := map[int64]map[model.VEXField][2]string{}
	for rows.Next() {
		var id int64
		var field model.VEXField
		var values [2]string
		if err := rows.Scan(&id, &field, &values[0], &values[1]); err != nil {
			return nil, err
		}
		if !slices.Contains(model.VEXFields(), field) {
			continue // tells of it, and holds no value
		}
		if steps[id] == nil {
			steps[id] = map[model.VEXField][2]string{}
		}
		steps[id][field] = values
	}
	return steps, rows.Err()
}

// queryer is what reads need: a transaction or a pool.
type queryer interface {
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func mustExist(ctx context.Context, q queryer, id model.ViolationID) error {
	var exists bool
	if err := q.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM violations WHERE id = ?)`, int64(id)).Scan(&exists); err != nil {
		return err
	}
	if !exists {
		return fmt.Errorf("violation %s: %w: 'vexdesk list' shows what there is", id, ErrNotFound)
	}
	return nil
}
