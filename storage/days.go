package storage

import (
	"context"
	"database/sql"
	"fmt"
	"sync"
	"time"
)

// Day is how the open violations of current versions stood when a day (UTC)
// ended, or now where that is today.
type Day struct {
	Day        time.Time
	BySeverity [6]int // by model.Severity.Rank
	Undecided  int
}

// Open is the sum over all severities.
func (d Day) Open() (n int) {
	for _, each := range d.BySeverity {
		n += each
	}
	return n
}

// noted remembers which day's beginning is on record, so that the question
// costs nothing but once a day.
type noted struct {
	mu  sync.Mutex
	day string
}

func (n *noted) has(day string) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.day == day
}

func (n *noted) set(day string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.day = day
}

// beginDay puts the counts on record as they stood when the day began. It is
// called before the first change that a transaction makes; done is to be
// called once that is committed.
func (s *Store) beginDay(ctx context.Context, tx *sql.Tx) (done func(), err error) {
	day := s.now().UTC().Format(time.DateOnly)
	if s.noted.has(day) {
		return func() {}, nil
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO days (day, critical, high, medium, low, unknown, info, undecided)
		SELECT ?, `+talliedDay+` ON CONFLICT DO NOTHING`, day)
	return func() { s.noted.set(day) }, err
}

// talliedDay are the columns of a day as it stands now.
const talliedDay = `coalesce(sum(n * (severity = 0)), 0), coalesce(sum(n * (severity = 1)), 0), coalesce(sum(n * (severity = 2)), 0),
	coalesce(sum(n * (severity = 3)), 0), coalesce(sum(n * (severity = 4)), 0), coalesce(sum(n * (severity = 5)), 0), coalesce(sum(n * (vex_status = 0)), 0)
	FROM tallies WHERE current = 1 AND state = 0`

// Days is the trend: the last n days as each of them ended, and today as it
// stands, the oldest first. Days before the first on record are left out.
func (s *Store) Days(ctx context.Context, n int) ([]Day, error) {
	today := s.now().UTC().Truncate(24 * time.Hour)
	rows, err := s.read.QueryContext(ctx, `SELECT '', `+talliedDay+`
		UNION ALL SELECT * FROM days WHERE day <= ?`, today.Format(time.DateOnly))
	if err != nil {
		return nil, fmt.Errorf("the trend cannot be read: %w", damage(err))
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	began := map[string]Day{}
	var oldest string
	for rows.Next() {
		var name string
		var d Day
		b := &d.BySeverity
		if err := rows.Scan(&name, &b[0], &b[1], &b[2], &b[3], &b[4], &b[5], &d.Undecided); err != nil {
			return nil, err
		}
		began[name] = d
		if name != "" && (oldest == "" || name < oldest) {
			oldest = name
		}
	}
	return series(began, today, n, oldest), rows.Err()
}

// series goes back from today, of which "" tells: a day ended as the next one
// began and, without a record of that, as that one ended.
func series(began map[string]Day, today time.Time, n int, oldest string) []Day {
	days := make([]Day, n+1)
	first, at := n, began[""]
	for i := n; i >= 0; i-- {
		day := today.AddDate(0, 0, i-n)
		next := day.AddDate(0, 0, 1).Format(time.DateOnly)
		if d, ok := began[next]; ok {
			at = d
		}
		if i < n && oldest != "" && next >= oldest {
			first = i
		}
		days[i] = at
		days[i].Day = day
	}
	return days[first:]
}
