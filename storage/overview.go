package storage

import (
	"context"
	"database/sql"
	"time"

	"example.com/vexdesk/model"
)

// Overview is what the head of the console shows.
type Overview struct {
	// Open counts the open violations of current versions, BySeverity the same
	// by model.Severity.Rank.
	Open          int
	BySeverity    [6]int
	OutboxPending int
	OutboxFailed  int
	OutboxUnknown int
	Conflicts     int
	// Importing is the file of which a part is stored and the rest follows, here
	// or in another process; empty for none.
	Importing string
	// LastSync is when a background job last ended well.
	LastSync    time.Time
	Connections []model.Connection
}

// Overview counts what the head of the console shows.
func (s *Store) Overview(ctx context.Context) (o Overview, err error) {
	rows, err := s.read.QueryContext(ctx, `SELECT severity, sum(n) FROM tallies WHERE current = 1 AND state = 0 GROUP BY severity`)
	if err != nil {
		return o, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	for rows.Next() {
		var severity, n int
		if err := rows.Scan(&severity, &n); err != nil {
			return o, err
		}
		if severity >= 0 && severity < len(o.BySeverity) {
			o.BySeverity[severity] = n
			o.Open += n
		}
	}
	if err := rows.Err(); err != nil {
		return o, err
	}
	var last sql.NullInt64
	err = s.read.QueryRowContext(ctx, `SELECT
		(SELECT count(*) FROM operations WHERE state IN ('pending', 'claimed', 'sent')), (SELECT count(*) FROM operations WHERE state = 'failed'),
		(SELECT count(*) FROM operations WHERE state = 'unknown'), (SELECT count(*) FROM conflicts), (SELECT max(finished) FROM jobs WHERE error = ''),
		coalesce((SELECT file FROM imports WHERE staged <> '' ORDER BY id DESC LIMIT 1), '')`).
		Scan(&o.OutboxPending, &o.OutboxFailed, &o.OutboxUnknown, &o.Conflicts, &last, &o.Importing)
	if err != nil {
		return o, err
	}
	o.LastSync = fromMillis(last)
	o.Connections, err = s.Connections(ctx)
	return o, err
}

// suggestions are the columns that values of a query key come from.
var suggestions = map[string]string{
	"issue": `SELECT alias FROM issue_aliases WHERE alias LIKE ?1 ESCAPE '\'`, "component": `SELECT name FROM components WHERE name LIKE ?1 ESCAPE '\'`,
	"ecosystem": `SELECT type FROM components WHERE type LIKE ?1 ESCAPE '\'`, "purl": `SELECT purl FROM components WHERE purl LIKE ?1 ESCAPE '\'`,
	"product": `SELECT name FROM products WHERE name LIKE ?1 ESCAPE '\'`, "version": `SELECT name FROM versions WHERE name LIKE ?1 ESCAPE '\'`,
	"license": `SELECT l.value FROM components c, json_each(c.licenses) l WHERE l.value LIKE ?1 ESCAPE '\'`,
	"watch":   `SELECT name FROM watches WHERE name LIKE ?1 ESCAPE '\' UNION SELECT name FROM reported_matches WHERE kind = 0 AND name LIKE ?1 ESCAPE '\'`,
	"policy":  `SELECT name FROM policies WHERE name LIKE ?1 ESCAPE '\' UNION SELECT name FROM reported_matches WHERE kind = 1 AND name LIKE ?1 ESCAPE '\'`,
	"ticket":  `SELECT key FROM tickets WHERE key <> '' AND key LIKE ?1 ESCAPE '\'`, "ticket.status": `SELECT status FROM tickets WHERE status <> '' AND status LIKE ?1 ESCAPE '\'`,
	"connection": `SELECT name FROM connections WHERE name LIKE ?1 ESCAPE '\'`,
	"source":     `SELECT format FROM sources WHERE format LIKE ?1 ESCAPE '\' UNION SELECT scanner FROM sources WHERE scanner LIKE ?1 ESCAPE '\'`,
}

// Suggest lists values that a query key has in this workspace and that begin
// with the prefix, for completion.
func (s *Store) Suggest(ctx context.Context, key, prefix string, limit int) ([]string, error) {
	text, ok := suggestions[key]
	if !ok {
		return nil, nil
	}
	return strs(ctx, s.read, `SELECT DISTINCT * FROM (`+text+`) ORDER BY 1 LIMIT ?2`, joinLike([]string{prefix})+"%", limit)
}
