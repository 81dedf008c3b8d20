package storage

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/model"
)

// openAt makes a workspace whose time is the clock's.
func openAt(t testing.TB, c *clock) *Store {
	t.Helper()
	s := open(t)
	s.now = c.now
	return s
}

func newClock() *clock { return &clock{at: factNow} }

func report(scanner, product, version string) model.Report {
	return model.Report{Format: scanner, Scanner: scanner, Artifact: product, Product: product, Version: version}
}

// found reads the only violation of an issue in a version, whatever its state.
func found(t testing.TB, s *Store, issue, version string) *model.Violation {
	t.Helper()
	rows, err := s.Page(bg, Window{Filter: mustParse(t, "state:all issue:"+issue+" version:"+version)}, Page{})
	if err != nil || len(rows) != 1 {
		t.Fatalf("%s in %s is %d rows, %v; want one", issue, version, len(rows), err)
	}
	v, err := s.Violation(bg, rows[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestAViolationIsResolvedWhenItsLastSightingIsGone(t *testing.T) {
	s := open(t)
	a := finding("CVE-2024-0001", "left", "1", model.SeverityHigh)
	steps := []struct {
		scanner  string
		findings []model.Finding
		want     ImportResult
		state    model.State
	}{
		{"trivy", []model.Finding{a}, ImportResult{New: 1, Violations: 1, Findings: 1}, model.Open},
		{"grype", []model.Finding{a}, ImportResult{Violations: 1, Findings: 1}, model.Open},
		{"trivy", nil, ImportResult{}, model.Open},
		{"grype", nil, ImportResult{Resolved: 1}, model.Resolved},
		{"grype", nil, ImportResult{}, model.Resolved},
		{"trivy", []model.Finding{a}, ImportResult{Reopened: 1, Violations: 1, Findings: 1}, model.Open},
	}
	id := model.ViolationID(0)
	for i, step := range steps {
		got := take(t, s, report(step.scanner, "app", "1"), ImportOptions{}, step.findings...)
		step.want.Product, step.want.Version, step.want.Run = "app", "1", got.Run
		if got != step.want {
			t.Fatalf("step %d: %+v, want %+v", i, got, step.want)
		}
		v := found(t, s, "CVE-2024-0001", "1")
		if v.State != step.state || id != 0 && v.ID != id {
			t.Fatalf("step %d: violation %d is %v, want %d %v", i, v.ID, v.State, id, step.state)
		}
		id = v.ID
		checkInvariants(t, s)
	}
	history, err := s.History(bg, id, 0)
	var states []string
	for _, e := range history {
		states = append(states, e.Before+">"+e.After)
	}
	if err != nil || !slices.Equal(states, []string{"resolved>open", "open>resolved", ">open"}) {
		t.Fatalf("the history is %v, %v", states, err)
	}
}

func TestSourcesAreToldApartByFormatScannerAndArtifact(t *testing.T) {
	base := model.Report{Format: "cyclonedx", Scanner: "syft", Artifact: "a.jar", Product: "app", Version: "1"}
	for name, change := range map[string]func(*model.Report){
		"format":   func(r *model.Report) { r.Format = "trivy" },
		"scanner":  func(r *model.Report) { r.Scanner = "grype" },
		"artifact": func(r *model.Report) { r.Artifact = "b.jar" },
		"version":  func(r *model.Report) { r.Version = "2" },
		"product":  func(r *model.Report) { r.Product = "other" },
	} {
		s := open(t)
		take(t, s, base, ImportOptions{}, finding("CVE-2024-0001", "left", "1", model.SeverityHigh))
		other := base
		change(&other)
		if got := take(t, s, other, ImportOptions{}); got.Resolved != 0 {
			t.Errorf("another %s resolved %d of the first source", name, got.Resolved)
		}
		if got := take(t, s, base, ImportOptions{}); got.Resolved != 1 {
			t.Errorf("the same source resolved %d, want 1", got.Resolved)
		}
	}
}

func TestSuppressedFindingsAreIgnoredAndComeBack(t *testing.T) {
	s := open(t)
	a := finding("CVE-2024-0001", "left", "1", model.SeverityHigh)
	quiet := a
	quiet.Suppressed, quiet.SuppressReason = true, "not in our build"
	check := func(state model.State, reason string) {
		t.Helper()
		v := found(t, s, "CVE-2024-0001", "1")
		if v.State != state || v.IgnoreReason != reason {
			t.Fatalf("it is %v (%q), want %v (%q)", v.State, v.IgnoreReason, state, reason)
		}
		checkInvariants(t, s)
	}
	if got := take(t, s, report("trivy", "app", "1"), ImportOptions{}, quiet); got.Ignored != 1 || got.Violations != 0 || got.Findings != 0 || got.New != 1 {
		t.Fatalf("%+v", got)
	}
	check(model.Ignored, "not in our build")
	quiet.SuppressReason = "checked"
	take(t, s, report("trivy", "app", "1"), ImportOptions{}, quiet)
	check(model.Ignored, "checked")
	take(t, s, report("grype", "app", "1"), ImportOptions{}, a) // another source states it
	check(model.Open, "")
	take(t, s, report("grype", "app", "1"), ImportOptions{})
	check(model.Ignored, "checked")
	take(t, s, report("trivy", "app", "1"), ImportOptions{}, a)
	check(model.Open, "")
	// Twice in one report, once suppressed: it is not.
	take(t, s, report("trivy", "app", "1"), ImportOptions{}, quiet, a)
	check(model.Open, "")
}

func TestTheWorstStatedSeverityOfAllSourcesCounts(t *testing.T) {
	s := open(t)
	for _, step := range []struct {
		scanner string
		states  []model.Severity
		want    model.Severity
	}{
		{"trivy", []model.Severity{model.SeverityUnknown}, model.SeverityUnknown},
		{"grype", []model.Severity{model.SeverityInfo}, model.SeverityInfo},
		{"trivy", []model.Severity{model.SeverityLow, model.SeverityHigh, model.SeverityUnknown}, model.SeverityHigh},
		{"grype", []model.Severity{model.SeverityMedium}, model.SeverityHigh},
		{"trivy", []model.Severity{model.SeverityLow}, model.SeverityMedium},
		{"grype", nil, model.SeverityLow},
	} {
		var findings []model.Finding
		for _, severity := range step.states {
			findings = append(findings, finding("CVE-2024-0001", "left", "1", severity))
		}
		take(t, s, report(step.scanner, "app", "1"), ImportOptions{}, findings...)
		if v := found(t, s, "CVE-2024-0001", "1"); v.Severity != step.want {
			t.Fatalf("%s states %v: it is %v, want %v", step.scanner, step.states, v.Severity, step.want)
		}
		checkInvariants(t, s)
	}
}

func TestWhatOneSourceKnowsIsNotLostToAnother(t *testing.T) {
	s := open(t)
	a := finding("CVE-2024-0001", "left", "1", model.SeverityHigh)
	x := a
	x.Applicable, x.Watches, x.Policies, x.FixVersions, x.Locations = "applicable", []string{"prod"}, []string{"strict"}, []string{"1.2"}, []string{"a.jar"}
	y := x
	y.Locations, y.Watches, y.Policies = []string{"b.jar"}, nil, nil
	take(t, s, report("xray", "app", "1"), ImportOptions{}, x, y)
	take(t, s, report("trivy", "app", "1"), ImportOptions{}, a)
	v := found(t, s, "CVE-2024-0001", "1")
	if v.Applicable != "yes" || v.Fix != "1.2" || !slices.Contains(v.Watches, "prod") || !slices.Contains(v.Policies, "strict") || !slices.Equal(v.Sightings[0].Locations, []string{"a.jar", "b.jar"}) {
		t.Fatalf("%+v", v)
	}
	take(t, s, report("xray", "app", "1"), ImportOptions{})
	if v = found(t, s, "CVE-2024-0001", "1"); v.Applicable != "" || slices.Contains(v.Watches, "prod") {
		t.Fatalf("what only a gone source said is left: %+v", v)
	}
}

func TestDecisionsCarryOverOrAreOffered(t *testing.T) {
	c := newClock()
	s := openAt(t, c)
	old := []model.Finding{finding("CVE-2024-0001", "same", "1", model.SeverityHigh), finding("CVE-2024-0002", "moved", "1", model.SeverityHigh), finding("CVE-2024-0003", "open", "1", model.SeverityHigh)}
	take(t, s, report("trivy", "app", "1"), ImportOptions{}, old...)
	same, moved := found(t, s, "CVE-2024-0001", "1"), found(t, s, "CVE-2024-0002", "1")
	decide := func(ids []model.ViolationID, status string) {
		t.Helper()
		if _, err := s.SetVEX(bg, analyst, ids, map[model.VEXField]string{model.FieldStatus: status, model.FieldNotes: "because"}); err != nil {
			t.Fatal(err)
		}
	}
	decide([]model.ViolationID{same.ID, moved.ID}, "not_affected")
	c.pass(time.Hour)
	next := slices.Clone(old)
	next[1] = finding("CVE-2024-0002", "moved", "2", model.SeverityHigh)
	if got := take(t, s, report("trivy", "app", "2"), ImportOptions{}, next...); got.CarriedOver != 1 || got.New != 3 {
		t.Fatalf("%+v", got)
	}
	v := found(t, s, "CVE-2024-0001", "2")
	p := v.Provenance[model.FieldStatus]
	if v.VEX != model.VEXNotAffected || v.Assessment.Notes != "because" || p.Source != "carried" || p.Ref != "1" || p.By != analyst.Name || !p.At.Equal(c.at) {
		t.Fatalf("carried over: %+v %+v", v.Assessment, p)
	}
	if v := found(t, s, "CVE-2024-0002", "2"); !v.Offered || v.VEX != model.VEXNone {
		t.Fatalf("another component version: %+v", v.Row)
	}
	if v := found(t, s, "CVE-2024-0003", "2"); v.Offered || v.VEX != model.VEXNone {
		t.Fatalf("nothing was decided: %+v", v.Row)
	}
	// Later edits of the old version do not follow, another import carries
	// nothing again, and the newest decision is the one for the next version.
	decide([]model.ViolationID{same.ID}, "affected")
	take(t, s, report("trivy", "app", "2"), ImportOptions{}, next...)
	if v := found(t, s, "CVE-2024-0001", "2"); v.VEX != model.VEXNotAffected {
		t.Fatalf("an edit of the old version followed: %v", v.VEX)
	}
	c.pass(time.Hour)
	decide([]model.ViolationID{same.ID}, "fixed")
	take(t, s, report("trivy", "app", "3"), ImportOptions{}, old[0])
	if v := found(t, s, "CVE-2024-0001", "3"); v.VEX != model.VEXFixed {
		t.Fatalf("the newest decision is fixed, carried over was %v", v.VEX)
	}
	checkInvariants(t, s)
}

func TestDecisionsOfAReportCountWhereNothingWasDecided(t *testing.T) {
	s := open(t)
	a := finding("CVE-2024-0001", "left", "1", model.SeverityHigh)
	a.Analysis = &model.Assessment{Status: model.VEXNotAffected, Justification: "code_not_present", Response: "pray", Impact: "a\x1b[31mb"}
	take(t, s, report("cyclonedx", "app", "1"), ImportOptions{}, a)
	v := found(t, s, "CVE-2024-0001", "1")
	if v.VEX != model.VEXNotAffected || v.Assessment.Justification != "code_not_present" || v.Assessment.Response != "" || strings.Contains(v.Assessment.Impact, "\x1b") {
		t.Fatalf("%+v", v.Assessment)
	}
	if _, err := s.SetVEX(bg, analyst, []model.ViolationID{v.ID}, map[model.VEXField]string{model.FieldStatus: "none"}); err != nil {
		t.Fatal(err)
	}
	take(t, s, report("cyclonedx", "app", "1"), ImportOptions{}, a)
	if v := found(t, s, "CVE-2024-0001", "1"); v.VEX != model.VEXNone {
		t.Fatalf("the analyst cleared it and the report set it again: %v", v.VEX)
	}
	checkInvariants(t, s)
}

func TestTheVersionFirstImportedLastIsCurrent(t *testing.T) {
	c := newClock()
	s := openAt(t, c)
	a := finding("CVE-2024-0001", "left", "1", model.SeverityHigh)
	shown := func(want ...string) {
		t.Helper()
		rows, err := s.Page(bg, Window{}, Page{})
		var got []string
		for _, r := range rows {
			got = append(got, r.ProductVersion)
		}
		slices.Sort(got)
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("the list shows versions %v, %v; want %v", got, err, want)
		}
		checkInvariants(t, s)
	}
	for _, version := range []string{"1", "2"} {
		take(t, s, report("trivy", "app", version), ImportOptions{}, a)
		c.pass(time.Minute)
	}
	shown("2")
	take(t, s, report("trivy", "app", "1"), ImportOptions{}, a) // an older one again
	shown("2")
	if _, err := s.SetProduct(bg, analyst, "app", ProductChange{Current: []string{"1", "2"}}); err != nil {
		t.Fatal(err)
	}
	shown("1", "2")
	take(t, s, report("trivy", "app", "3"), ImportOptions{}, a)
	shown("1", "2")
	if _, err := s.SetProduct(bg, analyst, "app", ProductChange{Current: []string{}}); err != nil {
		t.Fatal(err)
	}
	shown("3")
	if got := found(t, s, "CVE-2024-0001", "1"); got.State != model.Open {
		t.Fatalf("what is absent from the current version became %v in the older one", got.State)
	}
}

func TestCountsOfAnImport(t *testing.T) {
	s := open(t)
	a, b := finding("CVE-2024-0001", "left", "1", model.SeverityHigh), finding("GHSA-aaaa-bbbb-cccc", "left", "1", model.SeverityHigh)
	b.Aliases = []string{"CVE-2024-0001"} // one violation, two findings
	licence, risk, quiet := finding("GPL-3.0", "left", "1", model.SeverityLow), finding("eol", "left", "1", model.SeverityLow), finding("CVE-2024-0009", "left", "1", model.SeverityLow)
	licence.Type, risk.Type, quiet.Suppressed = model.License, model.OperationalRisk, true
	r := report("trivy", "app", "1")
	r.Entries = 9
	got := take(t, s, r, ImportOptions{File: "a.json"}, a, a, b, licence, risk, quiet)
	want := ImportResult{Run: got.Run, Product: "app", Version: "1", Entries: 9, Findings: 2, Violations: 1, Licenses: 1, OperationalRisks: 1, Ignored: 1, New: 4}
	if got != want {
		t.Fatalf("%+v, want %+v", got, want)
	}
}

func TestProductAndVersionComeFromTheCallerElseTheReport(t *testing.T) {
	for _, c := range []struct {
		name             string
		report           model.Report
		options          ImportOptions
		product, version string
	}{
		{"report", model.Report{Product: "app", Version: "1"}, ImportOptions{}, "app", "1"},
		{"caller", model.Report{Product: "app", Version: "1"}, ImportOptions{Product: "shop", Version: "2"}, "shop", "2"},
		{"no version", model.Report{Product: "app"}, ImportOptions{}, "app", Unversioned},
		{"a version that shows nothing", model.Report{Product: "app", Version: "\u200b"}, ImportOptions{}, "app", Unversioned},
		{"cleaned", model.Report{Product: "a\x1bpp\u202e", Version: "1\n2"}, ImportOptions{}, "a pp", "1 2"},
	} {
		s := open(t)
		if got := take(t, s, c.report, c.options); got.Product != c.product || got.Version != c.version {
			t.Errorf("%s: %q %q, want %q %q", c.name, got.Product, got.Version, c.product, c.version)
		}
	}
	im, err := open(t).NewImport(bg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := im.Commit(bg, &model.Report{}, ImportOptions{}); !errors.Is(err, ErrNoProduct) || !strings.Contains(err.Error(), "--product") {
		t.Errorf("without a product: %v", err)
	}
	if err := im.Close(); err != nil {
		t.Error(err)
	}
}

func TestHostileTextsAreCleanedAndCut(t *testing.T) {
	s := open(t)
	evil := "a\x1b]0;x\x07b\u202ec\x00d\x9be\nf" + strings.Repeat("g", 100_000)
	f := model.Finding{ID: evil, Aliases: []string{evil + "1"}, CVEs: []string{evil}, Title: evil, Description: evil, References: []string{"javascript:alert(1)", "https://example.com/" + evil},
		FixVersions: []string{evil}, Locations: []string{evil}, Watches: []string{evil}, Policies: []string{evil}, Suppressed: true, SuppressReason: evil, URL: "file:///etc/passwd", ExternalID: evil, KEVDue: evil,
		Ratings:   []model.Rating{{Source: evil, Method: evil, Vector: evil}},
		Component: model.Component{PURL: "pkg:npm/" + evil, Type: evil, Name: evil, Version: evil, Licenses: []string{evil}}}
	take(t, s, model.Report{Format: evil, Scanner: evil, Artifact: evil, Product: evil, Version: evil, Resource: evil}, ImportOptions{File: evil}, f)
	text := dump(t, s)
	for _, bad := range []string{`\x1b`, `\u202e`, `\x00`, `\x9b`, `\x07`, "javascript:", "file:///"} {
		if at := strings.Index(text, bad); at >= 0 {
			t.Errorf("%s came through: …%.80s", bad, text[max(0, at-60):])
		}
	}
	for line := range strings.Lines(text) {
		if len(line) > 80_000 {
			t.Errorf("a text was not cut: %.100s… is %d bytes", line, len(line))
		}
	}
	checkInvariants(t, s)
}
