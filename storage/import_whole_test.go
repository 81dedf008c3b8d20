package storage

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.com/vexdesk/model"
)

// TestAnImportHappensWholeOrNotAtAll lets each statement that writes fail in
// turn.
func TestAnImportHappensWholeOrNotAtAll(t *testing.T) {
	s := open(t)
	a, b := finding("CVE-2024-0001", "left", "1", model.SeverityHigh), finding("CVE-2024-0002", "left", "1", model.SeverityHigh)
	a.Watches = []string{"prod"}
	take(t, s, report("trivy", "app", "1"), ImportOptions{}, a)
	before := dump(t, s)
	for _, table := range []string{"products", "versions", "sources", "imports", "issues", "issue_aliases", "issue_refs", "ratings", "components", "violations", "sightings", "audit", "reported_matches", "assessments", "tallies"} {
		for _, event := range []string{"INSERT", "UPDATE", "DELETE"} {
			if _, err := s.write.Exec(`CREATE TRIGGER boom BEFORE ` + event + ` ON ` + table + ` BEGIN SELECT raise(ABORT, 'boom'); END`); err != nil {
				t.Fatal(err)
			}
			err := tryImport(bg, s, b)
			if err != nil && !strings.Contains(err.Error(), "boom") {
				t.Errorf("%s of %s: %v", event, table, err)
			}
			if _, derr := s.write.Exec(`DROP TRIGGER boom`); derr != nil {
				t.Fatal(derr)
			}
			if err == nil {
				t.Logf("%s of %s is not part of the import", event, table)
				take(t, s, report("trivy", "app", "1"), ImportOptions{}, a) // as it was
				before = dump(t, s)
				continue
			}
			if after := dump(t, s); after != before {
				t.Fatalf("a failed %s of %s left something:\n%s", event, table, after)
			}
		}
	}
}

func TestACancelledImportLeavesNothing(t *testing.T) {
	s := open(t)
	take(t, s, report("trivy", "app", "1"), ImportOptions{}, finding("CVE-2024-0001", "left", "1", model.SeverityHigh))
	before := dump(t, s)
	ctx, cancel := context.WithCancel(bg)
	cancel()
	if err := tryImport(ctx, s, finding("CVE-2024-0002", "left", "1", model.SeverityHigh)); err == nil {
		t.Fatal("a cancelled import succeeded")
	}
	// Cancelled at some moment of the commit.
	for wait := time.Microsecond; wait < 200*time.Millisecond; wait *= 3 {
		ctx, cancel := context.WithTimeout(bg, wait)
		err := tryImport(ctx, s, finding("CVE-2024-0002", "left", "1", model.SeverityHigh))
		cancel()
		if err == nil {
			break
		}
		if after := dump(t, s); after != before {
			t.Fatalf("an import cancelled after %v left something:\n%s", wait, after)
		}
	}
	checkInvariants(t, s)
}

func tryImport(ctx context.Context, s *Store, findings ...model.Finding) error {
	im, err := s.NewImport(ctx)
	if err != nil {
		return err
	}
	for i := range findings {
		if err := im.Add(ctx, &findings[i]); err != nil {
			return errors.Join(err, im.Close())
		}
	}
	r := report("trivy", "app", "1")
	_, err = im.Commit(ctx, &r, ImportOptions{Actor: analyst})
	return errors.Join(err, im.Close())
}

// drawReports draws a sequence of reports over few issues, components,
// products and sources.
func drawReports(t *rapid.T) []importStep {
	ids := []string{"CVE-2024-0001", "CVE-2024-0002", "GHSA-aaaa-bbbb-cccc", "GHSA-dddd-eeee-ffff", "OSV-1"}
	var steps []importStep
	for range rapid.IntRange(1, 4).Draw(t, "reports") {
		step := importStep{report: report(one(t, []string{"trivy", "grype", "xray"}, "scanner"), one(t, []string{"app", "shop"}, "product"), one(t, []string{"1", "2"}, "version"))}
		for range rapid.IntRange(0, 5).Draw(t, "findings") {
			f := finding(one(t, ids, "id"), one(t, []string{"left", "right"}, "component"), one(t, []string{"1", "2"}, "component version"), one(t, model.Severities(), "severity"))
			if rapid.IntRange(0, 2).Draw(t, "aliased") == 0 {
				f.Aliases = []string{one(t, ids, "alias")}
			}
			f.Suppressed, f.FixVersions, f.Applicable = rapid.IntRange(0, 4).Draw(t, "suppressed") == 0, some(t, []string{"1.1", "1.2"}, 1, "fix"), one(t, []string{"", "applicable", "not_applicable"}, "applicable")
			f.Watches = some(t, []string{"prod", "all"}, 1, "watches")
			step.findings = append(step.findings, f)
		}
		steps = append(steps, step)
	}
	return steps
}

type importStep struct {
	report   model.Report
	findings []model.Finding
}

// TestImportingTheSameAgainChangesNothing: after any sequence of reports, the
// last one of each source again is no news, and the workspace is sound all the
// while.
func TestImportingTheSameAgainChangesNothing(t *testing.T) {
	from := newEmpties(t)
	rapid.Check(t, func(rt *rapid.T) {
		s := from.open(rt)
		defer func() {
			if err := s.Close(); err != nil {
				rt.Fatal(err)
			}
		}()
		var ids []model.ViolationID
		last, order := map[string]importStep{}, []string{}
		for _, step := range drawReports(rt) {
			take(t, s, step.report, ImportOptions{}, step.findings...)
			checkInvariants(rt, s)
			key := step.report.Scanner + step.report.Product + step.report.Version
			if _, ok := last[key]; !ok {
				order = append(order, key)
			}
			last[key] = step
			rows, err := s.Page(bg, Window{Filter: mustParse(rt, "version:* state:all")}, Page{})
			if err != nil {
				rt.Fatal(err)
			}
			for _, row := range rows {
				if !slices.Contains(ids, row.ID) {
					ids = append(ids, row.ID)
				}
				if flip(rt, "decide") {
					if _, err := s.SetVEX(bg, analyst, []model.ViolationID{row.ID}, map[model.VEXField]string{model.FieldStatus: string(one(rt, vexStatuses, "status"))}); err != nil {
						rt.Fatal(err)
					}
				}
			}
		}
		// Aliases that a later report told may join what an earlier one kept
		// apart; the first round settles that.
		for round := range 2 {
			before := dump(rt, s, "imports", "sightings", "versions", "sources", "sqlite_sequence")
			for _, key := range order {
				got := take(t, s, last[key].report, ImportOptions{}, last[key].findings...)
				if round == 1 && got.New+got.Updated+got.Resolved+got.Reopened+got.CarriedOver > 0 {
					rt.Fatalf("%s again is news: %+v", key, got)
				}
			}
			checkInvariants(rt, s)
			if after := dump(rt, s, "imports", "sightings", "versions", "sources", "sqlite_sequence"); round == 1 && after != before {
				rt.Fatalf("before:\n%s\nafter:\n%s", before, after)
			}
		}
		for _, id := range ids { // nobody gets lost: merged ones lead to the survivor
			if _, err := s.Violation(bg, id); err != nil {
				rt.Fatalf("violation %d: %v", id, err)
			}
		}
	})
}
