package storage

import (
	"context"
	"database/sql"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

// Window is what a list shows: which violations, in which order. No filter
// means everything open in current versions; no order means the worst
// severity first. Ties are in order of id.
type Window struct {
	Filter *query.Query
	Sort   []query.SortKey
}

// Cursor is the place of a row in the order of a window.
type Cursor string

// Listed is a row with its place.
type Listed struct {
	model.Row
	Cursor Cursor
}

// Page says which rows of a window: those behind a cursor, those in front of
// one, or the last ones, in the order of the list either way. Inclusive takes
// the row at the cursor itself as well. No cursor is the beginning.
type Page struct {
	After, Before Cursor
	Inclusive     bool
	FromEnd       bool
	Limit         int
}

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

const rowTables = ` FROM violations v JOIN issues i ON i.id = v.issue_id JOIN components c ON c.id = v.component_id
	JOIN products p ON p.id = v.product_id JOIN versions r ON r.id = v.version_id
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

// Page reads a page of a window.
func (s *Store) Page(ctx context.Context, w Window, p Page) ([]Listed, error) {
	order := orderOf(w.Sort)
	backward := p.Before != "" || p.FromEnd
	text := where(w.Filter)
	from := p.After
	if backward {
		from = p.Before
	}
	if from != "" && !p.FromEnd {
		place, err := parseCursor(from, len(order))
		if err != nil {
			return nil, err
		}
		text = within("%s AND %s", text, beyond(order, place, backward, p.Inclusive))
	}
	limit := ""
	if p.Limit > 0 {
		limit = fmt.Sprintf(" LIMIT %d", p.Limit)
	}
	var columns strings.Builder
	for _, o := range order {
		columns.WriteString(", " + o.column)
	}
	sqlQuery := "SELECT " + rowColumns + columns.String() + tablesFor(w, order) + " WHERE " + text.text + orderBy(order, backward) + limit
	rows, err := s.read.QueryContext(ctx, sqlQuery, text.args...)
	if err != nil {
		return nil, fmt.Errorf("the list cannot be read: %w", err)
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []Listed
	for rows.Next() {
		var l Listed
		place := make([]any, len(order))
		targets := make([]any, len(order))
		for i := range place {
			targets[i] = &place[i]
		}
		if err := scanRow(rows, &l.Row, targets...); err != nil {
			return nil, err
		}
		l.Cursor = makeCursor(place)
		out = append(out, l)
	}
	if backward {
		slices.Reverse(out)
	}
	return out, rows.Err()
}

// CursorOf finds the place of a violation in a window; false where the window
// does not hold it.
func (s *Store) CursorOf(ctx context.Context, w Window, id model.ViolationID) (Cursor, bool, error) {
	order := orderOf(w.Sort)
	columns := make([]string, len(order))
	place := make([]any, len(order))
	targets := make([]any, len(order))
	for i, o := range order {
		columns[i], targets[i] = o.column, &place[i]
	}
	text := where(w.Filter)
	err := s.read.QueryRowContext(ctx, "SELECT "+strings.Join(columns, ", ")+rowTables+" WHERE v.id = ? AND "+text.text,
		append([]any{int64(id)}, text.args...)...).Scan(targets...)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	return makeCursor(place), err == nil, err
}

// Count counts what a filter matches.
func (s *Store) Count(ctx context.Context, filter *query.Query) (n int, err error) {
	text := where(filter)
	err = s.read.QueryRowContext(ctx, "SELECT count(*) FROM violations v WHERE "+text.text, text.args...).Scan(&n)
	return n, err
}

// RowsByID reads rows by id, in the order of the ids; absent ones are left out.
func (s *Store) RowsByID(ctx context.Context, ids []model.ViolationID) ([]model.Row, error) {
	found := make(map[model.ViolationID]model.Row, len(ids))
	list, err := idList(ids)
	if err != nil {
		return nil, err
	}
	rows, err := s.read.QueryContext(ctx, "SELECT "+rowColumns+rowTables+" WHERE v.id IN (SELECT value FROM json_each(?))", list)
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

// MatchingIDs returns the ids of all violations of a window, in its order.
func (s *Store) MatchingIDs(ctx context.Context, w Window) ([]model.ViolationID, error) {
	text := where(w.Filter)
	order := orderOf(w.Sort)
	rows, err := s.read.QueryContext(ctx, "SELECT v.id"+tablesFor(w, order)+" WHERE "+text.text+orderBy(order, false), text.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []model.ViolationID
	for rows.Next() {
		var id model.ViolationID
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		out = append(out, id)
	}
	return out, rows.Err()
}

// idList is a parameter for json_each.
func idList(ids []model.ViolationID) (string, error) {
	text, err := json.Marshal(ids)
	return string(text), err
}

func makeCursor(place []any) Cursor {
	for i, v := range place {
		if b, ok := v.([]byte); ok {
			place[i] = string(b)
		}
	}
	text, err := json.Marshal(place)
	if err != nil {
		return ""
	}
	return Cursor(base64.RawURLEncoding.EncodeToString(text))
}

// ErrCursor: a cursor that no list of this order gave out.
var ErrCursor = errors.New("the cursor does not belong to this order: start again without it")

func parseCursor(c Cursor, width int) ([]any, error) {
	text, err := base64.RawURLEncoding.DecodeString(string(c))
	if err != nil {
		return nil, ErrCursor
	}
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.UseNumber()
	var place []any
	if err := decoder.Decode(&place); err != nil || len(place) != width {
		return nil, ErrCursor
	}
	for i, v := range place {
		n, ok := v.(json.Number)
		if !ok {
			continue
		}
		if whole, err := n.Int64(); err == nil {
			place[i] = whole
		} else if place[i], err = n.Float64(); err != nil {
			return nil, ErrCursor
		}
	}
	return place, nil
}
