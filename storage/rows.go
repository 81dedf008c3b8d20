package storage

import (
	"context"
	"database/sql"
	"encoding/json"
	"strings"

	"example.com/vexdesk/model"
)

// shownStatus and shownCategory are a ticket's status for the eye and for
// queries, as model.Ticket.ShownStatus has it, over t and co.
const (
	ticketState   = `CASE WHEN t.state = 'open' AND co.broken_since IS NOT NULL THEN 'broken' ELSE t.state END`
	shownStatus   = `CASE WHEN co.retrieve_tickets = 0 THEN '' WHEN t.state IN ('deleted', 'hidden') OR co.broken_since IS NOT NULL THEN 'Unknown' ELSE t.status END`
	shownCategory = `CASE WHEN co.retrieve_tickets = 0 OR t.state <> 'open' OR co.broken_since IS NOT NULL THEN '' ELSE t.category END`
)

const rowColumns = `v.id, v.type, v.state, v.severity, i.display, i.title, c.name, c.version, p.name, r.name, v.fix, i.cvss, i.epss, i.kev,
	v.vex_status, v.offer_id IS NOT NULL, v.first_seen, v.updated, EXISTS (SELECT 1 FROM conflicts x WHERE x.violation_id = v.id),
	CASE WHEN v.lead_ticket_id IS NULL THEN 0 ELSE (SELECT count(*) FROM ticket_links l WHERE l.violation_id = v.id) END,
	t.id, t.key, ` + ticketState + `, ` + shownStatus + `, ` + shownCategory + `, t.jira_id, t.project, co.name, co.base_url`

// rowJoins follows violations v.
const rowJoins = ` CROSS JOIN issues i ON i.id = v.issue_id CROSS JOIN components c ON c.id = v.component_id
	CROSS JOIN products p ON p.id = v.product_id CROSS JOIN versions r ON r.id = v.version_id
	LEFT JOIN tickets t ON t.id = v.lead_ticket_id LEFT JOIN connections co ON co.id = t.connection_id`

// scanRow reads rowColumns, and what follows them into more.
func scanRow(rows *sql.Rows, row *model.Row, more ...any) error {
	var severity, vex int
	var first, updated sql.NullInt64
	var ticketID sql.NullInt64
	var key, state, status, category, jiraID, project, connection, base sql.NullString
	err := rows.Scan(append([]any{&row.ID, &row.Type, &row.State, &severity, &row.Issue, &row.Title, &row.Component, &row.ComponentVersion,
		&row.Product, &row.ProductVersion, &row.Fix, &row.CVSS, &row.EPSS, &row.KEV, &vex, &row.Offered, &first, &updated, &row.Conflict,
		&row.Tickets, &ticketID, &key, &state, &status, &category, &jiraID, &project, &connection, &base}, more...)...)
	if err != nil {
		return err
	}
	row.Severity, row.VEX = model.SeverityOfRank(severity), vexOf(vex)
	row.FirstSeen, row.Updated = fromMillis(first), fromMillis(updated)
	if ticketID.Valid {
		row.Ticket = &model.Ticket{ID: ticketID.Int64, Key: key.String, State: model.TicketState(state.String), Status: status.String, Category: category.String,
			JiraID: jiraID.String, Project: project.String, Connection: connection.String, URL: browseURL(base.String, key.String), Leading: true}
	}
	return nil
}

func browseURL(base, key string) string {
	if base == "" || key == "" {
		return ""
	}
	return strings.TrimSuffix(base, "/") + "/browse/" + key
}

// RowsByID reads rows by id, in the order of the ids; absent ones are left out.
func (s *Store) RowsByID(ctx context.Context, ids []model.ViolationID) ([]model.Row, error) {
	found := make(map[model.ViolationID]model.Row, len(ids))
	list, err := idList(ids)
	if err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, "SELECT "+rowColumns+" FROM violations v"+rowJoins+" WHERE v.id IN (SELECT value FROM json_each(?))", list)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	for rows.Next() {
		var row model.Row
		if err := scanRow(rows, &row); err != nil {
			return nil, err
		}
		found[row.ID] = row
	}
	out := make([]model.Row, 0, len(found))
	for _, id := range ids {
		if row, ok := found[id]; ok {
			out = append(out, row)
		}
	}
	return out, rows.Err()
}

// idList is a parameter for json_each.
func idList(ids []model.ViolationID) (string, error) {
	// No ids are an empty list: json_each takes null for one row.
	text, err := json.Marshal(append([]model.ViolationID{}, ids...))
	return string(text), err
}
