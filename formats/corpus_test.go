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
	Kind     string `json:"kind"`
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
		Variant          string         `json:"variant"`
		Samples          []struct {
			ID       string  `json:"vuln_id"`
			Rule     string  `json:"rule_id"`
			Message  string  `json:"message"`
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
	report *model.Report
	// statements are the findings: what readers tell, else what they emit.
	statements map[statement]model.Severity
	fixes      map[statement][]string
	cves       map[string]bool
	status     map[string]map[statement]bool
	suppressed int
	all        []*model.Finding
	stated     []*model.Statement
}

func newCounts() *counts {
	return &counts{statements: map[statement]model.Severity{}, fixes: map[statement][]string{}, cves: map[string]bool{}, status: map[string]map[statement]bool{}}
}

func readCounts(data []byte, o Options) (*counts, error) {
	c, told := newCounts(), map[statement]model.Severity{}
	o.Statement = func(s *model.Statement) error {
		c.addStatement(s)
		return nil
	}
	var err error
	c.report, err = read(context.Background(), bytes.NewReader(data), o, func(f *model.Finding) error {
		c.addFinding(f)
		return nil
	}, func(severity model.Severity, id, name, version string) {
		s := statement{id, name, version}
		told[s] = model.WorstSeverity(told[s], severity)
	})
	if len(told) > 0 {
		c.statements = told
	}
	return c, err
}

func (c *counts) addFinding(f *model.Finding) {
	c.all = append(c.all, f)
	s := statement{f.Identity(), f.Component.Name, f.Component.Version}
	if c.fixes[s] == nil {
		c.fixes[s] = f.FixVersions
	}
	if f.Suppressed {
		c.suppressed++
	}
	if f.Type != model.Security {
		return
	}
	for _, id := range append(append([]string{f.ID}, f.Aliases...), f.CVEs...) {
		if isCVE(id) {
			c.cves[id] = c.cves[id] || !f.Suppressed
		}
	}
	if f.Suppressed {
		return
	}
	c.statements[s] = model.WorstSeverity(c.statements[s], f.Severity)
	if f.Analysis != nil {
		c.has(string(f.Analysis.Status), s)
		if f.Analysis.Qualifier == model.QualifierFalsePositive {
			c.has("FALSE_POSITIVE", s) // Dependency-Track's word
		}
	}
}

func (c *counts) addStatement(s *model.Statement) {
	c.stated = append(c.stated, s)
	for _, id := range s.IDs {
		if isCVE(id) {
			c.cves[id] = true
		}
	}
	if len(c.all) > 0 {
		return // CycloneDX VEX says the same twice: as findings, and as statements
	}
	key := statement{id: s.IDs[0], name: s.Reference}
	if strings.HasPrefix(s.Reference, "pkg:") {
		key.name, key.version = model.Coordinate(s.Subject()), s.Subject().Version
	}
	c.has(s.Status, key)
}

func (c *counts) has(word string, s statement) {
	if c.status[word] == nil {
		c.status[word] = map[statement]bool{}
	}
	c.status[word][s] = true
}

// namelessPackages are packages that the manifest does not count
// (docs/corpus-notes.md).
var namelessPackages = map[string]int{"osv-scanner/many_findings.json": 1}

// goneCVEs are those that only entries have which their report calls resolved
// (docs/corpus-notes.md).
var goneCVEs = map[string]int{"snyk/rest_issues_many.json": 1}

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
			if e.Oracle.Variant == "error object" {
				if !errors.Is(err, ErrScanFailed) {
					t.Errorf("a failed scan is read as %v", err)
				}
				t.Log(err)
				return
			}
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
		if e.Format != "sarif" {
			ids[s.id] = true
		}
		for _, cve := range cveIn.FindAllString(s.id, -1) {
			ids[cve] = true // of SARIF's rules only these are counted
		}
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
		equal("distinct CVEs", len(got.cves)+goneCVEs[e.File], *o.DistinctCVEs)
	}
	if o.Suppressed != nil {
		equal("suppressed", got.suppressed, *o.Suppressed)
	}
	for word, want := range o.ByStatus {
		if word == "NOT_SET" {
			continue // Dependency-Track's word for no decision
		}
		equal("status "+word, len(got.status[word]), want)
	}
	for _, sample := range o.Samples {
		if e.Format == "sarif" {
			checkResult(t, got, sample.Rule, sample.Message, sample.Severity)
			continue
		}
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

// checkResult looks for a result of SARIF; the sample has the beginning of its
// message.
func checkResult(t *testing.T, got *counts, rule, message, severity string) {
	t.Helper()
	for s, have := range got.statements {
		if s.id == rule && strings.HasPrefix(s.name, message) && have.String() == severity {
			return
		}
	}
	t.Errorf("sample %s, %q, %s is missing", rule, message, severity)
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
			if damaged := []string{"invalid UTF-8", "huge number"}; slices.Contains(damaged, e.Kind) && len(got.report.Warnings) == 0 {
				t.Error("nothing says what was changed")
			}
			if e.Oracle != nil {
				checkOracle(t, e, got)
			}
		})
	}
}
