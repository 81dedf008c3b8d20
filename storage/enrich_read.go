package storage

import (
	"context"

	"example.com/vexdesk/model"
)

// fillFeeds adds what the feeds say beyond the issue's own columns: the score
// of the day before, and when and why the catalogue took the issue in.
func (s *Store) fillFeeds(ctx context.Context, list string, at map[int64]*model.Violation) error {
	for _, v := range at {
		v.EPSSBefore = -1
	}
	rows, err := s.read.QueryContext(ctx, `WITH cves AS (
			SELECT v.id, a.alias AS cve FROM violations v JOIN issue_aliases a ON a.issue_id = v.issue_id AND a.type = 0 WHERE v.id IN (SELECT value FROM json_each(?1))
			UNION SELECT v.id, c.cve FROM violations v JOIN issue_cves c ON c.issue_id = v.issue_id WHERE v.id IN (SELECT value FROM json_each(?1)))
		SELECT c.id, coalesce(max(e.previous), -1), coalesce((SELECT previous_date FROM feeds WHERE name = 'epss'), ''), coalesce(min(k.added), ''), coalesce(max(k.ransomware), 0)
		FROM cves c LEFT JOIN epss e ON e.cve = c.cve LEFT JOIN kev k ON k.cve = c.cve WHERE e.cve IS NOT NULL OR k.cve IS NOT NULL GROUP BY c.id`, list)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	for rows.Next() {
		var id int64
		var read model.Violation
		if err := rows.Scan(&id, &read.EPSSBefore, &read.EPSSBeforeDate, &read.KEVAdded, &read.KEVRansomware); err != nil {
			return err
		}
		if v := at[id]; v != nil {
			v.EPSSBefore, v.EPSSBeforeDate, v.KEVAdded, v.KEVRansomware = read.EPSSBefore, read.EPSSBeforeDate, read.KEVAdded, read.KEVRansomware
		}
	}
	return rows.Err()
}
