package storage

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

// Groups says how a filter's violations are put together: by issue, by
// component or by product, the latter two by name. Sort may be issue, cvss,
// epss or kev for groups by issue; the others are in the order of their names,
// which Sort reverses.
type Groups struct {
	By     query.Key
	Filter *query.Query
	Sort   query.SortKey
}

// Group is the violations of a filter that share an issue, a component's name
// or a product's name.
type Group struct {
	// Key tells groups of one grouping apart; Name is for the eye and for
	// queries.
	Key, Name, Title string
	Share
	Undecided, Ticketed int
	Cursor              Cursor
}

// grouping is how a key's groups are read. %s of members, counts and ids stand
// for the filter, groups for the groups' keys as a JSON list.
type grouping struct {
	page    string // selects key, name, title FROM the groups' own table
	by      string // GROUP BY
	columns []string
	// held and few are the conditions that a group has a violation: by looking
	// into each group, and from the set of all that match.
	held, few string
	from      string // joins violations v to the groups' own table
	key       string
}

func groupingOf(by query.Key, tallied bool) (grouping, error) {
	switch {
	case by == query.KeyIssue:
		return grouping{
			page: "SELECT i.id, i.display, i.title", columns: []string{"i.display", "i.id"}, key: "i.id",
			held: "EXISTS (SELECT 1 FROM violations v INDEXED BY violations_issue WHERE v.issue_id = i.id AND %s)",
			few:  "i.id IN (SELECT v.issue_id FROM violations v WHERE %s)",
			from: "issues i CROSS JOIN violations v INDEXED BY violations_issue ON v.issue_id = i.id",
		}, nil
	case by == query.KeyComponent:
		return grouping{
			page: "SELECT c.name, c.name, ''", by: " GROUP BY c.name", columns: []string{"c.name"}, key: "c.name",
			held: "EXISTS (SELECT 1 FROM violations v INDEXED BY violations_component WHERE v.component_id = c.id AND %s)",
			few:  "c.id IN (SELECT v.component_id FROM violations v WHERE %s)",
			from: "components c CROSS JOIN violations v INDEXED BY violations_component ON v.component_id = c.id",
		}, nil
	case by != query.KeyProduct:
		return grouping{}, fmt.Errorf("violations cannot be grouped by %s: use issue, component or product", by)
	case tallied:
		const in = "p.id IN (SELECT v.product_id FROM tallies v WHERE v.n > 0 AND %s)"
		return grouping{
			page: "SELECT p.name, p.name, ''", by: " GROUP BY p.name", columns: []string{"p.name"}, key: "p.name",
			held: in, few: in, from: "products p CROSS JOIN tallies v ON v.product_id = p.id",
		}, nil
	}
	return grouping{
		page: "SELECT p.name, p.name, ''", by: " GROUP BY p.name", columns: []string{"p.name"}, key: "p.name",
		held: "EXISTS (SELECT 1 FROM versions r CROSS JOIN violations v ON v.version_id = r.id WHERE r.product_id = p.id AND %s)",
		few:  "p.id IN (SELECT v.product_id FROM violations v WHERE %s)",
		from: "products p CROSS JOIN versions r ON r.product_id = p.id CROSS JOIN violations v ON v.version_id = r.id",
	}, nil
}

// table is the groups' own, with its alias.
func (g grouping) table() string { return strings.Fields(g.from)[0] + " " + strings.Fields(g.from)[1] }

// gathered is a filter at most so large that its groups are found by gathering
// its violations; the groups of a larger one are looked into in their order,
// since many of them hold one.
const gathered = 20_000

// grouped is what reading groups needs.
type grouped struct {
	grouping
	filter  sqlText
	member  sqlText
	order   order
	tallied bool
}

func (s *Store) grouped(ctx context.Context, g Groups) (out grouped, err error) {
	known, err := s.find(ctx, g.Filter, true)
	if err != nil {
		return out, err
	}
	out.tallied = g.Filter == nil || tallied(g.Filter.Expr)
	if out.grouping, err = groupingOf(g.By, out.tallied); err != nil {
		return out, err
	}
	columns := out.columns
	if g.By == query.KeyIssue && slices.Contains([]query.Key{query.KeyCVSS, query.KeyEPSS, query.KeyKEV}, g.Sort.Key) {
		columns, _ = sortColumns(g.Sort.Key)
	}
	for _, c := range columns {
		out.order.columns = append(out.order.columns, ordered{c, g.Sort.Reverse})
	}
	out.filter = compile(g.Filter, "", known).text
	out.member = within(out.held, out.filter)
	if g.Filter != nil {
		n, err := s.Count(ctx, g.Filter)
		if err != nil {
			return out, err
		}
		if n <= gathered {
			out.member = within(out.few, out.filter)
		}
	}
	return out, nil
}

// Groups reads a page of groups with what each holds.
func (s *Store) Groups(ctx context.Context, g Groups, p Page) ([]Group, error) {
	read, err := s.grouped(ctx, g)
	if err != nil {
		return nil, fmt.Errorf("the groups cannot be read: %w", damage(err))
	}
	backward := p.FromEnd || p.Before != ""
	from := p.After
	if p.Before != "" {
		from = p.Before
	}
	stretches := []sqlText{always}
	if from != "" && !p.FromEnd {
		at, err := parseCursor(from, len(read.order.columns))
		if err != nil {
			return nil, err
		}
		stretches = read.order.beyond(at, backward, p.Inclusive)
	}
	limit := p.Limit
	if limit <= 0 {
		limit = math.MaxInt32
	}
	var out []Group
	for _, at := range stretches {
		if out, err = s.groupsIn(ctx, read, at, backward, limit, out); err != nil {
			return nil, fmt.Errorf("the groups cannot be read: %w", damage(err))
		}
		if len(out) >= limit {
			break
		}
	}
	if backward {
		slices.Reverse(out)
	}
	if err := s.fillGroups(ctx, read, out); err != nil {
		return nil, fmt.Errorf("the groups cannot be counted: %w", damage(err))
	}
	return out, nil
}

// groupsIn adds the groups of a stretch of the order.
func (s *Store) groupsIn(ctx context.Context, read grouped, at sqlText, backward bool, limit int, out []Group) ([]Group, error) {
	text := within(read.page+", "+read.order.names()+" FROM "+read.table()+" WHERE %s AND %s"+read.by+read.order.by(backward, false)+" LIMIT %s",
		at, read.member, sqlf("?", limit-len(out)))
	rows, err := s.read.QueryContext(ctx, text.text, text.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	for rows.Next() {
		var g Group
		at := make(place, len(read.order.columns))
		targets := []any{&g.Key, &g.Name, &g.Title}
		for i := range at {
			targets = append(targets, &at[i])
		}
		if err := rows.Scan(targets...); err != nil {
			return nil, err
		}
		g.Share.Name = g.Name
		if g.Cursor, err = makeCursor(at); err != nil {
			return nil, err
		}
		out = append(out, g)
	}
	return out, rows.Err()
}

// fillGroups counts what the groups hold.
func (s *Store) fillGroups(ctx context.Context, read grouped, groups []Group) error {
	at := map[string]*Group{}
	keys := make([]string, len(groups))
	for i := range groups {
		keys[i] = groups[i].Key
		at[groups[i].Key] = &groups[i]
	}
	n := "count(*)"
	ticketed := "v.lead > 0"
	if strings.Contains(read.from, "tallies") {
		n, ticketed = "sum(v.n)", "v.ticketed"
	}
	among, err := read.among(keys)
	if err != nil {
		return err
	}
	text := within("SELECT "+read.key+", v.severity, v.vex_status = 0, "+ticketed+", "+n+" FROM "+read.from+" WHERE %s AND %s GROUP BY 1, 2, 3, 4", among, read.filter)
	rows, err := s.read.QueryContext(ctx, text.text, text.args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	for rows.Next() {
		var key string
		var severity, n int
		var undecided, ticketed bool
		if err := rows.Scan(&key, &severity, &undecided, &ticketed, &n); err != nil {
			return err
		}
		g := at[key]
		if g == nil || severity < 0 || severity >= len(g.BySeverity) {
			continue
		}
		g.BySeverity[severity] += n
		if undecided {
			g.Undecided += n
		}
		if ticketed {
			g.Ticketed += n
		}
	}
	return rows.Err()
}

// among is the condition of being one of the groups.
func (g grouping) among(keys []string) (sqlText, error) {
	text, err := json.Marshal(keys)
	key := "value"
	if g.key == "i.id" {
		key = "CAST(value AS INTEGER)"
	}
	return sqlf(g.key+" IN (SELECT "+key+" FROM json_each(?))", string(text)), err
}

// GroupCount counts the groups.
func (s *Store) GroupCount(ctx context.Context, g Groups) (n int, err error) {
	read, err := s.grouped(ctx, g)
	if err != nil {
		return 0, fmt.Errorf("the groups cannot be counted: %w", damage(err))
	}
	text := within("SELECT count(DISTINCT "+read.key+") FROM "+read.table()+" WHERE %s", read.member)
	if err := s.read.QueryRowContext(ctx, text.text, text.args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("the groups cannot be counted: %w", damage(err))
	}
	return n, nil
}

// GroupIDs are the violations of groups, by the groups' keys.
func (s *Store) GroupIDs(ctx context.Context, g Groups, keys []string) ([]model.ViolationID, error) {
	read, err := s.grouped(ctx, g)
	if err == nil {
		read.grouping, err = groupingOf(g.By, false)
	}
	if err != nil {
		return nil, fmt.Errorf("the groups cannot be read: %w", damage(err))
	}
	among, err := read.among(keys)
	if err != nil {
		return nil, err
	}
	found, err := s.ids(ctx, within("SELECT v.id FROM "+read.from+" WHERE %s AND %s ORDER BY v.severity, v.id", among, read.filter))
	if err != nil {
		return nil, fmt.Errorf("the groups cannot be read: %w", damage(err))
	}
	ids := make([]model.ViolationID, len(found))
	for i, id := range found {
		ids[i] = model.ViolationID(id)
	}
	return ids, nil
}
