package storage

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"modernc.org/sqlite"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

// recorder is a driver that remembers the statements that pass through it.
type recorder struct {
	dsn string
	mu  sync.Mutex
	ran []ran
}

type ran struct {
	text string
	args []driver.NamedValue
}

func (r *recorder) Driver() driver.Driver { return &sqlite.Driver{} }

func (r *recorder) Connect(context.Context) (driver.Conn, error) {
	c, err := r.Driver().Open(r.dsn)
	return recording{c, r}, err
}

func (r *recorder) note(text string, args []driver.NamedValue) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ran = append(r.ran, ran{text, args})
}

type recording struct {
	driver.Conn
	r *recorder
}

func (c recording) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	c.r.note(text, args)
	return c.Conn.(driver.QueryerContext).QueryContext(ctx, text, args)
}

func (c recording) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	c.r.note(text, args)
	return c.Conn.(driver.ExecerContext).ExecContext(ctx, text, args)
}

func (c recording) BeginTx(ctx context.Context, o driver.TxOptions) (driver.Tx, error) {
	return c.Conn.(driver.ConnBeginTx).BeginTx(ctx, o)
}

// listen lets a recorder stand in front of the store's database.
func listen(t *testing.T, s *Store) *recorder {
	t.Helper()
	r := &recorder{dsn: "file:" + s.path + "?_txlock=immediate&_pragma=foreign_keys(1)"}
	if err := s.read.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.write.Close(); err != nil {
		t.Fatal(err)
	}
	s.read, s.write = sql.OpenDB(r), sql.OpenDB(r)
	s.write.SetMaxOpenConns(1)
	return r
}

// big are the tables that grow with the workspace; no statement of a screen or
// of sync may go through one of them from end to end.
var big = []string{"violations", "sightings", "audit", "ticket_links", "assessments", "tickets", "reported_matches", "matches", "ratings", "issue_refs", "issue_texts", "merged_violations"}

var (
	scanned = regexp.MustCompile(`^SCAN (\w+)(?: USING (?:COVERING )?INDEX (\w+))?`)
	// walked is a search for the least or the greatest without an index.
	walked = regexp.MustCompile(`^SEARCH (\w+)()$`)
	// inOrder are the indexes that a page walks in their order.
	inOrder = regexp.MustCompile(`^(violations_by_\w+|tickets_due)$`)
)

// checkPlans reads the plans of what was recorded, and forgets it. sorts tells
// that sorting is expected.
func checkPlans(t *testing.T, s *Store, r *recorder, name string, sorts bool) {
	t.Helper()
	r.mu.Lock()
	all := r.ran
	r.ran = nil
	r.mu.Unlock()
	if len(all) == 0 {
		t.Errorf("%s ran nothing", name)
	}
	for _, statement := range all {
		if first, _, _ := strings.Cut(strings.TrimSpace(statement.text), " "); !slices.Contains([]string{"SELECT", "UPDATE", "DELETE", "INSERT", "WITH"}, first) {
			continue
		}
		for _, line := range planOf(t, s, statement) {
			if !sorts && strings.Contains(line, "TEMP B-TREE FOR ORDER BY") {
				t.Errorf("%s sorts: %s\n%s", name, line, statement.text)
			}
			m := scanned.FindStringSubmatch(line)
			if m == nil {
				m = walked.FindStringSubmatch(line)
			}
			if m == nil || inOrder.MatchString(m[2]) && strings.Contains(statement.text, "LIMIT") {
				continue
			}
			if slices.ContainsFunc(big, func(table string) bool {
				return m[1] == table || regexp.MustCompile(`\b`+table+`( AS)? `+m[1]+`\b`).MatchString(statement.text)
			}) {
				t.Errorf("%s goes through a whole table: %s\n%s", name, line, statement.text)
			}
		}
	}
}

func planOf(t *testing.T, s *Store, statement ran) []string {
	t.Helper()
	args := make([]any, len(statement.args))
	for i, a := range statement.args {
		args[i] = a.Value
		if a.Name != "" {
			args[i] = sql.Named(a.Name, a.Value)
		}
	}
	rows, err := s.read.Query("EXPLAIN QUERY PLAN "+statement.text, args...)
	if err != nil {
		t.Fatalf("%v: %s", err, statement.text)
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var lines []string
	for rows.Next() {
		var id, parent, unused int
		var line string
		if err := rows.Scan(&id, &parent, &unused, &line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}

func TestPagesAreReadFromAnIndexInTheirOrder(t *testing.T) {
	s, _ := requested(t, 3)
	id := allIDs(t, s)[1]
	r := listen(t, s)
	for _, key := range query.SortKeys() {
		for _, reverse := range []bool{false, true} {
			w := Window{Sort: []query.SortKey{{Key: key, Reverse: reverse}}}
			at, found, err := s.CursorOf(bg, w, id)
			if err != nil || !found {
				t.Fatal(err)
			}
			for _, p := range []Page{{}, {After: at}, {Before: at}, {FromEnd: true}} {
				p.Limit = 50
				if _, err := s.Page(bg, w, p); err != nil {
					t.Fatal(err)
				}
			}
			checkPlans(t, s, r, fmt.Sprintf("a page by %s (reverse %v)", key, reverse), false)
		}
	}
}

func TestEachStretchOfAnOrderIsASeek(t *testing.T) {
	s, _ := requested(t, 1)
	for _, key := range query.SortKeys() {
		o := orderOf([]query.SortKey{{Key: key}})
		at := make(place, len(o.columns))
		for i := range at {
			at[i] = 1
		}
		for _, backward := range []bool{false, true} {
			l := lister{order: o, filter: compile(nil, o.key, findings{}), backward: backward}
			for _, stretch := range o.beyond(at, backward, false) {
				text := l.stretch("v.id", stretch, 50)
				var args []driver.NamedValue
				for i, a := range text.args {
					args = append(args, driver.NamedValue{Ordinal: i + 1, Value: a})
				}
				for _, line := range planOf(t, s, ran{text.text, args}) {
					if !strings.HasPrefix(line, "SEARCH") {
						t.Errorf("by %s, backward %v: %s\n%s", key, backward, line, text.text)
					}
				}
			}
		}
	}
}

func TestScreensAndSyncNeedNoWholeTable(t *testing.T) {
	s, ops := requested(t, 3)
	ids := allIDs(t, s)
	send(t, s)
	r := listen(t, s)
	steps := []struct {
		name string
		run  func() error
	}{
		{"overview", func() error { _, err := s.Overview(bg); return err }},
		{"count", func() error { _, err := s.Count(bg, nil); return err }},
		{"count of a view", func() error {
			_, err := s.Count(bg, mustParse(t, "severity:>=high ticket:none vex:none,in_triage,affected fix:yes product:app"))
			return err
		}},
		{"rows by id", func() error { _, err := s.RowsByID(bg, ids); return err }},
		{"violation", func() error { _, err := s.Violation(bg, ids[0]); return err }},
		{"history", func() error { _, err := s.History(bg, ids[0], 50); return err }},
		{"related", func() error { _, err := s.Related(bg, ids, ScopeElsewhere); return err }},
		{"tickets by key", func() error { _, err := s.Tickets(bg, TicketFilter{Keys: []string{"VEX-1"}}); return err }},
		{"products", func() error { _, err := s.Products(bg); return err }},
		{"plan", func() error { _, err := s.PlanTickets(bg, model.PlanRequest{IDs: ids}); return err }},
		{"set vex", func() error {
			_, err := s.SetVEX(bg, analyst, ids, map[model.VEXField]string{model.FieldStatus: "affected"})
			return err
		}},
		{"undo vex", func() error { _, err := s.UndoVEX(bg, analyst); return err }},
		{"operations by id", func() error { _, err := s.Operations(bg, OperationFilter{IDs: []string{ops[0].ID}}); return err }},
		{"queues", func() error { _, _, err := s.Queues(bg); return err }},
		{"due tickets", func() error { _, err := s.DueTickets(bg, time.Now(), 100, nil); return err }},
		{"next due", func() error { _, err := s.NextStatusDue(bg, time.Hour); return err }},
		{"asked tickets", func() error { _, err := s.AskedTickets(bg); return err }},
		{"refresh", func() error { _, err := s.AskRefresh(bg, analyst, ids); return err }},
		{"statuses", func() error {
			_, err := s.SetStatuses(bg, []StatusNews{{ID: 1, State: model.TicketOpen, Key: "VEX-1", Status: "Done", Category: model.CategoryDone}})
			return err
		}},
		{"twin of a ticket", func() error {
			return s.update(bg, func(tx *sql.Tx) error {
				_, err := twinOf(bg, tx, 1, 1, "10000")
				return err
			})
		}},
		{"claim", func() error {
			generation, err := s.TakeLease(bg, "a")
			if err == nil {
				_, err = s.Claim(bg, generation, Queue{1, "VEX", model.OpFields}, 50)
			}
			return err
		}},
	}
	for _, step := range steps {
		if err := step.run(); err != nil {
			t.Fatalf("%s: %v", step.name, err)
		}
		checkPlans(t, s, r, step.name, true)
	}
}

// TestCountsReadWhatTheyCountFromIndexes: issues, components and products of a
// violation stand in the indexes of the first two, so that its row need not be
// looked at.
func TestCountsReadWhatTheyCountFromIndexes(t *testing.T) {
	s := open(t)
	var findings []model.Finding
	for i := range 300 {
		f := finding(fmt.Sprintf("CVE-2024-%05d", i), []string{"left-lib", "right", "up", "down"}[i%4], "1", model.SeverityHigh)
		f.Title = []string{"", "remote code", "", "", "", "", ""}[i%7]
		findings = append(findings, f)
	}
	take(t, s, report("trivy", "app", "1"), ImportOptions{}, findings...)
	take(t, s, report("trivy", "desk", "1"), ImportOptions{}, findings[100:200]...)
	r := listen(t, s)
	for _, text := range []string{"license:MIT", "component:left*", "-component:left*", "issue:*9", "-issue:*9", "remote", "-remote", "left", "left remote", "left -remote", "issue:*9 or left", "issue:*9 component:up"} {
		if _, err := s.Count(bg, mustParse(t, text)); err != nil {
			t.Fatal(err)
		}
		r.mu.Lock()
		all := r.ran
		r.ran = nil
		r.mu.Unlock()
		for _, statement := range all {
			if strings.HasPrefix(statement.text, "EXPLAIN") {
				continue
			}
			for _, line := range planOf(t, s, statement) {
				if strings.Contains(line, " INDEX violations_") && !strings.Contains(line, "COVERING INDEX") {
					t.Errorf("%s: %s\n%s", text, line, statement.text)
				}
			}
		}
	}
}

func TestTheSchemaVersionIsThatOfTheNewestMigration(t *testing.T) {
	files, err := migrations.ReadDir("migrations")
	if err != nil || len(files) != schemaVersion || !strings.HasPrefix(files[len(files)-1].Name(), fmt.Sprintf("%05d_", schemaVersion)) {
		t.Fatalf("%v, %v; the schema version is %d", files, err, schemaVersion)
	}
}
