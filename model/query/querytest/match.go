// Package querytest applies queries to values in memory, as the language defines
// it, for tests of what carries queries out.
package querytest

import (
	"slices"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

// Word tells whether any of the texts contains the word, without case. The texts
// are the ids of the issue, the component, the title and the product.
func Word(w query.Word, texts ...string) bool {
	parts := w.Value.Parts
	if parts == nil {
		parts = []string{w.Value.Text}
	}
	anywhere := query.Value{Parts: slices.Concat([]string{""}, parts, []string{""})}
	return slices.ContainsFunc(texts, anywhere.Match)
}

// apply applies the term to a field that is there or not; holds applies one
// value that is not special.
func apply(t query.Term, present bool, holds func(query.Value) bool) bool {
	some := slices.ContainsFunc(t.Values, func(v query.Value) bool {
		switch v.Special {
		case query.None, query.No:
			return !present
		case query.Any, query.Yes:
			return present
		case query.All:
			return true
		default:
			return present && holds(v)
		}
	})
	if t.Op == query.NotEqual {
		return present && !some
	}
	return some
}

// Text applies a term of [query.KindText] or [query.KindID] to the texts of a
// field, of which there may be none or several. [query.Latest] matches no text:
// only the store knows which version is current.
func Text(t query.Term, texts ...string) bool {
	return apply(t, len(texts) > 0, func(v query.Value) bool { return slices.ContainsFunc(texts, v.Match) })
}

// Besides applies a term of [query.KeyBesides] to the texts of a field: it holds
// where one of them fits none of the values.
func Besides(t query.Term, texts ...string) bool {
	other := slices.ContainsFunc(texts, func(text string) bool {
		return !slices.ContainsFunc(t.Values, func(v query.Value) bool { return v.Match(text) })
	})
	return len(texts) > 0 && other == (t.Op == query.Equal)
}

// Version applies a term of [query.KindVersion] to a field, "" being missing:
// equality is that of texts, order that of [model.CompareVersions].
func Version(t query.Term, field string) bool {
	return apply(t, field != "", func(v query.Value) bool {
		if t.Op == query.Equal || t.Op == query.NotEqual {
			return v.Match(field)
		}
		return ordered(t.Op, model.CompareVersions(field, v.Text))
	})
}

// Number applies a term of [query.KindNumber] to a field, nil being missing.
func Number(t query.Term, field *float64) bool {
	return apply(t, field != nil, func(v query.Value) bool {
		switch {
		case *field < v.Number:
			return ordered(t.Op, -1)
		case *field > v.Number:
			return ordered(t.Op, 1)
		}
		return ordered(t.Op, 0)
	})
}

// ordered tells whether an operator holds for a comparison.
func ordered(op query.Op, compared int) bool {
	switch op {
	case query.Less:
		return compared < 0
	case query.LessEqual:
		return compared <= 0
	case query.Greater:
		return compared > 0
	case query.GreaterEqual:
		return compared >= 0
	default:
		return compared == 0
	}
}

// Time applies a term of [query.KindTime] or [query.KindAge] to a field, the zero
// time being missing.
func Time(t query.Term, field time.Time) bool {
	return apply(t, !field.IsZero(), func(v query.Value) bool {
		return (v.From.IsZero() || !field.Before(v.From)) && (v.To.IsZero() || field.Before(v.To))
	})
}

// Choice applies a term of [query.KindEnum] or [query.KindFlag] to the names of a
// field, of which there may be none or several (several tickets, say).
func Choice(t query.Term, names ...string) bool {
	return apply(t, len(names) > 0, func(v query.Value) bool {
		one := t
		one.Values = []query.Value{v}
		return slices.ContainsFunc(names, func(name string) bool { return slices.Contains(one.Choices(), name) })
	})
}
