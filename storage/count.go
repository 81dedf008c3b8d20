package storage

import (
	"context"
	"fmt"
	"slices"

	"example.com/vexdesk/model/query"
)

// Count counts what a filter matches. What the tallies know is added up from
// them.
func (s *Store) Count(ctx context.Context, filter *query.Query) (int, error) {
	n, err := s.count(ctx, filter)
	if err != nil {
		return 0, fmt.Errorf("the violations cannot be counted: %w", damage(err))
	}
	return n, nil
}

func (s *Store) count(ctx context.Context, filter *query.Query) (int, error) {
	if filter == nil || tallied(filter.Expr) {
		return s.number(ctx, within("SELECT coalesce(sum(v.n), 0) FROM tallies v WHERE %s", where(filter)))
	}
	_, standard := meant(filter)
	known, err := s.find(ctx, filter, standard)
	if err != nil {
		return 0, err
	}
	return s.countFound(ctx, filter, known)
}

// countFound is count where the words and paths of the filter were looked for:
// for the standard list all of them.
func (s *Store) countFound(ctx context.Context, filter *query.Query, known findings) (int, error) {
	if _, standard := meant(filter); standard {
		if t, ok := aSource(filter); ok {
			return s.countSource(ctx, t)
		}
		if n, ok, err := s.countApart(ctx, filter, known); ok || err != nil {
			return n, err
		}
	}
	f := compile(filter, "", known)
	if f.leading != nil {
		n, err := s.number(ctx, within("SELECT count(*) FROM (%s LIMIT %s)", unionText(f.leading, " UNION ALL "), sqlf("?", s.limits.few)))
		if err != nil {
			return 0, err
		}
		if n < s.limits.few {
			return s.number(ctx, within("SELECT count(*) FROM violations v WHERE %s AND %s", among(f.leading), f.rest))
		}
	}
	return s.number(ctx, within("SELECT count(*) FROM violations v WHERE %s", f.text))
}

// tallied tells whether the tallies can answer an expression: all its terms
// ask for columns that they have.
func tallied(e query.Expr) bool {
	return every(e, func(t query.Term) bool {
		switch t.Key {
		case query.KeyType, query.KeySeverity, query.KeyState, query.KeyVEX, query.KeyProduct, query.KeyResource, query.KeyVersion:
			return true
		case query.KeyTicket, query.KeyFix:
			return !slices.ContainsFunc(t.Values, func(v query.Value) bool { return v.Special == "" })
		}
		return false
	})
}

// isOwn tells whether an expression asks for the violation's own column of a
// key alone.
func isOwn(e query.Expr, by query.Key) bool {
	return every(e, func(t query.Term) bool {
		switch t.Key {
		case query.KeyType, query.KeySeverity, query.KeyVEX, query.KeySeen, query.KeyUpdated:
			return t.Key == by
		case query.KeyFix:
			return t.Key == by && !slices.ContainsFunc(t.Values, func(v query.Value) bool { return v.Special == "" })
		}
		return false
	})
}

// every tells whether an expression consists of terms that all hold.
func every(e query.Expr, holds func(query.Term) bool) bool {
	all := true
	query.Walk(e, func(e query.Expr) bool {
		switch e := e.(type) {
		case query.Term:
			all = all && holds(e)
		case query.Word:
			all = false
		}
		return all
	})
	return all
}
