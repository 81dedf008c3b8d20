package model

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

var secProfile = &Profile{ID: 1, Name: "sec", Connection: "cloud", Project: "SEC", IssueType: "Bug", Labels: []string{"security", "auto"}}

func planViolation(id, product, version, issue int64, coordinate string) PlanViolation {
	return PlanViolation{Violation: &Violation{Row: Row{ID: ViolationID(id), Issue: fmt.Sprintf("CVE-2024-%04d", issue), Component: coordinate, ComponentVersion: "1.0",
		Severity: SeverityHigh, EPSS: -1, CVSS: -1, Fix: "1.1", Product: "app"}, Coordinate: "pkg:npm/" + coordinate, PURL: "pkg:npm/" + coordinate + "@1.0", EPSSPercentile: -1},
		ProductID: product, VersionID: version, IssueID: issue, Profile: secProfile}
}

func nobody(string, string, string) *Ticket { return nil }

func TestGroupsShareATicket(t *testing.T) {
	all := []PlanViolation{planViolation(1, 1, 1, 7, "a"), planViolation(2, 1, 1, 7, "b"), planViolation(3, 1, 1, 8, "a"), planViolation(4, 1, 2, 7, "a")}
	for group, want := range map[Grouping]int{GroupViolation: 4, GroupVulnerability: 2, GroupComponent: 2} {
		plan, err := MakePlan(PlanRequest{Group: group}, all, nobody, NewRenderer())
		if err != nil || plan.Count(PlanCreate) != want || plan.Violations() != 4 {
			t.Errorf("%s: %d tickets for %d violations, want %d (%v)", group, plan.Count(PlanCreate), plan.Violations(), want, err)
		}
	}
	across := *secProfile
	across.Dedupe = true
	for i := range all {
		all[i].Profile = &across
	}
	plan, err := MakePlan(PlanRequest{}, all, nobody, NewRenderer())
	if err != nil || plan.Count(PlanCreate) != 3 {
		t.Errorf("across versions: %d tickets, want 3 (%v)", plan.Count(PlanCreate), err)
	}
}

func TestWhatHasATicketIsSkippedOrUpdated(t *testing.T) {
	v := planViolation(1, 1, 1, 7, "a")
	v.Linked = []Ticket{{Key: "SEC-5", State: TicketOpen, Violations: []ViolationID{1}}}
	plan, err := MakePlan(PlanRequest{}, []PlanViolation{v}, nobody, NewRenderer())
	if err != nil || plan.Lines[0].Action != PlanSkip || !strings.Contains(plan.Lines[0].Reason, "SEC-5") {
		t.Fatalf("%+v, %v", plan.Lines, err)
	}
	plan, err = MakePlan(PlanRequest{UpdateExisting: true}, []PlanViolation{v}, nobody, NewRenderer())
	if err != nil || plan.Lines[0].Action != PlanUpdate || plan.Lines[0].Draft.Summary == "" {
		t.Fatalf("%+v, %v", plan.Lines, err)
	}
	v.Linked[0].State = TicketDeleted
	plan, err = MakePlan(PlanRequest{}, []PlanViolation{v}, nobody, NewRenderer())
	if err != nil || plan.Lines[0].Action != PlanCreate {
		t.Fatalf("a deleted ticket stands in the way: %+v, %v", plan.Lines, err)
	}
}

func TestAClosedTicketCountsUnlessTheProfileSaysNew(t *testing.T) {
	closed := Ticket{Key: "SEC-5", State: TicketOpen, Category: CategoryDone, Violations: []ViolationID{1}}
	holder := func(string, string, string) *Ticket { return &closed }
	v := planViolation(1, 1, 1, 7, "a")
	v.Linked = []Ticket{closed}
	plan, err := MakePlan(PlanRequest{}, []PlanViolation{v}, holder, NewRenderer())
	if err != nil || plan.Lines[0].Action != PlanSkip {
		t.Fatalf("%+v, %v", plan.Lines, err)
	}
	fresh := *secProfile
	fresh.OnSeenAgain = SeenAgainNew
	v.Profile = &fresh
	plan, err = MakePlan(PlanRequest{}, []PlanViolation{v}, holder, NewRenderer())
	if err != nil || plan.Lines[0].Action != PlanCreate {
		t.Fatalf("%+v, %v", plan.Lines, err)
	}
}

func TestDraftsSayWhereTheirValuesComeFrom(t *testing.T) {
	v := planViolation(1, 1, 1, 7, "a")
	v.Settings = Product{Project: "PAY", Assignee: "ana"}
	plan, err := MakePlan(PlanRequest{Priority: "High", AddLabels: []string{"now"}, DropLabels: []string{"auto"}}, []PlanViolation{v}, nobody, NewRenderer())
	if err != nil {
		t.Fatal(err)
	}
	line := plan.Lines[0]
	for field, want := range map[string]string{"project": "product", "assignee": "product", "issue type": "profile", "priority": "request"} {
		if line.Sources[field] != want {
			t.Errorf("%s comes from %q, want %q", field, line.Sources[field], want)
		}
	}
	if line.Draft.Project != "PAY" || fmt.Sprint(line.Draft.Labels) != "[now security]" || line.Draft.Priority != "High" {
		t.Errorf("%+v", line.Draft)
	}
	if want := "CVE-2024-0007 in a 1.0 (app)"; line.Draft.Summary != want {
		t.Errorf("summary %q, want %q", line.Draft.Summary, want)
	}
}

// TestAPlanIsDoneOnce is the promise of planning: no two living tickets with
// one dedupe key, and planning again after applying a plan creates nothing.
func TestAPlanIsDoneOnce(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		across := *secProfile
		across.Dedupe = rapid.Bool().Draw(t, "across versions")
		group := rapid.SampledFrom([]Grouping{GroupViolation, GroupVulnerability, GroupComponent}).Draw(t, "group")
		n := rapid.IntRange(1, 12).Draw(t, "violations")
		var all []PlanViolation
		for i := range n {
			v := planViolation(int64(i+1), rapid.Int64Range(1, 2).Draw(t, "product"), rapid.Int64Range(1, 2).Draw(t, "version"),
				rapid.Int64Range(1, 3).Draw(t, "issue"), rapid.SampledFrom([]string{"a", "b"}).Draw(t, "coordinate"))
			v.Profile = &across
			all = append(all, v)
		}
		holders := map[string]*Ticket{}
		living := func(c, p, key string) *Ticket { return holders[c+p+key] }
		made := 0
		apply := func(ids []int) int {
			part := make([]PlanViolation, 0, len(ids))
			for _, i := range ids {
				part = append(part, all[i])
			}
			plan, err := MakePlan(PlanRequest{Group: group}, part, living, NewRenderer())
			if err != nil {
				t.Fatal(err)
			}
			for _, line := range plan.Lines {
				name := line.Connection + line.Draft.Project + line.DedupeKey
				switch line.Action {
				case PlanCreate:
					if holders[name] != nil {
						t.Fatalf("a second living ticket for %s", line.DedupeKey)
					}
					made++
					holders[name] = &Ticket{ID: int64(made), Key: fmt.Sprintf("SEC-%d", made), State: TicketOpen, Violations: line.Violations}
				case PlanLink:
					line.Ticket.Violations = append(line.Ticket.Violations, line.Violations...)
				}
				for _, id := range line.Violations {
					if t := line.Ticket; t != nil {
						all[id-1].Linked = []Ticket{*t}
					} else if line.Action == PlanCreate {
						all[id-1].Linked = []Ticket{*holders[name]}
					}
				}
			}
			return plan.Count(PlanCreate)
		}
		var some, every []int
		for i := range n {
			every = append(every, i)
			if rapid.Bool().Draw(t, "first") {
				some = append(some, i)
			}
		}
		apply(some)
		apply(every)
		if again := apply(every); again != 0 {
			t.Fatalf("planning again creates %d tickets", again)
		}
	})
}

func TestTemplatesAreCheckedWhenTheyAreSaved(t *testing.T) {
	for _, text := range []string{"{{.Nothing}}", "{{.Severity", "{{template \"x\"}}"} {
		if _, err := ParseTemplate("summary", text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
	for _, text := range []string{DefaultSummary, DefaultDescription, "{{.CVE}} {{range .Components}}{{.}}{{end}}"} {
		if _, err := ParseTemplate("summary", text); err != nil {
			t.Error(err)
		}
	}
}

func TestTextFromOutsideIsNoMarkup(t *testing.T) {
	v := planViolation(1, 1, 1, 7, "left|pad_*")
	v.Title = "[click](https://evil.example) <b>"
	plan, err := MakePlan(PlanRequest{}, []PlanViolation{v}, nobody, NewRenderer())
	if err != nil {
		t.Fatal(err)
	}
	draft := plan.Lines[0].Draft
	if !strings.Contains(draft.Description, `- left\|pad\_\* 1.0`) {
		t.Errorf("the description does not escape: %s", draft.Description)
	}
	if !strings.Contains(draft.Summary, "[click](https://evil.example) <b>") {
		t.Errorf("the summary is no Markdown and is left as it is: %s", draft.Summary)
	}
}
