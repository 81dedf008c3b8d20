package storage

import (
	"context"
	"slices"

	"example.com/vexdesk/model/query"
)

// aSource is the term source: that a filter over the standard list consists of.
func aSource(filter *query.Query) (t query.Term, ok bool) {
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
