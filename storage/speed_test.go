package storage_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/storage/storagetest"
)

// benchSize is how many violations the benchmarks run over:
// VEXDESK_BENCH_ROWS, 1,000,000 by default. The workspace is kept in
// VEXDESK_BENCH_HOME where that is set, and made anew otherwise.
func benchSize(b *testing.B) int {
	b.Helper()
	text := os.Getenv("VEXDESK_BENCH_ROWS")
	if text == "" {
		return 1_000_000
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		b.Fatalf("VEXDESK_BENCH_ROWS: %v", err)
	}
	return n
}

func benchStore(b *testing.B) *storage.Store {
	b.Helper()
	ctx := context.Background()
	home := os.Getenv("VEXDESK_BENCH_HOME")
	if home == "" {
		home = b.TempDir()
	}
	n := benchSize(b)
	path := filepath.Join(home, "bench-"+strconv.Itoa(n)+".db")
	_, err := os.Stat(path)
	s, openErr := storage.Open(ctx, path, storage.Options{})
	if openErr != nil {
		b.Fatal(openErr)
	}
	b.Cleanup(func() {
		if err := s.Close(); err != nil {
			b.Error(err)
		}
	})
	if err != nil {
		began := time.Now()
		storagetest.Fill(b, s, n, 1)
		b.Logf("%d violations imported in %v, %.0f a second", n, time.Since(began).Round(time.Millisecond), float64(n)/time.Since(began).Seconds())
	}
	return s
}

func parsed(tb testing.TB, text string) *query.Query {
	tb.Helper()
	q, err := query.Parse(text, time.Now())
	if err != nil {
		tb.Fatal(err)
	}
	return q
}

func sorted(tb testing.TB, text string) []query.SortKey {
	tb.Helper()
	keys, err := query.ParseSort(text)
	if err != nil {
		tb.Fatal(err)
	}
	return keys
}

// BenchmarkScreen measures what the list asks for.
func BenchmarkScreen(b *testing.B) {
	s := benchStore(b)
	ctx := context.Background()
	for _, key := range query.SortKeys() {
		for _, sort := range []string{string(key), "-" + string(key)} {
			w := storage.Window{Sort: sorted(b, sort)}
			b.Run("page/first/sort="+sort, func(b *testing.B) { pageOf(b, s, w, storage.Page{Limit: 50}) })
			b.Run("page/last/sort="+sort, func(b *testing.B) { pageOf(b, s, w, storage.Page{Limit: 50, FromEnd: true}) })
			middle := storage.Page{Limit: 50, After: placeOf(b, s, w)}
			b.Run("page/next/sort="+sort, func(b *testing.B) { pageOf(b, s, w, middle) })
		}
	}
	for _, text := range benchFilters {
		w := storage.Window{Filter: parsed(b, text), Sort: sorted(b, "severity")}
		b.Run("filter/"+text, func(b *testing.B) { pageOf(b, s, w, storage.Page{Limit: 50}) })
		b.Run("count/"+text, func(b *testing.B) {
			n := 0
			cpuTime(b)
			for b.Loop() {
				var err error
				if n, err = s.Count(ctx, w.Filter); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(n), "rows")
		})
	}
	b.Run("overview", func(b *testing.B) {
		cpuTime(b)
		for b.Loop() {
			if _, err := s.Overview(ctx); err != nil {
				b.Fatal(err)
			}
		}
	})
}

var benchFilters = []string{
	"", "cve-2020-01", "cve", "http", "remote", "e", "zzz", "payments-core", "-payments",
	"issue:CVE-2012-01000", "issue:cve-2019*", "component:json-*", "product:shop*", "product:*1*",
	"severity:critical", "severity:>=high", "severity:info", "severity:>=high ticket:none vex:none,in_triage,affected",
	"vex:in_triage", "fix:yes", "fix:yes vex:none,in_triage,affected", "kev:yes", "epss:>=0.9", "cvss:>=9.8", "ecosystem:npm", "license:MIT",
	"type:license", "age:<1d", "ticket:any", "path:app/http*", "source:trivy", "remote product:shop*", "kev:yes or epss:>0.99",
}

// cpuTime reports the processor time of an operation, which other programs of
// the machine do not lengthen as they do the time by the clock.
func cpuTime(b *testing.B) {
	b.Helper()
	before := used(b)
	b.Cleanup(func() { b.ReportMetric(float64((used(b)-before).Microseconds())/1000/float64(b.N), "cpu-ms/op") })
}

// used is the processor time of this process so far.
func used(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func pageOf(b *testing.B, s *storage.Store, w storage.Window, p storage.Page) {
	b.Helper()
	cpuTime(b)
	for b.Loop() {
		if _, err := s.Page(context.Background(), w, p); err != nil {
			b.Fatal(err)
		}
	}
}

// placeOf is a place deep in a window.
func placeOf(b *testing.B, s *storage.Store, w storage.Window) storage.Cursor {
	b.Helper()
	for id := int64(benchSize(b) / 2); ; id++ {
		place, found, err := s.CursorOf(context.Background(), w, model.ViolationID(id))
		if err != nil {
			b.Fatal(err)
		}
		if found {
			return place
		}
	}
}

// BenchmarkImport measures reports of 10,000 findings that a used store takes
// in: of a product it does not know, and the same again. Beside the first
// stands sqlite3's own .import of the rows of one of them.
func BenchmarkImport(b *testing.B) {
	s := benchStore(b)
	n := benchSize(b)
	const size = 10_000
	shape := storagetest.ShapeOf(max(n, 10*size))
	for _, again := range []bool{false, true} {
		b.Run(map[bool]string{false: "new", true: "again"}[again], func(b *testing.B) {
			run := 0
			var before highest
			ours := time.Duration(0)
			for b.Loop() {
				b.StopTimer()
				product := shape.Products + run
				if !again {
					run++
				}
				header, findings, err := storagetest.Report(shape, 1, product, size)
				if err != nil {
					b.Fatal(err)
				}
				header.Product += "-" + strconv.FormatInt(time.Now().UnixNano(), 36)
				if again {
					header.Product = "again"
				}
				before = highestOf(b, s.Path())
				began := used(b)
				b.StartTimer()
				importReport(b, s, header, findings)
				b.StopTimer()
				ours += used(b) - began
				b.StartTimer()
			}
			b.StopTimer()
			ours /= time.Duration(b.N)
			b.ReportMetric(float64(size*b.N)/b.Elapsed().Seconds(), "rows/s")
			b.ReportMetric(size/ours.Seconds(), "rows/cpu-s")
			if floor := importFloor(b, s.Path(), before); floor > 0 && !again {
				b.ReportMetric(floor.Seconds()/ours.Seconds(), "of-floor")
			}
		})
	}
}

// BenchmarkFirstImport measures one report that fills an empty store, and
// beside it sqlite3's own .import of the same rows into the same tables with
// the same indexes, without which there is no floor to compare with.
func BenchmarkFirstImport(b *testing.B) {
	const rows = 200_000
	shape := storagetest.Shape{Violations: rows, Issues: 60_000, Components: 40_000, Products: 1}
	header, findings, err := storagetest.Report(shape, 1, 0, rows)
	if err != nil {
		b.Fatal(err)
	}
	var last *storage.Store
	ours := time.Duration(0)
	for b.Loop() {
		b.StopTimer()
		if last, err = storage.Open(context.Background(), filepath.Join(b.TempDir(), "first.db"), storage.Options{}); err != nil {
			b.Fatal(err)
		}
		began := used(b)
		b.StartTimer()
		importReport(b, last, header, findings)
		b.StopTimer()
		ours += used(b) - began
		if err := last.Close(); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
	ours /= time.Duration(b.N)
	b.ReportMetric(rows/ours.Seconds(), "rows/cpu-s")
	b.ReportMetric(rows*float64(b.N)/b.Elapsed().Seconds(), "rows/s")
	if floor := importFloor(b, last.Path(), highest{}); floor > 0 {
		b.ReportMetric(floor.Seconds()/ours.Seconds(), "of-floor")
	}
}

// highest are the highest ids of issues, components and violations.
type highest struct{ issues, components, violations int64 }

func highestOf(b *testing.B, path string) (h highest) {
	b.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // only read
	if err := db.QueryRow(`SELECT (SELECT max(id) FROM issues), (SELECT max(id) FROM components), (SELECT max(id) FROM violations)`).Scan(&h.issues, &h.components, &h.violations); err != nil {
		b.Fatal(err)
	}
	return h
}

// importFloor is the processor time that sqlite3 takes to .import what an
// import added to a database, into what it was before: the same tables with
// the same indexes, without triggers. 0 where there is no sqlite3.
func importFloor(b *testing.B, path string, since highest) time.Duration {
	b.Helper()
	if _, err := exec.LookPath("sqlite3"); err != nil {
		b.Logf("NO FLOOR: sqlite3 is not installed: %v", err)
		return 0
	}
	dir := b.TempDir()
	took := time.Duration(0)
	run := func(db, script string) string {
		b.Helper()
		cmd := exec.Command("sqlite3", "-bail", db)
		cmd.Dir, cmd.Stdin = dir, strings.NewReader(script)
		out, err := cmd.CombinedOutput()
		if err != nil {
			b.Fatalf("sqlite3: %v: %s", err, out)
		}
		took = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
		return strings.TrimSpace(string(out))
	}
	var names, before, load string
	for _, t := range floorTables(since) {
		names += ", '" + t.name + "'"
		// .import knows neither NULL nor generated columns.
		columns := run(path, "SELECT group_concat('coalesce(' || name || ', 0)') FROM pragma_table_xinfo('"+t.name+"');")
		run(path, fmt.Sprintf(".mode csv\n.output %s.csv\nSELECT %s FROM %s WHERE %s > %d;", t.name, columns, t.name, t.key, t.since))
		before += fmt.Sprintf("INSERT INTO %s SELECT %s FROM old.%[1]s WHERE %[3]s <= %[4]d;\n", t.name, columns, t.key, t.since)
		load += fmt.Sprintf(".import %s.csv %s\n", t.name, t.name)
	}
	// Two indexes leave out NULL, which has become 0.
	const schema = "SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL AND type = '%s' AND tbl_name IN (%s) AND name NOT IN ('violations_offer', 'violations_ticket');"
	generated := regexp.MustCompile(`GENERATED ALWAYS AS \(.*\) VIRTUAL`)
	run("floor.db", "PRAGMA journal_mode = WAL;\n"+generated.ReplaceAllString(run(path, fmt.Sprintf(schema, "table", names[2:])), "")+
		"ATTACH '"+path+"' AS old;\n"+before+run(path, fmt.Sprintf(schema, "index", names[2:])))
	run("floor.db", ".mode csv\n"+load)
	return took
}

// floorTable is a table that an import fills, and the rows that it added.
type floorTable struct {
	name, key string
	since     int64
}

func floorTables(since highest) []floorTable {
	return []floorTable{
		{"issues", "id", since.issues}, {"issue_aliases", "issue_id", since.issues}, {"ratings", "issue_id", since.issues},
		{"components", "id", since.components}, {"violations", "id", since.violations}, {"sightings", "violation_id", since.violations},
	}
}

func importReport(b *testing.B, s *storage.Store, header model.Report, findings []model.Finding) {
	b.Helper()
	ctx := context.Background()
	header.Findings = len(findings) // as every reader counts them
	im, err := s.NewImport(ctx)
	if err != nil {
		b.Fatal(err)
	}
	for i := range findings {
		if err := im.Add(ctx, &findings[i]); err != nil {
			b.Fatal(err)
		}
	}
	if _, err := im.Commit(ctx, &header, storage.ImportOptions{Actor: model.Actor{Name: "bench", Source: "import"}}); err != nil {
		b.Fatal(err)
	}
	if err := im.Close(); err != nil {
		b.Fatal(err)
	}
}
