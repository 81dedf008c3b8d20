package storage

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"example.com/vexdesk/model"
)

func TestARestoreReplacesTheWorkspaceWholeOrNotAtAll(t *testing.T) {
	ctx := context.Background()
	dir := t.TempDir()
	path, backup := filepath.Join(dir, "home", "vexdesk.db"), filepath.Join(dir, "backup.db")
	s, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	report := model.Report{Format: "trivy", Artifact: "app", Product: "app", Version: "1"}
	take(t, s, report, ImportOptions{}, finding("CVE-2024-0001", "left", "1.0", model.SeverityHigh))
	if err := s.Backup(ctx, backup); err != nil {
		t.Fatal(err)
	}
	take(t, s, report, ImportOptions{}, finding("CVE-2024-0001", "left", "1.0", model.SeverityHigh), finding("CVE-2024-0002", "right", "1.0", model.SeverityLow))

	if _, err := Restore(ctx, backup, path); !errors.Is(err, ErrInUse) {
		t.Errorf("while it is open: %v", err)
	}
	if n, err := s.Count(ctx, nil); err != nil || n != 2 {
		t.Errorf("a refused restore changed the workspace: %d, %v", n, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	foreign := filepath.Join(dir, "foreign")
	if err := os.WriteFile(foreign, []byte("not a database at all"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(ctx, foreign, path); !errors.Is(err, ErrNotOurs) {
		t.Errorf("another file: %v", err)
	}
	kept, err := Restore(ctx, backup, path)
	if err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]int{path: 1, kept: 2} {
		s, err := Open(ctx, file, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if n, err := s.Count(ctx, nil); err != nil || n != want {
			t.Errorf("%s holds %d, %v, want %d", file, n, err, want)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if left, err := filepath.Glob(filepath.Join(dir, "home", "*.restoring*")); err != nil || left != nil {
		t.Errorf("left behind: %v, %v", left, err)
	}
}
