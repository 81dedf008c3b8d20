package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"example.com/vexdesk/model"
)

// ErrNoConflict means: the field of the violation is not in dispute.
var ErrNoConflict = errors.New("is not in conflict")

// Conflict is a VEX field that was changed differently here and in Jira since
// both agreed last. Neither side is overwritten until somebody chooses (B3).
type Conflict struct {
	Violation model.ViolationID
	// Ticket is the key; Issue, Component and Product say what it is about.
	Ticket, Issue, Component, Product string
	Field                             model.VEXField
	Base, Local, Jira                 string
	// LocalBy and JiraBy are who, "" where that is not known.
	LocalBy, JiraBy string
	LocalAt, JiraAt time.Time

	ticketID int64
}

// Conflicts lists the fields in dispute of the given violations, of all for
// nil, in order of violation and field.
func (s *Store) Conflicts(ctx context.Context, ids []model.ViolationID) ([]Conflict, error) {
	return conflicts(ctx, s.read, ids)
}

func conflicts(ctx context.Context, q queryer, ids []model.ViolationID) ([]Conflict, error) {
	condition, args := `true`, []any{}
	if ids != nil {
		list, err := idList(ids)
		if err != nil {
			return nil, err
		}
		condition, args = `x.violation_id IN (SELECT value FROM json_each(?))`, []any{list}
	}
	rows, err := q.QueryContext(ctx, `SELECT x.violation_id, x.ticket_id, t.key, i.display, k.name, p.name, x.field, x.base, x.local, x.jira, x.local_at, x.jira_at, x.jira_by,
			coalesce((SELECT json_extract(a.provenance, '$.' || x.field || '.by') FROM assessments a WHERE a.violation_id = x.violation_id), '')
		FROM conflicts x JOIN tickets t ON t.id = x.ticket_id JOIN violations v ON v.id = x.violation_id JOIN issues i ON i.id = v.issue_id
		JOIN components k ON k.id = v.component_id JOIN products p ON p.id = v.product_id WHERE `+condition+` ORDER BY x.violation_id, x.field <> 'status', x.field`, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []Conflict
	for rows.Next() {
		var c Conflict
		var local, jira int64
		err := rows.Scan(&c.Violation, &c.ticketID, &c.Ticket, &c.Issue, &c.Component, &c.Product, &c.Field, &c.Base, &c.Local, &c.Jira, &local, &jira, &c.JiraBy, &c.LocalBy)
		if err != nil {
			return nil, err
		}
		c.LocalAt, c.JiraAt = time.UnixMilli(local).UTC(), time.UnixMilli(jira).UTC()
		out = append(out, c)
	}
	return out, rows.Err()
}

// VEXProblem is a field of a ticket whose value in Jira cannot be understood.
type VEXProblem struct {
	Ticket  string
	Field   model.VEXField
	Problem string
	At      time.Time
}

// VEXProblems lists what cannot be understood on the tickets of a violation,
// or on all for 0.
func (s *Store) VEXProblems(ctx context.Context, violation model.ViolationID) ([]VEXProblem, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT t.key, x.field, x.problem, x.at FROM vex_problems x JOIN tickets t ON t.id = x.ticket_id
		WHERE ?1 = 0 OR x.ticket_id IN (SELECT ticket_id FROM ticket_links WHERE violation_id = ?1) ORDER BY t.id, x.field`, int64(violation))
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []VEXProblem
	for rows.Next() {
		var p VEXProblem
		var at int64
		if err := rows.Scan(&p.Ticket, &p.Field, &p.Problem, &at); err != nil {
			return nil, err
		}
		p.At = time.UnixMilli(at).UTC()
		out = append(out, p)
	}
	return out, rows.Err()
}

// MixedVEX lists the fields that wait because the violations of one ticket
// differ (ruling 22): those of the leading ticket of a violation. What would not
// go to Jira anyway waits for nothing.
func (s *Store) MixedVEX(ctx context.Context, violation model.ViolationID) ([]model.VEXField, error) {
	var ticket int64
	err := s.read.QueryRowContext(ctx, `SELECT t.id FROM violations x JOIN tickets t ON t.id = x.lead_ticket_id WHERE x.id = ? AND `+syncedTicket+` AND NOT `+withoutVEXFields, int64(violation)).Scan(&ticket)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	all, err := members(ctx, s.read, ticket)
	if err != nil {
		return nil, err
	}
	var out []model.VEXField
	for _, f := range model.SyncedFields() {
		if f == model.FieldNotes && slices.ContainsFunc(all, func(m member) bool { return !m.notes }) {
			continue
		}
		if slices.ContainsFunc(all, func(m member) bool {
			return model.SyncForm(f, m.record.Get(f)) != model.SyncForm(f, all[0].record.Get(f))
		}) {
			out = append(out, f)
		}
	}
	return out, nil
}

func stringList(list []string) (string, error) {
	text, err := json.Marshal(list)
	return string(text), err
}

// NameConflict records who changed a field in Jira that is in dispute, and
// when.
func (s *Store) NameConflict(ctx context.Context, ticket int64, f model.VEXField, by string, at time.Time) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE conflicts SET jira_by = ?, jira_at = ? WHERE ticket_id = ? AND field = ?`, model.Clean(by), at.UnixMilli(), ticket, string(f))
		return err
	})
}
