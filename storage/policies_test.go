package storage

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/model/query"
)

// clock is a time that a test moves.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func (c *clock) pass(d time.Duration) { c.at = c.at.Add(d) }

// watched opens a workspace whose time the test moves.
func watched(t *testing.T) (*Store, *clock) {
	t.Helper()
	c := &clock{time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)}
	s, err := Open(t.Context(), t.TempDir()+"/vexdesk.db", Options{Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, c
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

var appReport = model.Report{Format: "trivy", Scanner: "trivy", Artifact: "app", Product: "app", Version: "1"}

// matching lists the issues that a query finds, in order of id.
func matching(t *testing.T, s *Store, text string) []string {
	t.Helper()
	q, err := query.Parse(text, s.Now())
	must(t, err)
	rows, err := s.Page(t.Context(), Window{Filter: q}, Page{})
	must(t, err)
	var out []string
	for _, row := range rows {
		out = append(out, row.Issue)
	}
	slices.Sort(out)
	return out
}

func expect(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func addPolicy(t *testing.T, s *Store, p model.Policy) {
	t.Helper()
	_, err := s.AddPolicy(t.Context(), analyst, p)
	must(t, err)
}

func addWatch(t *testing.T, s *Store, w model.Watch) {
	t.Helper()
	_, err := s.AddWatch(t.Context(), analyst, w)
	must(t, err)
}

var (
	left  = finding("CVE-2024-0001", "left", "1.0", model.SeverityCritical)
	right = finding("CVE-2024-0002", "right", "2.0", model.SeverityHigh)
	low   = finding("CVE-2024-0003", "low", "3.0", model.SeverityLow)
)

func TestTheFirstRuleThatMatchesWinsAndImportsAreEvaluated(t *testing.T) {
	s, c := watched(t)
	take(t, s, appReport, ImportOptions{}, left)
	addPolicy(t, s, model.Policy{Name: "urgent", Rules: []model.Rule{{Name: "worst", Query: "severity:critical"}, {Name: "bad", Query: "severity:>=high"}}})
	addWatch(t, s, model.Watch{Name: "apps", Scope: "product:app", Policies: []string{"urgent"}})
	expect(t, "an edit is evaluated over what is there", matching(t, s, "watch:apps"), []string{"CVE-2024-0001"})
	c.pass(time.Hour)
	take(t, s, appReport, ImportOptions{}, left, right, low)
	expect(t, "an import is evaluated", matching(t, s, "policy:urgent"), []string{"CVE-2024-0001", "CVE-2024-0002"})
	expect(t, "what matches nothing of it", matching(t, s, "-policy:urgent"), []string{"CVE-2024-0003"})
	m, err := s.TryPolicy(t.Context(), mustPolicy(t, s, "urgent"), 2)
	must(t, err)
	if len(m.Rules) != 2 || m.Rules[0].Count != 1 || m.Rules[1].Count != 1 || m.Rules[1].Examples[0].Issue != "CVE-2024-0002" {
		t.Errorf("trying the policy: %+v", m)
	}
	rows, err := s.Page(t.Context(), Window{}, Page{Limit: 1})
	must(t, err)
	v, err := s.Violation(t.Context(), rows[0].ID)
	must(t, err)
	expect(t, "the violation's watches", v.Watches, []string{"apps", "everything"})
	expect(t, "the violation's policies", v.Policies, []string{"all findings", "urgent"})
	take(t, s, appReport, ImportOptions{}, low)
	expect(t, "what is resolved matches no more", matching(t, s, "policy:urgent state:*"), nil)
	take(t, s, appReport, ImportOptions{}, left)
	expect(t, "what is back matches again", matching(t, s, "policy:urgent"), []string{"CVE-2024-0001"})
	newer := appReport
	newer.Version = "2"
	take(t, s, newer, ImportOptions{}, low)
	expect(t, "what left the current versions matches no more", matching(t, s, "policy:urgent version:*"), nil)
}

func mustPolicy(t *testing.T, s *Store, name string) model.Policy {
	t.Helper()
	p, err := s.Policy(t.Context(), name)
	must(t, err)
	return p
}

func TestOffAndLogDoNothing(t *testing.T) {
	s, _ := watched(t)
	rule := []model.Rule{{Query: "severity:critical", IgnoreUntil: "2027-01-01"}}
	addPolicy(t, s, model.Policy{Name: "p", Mode: model.PolicyLog, Rules: rule})
	addWatch(t, s, model.Watch{Name: "w", Policies: []string{"p"}})
	take(t, s, appReport, ImportOptions{}, left, right)
	expect(t, "log records", matching(t, s, "policy:p"), []string{"CVE-2024-0001"})
	expect(t, "and does nothing", matching(t, s, "state:ignored"), nil)
	set := func(mode model.PolicyMode) {
		_, err := s.SetPolicy(t.Context(), analyst, "p", model.Policy{Name: "p", Mode: mode, Rules: rule})
		must(t, err)
	}
	set(model.PolicyApply)
	expect(t, "apply acts", matching(t, s, "state:ignored"), []string{"CVE-2024-0001"})
	set(model.PolicyLog)
	expect(t, "log takes back", matching(t, s, "state:ignored"), nil)
	set(model.PolicyApply)
	set(model.PolicyOff)
	expect(t, "off takes back", matching(t, s, "state:ignored"), nil)
	expect(t, "and matches nothing", matching(t, s, "policy:p state:*"), nil)
}

func TestIgnoringEndsOnItsDay(t *testing.T) {
	s, c := watched(t)
	addPolicy(t, s, model.Policy{Name: "later", Rules: []model.Rule{{Query: "issue:CVE-2024-0001", IgnoreUntil: "2026-12-01"}}})
	addWatch(t, s, model.Watch{Name: "w", Policies: []string{"later"}})
	take(t, s, appReport, ImportOptions{}, left)
	ignored := matching(t, s, "state:ignored")
	expect(t, "ignored", ignored, []string{"CVE-2024-0001"})
	take(t, s, appReport, ImportOptions{}, left)
	expect(t, "still ignored after another import", matching(t, s, "state:ignored"), ignored)
	q, err := query.Parse("state:ignored", s.Now())
	must(t, err)
	ids, err := s.MatchingIDs(t.Context(), Window{Filter: q})
	must(t, err)
	v, err := s.Violation(t.Context(), ids[0])
	must(t, err)
	if v.IgnoreReason != "policy later, until 2026-12-01" {
		t.Errorf("reason %q", v.IgnoreReason)
	}
	c.pass(9 * 24 * time.Hour)
	next, err := s.EvaluateDue(t.Context(), analyst)
	must(t, err)
	if !next.IsZero() {
		t.Errorf("nothing is foreseen, and %v is told", next)
	}
	expect(t, "back on its day", matching(t, s, ""), ignored)
	history, err := s.History(t.Context(), ids[0], 1)
	must(t, err)
	if history[0].Source != "policy" || history[0].After != "open" {
		t.Errorf("history: %+v", history[0])
	}
}

func TestSeverityOfLicencesComesFromThePolicy(t *testing.T) {
	s, _ := watched(t)
	license := model.Finding{Type: model.License, ID: "GPL-3.0", Severity: model.SeverityUnknown, Component: model.Component{PURL: "pkg:npm/left@1.0", Type: "npm", Name: "left", Version: "1.0", Licenses: []string{"GPL-3.0"}}}
	take(t, s, appReport, ImportOptions{}, license, right)
	addPolicy(t, s, model.Policy{Name: "copyleft", Type: "license", Rules: []model.Rule{{Query: "license:GPL-* severity:unknown", Severity: "high"}}})
	addWatch(t, s, model.Watch{Name: "w", Policies: []string{"copyleft"}})
	expect(t, "rated", matching(t, s, "severity:high type:license"), []string{"GPL-3.0"})
	before := historyLength(t, s)
	got := take(t, s, appReport, ImportOptions{}, license, right)
	expect(t, "still rated, though its rule asks for unknown", matching(t, s, "severity:high type:license"), []string{"GPL-3.0"})
	if after := historyLength(t, s); got.Updated != 0 || after != before {
		t.Errorf("an import that changes nothing updated %d and added %d to the history", got.Updated, after-before)
	}
	must(t, s.RemoveWatch(t.Context(), analyst, "w"))
	expect(t, "as reported without the watch", matching(t, s, "severity:unknown type:license"), []string{"GPL-3.0"})
}

func historyLength(t *testing.T, s *Store) (n int) {
	t.Helper()
	must(t, s.read.QueryRow(`SELECT count(*) FROM audit WHERE violation_id IS NOT NULL`).Scan(&n))
	return n
}

func TestAPolicyInUseStaysAndABadQuerySaysWhere(t *testing.T) {
	s, _ := watched(t)
	addPolicy(t, s, model.Policy{Name: "p", Rules: []model.Rule{{Query: "kev:yes"}}})
	addWatch(t, s, model.Watch{Name: "w", Policies: []string{"p"}})
	if err := s.RemovePolicy(t.Context(), analyst, "p"); !errors.Is(err, ErrPolicyInUse) || !strings.Contains(err.Error(), "watch w") {
		t.Errorf("removing a policy that is in use: %v", err)
	}
	_, err := s.AddPolicy(t.Context(), analyst, model.Policy{Name: "q", Rules: []model.Rule{{Query: "kev:maybe"}}})
	var bad *query.Error
	if !errors.As(err, &bad) {
		t.Errorf("a bad query: %v", err)
	}
	_, err = s.AddWatch(t.Context(), analyst, model.Watch{Name: "v", Policies: []string{"nope"}})
	if !errors.Is(err, ErrNotFound) {
		t.Errorf("a watch over a policy that is not there: %v", err)
	}
	must(t, s.RemoveWatch(t.Context(), analyst, "w"))
	must(t, s.RemovePolicy(t.Context(), analyst, "p"))
}

func TestLicencePoliciesMakeViolationsOfComponents(t *testing.T) {
	s, _ := watched(t)
	with := func(f model.Finding, licenses ...string) model.Finding {
		f.Component.Licenses = licenses
		return f
	}
	take(t, s, appReport, ImportOptions{}, with(left, "MIT"), with(right, "MIT", "GPL-3.0"), low)
	addPolicy(t, s, model.Policy{Name: "allowed", Type: "license", Rules: []model.Rule{{Name: "unknown", Query: "license:none", Severity: "medium"}, {Query: "license.besides:MIT", Severity: "high", CreateTicket: true}}})
	expect(t, "nothing before a watch names it", matching(t, s, "type:license"), nil)
	addWatch(t, s, model.Watch{Name: "w", Scope: "product:app", Policies: []string{"allowed"}})
	expect(t, "made by the watch", matching(t, s, "type:license policy:allowed"), []string{"MIT, GPL-3.0", "unknown licence"})
	expect(t, "rated", matching(t, s, "type:license severity:high"), []string{"MIT, GPL-3.0"})
	expect(t, "from the policy", matching(t, s, "source:policy"), []string{"MIT, GPL-3.0", "unknown licence"})
	take(t, s, appReport, ImportOptions{}, with(left, "Apache-2.0"), low)
	expect(t, "an import resolves and makes them", matching(t, s, "type:license"), []string{"Apache-2.0", "unknown licence"})
	take(t, s, appReport, ImportOptions{}, with(right, "MIT", "GPL-3.0"), low)
	expect(t, "and reopens them", matching(t, s, "type:license"), []string{"MIT, GPL-3.0", "unknown licence"})
	p := mustPolicy(t, s, "allowed")
	p.Mode = model.PolicyLog
	_, err := s.SetPolicy(t.Context(), analyst, "allowed", p)
	must(t, err)
	expect(t, "log makes none", matching(t, s, "type:license"), nil)
	p = mustPolicy(t, s, "allowed")
	p.Mode = model.PolicyApply
	_, err = s.SetPolicy(t.Context(), analyst, "allowed", p)
	must(t, err)
	expect(t, "apply does", matching(t, s, "type:license"), []string{"MIT, GPL-3.0", "unknown licence"})
	must(t, s.RemoveWatch(t.Context(), analyst, "w"))
	expect(t, "none without the watch", matching(t, s, "type:license"), nil)
}

// TestNarrowAndWideEvaluationAgree: what an import finds among what it touched
// is what an edit finds over everything, and what the list finds.
func TestNarrowAndWideEvaluationAgree(t *testing.T) {
	s, _ := watched(t)
	queries := []string{"", "severity:>=high", "-severity:critical", "left", "title", "\"CVE-2024-0002 title\"", "issue:CVE-2024-000*", "component:left,low", "ecosystem:npm", "purl:pkg:npm/l*",
		"product:app", "resource:image", "license:MIT", "license:none", "license.besides:MIT", "license.besides:!=MIT", "component.version:>1.5", "component.version:2.*", "component.version:!=2.0",
		"malicious:yes", "malicious:no", "fix:yes", "fix:9.*", "cvss:none", "epss:>0.1", "kev:no", "applicable:none", "state:*", "vex:none", "ticket:none", "ticket.status:none", "connection:any",
		"conflict:no", "review:none", "age:<1d", "seen:>1d", "path:usr/*", "path:none", "source:trivy", "source:grype", "has:path", "watch:xray-prod", "policy:none", "version:1", "eol:none", "released:none",
		"newer:none", "committers:<2", "(kev:yes or left) -path:none", "type:security"}
	for i, q := range queries {
		name := fmt.Sprintf("p%d", i)
		addPolicy(t, s, model.Policy{Name: name, Rules: []model.Rule{{Query: q}}})
		addWatch(t, s, model.Watch{Name: "w" + name, Scope: "product:*", Policies: []string{name}})
	}
	a, b, c, d := left, right, low, finding("MAL-2024-1", "evil", "6.6", model.SeverityCritical)
	a.Component.Licenses, b.Component.Licenses = []string{"MIT"}, []string{"MIT", "GPL-3.0"}
	a.Locations, b.FixVersions = []string{"usr/lib/left"}, []string{"8.0", "9.1"}
	b.Watches = []string{"xray-prod"}
	take(t, s, appReport, ImportOptions{}, a, b, c, d)
	for i, q := range queries {
		name := fmt.Sprintf("p%d", i)
		narrow := matching(t, s, "policy:"+name+" state:*")
		want := matching(t, s, q)
		if q == "policy:none" {
			want = narrow // the list counts our own matches as well
		}
		expect(t, "narrow "+q, narrow, want)
		p := mustPolicy(t, s, name)
		p.GraceDays = 1
		_, err := s.SetPolicy(t.Context(), analyst, name, p)
		must(t, err)
		if q != "policy:none" {
			expect(t, "wide "+q, matching(t, s, "policy:"+name+" state:*"), want)
		}
	}
}

func TestOperationalRiskCriteriaAreAskedFor(t *testing.T) {
	s, _ := watched(t)
	yes, newer, people := true, 7.0, 1.0
	old := left
	old.Risk = &model.ComponentRisk{EndOfLife: &yes, Newer: &newer, Committers: &people, Released: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}
	take(t, s, appReport, ImportOptions{}, old, right)
	for q, want := range map[string]bool{"eol:yes": true, "eol:no": false, "newer:>5": true, "newer:>7": false, "committers:<2": true, "cadence:none": true, "released:>2y": true,
		"released:<2y": false, "eol:yes newer:>=7 committers:<=1": true} {
		got := slices.Contains(matching(t, s, q), left.ID)
		if got != want {
			t.Errorf("%s: %v", q, got)
		}
	}
	addPolicy(t, s, model.Policy{Name: "stale", Type: "operational_risk", Rules: []model.Rule{{Query: "eol:yes", Severity: "high"}, {Query: "released:>3y newer:>=5", Severity: "medium"}}})
	addWatch(t, s, model.Watch{Name: "w", Policies: []string{"stale"}})
	expect(t, "made of the component", matching(t, s, "type:operational_risk severity:high"), []string{"operational_risk"})
}
