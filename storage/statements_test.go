package storage

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
)

func openKept(t *testing.T) *sql.DB {
	t.Helper()
	db, err := openDB("file:" + filepath.Join(t.TempDir(), "kept.db"))
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if _, err := db.Exec(`CREATE TABLE t (n INTEGER); INSERT INTO t VALUES (1), (2), (3)`); err != nil {
		t.Fatal(err)
	}
	return db
}

func numbers(t *testing.T, q queryer, query string, args ...any) []int {
	t.Helper()
	rows, err := q.QueryContext(bg, query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var out []int
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			t.Fatal(err)
		}
		out = append(out, n)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// A query that runs again while its rows are still read has a statement of its
// own each time.
func TestAQueryRunsWithinItself(t *testing.T) {
	const query = `SELECT n FROM t WHERE n > ? ORDER BY n`
	tx, err := openKept(t).Begin()
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback() //nolint:errcheck // it only read
	for range 3 {
		rows, err := tx.Query(query, 0)
		if err != nil {
			t.Fatal(err)
		}
		var seen string
		for rows.Next() {
			var n int
			if err := rows.Scan(&n); err != nil {
				t.Fatal(err)
			}
			seen += fmt.Sprint(n, numbers(t, tx, query, n))
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil || seen != "1 [2 3]2 [3]3 []" {
			t.Fatalf("%q, %v", seen, err)
		}
	}
}

func TestKeptStatementsFollowTheSchemaAndCancelledOnesGoOn(t *testing.T) {
	db := openKept(t)
	const all = `SELECT * FROM t ORDER BY 1`
	if got := fmt.Sprint(numbers(t, db, all)); got != "[1 2 3]" {
		t.Fatal(got)
	}
	if _, err := db.Exec(`DROP TABLE t; CREATE TABLE t (m INTEGER, n INTEGER); INSERT INTO t VALUES (7, 8)`); err != nil {
		t.Fatal(err)
	}
	var m, n int
	if err := db.QueryRow(all).Scan(&m, &n); err != nil || m != 7 || n != 8 {
		t.Errorf("after a change of the schema: %d, %d, %v", m, n, err)
	}
	ctx, cancel := context.WithCancel(bg)
	rows, err := db.QueryContext(ctx, `WITH RECURSIVE c (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM c) SELECT i FROM c`)
	if err != nil {
		t.Fatal(err)
	}
	if !rows.Next() {
		t.Fatal(rows.Err())
	}
	cancel()
	for rows.Next() { // it has no end of its own
	}
	if err := rows.Err(); !errors.Is(err, context.Canceled) {
		t.Errorf("a cancelled query ended with %v", err)
	}
	for range mostIdle + 2 { // more than are kept
		m++
		if _, err := db.Exec(fmt.Sprintf(`INSERT INTO t VALUES (%d, 0)`, m)); err != nil {
			t.Fatal(err)
		}
	}
	if got := len(numbers(t, db, `SELECT m FROM t`)); got != mostIdle+3 {
		t.Errorf("%d rows", got)
	}
	for range 2 { // a PRAGMA acts each time
		if _, err := db.Exec(`PRAGMA query_only = 1`); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(`INSERT INTO t VALUES (0, 0)`); err == nil {
			t.Error("written although only queries are allowed")
		}
		if _, err := db.Exec(`PRAGMA query_only = 0`); err != nil {
			t.Fatal(err)
		}
		if _, err := db.Exec(`INSERT INTO t VALUES (0, 0)`); err != nil {
			t.Error(err)
		}
	}
}
