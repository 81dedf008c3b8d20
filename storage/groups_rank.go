package storage

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"example.com/vexdesk/model/query"
)

// ByCount is the order of groups by how many violations they hold; reversed, the
// most come first. By severity those come first that hold most of the worst.
const ByCount query.Key = "count"

// Ranking is the order of a filter's groups by what they held at a moment: it
// takes a look at every violation of the filter, and stays as it is while these
// change.
type Ranking struct {
	of   Groups
	keys []string
}

// Len is how many groups there were.
func (r *Ranking) Len() int { return len(r.keys) }

// RankGroups puts groups in the order of what they hold, by count or by severity;
// equal ones are in the order of their names.
func (s *Store) RankGroups(ctx context.Context, g Groups) (*Ranking, error) {
	read, err := s.grouped(ctx, g)
	if err == nil {
		var all []ranked
		if all, err = s.ranked(ctx, read, g.By, g.Sort.Key == ByCount && g.Filter == nil); err == nil {
			return rank(g, all), nil
		}
	}
	return nil, fmt.Errorf("the groups cannot be put in order: %w", damage(err))
}

// ranked is a group with what it holds.
type ranked struct {
	key string
	Share
}

func rank(g Groups, all []ranked) *Ranking {
	by := func(a, b ranked) int { return slices.Compare(b.BySeverity[:], a.BySeverity[:]) }
	if g.Sort.Key == ByCount {
		by = func(a, b ranked) int { return cmp.Compare(a.Open(), b.Open()) }
	}
	slices.SortStableFunc(all, func(a, b ranked) int {
		if g.Sort.Reverse {
			return by(b, a)
		}
		return by(a, b)
	})
	r := &Ranking{of: g, keys: make([]string, len(all))}
	for i := range all {
		r.keys[i] = all[i].key
	}
	return r
}

// ranked reads all groups in the order of their names.
func (s *Store) ranked(ctx context.Context, read grouped, by query.Key, counts bool) ([]ranked, error) {
	held, err := s.severities(ctx, read, by, counts)
	if err != nil {
		return nil, err
	}
	d, _ := dimensionOf(by)
	names := [...]string{"SELECT id, CAST(id AS TEXT) FROM issues ORDER BY display, id",
		"SELECT id, name FROM components ORDER BY name", "SELECT id, name FROM products ORDER BY name"}
	rows, err := s.read.QueryContext(ctx, names[d])
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var all []ranked
	for rows.Next() {
		var id int64
		var key string
		if err := rows.Scan(&id, &key); err != nil {
			return nil, err
		}
		has := held[id]
		if has == nil {
			continue
		}
		if last := len(all) - 1; last >= 0 && asciiLower(all[last].key) == asciiLower(key) { // the next version of a component
			for i, n := range has.BySeverity {
				all[last].BySeverity[i] += n
			}
			continue
		}
		all = append(all, ranked{key, *has})
	}
	return all, rows.Err()
}

// severities counts the violations of each issue, component or product by
// severity; with counts all of them count as one. A wide filter's are read as
// they lie: in the order of any index that takes several times as long.
func (s *Store) severities(ctx context.Context, read grouped, by query.Key, counts bool) (map[int64]*Share, error) {
	d, _ := dimensionOf(by)
	text := within("SELECT v."+d.column()+", v.severity, 1 FROM violations v WHERE %s", read.filter)
	switch {
	case read.tallied && d == ofProduct:
		text = within("SELECT v.product_id, v.severity, sum(v.n) FROM tallies v WHERE v.n > 0 AND %s GROUP BY 1, 2", read.filter)
	case counts:
		text = within("SELECT v."+d.column()+", 0, count(*) FROM violations v INDEXED BY violations_"+string(by)+" WHERE %s GROUP BY 1", read.filter)
	case read.wide && read.standard:
		text = within("SELECT v."+d.column()+", v.severity, 1 FROM violations v NOT INDEXED WHERE %s", read.filter)
	}
	rows, err := s.read.QueryContext(ctx, text.text, text.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	held := map[int64]*Share{}
	var id int64
	var severity, n int
	for rows.Next() {
		if err := rows.Scan(&id, &severity, &n); err != nil {
			return nil, err
		}
		has := held[id]
		if has == nil {
			has = &Share{}
			held[id] = has
		}
		if severity >= 0 && severity < len(has.BySeverity) {
			has.BySeverity[severity] += n
		}
	}
	return held, rows.Err()
}

// RankedGroups reads a page of groups in the order of a ranking, with what each
// holds now. One that holds nothing any more keeps its place.
func (s *Store) RankedGroups(ctx context.Context, r *Ranking, p Page) ([]Group, error) {
	from, to, err := r.part(p)
	if err != nil {
		return nil, err
	}
	read, err := s.grouped(ctx, r.of)
	var out []Group
	if err == nil {
		out, err = s.namedGroups(ctx, read, r.keys[from:to])
	}
	if err == nil {
		err = s.fillGroups(ctx, read, out)
	}
	if err != nil {
		return nil, fmt.Errorf("the groups cannot be read: %w", damage(err))
	}
	for i := range out {
		if out[i].Cursor, err = makeCursor(place{int64(from + i)}); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// part is which of the keys a page has.
func (r *Ranking) part(p Page) (from, to int, err error) {
	limit := p.Limit
	if limit <= 0 {
		limit = math.MaxInt32
	}
	position := func(c Cursor) int {
		at, wrong := parseCursor(c, 1)
		if err = wrong; err != nil {
			return 0
		}
		n, ok := at[0].(int64)
		if !ok || n < 0 || n >= int64(len(r.keys)) {
			err = ErrCursor
		}
		return int(n)
	}
	beside := 1
	if p.Inclusive {
		beside = 0
	}
	from, to = 0, len(r.keys)
	switch {
	case p.Before != "":
		to = position(p.Before) + 1 - beside
		from = max(0, to-limit)
	case p.FromEnd:
		from = max(0, to-limit)
	case p.After != "":
		from = position(p.After) + beside
	}
	if err != nil {
		return 0, 0, err
	}
	return from, min(to, from+limit), nil
}

// namedGroups are the groups of keys, in their order, without what they hold.
func (s *Store) namedGroups(ctx context.Context, read grouped, keys []string) ([]Group, error) {
	out := make([]Group, len(keys))
	at := make(map[string]*Group, len(keys))
	for i, key := range keys {
		out[i] = Group{Key: key, Name: key, Share: Share{Name: key}}
		at[key] = &out[i]
	}
	if read.key != "i.id" {
		return out, nil
	}
	among, err := read.among(keys)
	if err != nil {
		return nil, err
	}
	text := within(read.page+" FROM "+read.table()+" WHERE %s", among)
	rows, err := s.read.QueryContext(ctx, text.text, text.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	for rows.Next() {
		var key, name, title string
		if err := rows.Scan(&key, &name, &title); err != nil {
			return nil, err
		}
		g := at[key]
		g.Name, g.Title, g.Share.Name = name, title, name
	}
	return out, rows.Err()
}
