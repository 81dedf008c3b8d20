package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"example.com/vexdesk/model"
)

// crowded is a workspace with many violations and a profile.
func crowded(t *testing.T, n int) *Store {
	t.Helper()
	s := open(t)
	connected(t, s)
	var findings []model.Finding
	for i := range n {
		findings = append(findings, finding(fmt.Sprintf("CVE-2024-%05d", i), "left", "1", model.SeverityHigh))
	}
	take(t, s, report("trivy", "app", "1"), ImportOptions{}, findings...)
	return s
}

// TestAFullDiskIsSaidAndLeavesNothingHalfDone lets SQLite run out of pages, as
// it does when the disk is full (sqlite.org, PRAGMA max_page_count), in the
// middle of changes of many rows.
func TestAFullDiskIsSaidAndLeavesNothingHalfDone(t *testing.T) {
	s := crowded(t, 300)
	plan, err := s.PlanTickets(bg, model.PlanRequest{IDs: allIDs(t, s)})
	if err != nil {
		t.Fatal(err)
	}
	var pages int
	if err := s.write.QueryRow(`PRAGMA page_count`).Scan(&pages); err != nil {
		t.Fatal(err)
	}
	room := func(more int) {
		t.Helper()
		var got int
		if err := s.write.QueryRow(fmt.Sprintf(`PRAGMA max_page_count = %d`, pages+more)).Scan(&got); err != nil || got != pages+more {
			t.Fatalf("%d pages are allowed (%v)", got, err)
		}
	}
	before := dump(t, s)
	for _, more := range []int{0, 3, 20} {
		room(more)
		for what, change := range map[string]func() error{
			"tickets": func() error { _, err := s.RequestTickets(bg, analyst, plan); return err },
			"VEX": func() error {
				_, err := s.SetVEX(bg, analyst, allIDs(t, s), map[model.VEXField]string{model.FieldImpact: strings.Repeat("why ", 100)})
				return err
			},
		} {
			err := change()
			if !errors.Is(err, ErrFull) || !strings.Contains(err.Error(), "the disk is full: nothing was changed; make room and try again") || strings.Contains(err.Error(), "rollback") {
				t.Fatalf("%s with %d pages of room: %v", what, more, err)
			}
			if dump(t, s) != before {
				t.Fatalf("%s with %d pages of room left something", what, more)
			}
		}
	}
	room(1_000_000)
	if ops, err := s.RequestTickets(bg, analyst, plan); err != nil || len(ops) != 300 {
		t.Errorf("with room again: %d operations, %v", len(ops), err)
	}
}

// elsewhere is a connection of another program to the same database.
func elsewhere(t *testing.T, s *Store) *sql.Conn {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.Path())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := db.Conn(bg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := errors.Join(conn.Close(), db.Close()); err != nil {
			t.Error(err)
		}
	})
	return conn
}

func TestALongReaderHoldsNobodyUp(t *testing.T) {
	s := crowded(t, 50)
	reader := elsewhere(t, s)
	count := func(q interface {
		QueryRowContext(context.Context, string, ...any) *sql.Row
	}) (n int) {
		t.Helper()
		if err := q.QueryRowContext(bg, `SELECT count(*) FROM tickets`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	if _, err := reader.ExecContext(bg, `BEGIN`); err != nil {
		t.Fatal(err)
	}
	if n := count(reader); n != 0 {
		t.Fatalf("%d tickets to begin with", n)
	}
	ask(t, s, model.PlanRequest{IDs: allIDs(t, s)})
	if here, there := count(s.read), count(reader); here != 50 || there != 0 {
		t.Errorf("%d tickets here, %d for the reader who began before", here, there)
	}
	if _, err := reader.ExecContext(bg, `COMMIT`); err != nil {
		t.Fatal(err)
	}
	if n := count(reader); n != 50 {
		t.Errorf("%d tickets for the reader afterwards", n)
	}
}

// TestALongWriterIsWaitedFor: a change waits, says so, and is made when the
// other is done.
func TestALongWriterIsWaitedFor(t *testing.T) {
	s := crowded(t, 5)
	waiting := make(chan struct{}, 8)
	s.onWait = func() { waiting <- struct{}{} }
	writer := elsewhere(t, s)
	if _, err := writer.ExecContext(bg, `BEGIN IMMEDIATE`); err != nil {
		t.Fatal(err)
	}
	plan, err := s.PlanTickets(bg, model.PlanRequest{IDs: allIDs(t, s)})
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() {
		_, err := s.RequestTickets(bg, analyst, plan)
		done <- err
	}()
	<-waiting
	if _, err := writer.ExecContext(bg, `ROLLBACK`); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Errorf("the change that waited: %v", err)
	}
	if ops, err := s.Operations(bg, OperationFilter{}); err != nil || len(ops) != 5 {
		t.Errorf("%d operations afterwards (%v)", len(ops), err)
	}
}
