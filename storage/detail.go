package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"example.com/vexdesk/model"
)

// Violation reads the whole of a violation. An id that was merged into
// another one leads there.
func (s *Store) Violation(ctx context.Context, id model.ViolationID) (*model.Violation, error) {
	all, err := s.Violations(ctx, []model.ViolationID{id})
	if err != nil {
		return nil, err
	}
	if len(all) == 1 {
		return &all[0], nil
	}
	var merged model.ViolationID
	err = s.read.QueryRowContext(ctx, `SELECT new_id FROM merged_violations WHERE old_id = ?`, int64(id)).Scan(&merged)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("violation %s: %w: 'vexdesk list' shows what there is", id, ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	return s.Violation(ctx, merged)
}

// Violations reads the whole of several violations, in the order of the ids;
// absent ones are left out. What surrounds them is read in one query a kind.
func (s *Store) Violations(ctx context.Context, ids []model.ViolationID) ([]model.Violation, error) {
	rows, err := s.RowsByID(ctx, ids)
	if err != nil {
		return nil, err
	}
	out := make([]model.Violation, len(rows))
	at := make(map[int64]*model.Violation, len(rows))
	for i, row := range rows {
		out[i].Row = row
		at[int64(row.ID)] = &out[i]
	}
	list, err := idList(ids)
	if err != nil {
		return nil, err
	}
	for _, fill := range []func(context.Context, string, map[int64]*model.Violation) error{
		s.fillParticulars, s.fillFeeds, s.fillAliases, s.fillRatings, s.fillReferences, s.fillAssessments, s.fillTickets, s.fillSightings, s.fillMatches,
	} {
		if err := fill(ctx, list, at); err != nil {
			return nil, fmt.Errorf("the violations cannot be read: %w", damage(err))
		}
	}
	return out, nil
}

// each runs a query over a list of ids whose first column is the violation.
// scan reads the other columns into an empty violation, whose lists are then
// added to the one that the row belongs to.
func (s *Store) each(ctx context.Context, list string, at map[int64]*model.Violation, text string, scan func(*model.Violation, func(...any) error) error) error {
	rows, err := s.read.QueryContext(ctx, text, list)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	for rows.Next() {
		var id int64
		var told model.Violation
		read := func(targets ...any) error { return rows.Scan(append([]any{&id}, targets...)...) }
		if err := scan(&told, read); err != nil {
			return err
		}
		if v, ok := at[id]; ok {
			addLists(v, &told)
		}
	}
	return rows.Err()
}

func addLists(v, from *model.Violation) {
	v.Aliases = append(v.Aliases, from.Aliases...)
	v.CVEs = append(v.CVEs, from.CVEs...)
	v.Ratings = append(v.Ratings, from.Ratings...)
	v.References = append(v.References, from.References...)
	v.AllTickets = append(v.AllTickets, from.AllTickets...)
	v.Sightings = append(v.Sightings, from.Sightings...)
	v.Watches = append(v.Watches, from.Watches...)
	v.Policies = append(v.Policies, from.Policies...)
}

func (s *Store) fillParticulars(ctx context.Context, list string, at map[int64]*model.Violation) error {
	rows, err := s.read.QueryContext(ctx, `SELECT v.id, c.purl, c.type, c.coordinate, c.licenses, p.resource, coalesce(x.description, ''), i.cvss_vector,
			i.epss_percentile, i.epss_date, i.kev_due, v.applicable, v.ignore_reason
		FROM violations v JOIN components c ON c.id = v.component_id JOIN products p ON p.id = v.product_id JOIN issues i ON i.id = v.issue_id
		LEFT JOIN issue_texts x ON x.issue_id = i.id WHERE v.id IN (SELECT value FROM json_each(?))`, list)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	for rows.Next() {
		var id int64
		var applicable int
		var licenses string
		var v model.Violation
		err := rows.Scan(&id, &v.PURL, &v.Ecosystem, &v.Coordinate, &licenses, &v.Resource, &v.Description, &v.CVSSVector,
			&v.EPSSPercentile, &v.EPSSDate, &v.KEVDue, &applicable, &v.IgnoreReason)
		if err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(licenses), &v.Licenses); err != nil {
			return err
		}
		v.Applicable = applicabilities[applicable]
		if to := at[id]; to != nil {
			v.Row = to.Row
			*to = v
		}
	}
	return rows.Err()
}

func (s *Store) fillAliases(ctx context.Context, list string, at map[int64]*model.Violation) error {
	return errors.Join(
		s.each(ctx, list, at, `SELECT v.id, a.alias FROM violations v JOIN issue_aliases a ON a.issue_id = v.issue_id
			WHERE v.id IN (SELECT value FROM json_each(?)) ORDER BY v.id, `+shownAlias,
			func(v *model.Violation, read func(...any) error) error {
				v.Aliases = make([]string, 1)
				return read(&v.Aliases[0])
			}),
		s.each(ctx, list, at, `SELECT v.id, a.cve FROM violations v JOIN issue_cves a ON a.issue_id = v.issue_id
			WHERE v.id IN (SELECT value FROM json_each(?)) ORDER BY v.id, a.cve`,
			func(v *model.Violation, read func(...any) error) error {
				v.CVEs = make([]string, 1)
				return read(&v.CVEs[0])
			}))
}

func (s *Store) fillRatings(ctx context.Context, list string, at map[int64]*model.Violation) error {
	return s.each(ctx, list, at, `SELECT v.id, r.source, r.method, r.vector, r.score, r.severity FROM violations v JOIN ratings r ON r.issue_id = v.issue_id
		WHERE v.id IN (SELECT value FROM json_each(?)) ORDER BY v.id, `+ratingRank+`, source, method`,
		func(v *model.Violation, read func(...any) error) error {
			var r model.Rating
			var score sql.NullFloat64
			var severity int
			err := read(&r.Source, &r.Method, &r.Vector, &score, &severity)
			if score.Valid {
				r.Score = &score.Float64
			}
			r.Severity = model.SeverityOfRank(severity)
			v.Ratings = []model.Rating{r}
			return err
		})
}

func (s *Store) fillReferences(ctx context.Context, list string, at map[int64]*model.Violation) error {
	return s.each(ctx, list, at, `SELECT v.id, r.url FROM violations v JOIN issue_refs r ON r.issue_id = v.issue_id
		WHERE v.id IN (SELECT value FROM json_each(?)) ORDER BY v.id, r.url`,
		func(v *model.Violation, read func(...any) error) error {
			v.References = make([]string, 1)
			return read(&v.References[0])
		})
}

func (s *Store) fillAssessments(ctx context.Context, list string, at map[int64]*model.Violation) error {
	rows, err := s.read.QueryContext(ctx, `SELECT violation_id, `+assessmentColumns+` FROM assessments WHERE violation_id IN (SELECT value FROM json_each(?))`, list)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	for rows.Next() {
		var id int64
		a, origins, err := scanAssessment(func(targets ...any) error { return rows.Scan(append([]any{&id}, targets...)...) })
		if err != nil {
			return err
		}
		if v := at[id]; v != nil {
			v.Assessment, v.Provenance = a, origins
		}
	}
	return rows.Err()
}

const ticketColumns = `t.id, co.name, t.project, t.jira_id, t.key, ` + ticketState + `, ` + shownStatus + `, ` + shownCategory + `, t.summary, co.base_url,
	t.jira_created, t.requested, t.refreshed, ` + ticketProblem

func scanTicket(read func(...any) error) (t model.Ticket, err error) {
	var base string
	var created, requested, refreshed sql.NullInt64
	err = read(&t.ID, &t.Connection, &t.Project, &t.JiraID, &t.Key, &t.State, &t.Status, &t.Category, &t.Summary, &base, &created, &requested, &refreshed, &t.Problem)
	t.Created, t.Requested, t.Refreshed = fromMillis(created), fromMillis(requested), fromMillis(refreshed)
	t.URL = browseURL(base, t.Key)
	return t, err
}

func (s *Store) fillTickets(ctx context.Context, list string, at map[int64]*model.Violation) error {
	err := s.each(ctx, list, at, `SELECT l.violation_id, `+ticketColumns+` FROM ticket_links l JOIN tickets t ON t.id = l.ticket_id JOIN connections co ON co.id = t.connection_id
		WHERE l.violation_id IN (SELECT value FROM json_each(?)) ORDER BY l.violation_id, t.id DESC`,
		func(v *model.Violation, read func(...any) error) error {
			t, err := scanTicket(read)
			v.AllTickets = []model.Ticket{t}
			return err
		})
	for _, v := range at {
		if len(v.AllTickets) > 0 && v.Ticket != nil {
			for i := range v.AllTickets {
				v.AllTickets[i].Leading = v.AllTickets[i].ID == v.Ticket.ID
			}
		}
	}
	return err
}

func (s *Store) fillSightings(ctx context.Context, list string, at map[int64]*model.Violation) error {
	return s.each(ctx, list, at, `SELECT s.violation_id, o.format, o.scanner, o.artifact, s.reported_id, s.severity, s.suppressed, s.reason, s.detail, m.at, m.file
		FROM sightings s JOIN sources o ON o.id = s.source_id JOIN imports m ON m.id = s.import_id
		WHERE s.violation_id IN (SELECT value FROM json_each(?)) ORDER BY s.violation_id, o.id`,
		func(v *model.Violation, read func(...any) error) error {
			var sg model.Sighting
			var severity int
			var detail string
			var when sql.NullInt64
			if err := read(&sg.Format, &sg.Scanner, &sg.Artifact, &sg.ReportedID, &severity, &sg.Suppressed, &sg.Reason, &detail, &when, &sg.File); err != nil {
				return err
			}
			var d sightingDetail
			if err := json.Unmarshal([]byte(detail), &d); err != nil {
				return err
			}
			sg.Severity, sg.Locations, sg.URL, sg.At = model.SeverityOfRank(severity), d.Locations, d.URL, fromMillis(when)
			v.Sightings = []model.Sighting{sg}
			return nil
		})
}

// fillMatches names the watches and policies, each once: those that the
// reports tell of, those that the workspace's own evaluation found, and those
// that match everything.
func (s *Store) fillMatches(ctx context.Context, list string, at map[int64]*model.Violation) error {
	return s.each(ctx, list, at, `WITH ids AS (SELECT value AS id FROM json_each(?))
		SELECT violation_id, kind, name FROM reported_matches WHERE violation_id IN (SELECT id FROM ids)
		UNION SELECT m.violation_id, 0, w.name FROM matches m JOIN watches w ON w.id = m.watch_id WHERE m.violation_id IN (SELECT id FROM ids)
		UNION SELECT m.violation_id, 1, p.name FROM matches m JOIN policies p ON p.id = m.policy_id WHERE m.violation_id IN (SELECT id FROM ids)
		UNION SELECT ids.id, 0, names.name FROM ids, (SELECT w.name`+standing+`) names
		UNION SELECT ids.id, 1, names.name FROM ids, (SELECT p.name`+standing+`) names
		ORDER BY 1, 2, 3`,
		func(v *model.Violation, read func(...any) error) error {
			var kind int
			var name string
			err := read(&kind, &name)
			if kind == 0 {
				v.Watches = []string{name}
			} else {
				v.Policies = []string{name}
			}
			return err
		})
}

// strs reads a column of texts.
func strs(ctx context.Context, q queryer, text string, args ...any) ([]string, error) {
	rows, err := q.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// History reads the changes of a violation, the newest first, those of
// violations merged into it included; no limit means all. The end of it is
// when the violation was first seen.
func (s *Store) History(ctx context.Context, id model.ViolationID, limit int) ([]model.AuditEntry, error) {
	if limit <= 0 {
		limit = -1
	}
	rows, err := s.read.QueryContext(ctx, `SELECT at, by, source, violation_id, subject, field, before, after FROM (
			SELECT id, at, by, source, violation_id, subject, field, before, after FROM audit
				WHERE violation_id = ?1 OR violation_id IN (SELECT old_id FROM merged_violations WHERE new_id = ?1)
			UNION ALL SELECT 0, v.first_seen, '', 'import', v.id, '', 'state', '', 'open' FROM violations v WHERE v.id = ?1)
		ORDER BY at DESC, id DESC LIMIT ?2`, int64(id), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []model.AuditEntry
	for rows.Next() {
		var e model.AuditEntry
		var when sql.NullInt64
		if err := rows.Scan(&when, &e.By, &e.Source, &e.Violation, &e.Subject, &e.Field, &e.Before, &e.After); err != nil {
			return nil, err
		}
		e.At = fromMillis(when)
		out = append(out, e)
	}
	return out, rows.Err()
}
