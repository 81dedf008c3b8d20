package sync_test

import (
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// moving makes a ticket for violation 1 under a profile whose VEX statuses move
// it. The simulated workflow leads from To Do by 21 to In Progress, from there
// by 31 to In Review, and only from there by 41 to Done.
func moving(t *testing.T, transitions map[string]string) *desk {
	d := newDesk(t, 0)
	d.scan("1", 1)
	_, err := d.store.AddProfile(t.Context(), analyst, model.Profile{Name: "moves", Connection: "cloud", Project: "SEC", IssueType: "Bug", OnGone: model.GoneTransition, Transitions: transitions})
	d.must(err)
	ids, err := d.store.MatchingIDs(t.Context(), storage.Window{})
	d.must(err)
	plan, err := d.store.PlanTickets(t.Context(), model.PlanRequest{IDs: ids, Profile: "moves"})
	d.must(err)
	_, err = d.store.RequestTickets(t.Context(), analyst, plan)
	d.must(err)
	return d
}

func (d *desk) decides(status string, ids ...model.ViolationID) {
	d.t.Helper()
	_, err := d.store.SetVEX(d.t.Context(), analyst, ids, map[model.VEXField]string{model.FieldStatus: status})
	d.must(err)
}

func (d *desk) statusInJira(key string) string {
	d.t.Helper()
	issue, err := d.jira.Issue(key)
	d.must(err)
	return issue.Status
}

func (d *desk) transitions() int {
	return d.jira.Count("POST", "/issue/{issueIdOrKey}/transitions")
}

func TestAVEXStatusMovesItsTicketByItsTransition(t *testing.T) {
	t.Parallel()
	d := moving(t, map[string]string{"affected": "21", "in_triage": "11"})
	d.sync()
	if d.transitions() != 0 {
		t.Error("moved without a decision")
	}
	d.decides("affected", 1)
	d.sync()
	if got := d.statusInJira("SEC-1"); got != "In Progress" {
		t.Fatalf("it is %s", got)
	}
	d.sync()
	d.decides("not_affected", 1) // which has no transition
	d.sync()
	if d.transitions() != 1 {
		t.Errorf("%d transitions", d.transitions())
	}
	// A decision that is taken back before it was sent moves nothing.
	d.decides("affected", 1)
	if _, err := d.store.MoveTickets(t.Context()); err != nil {
		t.Fatal(err)
	}
	d.decides("not_affected", 1)
	d.sync()
	if d.transitions() != 1 {
		t.Errorf("%d transitions after a decision that was taken back", d.transitions())
	}
	// And one that Jira was told of already is where it leads.
	d.decides("affected", 1)
	d.sync()
	if got := d.statusInJira("SEC-1"); got != "In Progress" || d.transitions() != 1 {
		t.Errorf("it is %s after %d transitions", got, d.transitions())
	}
}

func TestADecisionMadeBeforeTheTicketMovesItOnceItIsThere(t *testing.T) {
	d := moving(t, map[string]string{"affected": "21"})
	d.decides("affected", 1)
	d.sync()
	d.sync()
	if got := d.statusInJira("SEC-1"); got != "In Progress" {
		t.Errorf("it is %s", got)
	}
}

func TestATransitionThatIsNotOpenIsSaidAndNotForced(t *testing.T) {
	d := moving(t, map[string]string{"fixed": "41", "resolved": "41"})
	d.sync()
	d.decides("fixed", 1)
	r, err := d.engine().Once(t.Context(), vexsync.Once{Timeout: 10 * time.Second})
	d.must(err)
	if len(r.Failed) != 1 || !strings.Contains(r.Failed[0].Message, `SEC-1 cannot be moved for "fixed": the transition 41 is not open from "To Do"`) || !strings.Contains(r.Failed[0].Message, "21 (") {
		t.Errorf("%+v", r.Failed)
	}
	if d.statusInJira("SEC-1") != "To Do" || d.transitions() != 0 {
		t.Error("it was moved all the same")
	}
	// The same for a violation that is gone.
	d.scan("1", 2)
	r, err = d.engine().Once(t.Context(), vexsync.Once{Timeout: 10 * time.Second})
	d.must(err)
	if len(r.Failed) != 1 || !strings.Contains(r.Failed[0].Message, `for "resolved"`) || d.transitions() != 0 {
		t.Errorf("%+v", r.Failed)
	}
}

func TestALostAnswerToATransitionMovesOnceAndFailsNothing(t *testing.T) {
	t.Parallel()
	d := moving(t, map[string]string{"affected": "21"})
	d.sync()
	d.jira.CommitThenHangUp("POST", "/issue/{issueIdOrKey}/transitions", 1)
	d.decides("affected", 1)
	d.sync()
	if got := d.statusInJira("SEC-1"); got != "In Progress" || d.transitions() != 1 {
		t.Errorf("it is %s after %d transitions", got, d.transitions())
	}
}

func TestATicketForSeveralMovesWhenTheyAgree(t *testing.T) {
	d := newDesk(t, 0)
	_, err := d.store.AddProfile(t.Context(), analyst, model.Profile{Name: "moves", Connection: "cloud", Project: "SEC", IssueType: "Bug", Transitions: map[string]string{"affected": "21"}})
	d.must(err)
	im, err := d.store.NewImport(t.Context())
	d.must(err)
	for _, name := range []string{"one", "two"} {
		d.must(im.Add(t.Context(), &model.Finding{ID: "CVE-2024-00001", Severity: model.SeverityHigh, Component: model.Component{PURL: "pkg:npm/" + name + "@1.0", Type: "npm", Name: name, Version: "1.0"}}))
	}
	_, err = im.Commit(t.Context(), &model.Report{Format: "trivy", Product: "app", Version: "1"}, storage.ImportOptions{Actor: analyst})
	d.must(err)
	d.must(im.Close())
	plan, err := d.store.PlanTickets(t.Context(), model.PlanRequest{IDs: []model.ViolationID{1, 2}, Profile: "moves", Group: model.GroupVulnerability})
	d.must(err)
	_, err = d.store.RequestTickets(t.Context(), analyst, plan)
	d.must(err)
	d.sync()
	d.decides("affected", 1)
	d.sync()
	if got := d.statusInJira("SEC-1"); got != "To Do" {
		t.Errorf("one of two moved it to %s", got)
	}
	d.decides("affected", 2)
	d.sync()
	if got := d.statusInJira("SEC-1"); got != "In Progress" {
		t.Errorf("it is %s", got)
	}
}

func TestTransitionsAreCheckedWhenAProfileIsSetUp(t *testing.T) {
	d := moving(t, map[string]string{"affected": "21"})
	live := vexsync.NewLive(d.store)
	t.Cleanup(live.Close)
	check := func(transitions map[string]string) ([]string, error) {
		return live.CheckProfile(t.Context(), model.Profile{Name: "p", Connection: "cloud", Project: "SEC", IssueType: "Bug", OnGone: model.GoneComment, Transitions: transitions})
	}
	// Before there is a ticket, it cannot be known.
	warnings, err := check(map[string]string{"affected": "21"})
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "could not be checked") {
		t.Errorf("%q %v", warnings, err)
	}
	if _, err := check(map[string]string{"affected": "Start"}); err == nil || !strings.Contains(err.Error(), "use its number") {
		t.Errorf("a name for a number: %v", err)
	}
	d.sync()
	if warnings, err = check(map[string]string{"affected": "21", "resolved": "41"}); err != nil || len(warnings) != 2 || !strings.Contains(warnings[0], `41 for "resolved" could not`) || !strings.Contains(warnings[1], "--on-gone transition") {
		t.Errorf("%q %v", warnings, err)
	}
	// With a ticket in every status, what none offers is refused.
	d.scan("2", 0, 2, 3, 4)
	ids, err := d.store.MatchingIDs(t.Context(), storage.Window{})
	d.must(err)
	plan, err := d.store.PlanTickets(t.Context(), model.PlanRequest{IDs: ids, Profile: "moves"})
	d.must(err)
	_, err = d.store.RequestTickets(t.Context(), analyst, plan)
	d.must(err)
	d.sync()
	for i, status := range []string{"To Do", "In Progress", "In Review", "Done"} {
		d.must(d.jira.SetStatus(d.jira.Issues()[i].Key, status))
	}
	if _, err = check(map[string]string{"affected": "21", "fixed": "41"}); err != nil {
		t.Errorf("%v", err)
	}
	if _, err = check(map[string]string{"affected": "77"}); err == nil || !strings.Contains(err.Error(), `offers the transition 77 for "affected"`) {
		t.Errorf("%v", err)
	}
}
