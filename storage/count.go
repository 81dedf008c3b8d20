package storage

import (
	"context"
	"fmt"
	"slices"

	"example.com/vexdesk/model/query"
)

// Count counts what a filter matches. What the tallies know is added up from
// them.
func (s *Store) Count(ctx context.Context, filter *query.Query) (n int, err error) {
	text := where(filter)
	statement := "SELECT count(*) FROM violations v WHERE " + text.text
	if filter == nil || tallied(filter.Expr) {
		statement = "SELECT coalesce(sum(v.n), 0) FROM tallies v WHERE " + text.text
	}
	if err := s.read.QueryRowContext(ctx, statement, text.args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("the violations cannot be counted: %w", err)
	}
	return n, nil
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

// isOwn tells whether an expression asks for columns of the violation alone.
func isOwn(e query.Expr) bool {
	return every(e, func(t query.Term) bool {
		switch t.Key {
		case query.KeyType, query.KeySeverity, query.KeyState, query.KeyVEX, query.KeyFix, query.KeyApplicable, query.KeySeen, query.KeyAge, query.KeyUpdated:
			return true
		case query.KeyTicket:
			return !slices.ContainsFunc(t.Values, func(v query.Value) bool { return v.Special == "" })
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
