package storage

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

// charted is a workspace with a few products at a clock that the test turns.
func charted(t *testing.T) (*Store, *time.Time, func(product, version string, findings ...model.Finding)) {
	t.Helper()
	now := time.Date(2026, 11, 1, 9, 0, 0, 0, time.UTC)
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "vexdesk.db"), Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, &now, func(product, version string, findings ...model.Finding) {
		t.Helper()
		im, err := s.NewImport(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer im.Close() //nolint:errcheck // of a test
		for i := range findings {
			if err := im.Add(t.Context(), &findings[i]); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := im.Commit(t.Context(), &model.Report{Format: "trivy", Scanner: "trivy", Artifact: product}, ImportOptions{Product: product, Version: version}); err != nil {
			t.Fatal(err)
		}
	}
}

func several(n int, severity model.Severity, component string) []model.Finding {
	all := make([]model.Finding, n)
	for i := range all {
		all[i] = model.Finding{ID: fmt.Sprintf("CVE-2026-%05d", i), Severity: severity,
			Component: model.Component{PURL: "pkg:npm/" + component + "@1.0", Type: "npm", Name: component, Version: "1.0"}}
	}
	return all
}

// TestDashboardSaysWhatTheListCounts: every share is what its filter matches.
func TestDashboardSaysWhatTheListCounts(t *testing.T) {
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
	d, err := s.Dashboard(t.Context(), 5)
	if err != nil {
		t.Fatal(err)
	}
	components, err := s.TopComponents(t.Context(), 2)
	if err != nil {
		t.Fatal(err)
	}
	if len(components) != 2 || components[0].Name != "b" || components[0].Open() != 12 || components[1].Name != "c" {
		t.Errorf("top components %+v", components)
	}
	if len(d.Products) != 2 || d.Products[0].Name != "shop" {
		t.Errorf("top products %+v", d.Products)
	}
	for _, each := range []struct {
		key    query.Key
		shares []Share
	}{{query.KeyProduct, d.Products}, {query.KeyComponent, components}, {query.KeyVEX, d.ByVEX}} {
		for _, share := range each.shares {
			text := query.Is(each.key, share.Name)
			if share.Name == "" {
				text = "vex:none"
			}
			q, err := query.Parse(text, s.now())
			if err != nil {
				t.Fatal(err)
			}
			if n, err := s.Count(t.Context(), q); err != nil || n != share.Open() {
				t.Errorf("%s matches %d (%v), the dashboard says %d", text, n, err, share.Open())
			}
		}
	}
}

func TestTheTrendIsKeptByTheFirstChangeOfADay(t *testing.T) {
	s, now, imports := charted(t)
	open := func() (days []int) {
		t.Helper()
		all, err := s.Days(context.Background(), 6)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range all {
			days = append(days, d.Open())
		}
		return days
	}
	check := func(want ...int) {
		t.Helper()
		if got := open(); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("on %s: %v, want %v", now.Format(time.DateOnly), got, want)
		}
	}
	check(0)
	imports("shop", "1", several(5, model.SeverityHigh, "a")...)
	imports("shop", "1", several(6, model.SeverityHigh, "a")...)
	check(0, 6)
	*now = now.AddDate(0, 0, 3)
	check(0, 6, 6, 6, 6)
	imports("shop", "1", several(2, model.SeverityHigh, "a")...)
	imports("bank", "1", several(1, model.SeverityLow, "a")...)
	check(0, 6, 6, 6, 3)
	*now = now.AddDate(0, 0, 4)
	check(6, 6, 3, 3, 3, 3, 3)
}

// TestDecisionsOfADocumentBeginADay: whatever the first change is, it finds the
// day as it began.
func TestDecisionsOfADocumentBeginADay(t *testing.T) {
	s, now, imports := charted(t)
	imports("shop", "1", several(4, model.SeverityHigh, "a")...)
	*now = now.AddDate(0, 0, 1)
	if r := overlay(t, s, OverlayOptions{}, says("CVE-2026-00001", npm("a", "1.0"), model.VEXAffected)); r.Applied == 0 {
		t.Fatalf("%+v", r)
	}
	if err := s.SetSetting(bg, analyst, "status.interval", "10m"); err != nil {
		t.Fatal(err)
	}
	days, err := s.Days(bg, 1)
	if err != nil || len(days) != 2 || days[0].Undecided != 4 || days[1].Undecided != 3 {
		t.Errorf("%+v (%v)", days, err)
	}
}
