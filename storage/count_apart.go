package storage

import (
	"context"

	"example.com/vexdesk/model/query"
)

// Most filters over the standard list name issues, components and products: by
// their ids and names, or by what is said of them. These are found in their own
// small tables first, and what they have is counted from the indexes of the
// violations, which hold all three (migration 9). What is counted goes the
// shortest way: by those that do not fit where most do, and by products from the
// tallies.

// measure finds how many rows there are.
func (s *Store) measure(ctx context.Context, m *sides) (err error) {
	for d := range dimensions {
		if r := &m[d]; r.ids.text != "" && err == nil {
			text := within("SELECT (SELECT count(*) FROM (%s)), (SELECT count(*) FROM "+d.table()+")", r.ids)
			err = s.read.QueryRowContext(ctx, text.text, text.args...).Scan(&r.n, &r.total)
		}
	}
	return err
}

// part is a part of a filter whose parts all must hold: what sides have, or
// what they do not have.
type part struct {
	sides
	not bool
}

// parts are the parts of a filter; rest are the conditions of those that ask for
// something else.
func (s *Store) parts(ctx context.Context, filter *query.Query, known findings) (parts []part, rest []sqlText, err error) {
	for _, e := range filter.Parts() {
		var p part
		of := e
		if n, negated := e.(query.Not); negated {
			if _, alone := known.onlyOf(n.Of); !alone {
				of, p.not = n.Of, true
			}
		}
		var ok bool
		if p.sides, ok = sidesOf(of, known); !ok {
			rest = append(rest, wording{findings: known}.expression(e))
			continue
		}
		if err := s.measure(ctx, &p.sides); err != nil {
			return nil, nil, err
		}
		parts = append(parts, p)
	}
	return parts, rest, nil
}

// holds is the condition of a part.
func (p *part) holds() sqlText {
	text := never
	var some []sqlText
	for d := range dimensions {
		if !p.sides[d].none() {
			some = append(some, p.sides[d].has(d))
		}
	}
	if len(some) > 0 {
		text = joinText(some, " OR ")
	}
	if p.not {
		text = within("NOT %s", text)
	}
	return text
}

// countWhere counts what there is in the standard list where conditions hold, of
// which the first one leads.
func (s *Store) countWhere(ctx context.Context, conditions ...sqlText) (int, error) {
	return s.number(ctx, within("SELECT count(*) FROM violations v WHERE "+standardList+" AND %s", joinText(conditions, " AND ")))
}

// countAny counts what any of the sides has, of all.
func (s *Store) countAny(ctx context.Context, m *sides, all int) (int, error) {
	for d := range dimensions {
		if m[d].everything() {
			return all, nil
		}
	}
	for d := range ofProduct {
		if m[d].share() > 0.5 {
			none := part{sides: *m, not: true}
			none.sides[d] = rowSet{}
			n, err := s.countWhere(ctx, m[d].of(d, true), none.holds())
			return all - n, err
		}
	}
	order := []dimension{ofIssue, ofComponent, ofProduct}
	if m[ofIssue].share()+m[ofComponent].share() <= m[ofProduct].share() {
		order = []dimension{ofProduct, ofIssue, ofComponent}
	}
	return s.countInOrder(ctx, m, order, always)
}

// countInOrder counts what any of the sides has where a condition holds: for
// each table what those before it do not have.
func (s *Store) countInOrder(ctx context.Context, m *sides, order []dimension, condition sqlText) (sum int, err error) {
	before := part{not: true}
	first := true
	for _, d := range order {
		if m[d].none() {
			continue
		}
		n := 0
		if d == ofProduct && condition.text == always.text && first {
			n, err = s.number(ctx, within("SELECT coalesce(sum(v.n), 0) FROM tallies v WHERE "+standardList+" AND %s", m[d].has(d)))
		} else {
			n, err = s.countWhere(ctx, m[d].of(d, false), before.holds(), condition)
		}
		if sum += n; err != nil {
			return 0, err
		}
		before.sides[d], first = m[d], false
	}
	return sum, nil
}

// narrow is the share of all violations up to which a part is looked at row by
// row for what the tables do not tell.
const narrow = 0.05

// countApart counts a filter over the standard list by what it names; ok tells
// whether that is a way to count it.
func (s *Store) countApart(ctx context.Context, filter *query.Query, known findings) (n int, ok bool, err error) {
	parts, rest, err := s.parts(ctx, filter, known)
	if err != nil || len(parts) == 0 {
		return 0, false, err
	}
	lead := -1
	for i := range parts {
		if !parts[i].not && (lead < 0 || parts[i].share() < parts[lead].share()) {
			lead = i
		}
	}
	if len(rest) > 0 && (lead < 0 || parts[lead].share() > narrow) {
		return 0, false, nil
	}
	if lead >= 0 && len(parts)+len(rest) > 1 {
		for i := range parts {
			if i != lead {
				rest = append(rest, parts[i].holds())
			}
		}
		n, err = s.countInOrder(ctx, &parts[lead].sides, []dimension{ofIssue, ofComponent, ofProduct}, oneSet(joinText(rest, " AND ")))
		return n, true, err
	}
	all, err := s.number(ctx, sqlf("SELECT coalesce(sum(v.n), 0) FROM tallies v WHERE "+standardList))
	if err != nil {
		return 0, false, err
	}
	if lead == 0 {
		n, err = s.countAny(ctx, &parts[0].sides, all)
		return n, true, err
	}
	n, err = s.countNone(ctx, parts, all)
	return n, true, err
}

// countNone counts what none of several parts has, of all.
func (s *Store) countNone(ctx context.Context, parts []part, all int) (int, error) {
	var together sides
	for i := range parts {
		for d := range dimensions {
			if !parts[i].sides[d].none() {
				together.add(d, parts[i].sides[d].ids)
			}
		}
	}
	if err := s.measure(ctx, &together); err != nil {
		return 0, err
	}
	n, err := s.countAny(ctx, &together, all)
	return all - n, err
}

func (s *Store) number(ctx context.Context, text sqlText) (n int, err error) {
	err = s.read.QueryRowContext(ctx, text.text, text.args...).Scan(&n)
	return n, err
}
