package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"slices"

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

// Listed is a row with its place.
type Listed struct {
	model.Row
	Cursor Cursor
}

// Page says which rows of a window: those behind a cursor, those in front of
// one, or the last ones, in the order of the list either way. Inclusive takes
// the row at the cursor itself as well. No cursor is the beginning. No limit
// is all.
type Page struct {
	After, Before Cursor
	Inclusive     bool
	FromEnd       bool
	Limit         int
}

// Page reads a page of a window.
func (s *Store) Page(ctx context.Context, w Window, p Page) ([]Listed, error) {
	known, err := s.find(ctx, w.Filter, false)
	if err != nil {
		return nil, fmt.Errorf("the list cannot be read: %w", damage(err))
	}
	l, err := newLister(w, p, s.limits, known)
	if err != nil {
		return nil, err
	}
	limit := p.Limit
	if limit <= 0 {
		limit = math.MaxInt32
	}
	var out []Listed
	switch {
	case l.plain():
		out, err = s.walk(ctx, l, limit)
	case l.tryable() && p.Limit > 0:
		out, err = s.try(ctx, l, limit)
	default:
		out, err = s.listed(ctx, l, l.sorted(limit))
	}
	if err != nil {
		return nil, fmt.Errorf("the list cannot be read: %w", damage(err))
	}
	if l.backward {
		slices.Reverse(out)
	}
	return out, nil
}

// lister makes the statements of a page, each of which selects ids in the
// order in which the page is read.
type lister struct {
	order    order
	filter   filter
	backward bool
	limits   limits
	// after are the stretches of the order that the page may lie in.
	after []sqlText
}

func newLister(w Window, p Page, limits limits, known findings) (*lister, error) {
	o := orderOf(w.Sort)
	l := &lister{limits: limits, order: o, filter: compile(w.Filter, o.key, known), backward: p.FromEnd || p.Before != "", after: []sqlText{always}}
	from := p.After
	if p.Before != "" {
		from = p.Before
	}
	if from == "" || p.FromEnd {
		return l, nil
	}
	at, err := parseCursor(from, len(l.order.columns))
	if err != nil {
		return nil, err
	}
	l.after = l.order.beyond(at, l.backward, p.Inclusive)
	return l, nil
}

// plain: the standard list in an order that an index gives, and no filter but
// on the column of the order.
func (l *lister) plain() bool {
	return l.filter.standard && l.order.lead != "" && !l.filter.reaching
}

// tryable: a filter over the standard list that may fit often enough to be
// tried on the rows in their order.
func (l *lister) tryable() bool {
	few := l.filter.leading != nil && l.filter.found <= l.limits.handful
	return l.filter.standard && l.order.lead != "" && !few
}

// stretch selects the rows of a stretch of the order from its index.
func (l *lister) stretch(columns string, at sqlText, limit int) sqlText {
	return within("SELECT "+columns+" FROM "+l.order.lead+" WHERE "+standardList+" AND %s AND %s"+l.order.by(l.backward, false)+" LIMIT %s", l.filter.own, at, sqlf("?", limit))
}

// tried tries the filter on the first rows of a stretch, in their order.
func (l *lister) tried(at sqlText, limit int) sqlText {
	return within("SELECT v.id FROM (%s) v WHERE %s LIMIT %s", l.stretch("v.*", at, l.limits.tries), l.filter.far, sqlf("?", limit))
}

// sorted goes from what the filter names to the rows, and sorts them.
func (l *lister) sorted(limit int) sqlText {
	return within("SELECT v.id FROM "+l.order.tables()+" WHERE %s AND %s AND %s"+l.order.by(l.backward, true)+" LIMIT %s",
		among(l.filter.leading), l.filter.rest, joinText(l.after, " OR "), sqlf("?", limit))
}

// walk fills a page from one stretch of the order after another.
func (s *Store) walk(ctx context.Context, l *lister, limit int) ([]Listed, error) {
	var out []Listed
	for _, at := range l.after {
		more, err := s.listed(ctx, l, l.stretch("v.id", at, limit-len(out)))
		if err != nil {
			return nil, err
		}
		if out = append(out, more...); len(out) == limit {
			break
		}
	}
	return out, nil
}

// try fills a page as walk does, with the rows that fit the filter; where too
// few do, it goes the other way.
func (s *Store) try(ctx context.Context, l *lister, limit int) ([]Listed, error) {
	var out []Listed
	for _, at := range l.after {
		more, err := s.listed(ctx, l, l.tried(at, limit-len(out)))
		if err != nil {
			return nil, err
		}
		if out = append(out, more...); len(out) == limit {
			return out, nil
		}
		var rows int
		all := within("SELECT count(*) FROM (%s)", l.stretch("v.id", at, l.limits.tries+1))
		if err := s.read.QueryRowContext(ctx, all.text, all.args...).Scan(&rows); err != nil {
			return nil, err
		}
		if rows > l.limits.tries {
			return s.listed(ctx, l, l.sorted(limit))
		}
	}
	return out, nil
}

// listed reads the rows of the ids that a statement selects. The ids come from
// the outermost loop of the join, which CROSS JOIN pins (sqlite.org,
// optoverview, 6.3), so the rows have their order.
func (s *Store) listed(ctx context.Context, l *lister, ids sqlText) ([]Listed, error) {
	text := "SELECT " + rowColumns + ", " + l.order.names() + " FROM (" + ids.text + ") picked CROSS JOIN violations v ON v.id = picked.id" + rowJoins
	rows, err := s.read.QueryContext(ctx, text, ids.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []Listed
	for rows.Next() {
		var row Listed
		at := make(place, len(l.order.columns))
		targets := make([]any, len(at))
		for i := range at {
			targets[i] = &at[i]
		}
		if err := scanRow(rows, &row.Row, targets...); err != nil {
			return nil, err
		}
		if row.Cursor, err = makeCursor(at); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}

// CursorOf finds the place of a violation in a window; false where the window
// does not hold it.
func (s *Store) CursorOf(ctx context.Context, w Window, id model.ViolationID) (Cursor, bool, error) {
	order := orderOf(w.Sort)
	at := make(place, len(order.columns))
	targets := make([]any, len(at))
	for i := range at {
		targets[i] = &at[i]
	}
	text := whereRow(w.Filter)
	err := s.read.QueryRowContext(ctx, "SELECT "+order.names()+" FROM "+order.tables()+" WHERE v.id = ? AND "+text.text,
		append([]any{int64(id)}, text.args...)...).Scan(targets...)
	if errors.Is(err, sql.ErrNoRows) {
		return "", false, nil
	}
	if err != nil {
		return "", false, fmt.Errorf("the place of violation %s cannot be found: %w", id, err)
	}
	c, err := makeCursor(at)
	return c, err == nil, err
}

// MatchingIDs returns the ids of all violations of a window, in its order.
func (s *Store) MatchingIDs(ctx context.Context, w Window) ([]model.ViolationID, error) {
	known, err := s.find(ctx, w.Filter, false)
	if err != nil {
		return nil, fmt.Errorf("the list cannot be read: %w", damage(err))
	}
	l, err := newLister(w, Page{}, s.limits, known)
	if err != nil {
		return nil, err
	}
	text := l.sorted(math.MaxInt32)
	if l.plain() {
		text = l.stretch("v.id", always, math.MaxInt32)
	}
	rows, err := s.read.QueryContext(ctx, text.text, text.args...)
	if err != nil {
		return nil, fmt.Errorf("the list cannot be read: %w", damage(err))
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
