package storage

import (
	"context"
	"encoding/json"
	"slices"

	"example.com/vexdesk/model/query"
)

// A word that matches much is counted from the indexes of issues and components
// (migration 9): what its issues have, what its components have besides, what
// its products have besides. Where most issues match, the few that do not are
// counted instead.

// aWord is the word that a filter over the standard list consists of; not tells
// that it must not be there.
func aWord(filter *query.Query) (w query.Word, not, ok bool) {
	if filter == nil || filter.Names(query.KeyVersion) || filter.Names(query.KeyState) {
		return w, false, false
	}
	e := filter.Expr
	if n, negated := e.(query.Not); negated {
		e, not = n.Of, true
	}
	w, ok = e.(query.Word)
	return w, not, ok
}

// countWord counts what a word matches in the standard list.
func (s *Store) countWord(ctx context.Context, w query.Word, not bool) (int, error) {
	all, err := s.number(ctx, sqlf("SELECT coalesce(sum(v.n), 0) FROM tallies v WHERE "+standardList))
	if err != nil {
		return 0, err
	}
	n, err := s.countMatching(ctx, wordPattern(w), all)
	if not {
		n = all - n
	}
	return n, err
}

// countMatching counts what a pattern matches of all.
func (s *Store) countMatching(ctx context.Context, pattern string, all int) (n int, err error) {
	var sets [3]sqlText
	var found [3]int
	for i, from := range []sqlText{
		within("SELECT issue_id FROM issue_aliases WHERE %s UNION SELECT issue_id FROM issue_cves WHERE %s UNION SELECT id FROM issues WHERE %s",
			like("alias", pattern), like("cve", pattern), like("title", pattern)),
		within("SELECT id FROM components WHERE %s", like("name", pattern)),
		within("SELECT id FROM products WHERE %s", like("name", pattern)),
	} {
		ids, err := s.ids(ctx, from)
		if err != nil {
			return 0, err
		}
		list, err := json.Marshal(ids)
		if err != nil {
			return 0, err
		}
		sets[i], found[i] = sqlf("(SELECT value FROM json_each(?))", string(list)), len(ids)
	}
	issues, components, products := sets[0], sets[1], sets[2]
	if found[0] > 0 {
		if n, err = s.countIssues(ctx, issues, found[0], all); err != nil || n == all {
			return n, err
		}
	}
	if found[0]+found[1] == 0 {
		return s.number(ctx, within("SELECT coalesce(sum(v.n), 0) FROM tallies v WHERE "+standardList+" AND v.product_id IN %s", products))
	}
	for i, besides := range []sqlText{
		within("SELECT count(*) FROM violations v WHERE "+standardList+" AND v.component_id IN %s AND +v.issue_id NOT IN %s", components, issues),
		within("SELECT count(*) FROM violations v WHERE "+standardList+" AND v.product_id IN %s AND +v.component_id NOT IN %s AND +v.issue_id NOT IN %s", products, components, issues),
	} {
		if found[i+1] == 0 {
			continue
		}
		more, err := s.number(ctx, besides)
		if n += more; err != nil {
			return 0, err
		}
	}
	return n, nil
}

// countIssues counts what so many issues have of all.
func (s *Store) countIssues(ctx context.Context, issues sqlText, found, all int) (int, error) {
	known, err := s.number(ctx, sqlf("SELECT count(*) FROM issues"))
	if err != nil {
		return 0, err
	}
	const of = "SELECT count(*) FROM violations v WHERE " + standardList + " AND v.issue_id IN %s"
	if found <= known/2 {
		return s.number(ctx, within(of, issues))
	}
	others, err := s.number(ctx, within(of, within("(SELECT id FROM issues WHERE id NOT IN %s)", issues)))
	return all - others, err
}

func (s *Store) number(ctx context.Context, text sqlText) (n int, err error) {
	err = s.read.QueryRowContext(ctx, text.text, text.args...).Scan(&n)
	return n, err
}

// aSource is the term source: that a filter over the standard list consists of.
func aSource(filter *query.Query) (t query.Term, ok bool) {
	if filter == nil || filter.Names(query.KeyVersion) || filter.Names(query.KeyState) {
		return t, false
	}
	t, ok = filter.Expr.(query.Term)
	special := slices.ContainsFunc(t.Values, func(v query.Value) bool { return v.Special != "" })
	return t, ok && t.Key == query.KeySource && t.Op == query.Equal && !special
}

// countSource counts what sources show in the standard list: where all sources
// of a version fit, the tallies know, and only in the other versions each
// violation's sightings have to tell.
func (s *Store) countSource(ctx context.Context, t query.Term) (int, error) {
	fits := make([]sqlText, len(t.Values))
	for i, v := range t.Values {
		fits[i] = within("(%s OR %s)", matches("o.format", v), matches("o.scanner", v))
	}
	fit := joinText(fits, " OR ")
	n, err := s.number(ctx, within("SELECT coalesce(sum(v.n), 0) FROM tallies v WHERE "+standardList+
		" AND v.version_id IN (SELECT o.version_id FROM sources o GROUP BY 1 HAVING min(%s))", fit))
	if err != nil {
		return 0, err
	}
	mixed, err := s.number(ctx, within("SELECT count(*) FROM versions r CROSS JOIN violations v ON v.version_id = r.id WHERE "+standardList+
		" AND r.id IN (SELECT o.version_id FROM sources o GROUP BY 1 HAVING max(%s) AND NOT min(%s))"+
		" AND EXISTS (SELECT 1 FROM sightings s CROSS JOIN sources o ON o.id = s.source_id WHERE s.violation_id = v.id AND %s)", fit, fit, fit))
	return n + mixed, err
}
