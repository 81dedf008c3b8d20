package storage

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/google/uuid"

	"example.com/vexdesk/model"
)

// Take says which side of a conflict counts.
type Take string

// What a conflict can be resolved with; anything else is a value.
const (
	TakeLocal Take = "local"
	TakeJira  Take = "jira"
)

// check refuses a value that the field cannot hold.
func (t Take) check(field model.VEXField) error {
	switch {
	case t == TakeLocal || t == TakeJira:
		return nil
	case field == "":
		return fmt.Errorf("%q is neither local nor jira: name the field that it is a value for", t)
	}
	return new(model.Assessment).Set(field, string(t))
}

// ResolveConflicts ends disputes about a field, or about all fields where it
// is empty, of the given violations: with what is here, with what is in Jira,
// or with another value, which goes to Jira, too. It returns how many were
// resolved; ErrNoConflict where none of the violations has such a dispute.
func (s *Store) ResolveConflicts(ctx context.Context, actor model.Actor, ids []model.ViolationID, field model.VEXField, take Take) (n int, err error) {
	if err := take.check(field); err != nil {
		return 0, err
	}
	now, batch := s.now().UTC(), uuid.NewString()
	err = s.update(ctx, func(tx *sql.Tx) error {
		n = 0
		open, err := conflicts(ctx, tx, ids)
		if err != nil {
			return err
		}
		for i := range open {
			if field != "" && open[i].Field != field {
				continue
			}
			if err := s.resolve(ctx, tx, actor, &open[i], take, now, batch); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	if err == nil && n == 0 {
		return 0, s.noConflict(ctx, ids, field)
	}
	return n, err
}

// noConflict says that nothing of the violations is in dispute, or which of them
// is not there.
func (s *Store) noConflict(ctx context.Context, ids []model.ViolationID, field model.VEXField) error {
	who := fmt.Sprintf("%d violations", len(ids))
	if len(ids) == 1 {
		if _, err := s.Violation(ctx, ids[0]); err != nil {
			return err
		}
		who = "violation " + ids[0].String()
	}
	what := string(field)
	if what == "" {
		what = "no field"
	}
	return fmt.Errorf("%s of %s %w: 'vexdesk vex conflicts' lists what is", what, who, ErrNoConflict)
}

// ResolveChosen ends the disputes that a person has seen. One that holds other
// values by now, or is settled, is left alone and counted in left.
func (s *Store) ResolveChosen(ctx context.Context, actor model.Actor, chosen []Conflict, take Take) (n, left int, err error) {
	ids := make([]model.ViolationID, len(chosen))
	seen := make(map[conflictKey]*Conflict, len(chosen))
	for i := range chosen {
		if err := take.check(chosen[i].Field); err != nil {
			return 0, 0, err
		}
		ids[i] = chosen[i].Violation
		seen[chosen[i].key()] = &chosen[i]
	}
	now, batch := s.now().UTC(), uuid.NewString()
	err = s.update(ctx, func(tx *sql.Tx) error {
		n = 0
		open, err := conflicts(ctx, tx, ids)
		if err != nil {
			return err
		}
		for i := range open {
			was := seen[open[i].key()]
			if was == nil || was.Local != open[i].Local || was.Jira != open[i].Jira {
				continue
			}
			if err := s.resolve(ctx, tx, actor, &open[i], take, now, batch); err != nil {
				return err
			}
			n++
		}
		return nil
	})
	return n, len(chosen) - n, err
}

// conflictKey is what is in dispute.
type conflictKey struct {
	violation model.ViolationID
	ticket    string
	field     model.VEXField
}

func (c *Conflict) key() conflictKey { return conflictKey{c.Violation, c.Ticket, c.Field} }

func (s *Store) resolve(ctx context.Context, tx *sql.Tx, actor model.Actor, c *Conflict, take Take, now time.Time, batch string) error {
	_, err := tx.ExecContext(ctx, `INSERT OR REPLACE INTO resolved_conflicts (batch, violation_id, ticket_id, field, base, local, jira, local_at, jira_at, jira_by)
		SELECT ?, violation_id, ticket_id, field, base, local, jira, local_at, jira_at, jira_by FROM conflicts WHERE violation_id = ? AND ticket_id = ? AND field = ?`, batch, int64(c.Violation), c.ticketID, string(c.Field))
	if err != nil {
		return err
	}
	// What Jira holds was seen, so that the choice is made against it.
	_, err = tx.ExecContext(ctx, `INSERT OR REPLACE INTO vex_bases (ticket_id, violation_id, field, value) VALUES (?, ?, ?, ?)`, c.ticketID, int64(c.Violation), string(c.Field), c.Jira)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `DELETE FROM conflicts WHERE violation_id = ? AND ticket_id = ? AND field = ?`, int64(c.Violation), c.ticketID, string(c.Field)); err != nil {
		return err
	}
	before, origins, err := readAssessment(ctx, tx, int64(c.Violation))
	if err != nil {
		return err
	}
	after, from := before, model.Provenance{Source: "analyst", By: actor.Name, At: now, Ref: c.Ticket}
	switch take {
	case TakeLocal:
	case TakeJira:
		from.Source = "jira"
		err = after.Set(c.Field, c.Jira)
	default:
		err = after.Set(c.Field, string(take))
	}
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO audit (at, by, source, batch, violation_id, subject, field, before, after) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		now.UnixMilli(), actor.Name, actor.Source, batch, int64(c.Violation), vexSubject, "conflict over "+string(c.Field)+" resolved", c.Jira, after.Get(c.Field))
	if err != nil {
		return err
	}
	w := vexWrite{id: int64(c.Violation), actor: actor, batch: batch, subject: vexSubject, at: now, provenance: from}
	if err := w.store(ctx, tx, before, after, origins); err != nil {
		return err
	}
	return pushTicket(ctx, tx, c.ticketID, actor.Name, now.UnixMilli())
}

// reopen brings back the disputes that a batch ended, as long as Jira was not
// written to since. It returns the violations that it concerns.
func reopen(ctx context.Context, tx *sql.Tx, batch string, now int64) (ids []int64, err error) {
	ended, err := endedConflicts(ctx, tx, batch)
	if err != nil {
		return nil, err
	}
	for i := range ended {
		c := &ended[i]
		record, _, err := readAssessment(ctx, tx, int64(c.Violation))
		if err != nil {
			return nil, err
		}
		local := record.Get(c.Field)
		if model.SyncForm(c.Field, local) == c.Jira {
			continue
		}
		for _, step := range []struct {
			text string
			args []any
		}{
			{`UPDATE vex_bases SET value = ? WHERE ticket_id = ? AND violation_id = ? AND field = ?`, []any{c.Base, c.ticketID, int64(c.Violation), string(c.Field)}},
			{`INSERT OR REPLACE INTO conflicts (violation_id, ticket_id, field, base, local, jira, local_at, jira_at, jira_by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
				[]any{int64(c.Violation), c.ticketID, string(c.Field), c.Base, local, c.Jira, c.LocalAt.UnixMilli(), c.JiraAt.UnixMilli(), c.JiraBy}},
			{`UPDATE tickets SET vex_due = 1 WHERE id = ?`, []any{c.ticketID}},
			{`UPDATE violations SET updated = ? WHERE id = ?`, []any{now, int64(c.Violation)}},
		} {
			if _, err := tx.ExecContext(ctx, step.text, step.args...); err != nil {
				return nil, err
			}
		}
		ids = append(ids, int64(c.Violation))
	}
	_, err = tx.ExecContext(ctx, `DELETE FROM resolved_conflicts WHERE batch = ?`, batch)
	return ids, err
}

// endedConflicts are the disputes that a batch ended and of which Jira still
// holds what it held then, as far as is known here.
func endedConflicts(ctx context.Context, tx *sql.Tx, batch string) ([]Conflict, error) {
	rows, err := tx.QueryContext(ctx, `SELECT r.violation_id, r.ticket_id, r.field, r.base, r.jira, r.local_at, r.jira_at, r.jira_by
		FROM resolved_conflicts r JOIN vex_bases b ON b.ticket_id = r.ticket_id AND b.violation_id = r.violation_id AND b.field = r.field
		WHERE r.batch = ? AND b.value = r.jira AND b.sent IS NULL`, batch)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []Conflict
	for rows.Next() {
		var c Conflict
		var local, jira int64
		if err := rows.Scan(&c.Violation, &c.ticketID, &c.Field, &c.Base, &c.Jira, &local, &jira, &c.JiraBy); err != nil {
			return nil, err
		}
		c.LocalAt, c.JiraAt = time.UnixMilli(local).UTC(), time.UnixMilli(jira).UTC()
		out = append(out, c)
	}
	return out, rows.Err()
}
