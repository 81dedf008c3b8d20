package storage

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"example.com/vexdesk/model"
)

// twoVersions imports the same finding into two versions of one product and
// into a second product.
func twoVersions(t *testing.T, s *Store) (older, newer, other model.ViolationID) {
	t.Helper()
	f := finding("CVE-2024-0001", "left", "1.0", model.SeverityHigh)
	g := finding("CVE-2024-0001", "left", "1.1", model.SeverityHigh)
	for _, in := range []struct {
		product, version string
		f                model.Finding
	}{{"app", "1", f}, {"app", "2", g}, {"web", "1", f}} {
		take(t, s, model.Report{Format: "trivy", Artifact: in.product, Product: in.product, Version: in.version}, ImportOptions{}, in.f)
	}
	rows, err := s.read.Query(`SELECT v.id, p.name, r.name FROM violations v JOIN products p ON p.id = v.product_id JOIN versions r ON r.id = v.version_id`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id model.ViolationID
		var product, version string
		if err := rows.Scan(&id, &product, &version); err != nil {
			t.Fatal(err)
		}
		switch product + version {
		case "app1":
			older = id
		case "app2":
			newer = id
		default:
			other = id
		}
	}
	return older, newer, other
}

func TestCurrentVersionsCanBePinnedAndLeftToTheStoreAgain(t *testing.T) {
	s, ctx := open(t), context.Background()
	older, newer, other := twoVersions(t, s)
	shown := func() []model.ViolationID {
		ids, err := s.MatchingIDs(ctx, Window{})
		if err != nil {
			t.Fatal(err)
		}
		return ids
	}
	for _, step := range []struct {
		current []string
		want    []model.ViolationID
	}{
		{nil, []model.ViolationID{newer, other}},
		{[]string{"1"}, []model.ViolationID{older, other}},
		{[]string{"1", "2"}, []model.ViolationID{older, newer, other}},
		{[]string{}, []model.ViolationID{newer, other}},
	} {
		if _, err := s.SetProduct(ctx, analyst, "app", ProductChange{Current: step.current}); err != nil {
			t.Fatal(err)
		}
		if got := shown(); !reflect.DeepEqual(got, step.want) {
			t.Errorf("current %v: the list shows %v, want %v", step.current, got, step.want)
		}
	}
	if _, err := s.SetProduct(ctx, analyst, "app", ProductChange{Current: []string{"9"}}); !errors.Is(err, ErrNotFound) {
		t.Errorf("an unknown version: %v", err)
	}
	project := "PAY"
	p, err := s.SetProduct(ctx, analyst, "APP", ProductChange{Project: &project})
	if err != nil || p.Project != "PAY" || len(p.Versions) != 2 || p.Versions[0].Name != "2" || !p.Versions[0].Current || p.Versions[0].Open != 1 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestADecisionReachesAsFarAsItsScope(t *testing.T) {
	s, ctx := open(t), context.Background()
	older, newer, other := twoVersions(t, s)
	for scope, want := range map[Scope][]model.ViolationID{
		ScopeViolation: {newer}, ScopeLineage: {newer, older}, ScopeElsewhere: {newer, other},
	} {
		if got, err := s.Related(ctx, []model.ViolationID{newer}, scope); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, %v, want %v", scope, got, err, want)
		}
	}
}

func TestViewsAreSavedOnceAndRemoved(t *testing.T) {
	s, ctx := open(t), context.Background()
	v := model.View{Name: "old", Query: "age:>90d", Sort: "-age"}
	if err := s.AddView(ctx, analyst, v); err != nil {
		t.Fatal(err)
	}
	if err := s.AddView(ctx, analyst, v); !errors.Is(err, ErrExists) {
		t.Errorf("a second view of one name: %v", err)
	}
	views, err := s.Views(ctx)
	if err != nil || views[len(views)-1] != v {
		t.Errorf("%+v, %v", views, err)
	}
	if err := s.RemoveView(ctx, analyst, "OLD"); err != nil {
		t.Error(err)
	}
	if err := s.RemoveView(ctx, analyst, "old"); !errors.Is(err, ErrNotFound) {
		t.Errorf("removed twice: %v", err)
	}
}
