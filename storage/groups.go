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
// which Sort reverses. By what they hold they are in order in a [Ranking].
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

func groupingOf(by query.Key, tallied, standard bool) (grouping, error) {
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
	g := grouping{
		page: "SELECT p.name, p.name, ''", by: " GROUP BY p.name", columns: []string{"p.name"}, key: "p.name",
		held: "EXISTS (SELECT 1 FROM versions r CROSS JOIN violations v ON v.version_id = r.id WHERE r.product_id = p.id AND %s)",
		few:  "p.id IN (SELECT v.product_id FROM violations v WHERE %s)",
		from: "products p CROSS JOIN versions r ON r.product_id = p.id CROSS JOIN violations v ON v.version_id = r.id",
	}
	if standard { // in the order of the rows, which is much quicker
		g.from = "products p CROSS JOIN violations v INDEXED BY violations_by_product ON v.product_id = p.id"
	}
	return g, nil
}

// table is the groups' own, with its alias.
func (g grouping) table() string { return strings.Fields(g.from)[0] + " " + strings.Fields(g.from)[1] }

// grouped is what reading groups needs.
type grouped struct {
	grouping
	filter sqlText
	// member is the condition that a group has a violation, walked the same for
	// groups that are read in their order.
	member, walked sqlText
	order          order
	// tallied, standard and wide tell that the tallies know the filter, that it
	// is over the standard list, and that it has many violations.
	tallied, standard, wide bool
}

func (s *Store) grouped(ctx context.Context, g Groups) (out grouped, err error) {
	known, err := s.find(ctx, g.Filter, true)
	if err != nil {
		return out, err
	}
	filter := compile(g.Filter, "", known)
	out.filter, out.standard = filter.text, filter.standard
	out.tallied = g.Filter == nil || tallied(g.Filter.Expr)
	if out.grouping, err = groupingOf(g.By, out.tallied, out.standard); err != nil {
		return out, err
	}
	columns := out.columns
	if g.By == query.KeyIssue && slices.Contains([]query.Key{query.KeyCVSS, query.KeyEPSS, query.KeyKEV}, g.Sort.Key) {
		columns, _ = sortColumns(g.Sort.Key)
	}
	for _, c := range columns {
		out.order.columns = append(out.order.columns, ordered{c, g.Sort.Reverse})
	}
	// What the filter says of the violations is not to lead to the groups, which
	// would have to be sorted then.
	out.member, out.walked = within(out.held, out.filter), within(strings.Replace(out.held, "= ", "= +", 1), out.filter)
	out.wide = true
	if g.Filter == nil {
		return out, nil
	}
	n, err := s.countUpTo(ctx, g.Filter, known, out.filter, s.limits.gathered+1)
	if out.wide = n > s.limits.gathered; !out.wide {
		out.member = within(out.few, out.filter)
		out.walked = out.member
	}
	return out, err
}

// countUpTo counts a filter. One of a single part leads to its violations at
// once, and is counted no further than needed.
func (s *Store) countUpTo(ctx context.Context, q *query.Query, known findings, filter sqlText, most int) (int, error) {
	switch {
	case tallied(q.Expr):
		return s.count(ctx, q)
	case len(q.Parts()) == 1:
		return s.number(ctx, within("SELECT count(*) FROM (SELECT 1 FROM violations v WHERE %s LIMIT %s)", filter, sqlf("?", most)))
	}
	return s.countFound(ctx, q, known)
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
		at, read.walked, sqlf("?", limit-len(out)))
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

// fillGroups counts what the groups hold, which the order of their own table
// gives group by group.
func (s *Store) fillGroups(ctx context.Context, read grouped, groups []Group) error {
	at := map[string]*Group{}
	keys := make([]string, len(groups))
	for i := range groups {
		keys[i] = groups[i].Key
		at[asciiLower(groups[i].Key)] = &groups[i]
	}
	among, err := read.among(keys)
	if err != nil {
		return err
	}
	text := within("SELECT "+read.key+", "+read.sums()+" FROM "+read.from+" WHERE %s AND %s GROUP BY "+read.key, among, read.filter)
	rows, err := s.read.QueryContext(ctx, text.text, text.args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	for rows.Next() {
		var key string
		var held Group
		targets := []any{&key, &held.Undecided, &held.Ticketed}
		for rank := range held.BySeverity {
			targets = append(targets, &held.BySeverity[rank])
		}
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		if g := at[asciiLower(key)]; g != nil {
			g.Undecided, g.Ticketed, g.BySeverity = held.Undecided, held.Ticketed, held.BySeverity
		}
	}
	return rows.Err()
}

// sums are what a group has, for a SELECT: undecided, ticketed, and how many of
// each severity.
func (g *grouping) sums() string {
	n, ticketed := "", "v.lead > 0"
	if strings.Contains(g.from, "tallies") {
		n, ticketed = " * v.n", "v.ticketed"
	}
	sums := []string{"sum((v.vex_status = 0)" + n + ")", "sum((" + ticketed + ")" + n + ")"}
	for rank := range model.Severities() {
		sums = append(sums, fmt.Sprintf("sum((v.severity = %d)%s)", rank, n))
	}
	return strings.Join(sums, ", ")
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
		read.grouping, err = groupingOf(g.By, false, read.standard)
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
