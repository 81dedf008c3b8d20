package storage

import (
	"context"
	"encoding/json"
	"math"
	"slices"

	"example.com/vexdesk/model/query"
)

// A word is looked for in the small tables first: in the ids and titles of
// issues, the names of components and of products. Where it is rare, a query
// goes from what was found to the violations; where it is frequent, trying it
// on the violations in their order fills a page at once.

// findings are what the words of a query were found in, by their pattern, and
// its paths. A word without an entry is frequent; without places nobody looked.
type findings struct {
	words  map[string]*wordSet
	places map[string]*placeSet
}

// wordSet is what a word was found in: how many rows of each table, and their
// ids as lists for json_each.
type wordSet struct {
	found [dimensions]int
	lists [dimensions]string
	// rare tells that they are few; n is how many there are in all.
	rare bool
	n    int
}

// limits say when which way to the rows of a filter is taken. They change how
// long an answer takes and never what it is.
type limits struct {
	// tries is how many rows of the order a filter is tried on before the other
	// way is taken: from what it names to the rows, and sorting them. A filter
	// that fits one row in two hundred fills a page on the first way, and one
	// that fits fewer has few rows to sort.
	tries int
	// rare is in how many issues, components and products each a word is found
	// at most to be rare; with handful of them at most the first way is not
	// tried.
	rare, handful int
	// few is up to how many rows a rare word's violations are counted from the
	// indexes rather than by looking at all.
	few int
	// gathered is a filter at most so large that its groups are found by
	// gathering its violations; the groups of a larger one are looked into in
	// their order, since many of them hold one.
	gathered int
	// whole is up to how many findings an import is one transaction, an issue or
	// a component being half a finding; share is how many the first of several
	// takes, and steady that the others take no more and no fewer.
	whole, share int
	steady       bool
}

// measured are the limits that did best at a million violations.
func measured() limits {
	return limits{tries: 8192, rare: 2000, handful: 150, few: 50_000, gathered: 20_000, whole: 16_000, share: 4_000}
}

// find looks for the words and the paths of a query. Frequent words are left
// out, unless all of them are to be found.
func (s *Store) find(ctx context.Context, q *query.Query, all bool) (found findings, err error) {
	if q == nil {
		return found, nil
	}
	if found.places, err = s.findPlaces(ctx, q); err != nil {
		return found, err
	}
	found.words = map[string]*wordSet{}
	query.Walk(q.Expr, func(e query.Expr) bool {
		w, ok := e.(query.Word)
		if !ok || err != nil {
			return err == nil
		}
		pattern := wordPattern(w)
		if _, done := found.words[pattern]; !done {
			found.words[pattern], err = s.findWord(ctx, pattern, all)
		}
		return true
	})
	return found, err
}

func (s *Store) findWord(ctx context.Context, pattern string, all bool) (*wordSet, error) {
	set := &wordSet{rare: true}
	for _, d := range []dimension{ofProduct, ofComponent, ofIssue} {
		from := wordRows(d, pattern)
		if !all {
			from = within("%s LIMIT %s", from, sqlf("?", s.limits.rare+1))
		}
		ids, err := s.ids(ctx, from)
		if err != nil {
			return nil, err
		}
		if len(ids) > s.limits.rare {
			if set.rare = false; !all {
				return nil, nil
			}
		}
		slices.Sort(ids)
		ids = slices.Compact(ids)
		list, err := json.Marshal(ids)
		if err != nil {
			return nil, err
		}
		set.found[d], set.lists[d] = len(ids), string(list)
		set.n += len(ids)
	}
	return set, nil
}

// wordRows selects the rows of a table that a word is found in, some of them
// more than once.
func wordRows(d dimension, pattern string) sqlText {
	if d == ofIssue {
		return within("SELECT issue_id FROM issue_aliases WHERE %s UNION ALL SELECT issue_id FROM issue_cves WHERE %s UNION ALL SELECT id FROM issues WHERE %s",
			like("alias", pattern), like("cve", pattern), like("title", pattern))
	}
	return within("SELECT id FROM "+d.table()+" WHERE %s", like("name", pattern))
}

func (s *Store) ids(ctx context.Context, text sqlText) ([]int64, error) {
	rows, err := s.read.QueryContext(ctx, text.text, text.args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	ids := []int64{}
	for rows.Next() {
		var id int64
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	return ids, rows.Err()
}

// wording says how words become SQL: from sets where they are known; else by
// looking at the texts of each row with byRow, for rows that are tried in
// their order, and from sets that SQLite makes without.
type wording struct {
	findings
	byRow bool
}

// word holds where an id of the issue, the component, the title or the
// product contains it.
func (how wording) word(w query.Word) sqlText {
	pattern := wordPattern(w)
	if set := how.words[pattern]; set != nil {
		text := never
		var some []sqlText
		for d := range dimensions {
			if set.found[d] > 0 {
				some = append(some, sqlf("v."+d.column()+" IN (SELECT value FROM json_each(?))", set.lists[d]))
			}
		}
		if len(some) > 0 {
			text = joinText(some, " OR ")
		}
		return within("(%s)", text)
	}
	if how.byRow {
		return within(`(EXISTS (SELECT 1 FROM issue_aliases WHERE issue_id = v.issue_id AND %s) OR EXISTS (SELECT 1 FROM issues WHERE id = v.issue_id AND %s)
			OR EXISTS (SELECT 1 FROM components WHERE id = v.component_id AND %s) OR EXISTS (SELECT 1 FROM products WHERE id = v.product_id AND %s)
			OR EXISTS (SELECT 1 FROM issue_cves WHERE issue_id = v.issue_id AND %s))`,
			like("alias", pattern), like("title", pattern), like("name", pattern), like("name", pattern), like("cve", pattern))
	}
	var some []sqlText
	for d := range dimensions {
		some = append(some, within("v."+d.column()+" IN (%s)", wordRows(d, pattern)))
	}
	return joinText(some, " OR ")
}

func wordPattern(w query.Word) string {
	parts := w.Value.Parts
	if parts == nil {
		parts = []string{w.Value.Text}
	}
	return "%" + joinLike(parts) + "%"
}

// rows are selections of ids that together are the rows of an expression that
// is a rare word, or such words joined by or; none for any other. found is in
// how many places these were found, or more where one is a product, which has
// many violations.
func (f findings) rows(e query.Expr) (rows []sqlText, found int) {
	words := []query.Expr{e}
	if or, ok := e.(query.Or); ok {
		words = or.Of
	}
	for _, each := range words {
		w, ok := each.(query.Word)
		set := f.words[wordPattern(w)]
		if !ok || set == nil || !set.rare {
			return nil, 0
		}
		if found += set.n; set.found[ofProduct] > 0 {
			found = math.MaxInt32
		}
		rows = append(rows,
			sqlf("SELECT id FROM violations WHERE issue_id IN (SELECT value FROM json_each(?))", set.lists[ofIssue]),
			sqlf("SELECT id FROM violations WHERE component_id IN (SELECT value FROM json_each(?))", set.lists[ofComponent]),
			sqlf("SELECT id FROM violations WHERE version_id IN (SELECT id FROM versions WHERE product_id IN (SELECT value FROM json_each(?)))", set.lists[ofProduct]))
	}
	return rows, found
}
