package storage

import (
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	"example.com/vexdesk/model"
)

// stands is what policies made of a workspace.
func stands(t *testing.T, s *Store) string {
	t.Helper()
	rows, err := s.read.Query(`SELECT (SELECT display FROM issues WHERE id = v.issue_id), v.state, v.ignored_by, v.severity, coalesce((SELECT group_concat(m.watch_id || '/' || m.policy_id || '/' || m.rule) FROM matches m WHERE m.violation_id = v.id), '')
		FROM violations v ORDER BY 1`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	var b strings.Builder
	for rows.Next() {
		var state, severity int
		var id, by, matches string
		if err := rows.Scan(&id, &state, &by, &severity, &matches); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s state %d by %s severity %d matches %s\n", id, state, by, severity, matches)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// firstDifference is the first line in which two texts differ.
func firstDifference(a, b string) string {
	x, y := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range min(len(x), len(y)) {
		if x[i] != y[i] {
			return fmt.Sprintf("line %d: %q and %q", i+1, x[i], y[i])
		}
	}
	return fmt.Sprintf("%d and %d lines", len(x), len(y))
}

// TestAnEditThatWasCutOffIsFollowedByTheNextSync stores an edit of a policy over
// more violations than one transaction takes, works out a part of what follows
// as a process that is killed then would have, and lets the sync go on.
func TestAnEditThatWasCutOffIsFollowedByTheNextSync(t *testing.T) {
	first := model.Policy{Name: "late", Rules: []model.Rule{{Query: "issue:CVE-2024-00*", IgnoreUntil: "2099-01-01"}}}
	second := model.Policy{Name: "late", Rules: []model.Rule{{Query: "issue:CVE-2024-01*", IgnoreUntil: "2099-01-01"}, {Query: "issue:CVE-2024-00*"}}}
	made := func() *Store {
		s := crowded(t, 1300)
		if _, err := s.AddPolicy(bg, analyst, first); err != nil {
			t.Fatal(err)
		}
		if _, err := s.AddWatch(bg, analyst, model.Watch{Name: "all", Policies: []string{"late"}}); err != nil {
			t.Fatal(err)
		}
		return s
	}
	whole := made()
	if _, err := whole.SetPolicy(bg, analyst, "late", second); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(stands(t, whole), "state 2 by policy"); n != 300 {
		t.Fatalf("%d violations are ignored by the policy, want 300", n)
	}

	cut := made()
	p := second
	if err := checkPolicy(&p, cut.now()); err != nil {
		t.Fatal(err)
	}
	err := cut.update(bg, func(tx *sql.Tx) error {
		e := newEvaluation(bg, tx, cut.now(), analyst)
		if _, err := cut.setPolicy(e, analyst, "late", &p); err != nil {
			return err
		}
		_, _, err := wantEvaluation(bg, tx, e.now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	all := func(r []rule) []rule { return r }
	ids, err := cut.differing(bg, analyst, all)
	if err != nil || len(ids) < evaluateRows {
		t.Fatalf("%d violations differ (%v)", len(ids), err)
	}
	if err := cut.evaluateThese(bg, analyst, cut.now(), ids[:evaluateRows]); err != nil {
		t.Fatal(err)
	}
	if due, err := cut.AutomationDue(bg); err != nil || !due {
		t.Fatalf("nothing is due after an edit that was cut off (%v)", err)
	}
	if _, err := cut.EvaluateDue(bg, analyst); err != nil {
		t.Fatal(err)
	}
	if got, want := stands(t, cut), stands(t, whole); got != want {
		t.Errorf("cut off and followed differs from in one go: %s", firstDifference(got, want))
	}
	if due, err := cut.AutomationDue(bg); err != nil || due {
		t.Errorf("something is still due (%v)", err)
	}
	if ids, err := cut.differing(bg, analyst, all); err != nil {
		t.Fatal(err)
	} else if err := cut.evaluateThese(bg, analyst, cut.now(), ids); err != nil || stands(t, cut) != stands(t, whole) {
		t.Errorf("doing it again changes something (%v)", err)
	}
}

// TestAnEditThatWasCutOffIsFollowedByTheNextEdit cuts an edit off before
// anything was worked out, and edits another policy then: what follows from the
// first is not lost, nor is a wish that comes while another edit is followed.
func TestAnEditThatWasCutOffIsFollowedByTheNextEdit(t *testing.T) {
	s := crowded(t, 20)
	policies := map[string]model.Policy{}
	for _, name := range []string{"first", "second"} {
		policies[name] = model.Policy{Name: name, Rules: []model.Rule{{Query: "issue:nothing"}}}
		if _, err := s.AddPolicy(bg, analyst, policies[name]); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.AddWatch(bg, analyst, model.Watch{Name: "all", Policies: []string{"first", "second"}}); err != nil {
		t.Fatal(err)
	}
	cutOff := func(p model.Policy) {
		t.Helper()
		if err := checkPolicy(&p, s.now()); err != nil {
			t.Fatal(err)
		}
		err := s.update(bg, func(tx *sql.Tx) error {
			e := newEvaluation(bg, tx, s.now(), analyst)
			if _, err := s.setPolicy(e, analyst, p.Name, &p); err != nil {
				return err
			}
			_, _, err := wantEvaluation(bg, tx, e.now)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	ignored := func() int { return strings.Count(stands(t, s), "state 2 by policy") }

	cutOff(model.Policy{Name: "first", Rules: []model.Rule{{Query: "severity:high", IgnoreUntil: "2099-01-01"}}})
	if _, err := s.SetPolicy(bg, analyst, "second", model.Policy{Name: "second", Rules: []model.Rule{{Query: "issue:none-either"}}}); err != nil {
		t.Fatal(err)
	}
	if n := ignored(); n != 20 {
		t.Errorf("%d violations are ignored after the next edit, want all 20 of the edit before", n)
	}
	if due, err := s.AutomationDue(bg); err != nil || due {
		t.Errorf("something is still due (%v)", err)
	}

	cutOff(model.Policy{Name: "first", Rules: []model.Rule{{Query: "issue:nothing"}}})
	if err := s.follow(bg, analyst, 0, mutables); err != nil { // as every hour
		t.Fatal(err)
	}
	if due, err := s.AutomationDue(bg); err != nil || !due {
		t.Errorf("the hourly evaluation took the wish of an edit away that it did not follow (%v)", err)
	}
	if _, err := s.EvaluateDue(bg, analyst); err != nil {
		t.Fatal(err)
	}
	if n := ignored(); n != 0 {
		t.Errorf("%d violations are still ignored", n)
	}
}

func TestARemovalOfAWatchThatWasCutOffIsFollowedByTheNextSync(t *testing.T) {
	s := crowded(t, 20)
	ignoring := model.Policy{Name: "late", Rules: []model.Rule{{Query: "severity:high", IgnoreUntil: "2099-01-01"}}}
	if _, err := s.AddPolicy(bg, analyst, ignoring); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"all", "other"} {
		if _, err := s.AddWatch(bg, analyst, model.Watch{Name: name, Scope: map[string]string{"other": "product:other"}[name], Policies: []string{"late"}}); err != nil {
			t.Fatal(err)
		}
	}
	err := s.update(bg, func(tx *sql.Tx) error {
		e := newEvaluation(bg, tx, s.now(), analyst)
		if err := s.emptyWatch(e, analyst, "all"); err != nil {
			return err
		}
		_, _, err := wantEvaluation(bg, tx, e.now)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.EvaluateDue(bg, analyst); err != nil {
		t.Fatal(err)
	}
	left, err := s.Watches(bg)
	if err != nil || slices.ContainsFunc(left, func(w model.Watch) bool { return w.Name == "all" }) {
		t.Errorf("the watches are %+v (%v)", left, err)
	}
	if n := strings.Count(stands(t, s), "state 2 by policy"); n != 0 {
		t.Errorf("%d violations are still ignored", n)
	}
}

// TestALicencePolicyIsWorkedOutInParts: of a large version, nobody waits for more
// than a part of what follows from an edit, and a component is in one part whole.
func TestALicencePolicyIsWorkedOutInParts(t *testing.T) {
	s := open(t)
	const components = 1200
	var findings []model.Finding
	for i := range components {
		for _, id := range []string{"CVE-2024-0001", "CVE-2024-0002"} {
			f := finding(id, fmt.Sprintf("lib%04d", i), "1.0", model.SeverityHigh)
			f.Component.Licenses = []string{"GPL-3.0"}
			findings = append(findings, f)
		}
	}
	take(t, s, model.Report{Format: "trivy", Artifact: "app", Product: "app", Version: "1"}, ImportOptions{}, findings...)
	addPolicy(t, s, model.Policy{Name: "copyleft", Type: "license", Rules: []model.Rule{{Query: "license:GPL*", Severity: "medium"}}})
	addWatch(t, s, model.Watch{Name: "all", Policies: []string{"copyleft"}})
	if n := len(matching(t, s, "type:license severity:medium")); n != components {
		t.Fatalf("%d violations are made, want %d", n, components)
	}
	p := mustPolicy(t, s, "copyleft")
	p.Mode = model.PolicyOff
	_, err := s.SetPolicy(bg, analyst, p.Name, p)
	must(t, err)
	if n := len(matching(t, s, "type:license")); n != 0 {
		t.Errorf("%d are left once the policy is off", n)
	}
	sizes, err := ints(bg, s.read, `SELECT count(*) FROM audit WHERE field = 'state' AND after = 'resolved' GROUP BY batch`)
	must(t, err)
	sum, largest := 0, int64(0)
	for _, n := range sizes {
		sum, largest = sum+int(n), max(largest, n)
	}
	if sum != components || largest > evaluateRows {
		t.Errorf("%d are resolved, up to %d at a time", sum, largest)
	}
}
