package storage

import (
	"context"
	"database/sql"
	"time"

	"example.com/vexdesk/model"
)

// syncedTicket is the condition under which a ticket t on a connection co
// carries VEX fields: it exists, is not grouped by component, and leads open
// violations of current versions of products whose sync is on (ruling 22). An
// absent connection column means that it does not matter.
const syncedTicket = `t.jira_id <> '' AND t.state = 'open' AND t.grouping <> 'component' AND EXISTS (SELECT 1 FROM violations v
	JOIN products p ON p.id = v.product_id AND p.sync = 1 WHERE v.lead_ticket_id = t.id AND v.current = 1 AND v.state = 0)`

// VEXTicket is a ticket whose VEX fields are kept in step.
type VEXTicket struct {
	ID          int64
	JiraID, Key string
	// Project is the one the key tells, IssueType its type where known.
	Project, IssueType string

	updated int64
}

// Newer reports whether a time of Jira's is later than the change of the
// ticket that was seen last.
func (t VEXTicket) Newer(at time.Time) bool { return at.UnixMilli() > t.updated }

const vexTicketColumns = `t.id, t.jira_id, t.key, t.issue_type, coalesce(t.jira_updated, 0)`

func (s *Store) vexTickets(ctx context.Context, condition string, args ...any) ([]VEXTicket, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT `+vexTicketColumns+` FROM tickets t WHERE `+condition, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []VEXTicket
	for rows.Next() {
		var t VEXTicket
		if err := rows.Scan(&t.ID, &t.JiraID, &t.Key, &t.IssueType, &t.updated); err != nil {
			return nil, err
		}
		t.Project, _ = splitKey(t.Key)
		out = append(out, t)
	}
	return out, rows.Err()
}

// VEXDue lists tickets of a connection whose VEX fields are to be compared by
// id: new ones, those that speak for other violations than before, those of a
// product whose sync was switched on, and all once in a while.
func (s *Store) VEXDue(ctx context.Context, connection int64, limit int) ([]VEXTicket, error) {
	return s.vexTickets(ctx, `t.connection_id = ? AND t.vex_due = 1 AND `+syncedTicket+` ORDER BY t.id LIMIT ?`, connection, limit)
}

// VEXTicketsByID finds tickets by Jira's ids; those without VEX sync are left
// out.
func (s *Store) VEXTicketsByID(ctx context.Context, connection int64, jiraIDs []string) (map[string]VEXTicket, error) {
	list, err := stringList(jiraIDs)
	if err != nil {
		return nil, err
	}
	found, err := s.vexTickets(ctx, `t.connection_id = ? AND t.jira_id IN (SELECT value FROM json_each(?)) AND `+syncedTicket, connection, list)
	out := make(map[string]VEXTicket, len(found))
	for _, t := range found {
		out[t.JiraID] = t
	}
	return out, err
}

// VEXPlace is a project and issue type in which tickets with VEX fields live.
type VEXPlace struct {
	Project, IssueType string
	Tickets            int
}

// VEXPlaces lists where tickets of a connection that are kept in step live.
func (s *Store) VEXPlaces(ctx context.Context, connection int64) ([]VEXPlace, error) {
	rows, err := s.read.QueryContext(ctx, `SELECT substr(t.key, 1, instr(t.key, '-') - 1), t.issue_type, count(*) FROM tickets t
		WHERE t.connection_id = ? AND `+syncedTicket+` GROUP BY 1, 2 ORDER BY 1, 2`, connection)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []VEXPlace
	for rows.Next() {
		var p VEXPlace
		if err := rows.Scan(&p.Project, &p.IssueType, &p.Tickets); err != nil {
			return nil, err
		}
		out = append(out, p)
	}
	return out, rows.Err()
}

// NoteIssueTypes remembers the issue types of tickets by their ids.
func (s *Store) NoteIssueTypes(ctx context.Context, types map[int64]string) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		for id, name := range types {
			if _, err := tx.ExecContext(ctx, `UPDATE tickets SET issue_type = ? WHERE id = ?`, model.Clean(name), id); err != nil {
				return err
			}
		}
		return nil
	})
}

// DropVEXDue says that nothing is to be compared on these tickets: their issue
// types hold no VEX fields.
func (s *Store) DropVEXDue(ctx context.Context, tickets []int64) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		for _, id := range tickets {
			if _, err := tx.ExecContext(ctx, `UPDATE tickets SET vex_due = 0 WHERE id = ?`, id); err != nil {
				return err
			}
		}
		return nil
	})
}

// SettleVEXDue takes off what is due whatever does not take part in the sync;
// it becomes due again when it does.
func (s *Store) SettleVEXDue(ctx context.Context, connection int64) error {
	var idle bool
	const settled = ` t.connection_id = ? AND t.vex_due = 1 AND t.state = 'open' AND NOT (` + syncedTicket + `)`
	if err := s.read.QueryRowContext(ctx, `SELECT NOT EXISTS (SELECT 1 FROM tickets t WHERE`+settled+`)`, connection).Scan(&idle); err != nil || idle {
		return err
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE tickets AS t SET vex_due = 0 WHERE`+settled, connection)
		return err
	})
}

// AskVEXSweep makes all tickets of a connection due to be compared by id, or
// those of one project of Jira where that is named.
func (s *Store) AskVEXSweep(ctx context.Context, connection int64, project string) error {
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE tickets SET vex_due = 1 WHERE connection_id = ?1 AND vex_due = 0 AND state = 'open' AND (?2 = '' OR key LIKE ?2 || '-%')`, connection, project)
		return err
	})
}

// member is a violation that a ticket speaks for, with its VEX record.
type member struct {
	id      int64
	record  model.Assessment
	origins map[model.VEXField]model.Provenance
	notes   bool // notes may be pushed (ruling 25)
	updated time.Time
}

// members are the violations whose VEX fields a ticket carries (ruling 22).
func members(ctx context.Context, q queryer, ticket int64) ([]member, error) {
	rows, err := q.QueryContext(ctx, `SELECT v.id, p.push_notes, coalesce(a.updated, v.updated), coalesce(a.status, ''), coalesce(a.qualifier, ''), coalesce(a.justification, ''),
			coalesce(a.response, ''), coalesce(a.impact, ''), coalesce(a.notes, ''), coalesce(a.action, ''), a.review_by, coalesce(a.provenance, '{}')
		FROM violations v JOIN products p ON p.id = v.product_id AND p.sync = 1 LEFT JOIN assessments a ON a.violation_id = v.id
		WHERE v.lead_ticket_id = ? AND v.current = 1 AND v.state = 0 ORDER BY v.id`, ticket)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []member
	for rows.Next() {
		var m member
		var at sql.NullInt64
		m.record, m.origins, err = scanAssessment(func(to ...any) error {
			return rows.Scan(append([]any{&m.id, &m.notes, &at}, to...)...)
		})
		if err != nil {
			return nil, err
		}
		m.updated = fromMillis(at)
		out = append(out, m)
	}
	return out, rows.Err()
}

// VEXValues is what the violations of a ticket agree on, field by field, in
// the form in which it goes to Jira: for filling a new issue. Fields on which
// they differ, that are empty or that are held back are missing. Internal
// notes are among them: they are prefilled (ruling 25).
func (s *Store) VEXValues(ctx context.Context, ticket int64) (map[model.VEXField]string, error) {
	var grouping string
	if err := s.read.QueryRowContext(ctx, `SELECT grouping FROM tickets WHERE id = ?`, ticket).Scan(&grouping); err != nil || grouping == string(model.GroupComponent) {
		return nil, err
	}
	all, err := members(ctx, s.read, ticket)
	if err != nil {
		return nil, err
	}
	out := map[model.VEXField]string{}
	for _, f := range model.SyncedFields() {
		for i, m := range all {
			value := model.SyncForm(f, m.record.Get(f))
			if i > 0 && out[f] != value {
				delete(out, f)
				break
			}
			out[f] = value
		}
		if out[f] == "" {
			delete(out, f)
		}
	}
	return out, nil
}
