package formats

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"example.com/vexdesk/model"
)

// corpusEntry is a file of the shared corpus with its expected counts.
type corpusEntry struct {
	File     string `json:"file"`
	Format   string `json:"format"`
	Imitates string `json:"imitates"`
	Expect   string `json:"expect"`
	Oracle   *struct {
		Findings         int            `json:"findings"`
		Entries          int            `json:"entries"`
		BySeverity       map[string]int `json:"by_severity"`
		DistinctIDs      *int           `json:"distinct_vuln_ids"`
		DistinctPackages *int           `json:"distinct_packages"`
		DistinctCVEs     *int           `json:"distinct_cves"`
		Suppressed       *int           `json:"suppressed_entries"`
		ByStatus         map[string]int `json:"by_status"`
		Samples          []struct {
			ID       string  `json:"vuln_id"`
			Package  string  `json:"package"`
			Version  *string `json:"version"`
			Severity string  `json:"severity"`
			Fixed    *string `json:"fixed_version"`
		} `json:"samples"`
	} `json:"oracle"`
}

// corpusFolder finds the shared corpus; tests that need it skip without it.
func corpusFolder(t *testing.T) string {
	t.Helper()
	shared := os.Getenv("VEXDESK_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "shared")
	}
	folder := filepath.Join(shared, "corpus")
	if _, err := os.Stat(filepath.Join(folder, "manifest.json")); err != nil {
		t.Skipf("SHARED FOLDER MISSING: the corpus is not tested (set VEXDESK_SHARED): %v", err)
	}
	return folder
}

func corpusEntries(t *testing.T, folder string) []corpusEntry {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(folder, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all []corpusEntry
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// statement is what the corpus calls a finding.
type statement struct{ id, name, version string }

// counts is a reading, counted as the corpus does.
type counts struct {
	report     *model.Report
	statements map[statement]model.Severity
	fixes      map[statement][]string
	cves       map[string]bool
	status     map[string]map[statement]bool
	suppressed int
	all        []*model.Finding
}

func readCounts(data []byte, o Options) (*counts, error) {
	c := &counts{statements: map[statement]model.Severity{}, fixes: map[statement][]string{}, cves: map[string]bool{}, status: map[string]map[statement]bool{}}
	var err error
	c.report, err = Read(context.Background(), bytes.NewReader(data), o, func(f *model.Finding) error {
		c.all = append(c.all, f)
		if f.Suppressed {
			c.suppressed++
			return nil
		}
		if f.Type != model.Security {
			return nil
		}
		s := statement{f.Identity(), f.Component.Name, f.Component.Version}
		c.statements[s] = model.WorstSeverity(c.statements[s], f.Severity)
		if c.fixes[s] == nil {
			c.fixes[s] = f.FixVersions
		}
		for _, id := range append(append([]string{f.ID}, f.Aliases...), f.CVEs...) {
			if isCVE(id) {
				c.cves[id] = true
			}
		}
		if f.Analysis != nil {
			word := string(f.Analysis.Status)
			if c.status[word] == nil {
				c.status[word] = map[statement]bool{}
			}
			c.status[word][s] = true
		}
		return nil
	})
	return c, err
}

// namelessPackages are packages that the manifest does not count
// (docs/corpus-notes.md).
var namelessPackages = map[string]int{"osv-scanner/many_findings.json": 1}

func TestCorpus(t *testing.T) {
	folder := corpusFolder(t)
	tested := 0
	for _, e := range corpusEntries(t, folder) {
		if !slices.Contains(Names(), e.Format) {
			continue
		}
		tested++
		t.Run(e.File, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(folder, e.File))
			if err != nil {
				t.Fatal(err)
			}
			got, err := readCounts(data, Options{Name: e.File})
			if err != nil {
				t.Fatal(err)
			}
			if got.report.Format != e.Format {
				t.Errorf("format %q, want %q", got.report.Format, e.Format)
			}
			t.Logf("%+v", got.report)
			checkOracle(t, e, got)
		})
	}
	t.Logf("%d files of the corpus agree with its manifest", tested)
}

func checkOracle(t *testing.T, e corpusEntry, got *counts) {
	t.Helper()
	o := e.Oracle
	equal := func(what string, have, want int) {
		t.Helper()
		if have != want {
			t.Errorf("%s: %d, want %d", what, have, want)
		}
	}
	equal("entries", got.report.Entries, o.Entries)
	equal("findings", len(got.statements), o.Findings)
	bySeverity := map[string]int{}
	ids, packages := map[string]bool{}, map[[2]string]bool{}
	for s, severity := range got.statements {
		bySeverity[severity.String()]++
		ids[s.id] = true
		packages[[2]string{s.name, s.version}] = true
	}
	for word, want := range o.BySeverity {
		equal("severity "+word, bySeverity[word], want)
	}
	if o.DistinctIDs != nil {
		equal("distinct ids", len(ids), *o.DistinctIDs)
	}
	if o.DistinctPackages != nil {
		equal("distinct packages", len(packages), *o.DistinctPackages+namelessPackages[e.File])
	}
	if o.DistinctCVEs != nil {
		equal("distinct CVEs", len(got.cves), *o.DistinctCVEs)
	}
	if o.Suppressed != nil {
		equal("suppressed", got.suppressed, *o.Suppressed)
	}
	for word, want := range o.ByStatus {
		equal("status "+word, len(got.status[word]), want)
	}
	for _, sample := range o.Samples {
		s := statement{sample.ID, sample.Package, ""}
		if sample.Version != nil {
			s.version = *sample.Version
		}
		severity, ok := got.statements[s]
		if !ok {
			t.Errorf("sample %+v is missing", s)
			continue
		}
		if severity.String() != sample.Severity {
			t.Errorf("sample %+v: severity %s, want %s", s, severity, sample.Severity)
		}
		checkFix(t, s, got.fixes[s], sample.Fixed)
	}
}

// checkFix compares the fix versions with the sample's, which for Xray shows
// the first of them only.
func checkFix(t *testing.T, s statement, got []string, want *string) {
	t.Helper()
	if want == nil {
		if len(got) > 0 {
			t.Errorf("sample %+v: fix %q, want none", s, got)
		}
		return
	}
	if joined := strings.Join(got, ", "); joined != *want && (len(got) == 0 || got[0] != *want) {
		t.Errorf("sample %+v: fix %q, want %q", s, got, *want)
	}
}

// TestCorpusBad feeds the damaged files: no crash, and what the manifest
// expects.
func TestCorpusBad(t *testing.T) {
	folder := corpusFolder(t)
	for _, e := range corpusEntries(t, folder) {
		if e.Format != "bad" {
			continue
		}
		t.Run(e.File, func(t *testing.T) {
			data, err := os.ReadFile(filepath.Join(folder, e.File))
			if err != nil {
				t.Fatal(err)
			}
			got, err := readCounts(data, Options{Name: e.File})
			if err != nil {
				t.Log(err)
				var own *Error
				if !errors.As(err, &own) {
					t.Errorf("not an *Error: %T", err)
				}
				if text := err.Error(); strings.ContainsAny(text, "\x1b\n\r\a") || !utf8.ValidString(text) {
					t.Errorf("the message is not clean: %q", text)
				}
				if ours := e.Imitates == "" || slices.Contains(Names(), e.Imitates); e.Expect == "import" && ours {
					t.Error("this file has to be imported")
				}
				return
			}
			t.Logf("%+v", got.report)
			if e.Expect == "reject" {
				t.Fatal("this file has to be rejected")
			}
			if e.Oracle != nil {
				checkOracle(t, e, got)
			}
		})
	}
}
