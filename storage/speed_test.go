package storage_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
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
			var before storagetest.Highest
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
	if floor := importFloor(b, last.Path(), storagetest.Highest{}); floor > 0 {
		b.ReportMetric(floor.Seconds()/ours.Seconds(), "of-floor")
	}
}

func highestOf(b *testing.B, path string) storagetest.Highest {
	b.Helper()
	h, err := storagetest.HighestOf(context.Background(), path)
	if err != nil {
		b.Fatal(err)
	}
	return h
}

// importFloor is the processor time that sqlite3 takes to .import what an
// import added to a database; 0 where there is no sqlite3.
func importFloor(b *testing.B, path string, since storagetest.Highest) time.Duration {
	b.Helper()
	cmd, err := storagetest.ImportFloor(context.Background(), b.TempDir(), path, since)
	if errors.Is(err, exec.ErrNotFound) {
		b.Logf("NO FLOOR: sqlite3 is not installed: %v", err)
		return 0
	}
	if err != nil {
		b.Fatal(err)
	}
	if out, err := cmd.CombinedOutput(); err != nil {
		b.Fatalf("sqlite3: %v: %s", err, out)
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
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
