package storage

import (
	"path/filepath"
	"testing"
)

// TestAChangeWaitsForALargeOne holds the database longer than SQLite itself
// would wait: the change says that it waits, and happens in the end.
func TestAChangeWaitsForALargeOne(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vexdesk.db")
	told := make(chan struct{}, 1)
	s, err := Open(bg, path, Options{OnWait: func() { told <- struct{}{} }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	large, err := s.write.BeginTx(bg, nil)
	if err != nil {
		t.Fatal(err)
	}
	hasty, err := openPool(path, "immediate", false, 1, "busy_timeout(20)")
	if err != nil {
		t.Fatal(err)
	}
	defer hasty.Close() //nolint:errcheck // nothing is left to write
	done := make(chan error)
	go func() {
		tx, err := s.begin(bg, hasty)
		if err == nil {
			err = tx.Rollback()
		}
		done <- err
	}()
	select {
	case <-told:
	case err := <-done:
		t.Fatalf("it did not wait: %v", err)
	}
	if err := large.Commit(); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
}
