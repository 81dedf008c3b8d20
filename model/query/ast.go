package query

import (
	"slices"
)

// Query is a parsed query. The zero Query matches everything.
type Query struct {
	Expr Expr   // nil where the query is empty
	Text string // what was parsed; spans count in it
}

// Span is a piece of the query's text, in bytes, End exclusive.
type Span struct{ Start, End int }

// Expr is [Or], [And], [Not], [Term] or [Word].
type Expr interface {
	// Span is where the expression stands in the query's text, its
	// parentheses included.
	Span() Span

	isExpr()
}

// Or holds where any of its two or more parts does.
type Or struct {
	Of []Expr
	At Span
}

// And holds where all of its two or more parts do.
type And struct {
	Of []Expr
	At Span
}

// Not holds where its part does not.
type Not struct {
	Of Expr
	At Span
}

// Term compares a field with values: key:value,value. With [NotEqual] it holds
// where the field is there and equals none of the values, with every other
// operator where it holds for any of them.
type Term struct {
	Key    Key
	Op     Op
	Values []Value // at least one
	At     Span
}

// Word is a word without a key: it holds where the ids, the component,
// the title or the product contain it.
type Word struct {
	Value Value
	At    Span
}

// Span implements [Expr].
func (e Or) Span() Span { return e.At }

// Span implements [Expr].
func (e And) Span() Span { return e.At }

// Span implements [Expr].
func (e Not) Span() Span { return e.At }

// Span implements [Expr].
func (e Term) Span() Span { return e.At }

// Span implements [Expr].
func (e Word) Span() Span { return e.At }

func (Or) isExpr()   {}
func (And) isExpr()  {}
func (Not) isExpr()  {}
func (Term) isExpr() {}
func (Word) isExpr() {}

// Op is a comparison.
type Op string

// The operators, as they are written after the key and its colon.
const (
	Equal        Op = ""
	NotEqual     Op = "!="
	Less         Op = "<"
	LessEqual    Op = "<="
	Greater      Op = ">"
	GreaterEqual Op = ">="
)

// Walk calls visit for e and everything below it, parents first. Where visit
// returns false it does not go deeper.
func Walk(e Expr, visit func(Expr) bool) {
	if e == nil || !visit(e) {
		return
	}
	switch e := e.(type) {
	case Or:
		for _, part := range e.Of {
			Walk(part, visit)
		}
	case And:
		for _, part := range e.Of {
			Walk(part, visit)
		}
	case Not:
		Walk(e.Of, visit)
	}
}

// Names tells whether the query compares the key anywhere. A query that names
// neither version nor state means current versions and open violations
// (ruling 8); has:key does not name the key.
func (q *Query) Names(key Key) bool {
	found := false
	Walk(q.Expr, func(e Expr) bool {
		if t, ok := e.(Term); ok && t.Key == key {
			found = true
		}
		return !found
	})
	return found
}

// Parts are the expressions that must all hold for the query to hold: the
// parts of a top-level [And], or the one expression that there is.
func (q *Query) Parts() []Expr {
	switch e := q.Expr.(type) {
	case nil:
		return nil
	case And:
		return slices.Clone(e.Of)
	default:
		return []Expr{e}
	}
}

// Without is the query without its i-th part, to find the part that excludes
// most. Spans still count in the whole query's Text.
func (q *Query) Without(i int) *Query {
	rest := slices.Delete(q.Parts(), i, i+1)
	without := &Query{Text: q.Text}
	switch len(rest) {
	case 0:
	case 1:
		without.Expr = rest[0]
	default:
		without.Expr = And{Of: rest, At: Span{rest[0].Span().Start, rest[len(rest)-1].Span().End}}
	}
	return without
}

// Same tells whether two expressions have the same structure and values,
// wherever they stand in their texts.
func Same(a, b Expr) bool {
	switch a := a.(type) {
	case nil:
		return b == nil
	case Or:
		b, ok := b.(Or)
		return ok && slices.EqualFunc(a.Of, b.Of, Same)
	case And:
		b, ok := b.(And)
		return ok && slices.EqualFunc(a.Of, b.Of, Same)
	case Not:
		b, ok := b.(Not)
		return ok && Same(a.Of, b.Of)
	case Term:
		b, ok := b.(Term)
		return ok && a.Key == b.Key && a.Op == b.Op && slices.EqualFunc(a.Values, b.Values, Value.same)
	case Word:
		b, ok := b.(Word)
		return ok && a.Value.same(b.Value)
	}
	return false
}
