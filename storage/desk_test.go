package storage

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.com/vexdesk/model"
)

// connected adds an active connection and a profile on it.
func connected(t rapid.TB, s *Store, change ...func(*model.Profile)) model.Profile {
	t.Helper()
	c, err := s.AddConnection(bg, analyst, model.Connection{Name: "jira", Type: model.Cloud, Auth: model.AuthBasic, URL: "https://jira.example.com", User: "ana"}, []byte("hunter2-token"))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.SetVerified(bg, analyst, c, "https://jira.example.com"); err != nil {
		t.Fatal(err)
	}
	p := model.Profile{Name: "default", Connection: "jira", Project: "VEX", IssueType: "Bug"}
	for _, f := range change {
		f(&p)
	}
	if p, err = s.AddProfile(bg, analyst, p); err != nil {
		t.Fatal(err)
	}
	return p
}

// ask plans tickets for violations and stores the plan.
func ask(t rapid.TB, s *Store, req model.PlanRequest) (model.Plan, []model.Operation) {
	t.Helper()
	plan, err := s.PlanTickets(bg, req)
	if err != nil {
		t.Fatal(err)
	}
	ops, err := s.RequestTickets(bg, analyst, plan)
	if err != nil {
		t.Fatal(err)
	}
	return plan, ops
}

// send carries pending creations out as a syncer does that Jira answers; the
// keys are VEX-<ticket id>.
func send(t rapid.TB, s *Store) {
	t.Helper()
	generation, err := s.TakeLease(bg, "test")
	if err != nil {
		t.Fatal(err)
	}
	for _, kind := range []model.OperationKind{model.OpCreate, model.OpUpdate, model.OpComment, model.OpFields} {
		var connection int64 = 1
		ops, err := s.Claim(bg, generation, Queue{connection, "VEX", kind}, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(ops) == 0 {
			continue
		}
		var ids []string
		var outcomes []Outcome
		for _, op := range ops {
			ids = append(ids, op.ID)
			o := Outcome{ID: op.ID, State: model.OpDone}
			if kind == model.OpCreate {
				o.JiraID, o.Key, o.Status, o.Category = fmt.Sprint(10_000+op.TicketID), fmt.Sprint("VEX-", op.TicketID), "To Do", model.CategoryNew
			}
			outcomes = append(outcomes, o)
		}
		if err := s.MarkSent(bg, generation, ids, 0); err != nil {
			t.Fatal(err)
		}
		if err := s.Settle(bg, generation, outcomes); err != nil {
			t.Fatal(err)
		}
	}
}

func allIDs(t rapid.TB, s *Store) []model.ViolationID {
	t.Helper()
	ids, err := s.MatchingIDs(bg, Window{Filter: mustParse(t, "version:* state:all")})
	if err != nil {
		t.Fatal(err)
	}
	return ids
}

func TestWhatTurnsOutToBeOneKeepsEverything(t *testing.T) {
	c := newClock()
	s := openAt(t, c)
	connected(t, s)
	cve, ghsa := finding("CVE-2024-0001", "left", "1", model.SeverityLow), finding("GHSA-aaaa-bbbb-cccc", "left", "1", model.SeverityHigh)
	cve.Ratings, ghsa.Ratings = []model.Rating{{Source: "nvd", Method: "CVSSv2"}}, []model.Rating{{Source: "ghsa", Method: "CVSSv3.1"}}
	take(t, s, report("trivy", "app", "1"), ImportOptions{}, cve)
	take(t, s, report("grype", "app", "1"), ImportOptions{}, ghsa)
	first, second := found(t, s, "CVE-2024-0001", "1"), found(t, s, "GHSA-aaaa-bbbb-cccc", "1")
	ask(t, s, model.PlanRequest{IDs: []model.ViolationID{second.ID}}) // the older ticket
	ask(t, s, model.PlanRequest{IDs: []model.ViolationID{first.ID}})
	send(t, s)
	for i, id := range []model.ViolationID{first.ID, second.ID} { // the newer decision
		c.pass(time.Second)
		if _, err := s.SetVEX(bg, analyst, []model.ViolationID{id}, map[model.VEXField]string{model.FieldStatus: []string{"in_triage", "affected"}[i]}); err != nil {
			t.Fatal(err)
		}
	}
	both := ghsa
	both.Aliases = []string{"CVE-2024-0001"}
	if got := take(t, s, report("osv", "app", "1"), ImportOptions{}, both); got.New != 0 {
		t.Fatalf("%+v", got)
	}
	checkInvariants(t, s)
	v := found(t, s, "GHSA-aaaa-bbbb-cccc", "1")
	if old, err := s.Violation(bg, max(first.ID, second.ID)); err != nil || old.ID != v.ID {
		t.Fatalf("the id that went leads to %v, %v", old, err)
	}
	slices.Sort(v.Aliases)
	if v.Issue != "CVE-2024-0001" || !slices.Equal(v.Aliases, []string{"CVE-2024-0001", "GHSA-aaaa-bbbb-cccc"}) || len(v.Sightings) != 3 || len(v.Ratings) != 2 || v.Severity != model.SeverityHigh {
		t.Errorf("%+v", v)
	}
	if len(v.AllTickets) != 2 || v.VEX != model.VEXAffected || v.Assessment.Status != model.VEXAffected {
		t.Errorf("tickets %+v, decision %v", v.AllTickets, v.VEX)
	}
	history, err := s.History(bg, v.ID, 0)
	if err != nil || !slices.ContainsFunc(history, func(e model.AuditEntry) bool { return e.Field == "status" && e.After == "in_triage" }) {
		t.Errorf("the history lost a decision: %+v, %v", history, err)
	}
	keys, err := strs(bg, s.read, `SELECT dedupe_key FROM tickets ORDER BY id`)
	if err != nil || keys[0] == "" || keys[1] != "" {
		t.Errorf("the older ticket keeps the key alone (ruling 10): %q, %v", keys, err)
	}
	if plan, err := s.PlanTickets(bg, model.PlanRequest{IDs: []model.ViolationID{v.ID}}); err != nil || plan.Count(model.PlanSkip) != 1 {
		t.Errorf("planning again: %+v, %v", plan, err)
	}
	// What was done under the old id can still be taken back.
	if n, err := s.UndoVEX(bg, analyst); err != nil || n != 1 {
		t.Errorf("undo changed %d, %v", n, err)
	}
}

func TestANewVersionIsLinkedToTheTicketOfItsLineage(t *testing.T) {
	for name, c := range map[string]struct {
		dedupe   bool
		seen     string
		category string
		links    int
	}{
		"one ticket across versions": {true, model.SeenAgainComment, model.CategoryNew, 1},
		"a closed one still stands":  {true, model.SeenAgainComment, model.CategoryDone, 1},
		"closed, and new ones asked": {true, model.SeenAgainNew, model.CategoryDone, 0},
		"one per version":            {false, model.SeenAgainComment, model.CategoryNew, 0},
	} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			connected(t, s, func(p *model.Profile) { p.Dedupe, p.OnSeenAgain = c.dedupe, c.seen })
			a := finding("CVE-2024-0001", "left", "1", model.SeverityHigh)
			take(t, s, report("trivy", "app", "1"), ImportOptions{}, a)
			ask(t, s, model.PlanRequest{IDs: allIDs(t, s)})
			send(t, s)
			if _, err := s.SetStatuses(bg, []StatusNews{{ID: 1, State: model.TicketOpen, Key: "VEX-1", Status: "Closed", Category: c.category}}); err != nil {
				t.Fatal(err)
			}
			a.Component.Version, a.Component.PURL = "2", "pkg:npm/left@2" // another installed version
			take(t, s, report("trivy", "app", "2"), ImportOptions{}, a)
			if v := found(t, s, "CVE-2024-0001", "2"); len(v.AllTickets) != c.links || c.links > 0 && (v.Ticket == nil || v.Ticket.Key != "VEX-1") {
				t.Errorf("tickets %+v, want %d", v.AllTickets, c.links)
			}
			checkInvariants(t, s)
		})
	}
}
