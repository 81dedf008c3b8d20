package storage

import (
	"fmt"
	"slices"
	"testing"

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
