package storage

import (
	"cmp"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

// TestGroupsHoldWhatTheListHolds compares the groups of many filters with the
// rows that the same filters list, page by page in both directions.
func TestGroupsHoldWhatTheListHolds(t *testing.T) {
	s, _, imports := charted(t)
	imports("shop", "1", append(several(5, model.SeverityHigh, "a"), several(2, model.SeverityLow, `odd "name" *`)...)...)
	imports("shop", "2", append(several(4, model.SeverityHigh, "a"), several(9, model.SeverityCritical, "b")...)...)
	imports("bank", "1", append(several(3, model.SeverityMedium, "b"), several(7, model.SeverityUnknown, "c")...)...)
	ids, err := s.MatchingIDs(t.Context(), Window{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.SetVEX(t.Context(), model.Actor{Name: "ana"}, ids[:6], map[model.VEXField]string{model.FieldStatus: "in_triage"}); err != nil {
		t.Fatal(err)
	}
	for _, filter := range []string{"", "severity:>=high", "vex:none product:bank", "component:b", "version:1", "age:<7d -component:a", "shop", "severity:info"} {
		for by, name := range map[query.Key]func(model.Row) string{
			query.KeyIssue: func(r model.Row) string { return r.Issue }, query.KeyComponent: func(r model.Row) string { return r.Component },
			query.KeyProduct: func(r model.Row) string { return r.Product },
		} {
			for _, sort := range []query.SortKey{{}, {Key: query.KeyCVSS, Reverse: true}} {
				t.Run(fmt.Sprint(filter, " by ", by, sort), func(t *testing.T) { s.compareGroups(t, filter, by, sort, name) })
			}
		}
	}
}

func (s *Store) compareGroups(t *testing.T, filter string, by query.Key, sort query.SortKey, name func(model.Row) string) {
	q, err := query.Parse(filter, s.now())
	if err != nil {
		t.Fatal(err)
	}
	if q.Expr == nil {
		q = nil
	}
	g := Groups{By: by, Filter: q, Sort: sort}
	rows, err := s.Page(t.Context(), Window{Filter: q}, Page{})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]model.ViolationID{}
	undecided := map[string]int{}
	for _, r := range rows {
		want[name(r.Row)] = append(want[name(r.Row)], r.ID)
		if r.VEX == model.VEXNone {
			undecided[name(r.Row)]++
		}
	}
	var all []Group
	for after := Cursor(""); ; after = all[len(all)-1].Cursor {
		page, err := s.Groups(t.Context(), g, Page{After: after, Limit: 2})
		if err != nil {
			t.Fatal(err)
		}
		if all = append(all, page...); len(page) < 2 {
			break
		}
	}
	for _, group := range all {
		ids, err := s.GroupIDs(t.Context(), g, []string{group.Key})
		slices.Sort(ids)
		slices.Sort(want[group.Name])
		if err != nil || !slices.Equal(ids, want[group.Name]) || group.Open() != len(ids) || group.Undecided != undecided[group.Name] {
			t.Errorf("%+v holds %v (%v), want %v, %d undecided", group, ids, err, want[group.Name], undecided[group.Name])
		}
	}
	n, err := s.GroupCount(t.Context(), g)
	if err != nil || n != len(want) || len(all) != len(want) {
		t.Errorf("%d groups counted (%v), %d read, want %d", n, err, len(all), len(want))
	}
	last, err := s.Groups(t.Context(), g, Page{FromEnd: true, Limit: 3})
	if err != nil || !slices.Equal(last, all[max(0, len(all)-3):]) {
		t.Errorf("from the end: %+v (%v), want the last of %+v", last, err, all)
	}
}

// checkGroups compares the groups of a filter, in all orders, with those of the
// facts that fit it.
func checkGroups(t *rapid.T, s *Store, q *query.Query, facts []*fact, want []model.ViolationID) {
	by := one(t, []query.Key{query.KeyIssue, query.KeyComponent, query.KeyProduct}, "by")
	held := map[string]*Group{}
	for _, f := range facts {
		if !slices.Contains(want, model.ViolationID(f.id)) {
			continue
		}
		key := map[query.Key]string{query.KeyIssue: f.issue.display, query.KeyComponent: asciiLower(f.component.name), query.KeyProduct: f.version.product}[by]
		if held[key] == nil {
			held[key] = &Group{}
		}
		held[key].BySeverity[f.severity.Rank()]++
		if f.vex == "" {
			held[key].Undecided++
		}
		if f.leadID > 0 {
			held[key].Ticketed++
		}
	}
	g := Groups{By: by, Filter: q}
	if n, err := s.GroupCount(bg, g); err != nil || n != len(held) {
		t.Fatalf("%q by %s: %d groups, %v, want %d", q.Text, by, n, err, len(held))
	}
	limit := rapid.IntRange(1, 4).Draw(t, "limit")
	inOrder := readGroups(t, limit, func(p Page) ([]Group, error) { return s.Groups(bg, g, p) })
	checkHeld(t, q.Text, inOrder, held, by)
	for _, sort := range []query.SortKey{{Key: ByCount, Reverse: true}, {Key: query.KeySeverity}, {Key: ByCount}} {
		g.Sort = sort
		r, err := s.RankGroups(bg, g)
		if err != nil || r.Len() != len(held) {
			t.Fatalf("%q by %s: %v, %v", q.Text, by, r, err)
		}
		ranked := readGroups(t, limit, func(p Page) ([]Group, error) { return s.RankedGroups(bg, r, p) })
		checkHeld(t, q.Text, ranked, held, by)
		wanted := slices.Clone(inOrder)
		slices.SortStableFunc(wanted, func(a, b Group) int {
			c := cmp.Compare(a.Open(), b.Open())
			if sort.Key == query.KeySeverity {
				c = slices.Compare(b.BySeverity[:], a.BySeverity[:])
			}
			if sort.Reverse {
				c = -c
			}
			return c
		})
		for i := range wanted {
			if asciiLower(wanted[i].Key) != asciiLower(ranked[i].Key) {
				t.Fatalf("%q by %s, %v: %+v, want %+v", q.Text, by, sort, ranked, wanted)
			}
		}
		last, err := s.RankedGroups(bg, r, Page{FromEnd: true, Limit: limit})
		if err != nil || !slices.Equal(last, ranked[max(0, len(ranked)-limit):]) {
			t.Fatalf("%q from the end: %+v, %v, want of %+v", q.Text, last, err, ranked)
		}
		if len(last) > 0 {
			before, err := s.RankedGroups(bg, r, Page{Before: last[0].Cursor, Limit: limit})
			rest := ranked[:len(ranked)-len(last)]
			if err != nil || !slices.Equal(before, rest[max(0, len(rest)-limit):]) {
				t.Fatalf("%q before the last: %+v, %v, want of %+v", q.Text, before, err, ranked)
			}
		}
	}
}

// readGroups reads all groups page by page.
func readGroups(t *rapid.T, limit int, read func(Page) ([]Group, error)) (all []Group) {
	p := Page{Limit: limit}
	for {
		page, err := read(p)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page...)
		if len(page) < limit {
			return all
		}
		p.After = all[len(all)-1].Cursor
	}
}

func checkHeld(t *rapid.T, text string, groups []Group, held map[string]*Group, by query.Key) {
	if len(groups) != len(held) {
		t.Fatalf("%q by %s: %d groups, want %d", text, by, len(groups), len(held))
	}
	for _, g := range groups {
		name := g.Name
		if by == query.KeyComponent {
			name = asciiLower(name)
		}
		want := held[name]
		if want == nil || g.BySeverity != want.BySeverity || g.Undecided != want.Undecided || g.Ticketed != want.Ticketed {
			t.Fatalf("%q by %s: %+v, want %+v", text, by, g, want)
		}
	}
}
