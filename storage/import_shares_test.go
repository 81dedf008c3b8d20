package storage

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"example.com/vexdesk/model"
)

// shared lets imports into s be stored in shares of so many findings.
func shared(s *Store, findings int) *Store {
	s.limits.whole, s.limits.share, s.limits.steady = 0, findings, true
	return s
}

// content is what reports and people said, without numbers that are given in
// turn, the title, of which an issue that is told of twice keeps either, and the
// steps that a merged violation went through, which differ by share.
func content(t rapid.TB, s *Store) string {
	t.Helper()
	lines, err := strs(bg, s.write, `SELECT json_array(i.display, i.cvss, k.key, k.licenses, p.name, r.name, r.current, v.current, v.type, v.state, v.severity, v.fix, v.applicable, v.vex_status,
			v.ignored_by, v.ignore_reason,
			(SELECT json_group_array(json_array(o.format, m.file, g.reported_id, g.severity, g.suppressed, g.reason, g.fix, g.applicable, g.detail)) FROM
				(SELECT * FROM sightings WHERE violation_id = v.id ORDER BY source_id) g JOIN sources o ON o.id = g.source_id JOIN imports m ON m.id = g.import_id),
			(SELECT json_group_array(alias) FROM (SELECT alias FROM issue_aliases WHERE issue_id = i.id ORDER BY 1)),
			(SELECT json_group_array(name) FROM (SELECT DISTINCT kind || name AS name FROM reported_matches WHERE violation_id = v.id ORDER BY 1)),
			(SELECT json_group_array(what) FROM (SELECT field || before || '>' || after AS what FROM audit h WHERE violation_id = v.id
				AND (field = 'merged' OR NOT EXISTS (SELECT 1 FROM audit m WHERE m.violation_id = v.id AND m.field = 'merged')) ORDER BY 1)))
		FROM violations v JOIN issues i ON i.id = v.issue_id JOIN components k ON k.id = v.component_id JOIN versions r ON r.id = v.version_id JOIN products p ON p.id = r.product_id
		ORDER BY p.name, r.name, i.display, k.key`)
	if err != nil {
		t.Fatal(err)
	}
	tallied, err := strs(bg, s.write, `SELECT json_array(t.current, state, severity, type, p.name, r.name, vex_status, ticketed, fixable, n)
		FROM tallies t JOIN products p ON p.id = t.product_id JOIN versions r ON r.id = t.version_id WHERE n > 0 ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	left, err := strs(bg, s.write, `SELECT file FROM imports WHERE staged <> ''`)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(append(append(lines, tallied...), left...), "\n")
}

// savedFiles are what imports keep beside the database.
func savedFiles(t rapid.TB, s *Store) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(filepath.Dir(s.path))
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if strings.Contains(e.Name(), savedSuffix) {
			names = append(names, e.Name())
		}
	}
	return names
}

// TestAnImportInSharesIsAnImport: any sequence of reports leads to the same, in
// one transaction each or in shares of any size.
func TestAnImportInSharesIsAnImport(t *testing.T) {
	from, other := newEmpties(t), newEmpties(t)
	tries := 0
	rapid.Check(t, func(rt *rapid.T) {
		if tries++; tries > 6 { // each makes and flushes many files
			return
		}
		whole, parted := from.open(rt), shared(other.open(rt), rapid.IntRange(1, 5).Draw(rt, "share"))
		for _, step := range drawReports(rt) {
			a := take(t, whole, step.report, ImportOptions{}, step.findings...)
			b := take(t, parted, step.report, ImportOptions{}, step.findings...)
			counted := b
			// What two issues have that become one is settled in the share that merges
			// them, and again in the one that shows it.
			counted.Updated = min(a.Updated, b.Updated)
			if a != counted {
				rt.Fatalf("whole: %+v, in shares: %+v", a, b)
			}
			if a, b := content(rt, whole), content(rt, parted); a != b {
				rt.Fatalf("whole and in shares differ: %s", firstDifference(b, a))
			}
		}
		checkInvariants(rt, parted)
		if left := savedFiles(rt, parted); len(left) > 0 {
			rt.Fatalf("%v is left", left)
		}
		if err := errors.Join(whole.Close(), parted.Close()); err != nil {
			rt.Fatal(err)
		}
	})
}

// largeReport has so many findings in a product's version; odd leaves out every
// third one and changes some.
func largeReport(version string, n int, odd bool) (model.Report, []model.Finding) {
	var findings []model.Finding
	for i := range n {
		f := finding(fmt.Sprintf("CVE-2024-%05d", i/3), fmt.Sprint("package-", i), "1", model.SeverityHigh)
		if odd && i%5 == 0 {
			f.Severity = model.SeverityLow
		}
		if !odd || i%3 > 0 {
			findings = append(findings, f)
		}
	}
	return report("trivy", "app", version), findings
}

// TestAnImportThatStopsIsStoredToItsEnd stops imports of all kinds after each of
// their shares: with an error, as a full disk would. What is there until
// then is right by itself, and the next import stores the rest.
func TestAnImportThatStopsIsStoredToItsEnd(t *testing.T) {
	const n, share = 12, 4
	for stop := 1; ; stop++ {
		whole, parted := open(t), shared(open(t), share)
		stopped := false
		for _, step := range []struct {
			version string
			odd     bool
		}{{"1", false}, {"1", true}, {"2", false}} { // fills, resolves, follows
			header, findings := largeReport(step.version, n, step.odd)
			take(t, whole, header, ImportOptions{File: step.version}, findings...)
			committed := 0
			parted.pausing = func() error {
				if committed++; committed == stop {
					return errors.New("boom")
				}
				return nil
			}
			err := tryReport(bg, parted, header, ImportOptions{File: step.version, Actor: analyst}, findings...)
			if parted.pausing = nil; err == nil {
				continue
			}
			stopped = true
			if o, err := parted.Overview(bg); err != nil || o.Importing != step.version {
				t.Fatalf("stopped after %d: the overview tells of an import of %q, %v", stop, o.Importing, err)
			}
			if !errors.Is(err, ErrHalfStored) || len(savedFiles(t, parted)) != 1 {
				t.Fatalf("stopped after %d: %v, %v is kept", stop, err, savedFiles(t, parted))
			}
			if wrong, err := strs(bg, parted.write, `SELECT v.id FROM violations v WHERE (v.state = 1) = EXISTS (SELECT 1 FROM sightings s WHERE s.violation_id = v.id)`); err != nil || len(wrong) > 0 {
				t.Fatalf("stopped after %d: %v, %v are half there", stop, err, wrong)
			}
			finish := parted.StoreLeft
			if stop%2 == 0 {
				finish = parted.Settled
			}
			if err := finish(bg); err != nil {
				t.Fatal(err)
			}
			if o, err := parted.Overview(bg); err != nil || o.Importing != "" {
				t.Fatalf("stored to the end, the overview tells of an import of %q, %v", o.Importing, err)
			}
			if a, b := content(t, whole), content(t, parted); a != b || len(savedFiles(t, parted)) > 0 {
				t.Fatalf("stopped after %d and stored to the end, it differs: %s", stop, firstDifference(b, a))
			}
		}
		checkInvariants(t, parted)
		if !stopped {
			break
		}
	}
}

func tryReport(ctx context.Context, s *Store, header model.Report, o ImportOptions, findings ...model.Finding) error {
	im, err := s.NewImport(ctx)
	if err != nil {
		return err
	}
	for i := range findings {
		if err := im.Add(ctx, &findings[i]); err != nil {
			return errors.Join(err, im.Close())
		}
	}
	_, err = im.Commit(ctx, &header, o)
	return errors.Join(err, im.Close())
}

// TestTheRestOfAnImportMayBeLost: what is there stays, the history says so, and
// the report can be imported again.
func TestTheRestOfAnImportMayBeLost(t *testing.T) {
	for what, lose := range map[string]func(string) error{
		"gone": os.Remove, "empty": func(p string) error { return os.Truncate(p, 0) },
		"something else": func(p string) error { return os.WriteFile(p, []byte(strings.Repeat("no database ", 1000)), 0o600) },
	} {
		s := shared(open(t), 4)
		old, few := largeReport("1", 3, false)
		take(t, s, old, ImportOptions{}, few...)
		header, findings := largeReport("2", 12, false)
		shares := 0
		s.pausing = func() error {
			if shares++; shares == 4 {
				return errors.New("boom")
			}
			return nil
		}
		if err := tryReport(bg, s, header, ImportOptions{Actor: analyst, File: "two.json"}, findings...); !errors.Is(err, ErrHalfStored) {
			t.Fatal(err)
		}
		s.pausing = nil
		if err := lose(s.savedPath(savedFiles(t, s)[0])); err != nil {
			t.Fatal(err)
		}
		if err := s.StoreLeft(bg); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		checkInvariants(t, s)
		said, err := strs(bg, s.read, `SELECT after FROM audit WHERE subject = 'import two.json'`)
		if err != nil || len(said) != 1 || !strings.Contains(said[0], "import it again") {
			t.Fatalf("%s: the history says %q, %v", what, said, err)
		}
		take(t, s, header, ImportOptions{}, findings...)
		if n, err := s.Count(bg, nil); err != nil || n != 12 {
			t.Fatalf("%s: imported again there are %d, %v", what, n, err)
		}
		checkInvariants(t, s)
	}
}

// TestOthersWriteWhileAnImportIsStored lets imports of the same product, of
// another one and of one that joins issues, and decisions, come between.
func TestOthersWriteWhileAnImportIsStored(t *testing.T) {
	s := shared(open(t), 3)
	header, findings := largeReport("1", 30, false)
	take(t, s, header, ImportOptions{}, findings...)
	ids := allIDs(t, s)
	var others sync.WaitGroup
	other := func(f func() error) {
		others.Go(func() {
			if err := f(); err != nil {
				t.Error(err)
			}
		})
	}
	import1 := func(h model.Report, list ...model.Finding) func() error {
		return func() error { return tryReport(bg, s, h, ImportOptions{Actor: analyst}, list...) }
	}
	pauses := 0
	s.pausing = func() error {
		if pauses++; pauses == 3 {
			both := finding("CVE-2024-00001", "package-3", "1", model.SeverityLow)
			both.Aliases = []string{"CVE-2024-00002"}
			other(import1(report("grype", "shop", "1"), both))
			other(import1(report("grype", "app", "1"), findings[5]))
			other(import1(report("trivy", "app", "2"), findings[:10]...))
			other(func() error {
				_, err := s.SetVEX(bg, analyst, ids, map[model.VEXField]string{model.FieldStatus: "affected"})
				return err
			})
		}
		return nil
	}
	changed, news := largeReport("1", 45, true)
	if err := tryReport(bg, s, changed, ImportOptions{Actor: analyst}, news...); err != nil {
		t.Fatal(err)
	}
	others.Wait()
	checkInvariants(t, s)
	if left := savedFiles(t, s); len(left) > 0 {
		t.Errorf("%v is left", left)
	}
	if n, err := s.Count(bg, mustParse(t, "version:1 product:app state:all")); err != nil || n < 40 {
		t.Errorf("%d in version 1, %v", n, err)
	}
}

// TestADocumentWaitsForWhatIsOnItsWay: its statements hold for the rest of an
// import that stopped as well.
func TestADocumentWaitsForWhatIsOnItsWay(t *testing.T) {
	s := shared(open(t), 4)
	header, findings := largeReport("1", 12, false)
	s.pausing = func() error { return errors.New("boom") }
	if err := tryReport(bg, s, header, ImportOptions{Actor: analyst}, findings...); !errors.Is(err, ErrHalfStored) {
		t.Fatal(err)
	}
	s.pausing = nil
	var statements []model.Statement
	for i := range findings {
		statements = append(statements, says(findings[i].ID, findings[i].Component, model.VEXAffected))
	}
	if r := overlay(t, s, OverlayOptions{Product: "app"}, statements...); r.Applied != len(findings) {
		t.Errorf("%d of %d statements apply: %+v", r.Applied, len(findings), r.NotApplied)
	}
	checkInvariants(t, s)
}

const importChild = "VEXDESK_TEST_IMPORT"

// importAsChild is what the process does that is killed: it tells of each share.
func importAsChild(path string) error {
	s, err := Open(bg, path, Options{})
	if err != nil {
		return err
	}
	shared(s, 5)
	s.pausing = func() error { fmt.Println("a share"); return nil }
	header, findings := largeReport("2", 120, false)
	return errors.Join(tryReport(bg, s, header, ImportOptions{Actor: analyst, File: "large.json"}, findings...), s.Close())
}

// TestAKilledImportIsStoredToItsEnd kills processes in the middle of an import:
// nothing of it is there, or the next import stores the rest.
func TestAKilledImportIsStoredToItsEnd(t *testing.T) {
	whole := open(t)
	old, few := largeReport("1", 30, true)
	take(t, whole, old, ImportOptions{}, few...)
	before := content(t, whole)
	header, findings := largeReport("2", 120, false)
	take(t, whole, header, ImportOptions{File: "large.json"}, findings...)
	want, half := content(t, whole), 0
	for range 4 {
		s := open(t)
		take(t, s, old, ImportOptions{}, few...)
		cmd := exec.CommandContext(t.Context(), os.Args[0])
		cmd.Env = append(os.Environ(), importChild+"="+s.path)
		said, err := cmd.StdoutPipe()
		if err == nil {
			err = cmd.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(said)
		for range 1 + rand.IntN(40) {
			lines.Scan()
		}
		if err := cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = cmd.Wait() // it was killed
		left, err := strs(bg, s.read, `SELECT staged FROM imports WHERE staged <> ''`)
		if err != nil {
			t.Fatal(err)
		}
		half += len(left)
		if err := s.StoreLeft(bg); err != nil {
			t.Fatal(err)
		}
		checkInvariants(t, s)
		if got := content(t, s); got != want && (len(left) > 0 || got != before) {
			t.Fatalf("killed and stored to the end, it differs: %s", firstDifference(got, want))
		}
		take(t, s, header, ImportOptions{File: "large.json"}, findings...)
		if left := savedFiles(t, s); content(t, s) != want || len(left) > 0 {
			t.Fatalf("imported again, it differs: %s; left: %v", firstDifference(content(t, s), want), left)
		}
	}
	if half == 0 {
		t.Error("no kill fell into an import: the test proves nothing")
	}
}
