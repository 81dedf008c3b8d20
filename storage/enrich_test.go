package storage

import (
	"errors"
	"testing"

	"example.com/vexdesk/model"
)

// scores takes in EPSS of a day.
func scores(t testing.TB, s *Store, day string, all map[string]float64) (EnrichResult, error) {
	t.Helper()
	e, err := s.NewEnrichment(bg, FeedEPSS)
	if err != nil {
		t.Fatal(err)
	}
	e.Date = day
	for cve, score := range all {
		if err := e.AddEPSS(bg, cve, score, score/2); err != nil {
			t.Fatal(err)
		}
	}
	r, err := e.Commit(bg, analyst, "test")
	if closed := e.Close(); closed != nil {
		t.Fatal(closed)
	}
	return r, err
}

func TestScoresAreThoseOfAnIssuesCVEs(t *testing.T) {
	s := open(t)
	several := finding("XRAY-1", "middle", "1", model.SeverityHigh)
	several.CVEs = []string{"CVE-2024-0011", "CVE-2024-0012"}
	reported := finding("CVE-2024-0002", "right", "1", model.SeverityHigh)
	own := 0.7
	reported.EPSS = &own
	take(t, s, report("trivy", "shop", "1"), ImportOptions{}, finding("CVE-2024-0001", "left", "1", model.SeverityHigh), several, reported)
	all := map[string]float64{"CVE-2024-0001": 0.1, "CVE-2024-0011": 0.2, "CVE-2024-0012": 0.6, "CVE-2024-0099": 0.9}
	r, err := scores(t, s, "2026-11-20", all)
	if err != nil || r.Entries != 4 || r.Matched != 2 || r.Changed != 2 || r.Cleared != 0 {
		t.Fatalf("the first day came to %+v, %v", r, err)
	}
	check := func(issue string, score, before float64) {
		t.Helper()
		if v := found(t, s, issue, "1"); v.EPSS != score || v.EPSSBefore != before {
			t.Errorf("%s has %v after %v, want %v after %v", issue, v.EPSS, v.EPSSBefore, score, before)
		}
	}
	check("CVE-2024-0001", 0.1, -1)
	check("XRAY-1", 0.6, -1)
	check("CVE-2024-0002", 0.7, -1) // the feed is silent: the report's stays

	// The same day again is no new day; the next one keeps the score before.
	for range 2 {
		all["CVE-2024-0001"] = 0.3
		if r, err = scores(t, s, "2026-11-21", all); err != nil {
			t.Fatal(err)
		}
	}
	if r.Changed != 0 || r.PreviousDate != "2026-11-20" {
		t.Errorf("the same day again came to %+v", r)
	}
	check("CVE-2024-0001", 0.3, 0.1)
	if _, err := scores(t, s, "2026-11-19", all); !errors.Is(err, ErrOlderFeed) {
		t.Errorf("an earlier day: %v", err)
	}

	// A report that repeats old scores does not bring them back, and what is
	// new has its score at once.
	old := finding("CVE-2024-0001", "left", "1", model.SeverityHigh)
	old.EPSS = &own
	take(t, s, report("trivy", "shop", "1"), ImportOptions{}, old, finding("CVE-2024-0099", "late", "1", model.SeverityLow))
	check("CVE-2024-0001", 0.3, 0.1)
	check("CVE-2024-0099", 0.9, 0.9)
	checkInvariants(t, s)
}

func TestPoliciesThatAskForAFeedAreEvaluatedAgain(t *testing.T) {
	s := open(t)
	take(t, s, report("trivy", "shop", "1"), ImportOptions{}, finding("CVE-2024-0001", "left", "1", model.SeverityLow))
	p := model.Policy{Name: "exploited", Mode: model.PolicyApply, Rules: []model.Rule{{Name: "kev", Query: "kev:yes"}}}
	if _, err := s.AddPolicy(bg, analyst, p); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddWatch(bg, analyst, model.Watch{Name: "now", Policies: []string{"exploited"}}); err != nil {
		t.Fatal(err)
	}
	listed := func(cves ...string) {
		t.Helper()
		e, err := s.NewEnrichment(bg, FeedKEV)
		if err != nil {
			t.Fatal(err)
		}
		for _, cve := range cves {
			if err := e.AddKEV(bg, cve, "2026-11-01", "2026-11-22", true); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := e.Commit(bg, analyst, "test"); err != nil {
			t.Fatal(err)
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		cves []string
		want int
	}{{[]string{"CVE-2024-0001"}, 1}, {[]string{"CVE-2024-0009"}, 0}} {
		listed(step.cves...)
		if n, err := s.Count(bg, mustParse(t, "policy:exploited")); err != nil || n != step.want {
			t.Errorf("with %v in the catalogue the policy matches %d, %v; want %d", step.cves, n, err, step.want)
		}
	}
}
