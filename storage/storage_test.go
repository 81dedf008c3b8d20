package storage

import (
	"context"
	"path/filepath"
	"testing"

	"example.com/vexdesk/model"
)

var analyst = model.Actor{Name: "ana", Source: "test"}

// open makes a workspace in a folder of its own.
func open(t testing.TB) *Store {
	t.Helper()
	s, err := Open(context.Background(), filepath.Join(t.TempDir(), "home", "vexdesk.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// take imports findings as one report.
func take(t testing.TB, s *Store, r model.Report, o ImportOptions, findings ...model.Finding) ImportResult {
	t.Helper()
	ctx := context.Background()
	im, err := s.NewImport(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := im.Close(); err != nil {
			t.Error(err)
		}
	}()
	for i := range findings {
		if err := im.Add(ctx, &findings[i]); err != nil {
			t.Fatal(err)
		}
	}
	o.Actor = analyst
	result, err := im.Commit(ctx, &r, o)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func finding(id, name, version string, severity model.Severity) model.Finding {
	return model.Finding{ID: id, Title: id + " title", Severity: severity, Component: model.Component{PURL: "pkg:npm/" + name + "@" + version, Type: "npm", Name: name, Version: version}}
}

func TestASecondImportUpdatesResolvesAndReopens(t *testing.T) {
	s := open(t)
	report := model.Report{Format: "trivy", Scanner: "trivy", Artifact: "app", Product: "app", Version: "1"}
	a, b := finding("CVE-2024-0001", "left", "1.0", model.SeverityHigh), finding("CVE-2024-0002", "right", "1.0", model.SeverityLow)
	if got := take(t, s, report, ImportOptions{}, a, b); got.New != 2 || got.Violations != 2 || got.Findings != 2 {
		t.Fatalf("first import: %+v", got)
	}
	a.Severity = model.SeverityCritical
	if got := take(t, s, report, ImportOptions{}, a); got.Updated != 1 || got.Resolved != 1 || got.New != 0 {
		t.Fatalf("second import: %+v", got)
	}
	if got := take(t, s, report, ImportOptions{}, a, b); got.Reopened != 1 || got.Updated != 0 {
		t.Fatalf("third import: %+v", got)
	}
	rows, err := s.Page(context.Background(), Window{}, Page{})
	if err != nil || len(rows) != 2 || rows[0].Issue != "CVE-2024-0001" || rows[0].Severity != model.SeverityCritical {
		t.Fatalf("%+v, %v", rows, err)
	}
	v, err := s.Violation(context.Background(), rows[0].ID)
	if err != nil || v.PURL != "pkg:npm/left@1.0" || len(v.Sightings) != 1 || v.Watches[0] != "everything" {
		t.Fatalf("%+v, %v", v, err)
	}
}

func TestFilesOfOneCommandNeverResolveEachOther(t *testing.T) {
	s := open(t)
	report := model.Report{Format: "grype", Scanner: "grype", Artifact: "app", Product: "app", Version: "1"}
	first := take(t, s, report, ImportOptions{}, finding("CVE-2024-0001", "left", "1.0", model.SeverityHigh))
	second := take(t, s, report, ImportOptions{Earlier: []int64{first.Run}}, finding("CVE-2024-0002", "right", "1.0", model.SeverityLow))
	if second.Resolved != 0 {
		t.Fatalf("the second file of the command resolved %d", second.Resolved)
	}
	if later := take(t, s, report, ImportOptions{}, finding("CVE-2024-0002", "right", "1.0", model.SeverityLow)); later.Resolved != 1 {
		t.Fatalf("a later command resolved %d, want 1", later.Resolved)
	}
}
