package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"example.com/vexdesk/model"
)

// VEXObservation is what Jira was seen to hold in the VEX fields of a ticket.
type VEXObservation struct {
	TicketID int64
	// Fields has the fields that were readable.
	Fields map[model.VEXField]model.RemoteValue
	// Updated is Jira's time of the last change.
	Updated time.Time
	// Fresh tells that the issue was read by id. Without it, it came out of the
	// search index, which lags: it counts only where it is newer than what was
	// compared last, and never while an answer is outstanding.
	Fresh bool
}

// VEXChange is a value of Jira's that is to become another.
type VEXChange struct{ From, To string }

// VEXResult is what comparing one ticket came to.
type VEXResult struct {
	TicketID int64
	// Pulled and Conflicts count values of violations, Pulled those that were
	// taken from Jira and Conflicts those that are newly in dispute.
	Pulled, Conflicts int
	// Disputed are the fields whose conflicts are new or hold other values.
	Disputed []model.VEXField
	// Push has the values that Jira is to get.
	Push map[model.VEXField]VEXChange
}

// ApplyVEX compares tickets with what Jira was seen to hold, in one
// transaction: values that moved in Jira alone are taken, with audit and
// provenance; what moved here alone is returned, and unless sending is set an
// operation of the outbox carries it; what moved apart is kept as a conflict
// (B3). Tickets that need no comparison are missing from the result.
func (s *Store) ApplyVEX(ctx context.Context, seen []VEXObservation, sending bool) (results []VEXResult, err error) {
	m := merger{store: s, ctx: ctx, at: s.now().UTC(), batch: uuid.NewString()}
	err = s.update(ctx, func(tx *sql.Tx) error {
		m.tx, results = tx, nil
		for i := range seen {
			cleaned := seen[i]
			cleaned.Fields = cleanRemote(seen[i].Fields)
			r, compared, err := m.ticket(&cleaned)
			if err != nil {
				return fmt.Errorf("the VEX fields of ticket %d cannot be compared: %w", seen[i].TicketID, err)
			}
			if !compared {
				continue
			}
			if len(r.Push) > 0 && !sending {
				if err := pushTicket(ctx, tx, seen[i].TicketID, "", m.at.UnixMilli()); err != nil {
					return err
				}
			}
			results = append(results, r)
		}
		return nil
	})
	return results, err
}

// cleanRemote cleans what Jira holds (B9).
func cleanRemote(fields map[model.VEXField]model.RemoteValue) map[model.VEXField]model.RemoteValue {
	out := make(map[model.VEXField]model.RemoteValue, len(fields))
	for field, v := range fields {
		v.Value = model.CleanText(v.Value)
		out[field] = v
	}
	return out
}

// merger applies observations within one transaction.
type merger struct {
	store *Store
	ctx   context.Context
	tx    *sql.Tx
	at    time.Time
	batch string
}

func (m *merger) ticket(o *VEXObservation) (r VEXResult, compared bool, err error) {
	r = VEXResult{TicketID: o.TicketID, Push: map[model.VEXField]VEXChange{}}
	var key string
	var lastSeen int64
	var outstanding bool
	err = m.tx.QueryRowContext(m.ctx, `SELECT key, vex_seen, EXISTS (SELECT 1 FROM vex_bases b WHERE b.ticket_id = t.id AND b.sent IS NOT NULL) FROM tickets t WHERE id = ?`, o.TicketID).
		Scan(&key, &lastSeen, &outstanding)
	if errors.Is(err, sql.ErrNoRows) {
		return r, false, nil
	}
	if err != nil || !o.Fresh && (o.Updated.UnixMilli() <= lastSeen || outstanding) {
		return r, false, err
	}
	all, err := members(m.ctx, m.tx, o.TicketID)
	if err != nil {
		return r, false, err
	}
	after := make([]model.Assessment, len(all))
	for i := range all {
		after[i] = all[i].record
	}
	for _, f := range model.SyncedFields() {
		remote, readable := o.Fields[f]
		if !readable || len(all) == 0 {
			continue
		}
		if err := m.problem(o.TicketID, f, remote.Problem); err != nil || remote.Problem != "" {
			if err != nil {
				return r, false, err
			}
			continue
		}
		if err := m.field(o, f, all, after, remote.Value, &r); err != nil {
			return r, false, err
		}
	}
	for i := range all {
		if err := m.take(&all[i], after[i], key); err != nil {
			return r, false, err
		}
	}
	_, err = m.tx.ExecContext(m.ctx, `UPDATE tickets SET vex_due = 0, vex_seen = max(vex_seen, ?) WHERE id = ?`, o.Updated.UnixMilli(), o.TicketID)
	return r, true, err
}

// problem keeps what cannot be understood of a field, or clears it.
func (m *merger) problem(ticket int64, f model.VEXField, problem string) error {
	if problem == "" {
		_, err := m.tx.ExecContext(m.ctx, `DELETE FROM vex_problems WHERE ticket_id = ? AND field = ?`, ticket, string(f))
		return err
	}
	res, err := m.tx.ExecContext(m.ctx, `INSERT INTO vex_problems (ticket_id, field, problem, at) VALUES (?1, ?2, ?3, ?4)
		ON CONFLICT DO UPDATE SET problem = ?3, at = ?4 WHERE problem <> ?3`, ticket, string(f), cut(model.Clean(problem), 500), m.at.UnixMilli())
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	return touch(m.ctx, m.tx, ticket, m.at.UnixMilli())
}

// field merges one field of a ticket.
func (m *merger) field(o *VEXObservation, f model.VEXField, all []member, after []model.Assessment, remote string, r *VEXResult) error {
	bases, err := m.bases(o.TicketID, f)
	if err != nil {
		return err
	}
	in := model.SyncField{Field: f}
	for i := range all {
		b := bases[all[i].id]
		in.Members = append(in.Members, model.SyncMember{Violation: model.ViolationID(all[i].id), Local: all[i].record.Get(f), Base: b.value, Sent: b.sent})
		in.Held = in.Held || f == model.FieldNotes && !all[i].notes
	}
	merged := in.Merge(remote)
	for i, one := range merged.Members {
		if one.Action == model.MergePull {
			if err := after[i].Set(f, one.Base); err != nil {
				return err
			}
			r.Pulled++
		}
		if err := m.settle(o, f, &all[i], in.Members[i], one, remote, r); err != nil {
			return err
		}
	}
	if merged.Push {
		r.Push[f] = VEXChange{From: remote, To: merged.Value}
	}
	return nil
}

type base struct {
	value string
	sent  *string
}

func (m *merger) bases(ticket int64, f model.VEXField) (map[int64]base, error) {
	rows, err := m.tx.QueryContext(m.ctx, `SELECT violation_id, value, sent FROM vex_bases WHERE ticket_id = ? AND field = ?`, ticket, string(f))
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	out := map[int64]base{}
	for rows.Next() {
		var id int64
		var b base
		if err := rows.Scan(&id, &b.value, &b.sent); err != nil {
			return nil, err
		}
		out[id] = b
	}
	return out, rows.Err()
}

// settle keeps the base and the conflict of one violation's field.
func (m *merger) settle(o *VEXObservation, f model.VEXField, v *member, was model.SyncMember, now model.MemberMerge, remote string, r *VEXResult) error {
	if now.Base != was.Base || now.Settled {
		_, err := m.tx.ExecContext(m.ctx, `INSERT OR REPLACE INTO vex_bases (ticket_id, violation_id, field, value) VALUES (?, ?, ?, ?)`, o.TicketID, v.id, string(f), now.Base)
		if err != nil {
			return err
		}
	}
	if now.Action != model.MergeConflict {
		res, err := m.tx.ExecContext(m.ctx, `DELETE FROM conflicts WHERE violation_id = ? AND ticket_id = ? AND field = ?`, v.id, o.TicketID, string(f))
		if err != nil {
			return err
		}
		return m.touchIf(res, v.id)
	}
	localAt := v.updated
	if origin, ok := v.origins[f]; ok {
		localAt = origin.At
	}
	var known bool
	err := m.tx.QueryRowContext(m.ctx, `SELECT EXISTS (SELECT 1 FROM conflicts WHERE violation_id = ? AND ticket_id = ? AND field = ?)`, v.id, o.TicketID, string(f)).Scan(&known)
	if err != nil {
		return err
	}
	res, err := m.tx.ExecContext(m.ctx, `INSERT INTO conflicts (violation_id, ticket_id, field, base, local, jira, local_at, jira_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
		ON CONFLICT DO UPDATE SET base = ?4, local = ?5, jira = ?6, local_at = ?7, jira_at = ?8, jira_by = '' WHERE local <> ?5 OR jira <> ?6`,
		v.id, o.TicketID, string(f), now.Base, was.Local, remote, localAt.UnixMilli(), o.Updated.UnixMilli())
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil {
		return err
	} else if n > 0 && !slices.Contains(r.Disputed, f) {
		r.Disputed = append(r.Disputed, f)
	}
	if !known {
		r.Conflicts++
		_, err := m.tx.ExecContext(m.ctx, `INSERT INTO audit (at, by, source, batch, violation_id, field, before, after) VALUES (?, '', 'jira', ?, ?, ?, ?, ?)`,
			m.at.UnixMilli(), m.batch, v.id, "conflict over "+string(f), was.Local, remote)
		if err != nil {
			return err
		}
	}
	return m.touchIf(res, v.id)
}

// touchIf marks a violation as changed when a statement changed something.
func (m *merger) touchIf(res sql.Result, violation int64) error {
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	_, err := m.tx.ExecContext(m.ctx, `UPDATE violations SET updated = ? WHERE id = ?`, m.at.UnixMilli(), violation)
	return err
}

// take writes what came from Jira into a violation's record. A qualifier that
// the new status does not go with falls away with it.
func (m *merger) take(v *member, after model.Assessment, key string) error {
	if after == v.record {
		return nil
	}
	if after.Status != v.record.Status {
		after.Qualifier = ""
	}
	w := vexWrite{id: v.id, actor: model.Actor{Source: "jira"}, batch: m.batch, at: m.at,
		provenance: model.Provenance{Source: "jira", At: m.at, Ref: key}}
	return w.store(m.ctx, m.tx, v.record, after, v.origins)
}
