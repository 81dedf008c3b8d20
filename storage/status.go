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

// DueTicket is a ticket whose status is to be fetched.
type DueTicket struct {
	ID           int64
	ConnectionID int64
	Project      string
	JiraID, Key  string
	Asked        bool
}

// DueTickets lists tickets whose status is to be fetched: those asked for
// (S3), those not fetched since before, and, where the connection was broken,
// all. Left alone are those older than the setting ticket.age unless asked for
// by name (S6), deleted ones (S7), connections whose retrieval is off, and all
// but the connections given, unless that is nil.
func (s *Store) DueTickets(ctx context.Context, before time.Time, limit int, connections []int64) ([]DueTicket, error) {
	age, err := s.DurationSetting(ctx, "ticket.age")
	if err != nil {
		return nil, err
	}
	of, err := json.Marshal(connections) // null for nil
	if err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, `SELECT t.id, t.connection_id, t.project, t.jira_id, t.key, t.asked > 0 FROM (
			SELECT * FROM (SELECT a.id FROM tickets a INDEXED BY tickets_asked CROSS JOIN connections ac ON ac.id = a.connection_id AND ac.state = 'active' AND ac.retrieve_tickets = 1
				WHERE a.asked > 0 AND (a.asked = 2 OR a.state = 'open') AND a.jira_id <> ''
				AND (?4 = 'null' OR ac.id IN (SELECT value FROM json_each(?4))) ORDER BY a.asked DESC LIMIT ?3)
			UNION SELECT * FROM (SELECT w.id FROM tickets w JOIN connections wc ON wc.id = w.connection_id AND wc.state = 'active' AND wc.retrieve_tickets = 1
				WHERE w.state = 'open' AND w.refreshed < ?2 AND coalesce(w.jira_created, w.requested) >= ?1
				AND (?4 = 'null' OR wc.id IN (SELECT value FROM json_each(?4))) ORDER BY w.refreshed LIMIT ?3)
			UNION SELECT * FROM (SELECT b.id FROM connections bc CROSS JOIN tickets b ON b.connection_id = bc.id
				WHERE bc.broken_since IS NOT NULL AND b.jira_id <> '' AND b.state = 'open' AND coalesce(b.jira_created, b.requested) >= ?1
				AND (?4 = 'null' OR bc.id IN (SELECT value FROM json_each(?4))) LIMIT ?3)
		) due CROSS JOIN tickets t ON t.id = due.id JOIN connections co ON co.id = t.connection_id
		WHERE co.state = 'active' AND co.retrieve_tickets = 1 AND t.jira_id <> '' AND (?4 = 'null' OR co.id IN (SELECT value FROM json_each(?4)))
		ORDER BY t.asked DESC, t.connection_id, t.id LIMIT ?3`, s.now().Add(-age).UnixMilli(), before.UnixMilli(), limit, string(of))
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []DueTicket
	for rows.Next() {
		var t DueTicket
		if err := rows.Scan(&t.ID, &t.ConnectionID, &t.Project, &t.JiraID, &t.Key, &t.Asked); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, rows.Err()
}

// HasTickets reports whether a connection has tickets that are in Jira, as far as
// is known.
func (s *Store) HasTickets(ctx context.Context, connection int64) (has bool, err error) {
	err = s.read.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM tickets WHERE connection_id = ? AND jira_id <> '' AND state = 'open')`, connection).Scan(&has)
	return has, err
}

// NextStatusDue is when the earliest ticket that schedules look after will be
// due for the given interval; the zero time where there is none.
func (s *Store) NextStatusDue(ctx context.Context, interval time.Duration) (time.Time, error) {
	age, err := s.DurationSetting(ctx, "ticket.age")
	if err != nil {
		return time.Time{}, err
	}
	var oldest sql.NullInt64
	err = s.read.QueryRowContext(ctx, `SELECT t.refreshed FROM tickets t JOIN connections co ON co.id = t.connection_id
		WHERE t.state = 'open' AND coalesce(t.jira_created, t.requested) >= ? AND co.state = 'active' AND co.retrieve_tickets = 1
		ORDER BY t.refreshed LIMIT 1`, s.now().Add(-age).UnixMilli()).Scan(&oldest)
	if errors.Is(err, sql.ErrNoRows) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	return time.UnixMilli(oldest.Int64).Add(interval), nil
}

// StatusNews is what Jira said of a ticket, or that it said nothing.
type StatusNews struct {
	ID int64 `json:"id"`
	// State is open, deleted or hidden; for open the rest is set.
	State    model.TicketState `json:"state"`
	Key      string            `json:"key"`
	Project  string            `json:"project"`
	Status   string            `json:"status"`
	Category string            `json:"category"`
	Summary  string            `json:"summary"`
	Created  int64             `json:"created"`
	Updated  int64             `json:"updated"`
	Problem  string            `json:"problem"`
}

// SetStatuses records what Jira said, in one transaction: all tickets count as
// refreshed, only what differs is written beyond that and appears in the
// history. It returns how many tickets changed.
func (s *Store) SetStatuses(ctx context.Context, news []StatusNews) (changed int, err error) {
	for i := range news {
		n := &news[i]
		n.Key, n.Status, n.Category = model.Clean(n.Key), model.Clean(n.Status), model.Clean(n.Category)
		n.Summary, n.Problem = cut(model.Clean(n.Summary), 300), model.Clean(n.Problem)
	}
	now := s.millis()
	err = s.update(ctx, func(tx *sql.Tx) error {
		differing, err := whichDiffer(ctx, tx, news)
		if err != nil {
			return err
		}
		if changed, err = writeStatuses(ctx, tx, differing, now); err != nil {
			return err
		}
		type seen struct{ ID, Updated int64 }
		all := make([]seen, len(news))
		for i := range news {
			all[i] = seen{news[i].ID, news[i].Updated}
		}
		list, err := json.Marshal(all)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `UPDATE tickets AS t SET refreshed = ?2, asked = 0, jira_updated = coalesce(nullif(value ->> '$.Updated', 0), t.jira_updated) FROM json_each(?1) WHERE t.id = value ->> '$.ID'`, string(list), now)
		if err != nil {
			return err
		}
		return s.noteKeys(ctx, tx, news)
	})
	return changed, err
}

// told are the news of a JSON list as a table n.
const told = `WITH told AS (SELECT value ->> '$.id' AS id, value ->> '$.state' AS state, value ->> '$.key' AS key, value ->> '$.project' AS project, value ->> '$.status' AS status,
	value ->> '$.category' AS category, value ->> '$.summary' AS summary, value ->> '$.created' AS created, value ->> '$.problem' AS problem FROM json_each(?1)) `

// statusDiffers is what a row of the list shows, beyondStatus what only the
// ticket's own does.
const (
	statusDiffers = `(t.state <> n.state OR n.state = 'open' AND (t.status <> n.status OR t.category <> n.category OR t.key <> n.key))`
	beyondStatus  = `(t.problem <> n.problem OR n.state = 'open' AND (t.summary <> n.summary OR n.created <> 0 AND n.created IS NOT t.jira_created))`
)

// whichDiffer are the news that are any: of most tickets Jira says what is known.
func whichDiffer(ctx context.Context, tx *sql.Tx, news []StatusNews) (differing []StatusNews, err error) {
	list, err := json.Marshal(news)
	if err != nil {
		return nil, err
	}
	ids, err := ints(ctx, tx, told+`SELECT t.id FROM told n CROSS JOIN tickets t ON t.id = n.id WHERE `+statusDiffers+` OR `+beyondStatus, string(list))
	if err != nil {
		return nil, err
	}
	for i := range news {
		if slices.Contains(ids, news[i].ID) {
			differing = append(differing, news[i])
		}
	}
	return differing, nil
}

// writeStatuses writes news that differ, with their history, and returns how
// many tickets they changed.
func writeStatuses(ctx context.Context, tx *sql.Tx, news []StatusNews, now int64) (int, error) {
	if len(news) == 0 {
		return 0, nil
	}
	list, err := json.Marshal(news)
	if err != nil {
		return 0, err
	}
	const history = told + `INSERT INTO audit (at, by, source, violation_id, subject, field, before, after) SELECT ?2, '', 'jira', l.violation_id, `
	const linked = ` FROM told n JOIN tickets t ON t.id = n.id JOIN ticket_links l ON l.ticket_id = t.id WHERE `
	for _, entry := range []string{
		`n.key, 'ticket', t.key, n.key` + linked + `n.state = 'open' AND t.key <> '' AND t.key <> n.key`, // moved to another project
		`t.key, 'ticket status', CASE t.state WHEN 'open' THEN t.status ELSE t.state END, CASE n.state WHEN 'open' THEN n.status ELSE n.state END` + linked +
			`t.state <> n.state OR n.state = 'open' AND t.status <> n.status`,
	} {
		if _, err := tx.ExecContext(ctx, history+entry, string(list), now); err != nil {
			return 0, err
		}
	}
	_, err = tx.ExecContext(ctx, told+`UPDATE violations SET updated = ?2 WHERE id IN (SELECT l.violation_id FROM told n JOIN tickets t ON t.id = n.id JOIN ticket_links l ON l.ticket_id = t.id WHERE `+statusDiffers+`)`, string(list), now)
	if err != nil {
		return 0, err
	}
	res, err := tx.ExecContext(ctx, told+`UPDATE tickets AS t SET state = n.state, problem = n.problem,
			living = CASE n.state WHEN 'deleted' THEN 0 ELSE t.living END,
			key = CASE n.state WHEN 'open' THEN n.key ELSE t.key END, status = CASE n.state WHEN 'open' THEN n.status ELSE t.status END,
			category = CASE n.state WHEN 'open' THEN n.category ELSE t.category END, summary = CASE n.state WHEN 'open' THEN n.summary ELSE t.summary END,
			jira_created = coalesce(nullif(n.created, 0), t.jira_created)
		FROM told n WHERE n.id = t.id AND (`+statusDiffers+` OR `+beyondStatus+`)`, string(list))
	if err != nil {
		return 0, err
	}
	rows, err := res.RowsAffected()
	return int(rows), err
}

// noteKeys remembers the highest key numbers among the news (ruling 15).
func (s *Store) noteKeys(ctx context.Context, tx *sql.Tx, news []StatusNews) error {
	highest := map[string]StatusNews{}
	for _, n := range news {
		project, number := splitKey(n.Key)
		if _, best := splitKey(highest[project].Key); number > best {
			highest[project] = n
		}
	}
	for _, n := range highest {
		var connection int64
		err := tx.QueryRowContext(ctx, `SELECT connection_id FROM tickets WHERE id = ?`, n.ID).Scan(&connection)
		if err == nil {
			err = noteKey(ctx, tx, connection, n.Key)
		}
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
	}
	return nil
}

// JobState is when a background job last ran.
type JobState struct {
	Asked, Started, Finished time.Time
	Error                    string
}

// Job reads the state of a background job.
func (s *Store) Job(ctx context.Context, name string) (j JobState, err error) {
	var asked, started, finished sql.NullInt64
	err = s.read.QueryRowContext(ctx, `SELECT max(asked), max(started), max(finished), coalesce(max(error), '') FROM jobs WHERE name = ?`, name).Scan(&asked, &started, &finished, &j.Error)
	j.Asked, j.Started, j.Finished = fromMillis(asked), fromMillis(started), fromMillis(finished)
	return j, err
}

// JobRan records that a background job ran, and how it ended.
func (s *Store) JobRan(ctx context.Context, name string, started time.Time, problem error) error {
	text := ""
	if problem != nil {
		text = cut(model.Clean(problem.Error()), 500)
	}
	return s.update(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO jobs (name, started, finished, error) VALUES (?1, ?2, ?3, ?4)
			ON CONFLICT (name) DO UPDATE SET started = ?2, finished = ?3, error = ?4`, name, started.UnixMilli(), s.millis(), text)
		return err
	})
}
