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
	words, err := s.findWords(ctx, filter)
	if err != nil {
		return 0, fmt.Errorf("the violations cannot be counted: %w", damage(err))
	}
	if w, not, ok := aWord(filter); ok && (not || words[wordPattern(w)] == nil) {
		if n, err = s.countWord(ctx, w, not); err != nil {
			return 0, fmt.Errorf("the violations cannot be counted: %w", damage(err))
		}
		return n, nil
	}
	if t, ok := aSource(filter); ok {
		if n, err = s.countSource(ctx, t); err != nil {
			return 0, fmt.Errorf("the violations cannot be counted: %w", damage(err))
		}
		return n, nil
	}
	f := compile(filter, "", words)
	statement := within("SELECT count(*) FROM violations v WHERE %s", f.text)
	switch {
	case filter == nil || tallied(filter.Expr):
		statement = within("SELECT coalesce(sum(v.n), 0) FROM tallies v WHERE %s", f.text)
	case f.leading != nil:
		rows := within("SELECT count(*) FROM (%s LIMIT %s)", unionText(f.leading, " UNION ALL "), sqlf("?", s.limits.few))
		if err := s.read.QueryRowContext(ctx, rows.text, rows.args...).Scan(&n); err != nil {
			return 0, fmt.Errorf("the violations cannot be counted: %w", damage(err))
		}
		if n < s.limits.few {
			statement = within("SELECT count(*) FROM violations v WHERE %s AND %s", among(f.leading), f.rest)
		}
	}
	if err := s.read.QueryRowContext(ctx, statement.text, statement.args...).Scan(&n); err != nil {
		return 0, fmt.Errorf("the violations cannot be counted: %w", damage(err))
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
