package formats

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/vexdesk/model"
)

var update = flag.Bool("update", false, "write the golden files of testdata anew")

// fixtures are our own small reports, one for each layout.
func fixtures(t testing.TB) []string {
	t.Helper()
	var all []string
	for _, pattern := range []string{"testdata/*.json", "testdata/*.xml", "testdata/*.spdx"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, found...)
	}
	if len(all) == 0 {
		t.Fatal("there are no fixtures in testdata")
	}
	slices.Sort(all)
	return all
}

// TestFixtures compares everything that is read of each fixture with its
// golden file.
func TestFixtures(t *testing.T) {
	for _, file := range fixtures(t) {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			c, err := readCounts(data, Options{Name: file})
			if err != nil {
				t.Fatal(err)
			}
			if want, _, _ := strings.Cut(filepath.Base(file), "_"); c.report.Format != want {
				t.Errorf("recognised as %s", c.report.Format)
			}
			got := describeReading(c)
			golden := file + ".golden"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("%s is read as\n%s\nwant\n%s", file, got, want)
			}
		})
	}
}

// describeReading writes what is not empty, for people to compare.
func describeReading(c *counts) string {
	var b strings.Builder
	r := c.report
	line := func(indent, name string, value any) {
		if text := fmt.Sprint(value); text != "" && text != "[]" && text != "false" {
			fmt.Fprintf(&b, "%s%s: %s\n", indent, name, text)
		}
	}
	line("", "report", r.Format+", "+r.Variant)
	line("", "scanner", r.Scanner)
	line("", "artifact", r.Artifact)
	line("", "product", strings.Join(nonEmpty(r.Product, r.Version, r.Resource), " | "))
	if !r.Created.IsZero() {
		line("", "created", r.Created.Format("2006-01-02T15:04:05Z07:00"))
	}
	line("", "entries", r.Entries)
	for _, w := range r.Warnings {
		line("", "warning", w)
	}
	for _, f := range c.all {
		fmt.Fprintf(&b, "\n%s %s %s in %s %s (%s)\n", f.Severity, f.Type, f.Identity(), f.Component.Name, f.Component.Version, f.Component.Type)
		describeFinding(f, func(name string, value any) { line("  ", name, value) })
	}
	for _, s := range c.stated {
		describeStatement(&b, s)
	}
	if findings := len(c.statements); findings > 0 {
		fmt.Fprintf(&b, "\nfindings as the corpus counts them: %d\n", findings)
	}
	return b.String()
}

func describeStatement(b *strings.Builder, s *model.Statement) {
	fmt.Fprintf(b, "\n%s %s (%s %s) of %s at %s by %s in %s\n", s.Severity, strings.Join(s.IDs, " = "), s.Status, s.Justification, s.Reference,
		s.At.Format("2006-01-02T15:04:05Z07:00"), s.Author, s.Document)
	for _, c := range [...]model.Component{s.Product, s.Component} {
		if c.Name != "" {
			fmt.Fprintf(b, "  of: %s | %s | %s | %s\n", c.Name, c.Version, c.Type, c.PURL)
		}
	}
	fmt.Fprintf(b, "  assessment: %+v\n", s.Assessment)
}

func describeFinding(f *model.Finding, line func(string, any)) {
	line("key", f.Key)
	line("purl", f.Component.PURL)
	line("licences", f.Component.Licenses)
	line("aliases", f.Aliases)
	line("covers", f.CVEs)
	line("source", f.SeveritySource)
	for _, r := range f.Ratings {
		score := "-"
		if r.Score != nil {
			score = fmt.Sprint(*r.Score)
		}
		line("rating", strings.Join([]string{r.Source, r.Method, r.Vector, score, r.Severity.String()}, " | "))
	}
	line("title", f.Title)
	if r := f.Risk; r != nil {
		line("risk", fmt.Sprintf("end of life %v, released %v, newer %v, committers %v", *r.EndOfLife, r.Released.Format("2006-01-02"), *r.Newer, *r.Committers))
	}
	if f.Description != "" {
		line("description", fmt.Sprintf("%q", f.Description))
	}
	line("references", f.References)
	line("fix", strings.Join(f.FixVersions, " | "))
	if f.EPSS != nil {
		line("epss", fmt.Sprint(*f.EPSS, " percentile ", *f.EPSSPercentile))
	}
	if f.KEV != nil {
		line("kev", fmt.Sprint(*f.KEV, " due ", f.KEVDue))
	}
	line("applicable", f.Applicable)
	line("locations", strings.Join(f.Locations, " | "))
	line("watches", f.Watches)
	line("policies", f.Policies)
	if f.Suppressed {
		line("suppressed", f.SuppressReason)
	}
	if f.Analysis != nil {
		line("analysis", fmt.Sprintf("%+v", *f.Analysis))
	}
	line("external", f.ExternalID)
	line("url", f.URL)
}
