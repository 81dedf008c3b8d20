package storage

import (
	"strings"

	"example.com/vexdesk/model/query"
)

// dimension is one of the small tables that a violation leads to.
type dimension int

const (
	ofIssue dimension = iota
	ofComponent
	ofProduct
	dimensions
)

func (d dimension) table() string  { return [...]string{"issues", "components", "products"}[d] }
func (d dimension) column() string { return [...]string{"issue_id", "component_id", "product_id"}[d] }

// rows selects the rows of the table whose violations v of the standard list
// meet a condition that asks for nothing else. One that is a selection from the
// table itself is that selection.
func (d dimension) rows(condition sqlText, not bool) sqlText {
	from := "SELECT id FROM " + d.table() + " WHERE "
	if inner, ok := strings.CutPrefix(condition.text, "v."+d.column()+" IN ("+from); ok && closes(inner) {
		of := sqlText{strings.TrimSuffix(inner, ")"), condition.args}
		if not {
			return within(from+"NOT (%s)", of)
		}
		return within(from+"%s", of)
	}
	if not {
		condition = within("NOT %s", condition)
	}
	return within("SELECT v.id FROM (SELECT id, id AS "+d.column()+", 0 AS state FROM "+d.table()+") v WHERE %s", condition)
}

// closes tells that a text ends with the parenthesis that was opened before it.
func closes(text string) bool {
	open := 1
	for i, c := range text {
		switch c {
		case '(':
			open++
		case ')':
			open--
		}
		if open == 0 {
			return i == len(text)-1
		}
	}
	return false
}

// dimensionOf is the table that alone decides what a key's terms match.
func dimensionOf(key query.Key) (dimension, bool) {
	switch key {
	case query.KeyIssue, query.KeyCVSS, query.KeyEPSS, query.KeyKEV, query.KeyMalicious:
		return ofIssue, true
	case query.KeyComponent, query.KeyEcosystem, query.KeyPURL, query.KeyLicense, query.KeyBesides, query.KeyPackageVersion,
		query.KeyEOL, query.KeyReleased, query.KeyNewer, query.KeyCadence, query.KeyCommits, query.KeyCommitters:
		return ofComponent, true
	case query.KeyProduct, query.KeyResource:
		return ofProduct, true
	}
	return 0, false
}

// onlyOf is the table that alone decides an expression over the standard list.
func (f findings) onlyOf(e query.Expr) (d dimension, ok bool) {
	d = dimensions
	ok = every(e, func(t query.Term) bool {
		keys := []query.Key{t.Key}
		if t.Key == query.KeyHas {
			keys = keys[:0]
			for _, v := range t.Values {
				keys = append(keys, query.Key(v.Text))
			}
		}
		for _, key := range keys {
			of, ok := dimensionOf(key)
			if key == query.KeyPath && f.sure() {
				of, ok = ofComponent, true
			}
			if d == dimensions {
				d = of
			}
			if !ok || d != of {
				return false
			}
		}
		return true
	})
	return d, ok && d != dimensions
}

// sure tells that components alone decide what paths match.
func (f findings) sure() bool {
	for _, set := range f.places {
		if set.unsure > 0 {
			return false
		}
	}
	return true
}

// sides are rows of each of the small tables: together, the violations of any
// of them.
type sides [dimensions]rowSet

// rowSet are n of the total rows of a table; ids selects them, and where is the
// condition that violation v is of them, where there is a shorter one.
type rowSet struct {
	ids, where sqlText
	n, total   int
}

func (r *rowSet) none() bool { return r.n == 0 }

// everything tells that all rows of the table are there.
func (r *rowSet) everything() bool { return r.n > 0 && r.n == r.total }

func (r *rowSet) share() float64 { return float64(r.n) / float64(max(r.total, 1)) }

// of is the condition that violation v is of the rows, or of the others of the
// table.
func (r *rowSet) of(d dimension, others bool) sqlText {
	switch {
	case others && r.where.text != "":
		return within("v."+d.column()+" IN (%s)", d.rows(r.where, true))
	case others:
		return within("v."+d.column()+" IN (SELECT id FROM "+d.table()+" WHERE id NOT IN (%s))", r.ids)
	case r.where.text != "":
		return r.where
	}
	return within("v."+d.column()+" IN (%s)", r.ids)
}

// has is of for what does not lead the statement (sqlite.org, queryplanner,
// unary "+").
func (r *rowSet) has(d dimension) sqlText {
	if r.everything() {
		return always
	}
	text := r.of(d, r.share() > 0.5)
	text.text = strings.ReplaceAll(text.text, "v."+d.column(), "+v."+d.column())
	if r.share() > 0.5 {
		text = within("NOT %s", text)
	}
	return text
}

// share is about how much of all violations the sides have.
func (m *sides) share() (sum float64) {
	for d := range m {
		sum += m[d].share()
	}
	return min(sum, 1)
}

// add puts a selection of rows to the others of a table.
func (m *sides) add(d dimension, ids sqlText) {
	if m[d].ids.text != "" {
		ids = within("%s UNION %s", m[d].ids, ids)
	}
	m[d].ids, m[d].where = ids, sqlText{}
}

// sidesOf finds what an expression names; ok tells whether it names rows of the
// small tables at all.
func sidesOf(e query.Expr, known findings) (m sides, ok bool) {
	if d, alone := known.onlyOf(e); alone {
		m[d].where = wording{findings: known}.expression(e)
		m[d].ids = d.rows(m[d].where, false)
		return m, true
	}
	switch e := e.(type) {
	case query.Word:
		set := known.words[wordPattern(e)]
		for d := range dimensions {
			if set != nil && set.found[d] > 0 {
				m.add(d, sqlf("SELECT value FROM json_each(?)", set.lists[d]))
			}
		}
		return m, set != nil
	case query.Or:
		for _, of := range e.Of {
			some, ok := sidesOf(of, known)
			if !ok {
				return m, false
			}
			for d := range dimensions {
				if some[d].ids.text != "" {
					m.add(d, some[d].ids)
				}
			}
		}
		return m, true
	}
	return m, false
}
