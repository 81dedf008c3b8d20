package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// jira plays the other side: it carries out what waits in the outbox, as sync
// would, refusing what refuse names, for the field Team unless another is named.
func (d *desk) jira(refuse func(op *model.Operation) string, field ...string) {
	d.t.Helper()
	d.jiraTakes(100, refuse, field...)
}

// jiraTakes is jira for so many of each queue at most.
func (d *desk) jiraTakes(most int, refuse func(op *model.Operation) string, field ...string) {
	d.t.Helper()
	field = append(field, "Team")
	ctx := d.t.Context()
	generation, err := d.store.TakeLease(ctx, "test")
	d.must(err)
	queues, _, err := d.store.Queues(ctx)
	d.must(err)
	for _, q := range queues {
		ops, err := d.store.Claim(ctx, generation, q, most)
		d.must(err)
		var ids []string
		var outcomes []storage.Outcome
		for i := range ops {
			ids = append(ids, ops[i].ID)
			o := storage.Outcome{ID: ops[i].ID, State: model.OpDone, JiraID: fmt.Sprint(1141 + d.made), Key: fmt.Sprintf("SEC-%d", 141+d.made), Status: "To Do", Category: model.CategoryNew}
			if refuse != nil {
				if why := refuse(&ops[i]); why != "" {
					o = storage.Outcome{ID: ops[i].ID, State: model.OpFailed, Error: "Jira refused the issue", ErrorFields: map[string]string{field[0]: why}}
				}
			}
			d.made++
			outcomes = append(outcomes, o)
		}
		d.must(d.store.MarkSent(ctx, generation, ids, 0))
		d.must(d.store.Settle(ctx, generation, outcomes))
	}
}

func TestTicketForOneViolation(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("c").sees("Ticket for CVE-2024-3094", "profile security", "critical", "create 1", "payments-api 4.2")
	for range 5 { // project, type, summary, priority, labels
		d.press("tab")
	}
	d.press("up", "up", "up").press("tab", "tab") // and back to the labels
	d.press("space", "tab", "urgent", "enter").sees("Plan", "create 1", "acme-cloud / SEC / Task", "urgent").seesNot("labels security")
	d.later(time.Second).press("enter").sees("Sending to Jira", "0 of 1", "pending", "safe to leave")
	d.press("esc").changed().sees("requested", "outbox 1")
	d.jira(nil)
	d.changed().sees("SEC-141 To Do", "outbox 0", "Δ")
	d.later(3 * time.Second).seesNot("Δ")
}

func TestTicketsAreAskedForWithADecision(t *testing.T) {
	d := sit(t, 120, 40, sample)
	_, err := d.store.SetVEX(t.Context(), analyst, []model.ViolationID{1}, map[model.VEXField]string{
		model.FieldStatus: "affected", model.FieldImpact: "The parser is reached.", model.FieldNotes: "ask the team"})
	d.must(err)
	all, err := d.store.MatchingIDs(t.Context(), storage.Window{})
	d.must(err)
	_, err = d.store.SetVEX(t.Context(), analyst, all, map[model.VEXField]string{model.FieldResponse: "update"})
	d.must(err)
	d.changed().press("c").sees("affected", "The parser is reached.", "analyst, ").press("esc")

	d.press("space", "space", "c").sees("Tickets for 2 violations", "several values", "update")
	for d.press("tab"); !strings.Contains(d.screen(), "VEX status      ‹ several values ›"); d.press("tab") {
	}
	d.press("n").sees("not affected").press("tab", "right", "right", "tab", "tab", "Never called.").sees("ctrl-o shows the plan").press("ctrl-o").later(time.Second)
	d.sees("create 2", "2 violations, 3 VEX fields")
	before, err := d.store.Violations(t.Context(), []model.ViolationID{1})
	d.must(err)
	if before[0].Assessment.Status != model.VEXAffected {
		t.Errorf("the plan alone decided: %v", before[0].Assessment)
	}
	d.press("enter").sees("Sending to Jira", "0 of 2")

	d.jira(nil)
	tickets, err := d.store.Tickets(t.Context(), storage.TicketFilter{})
	d.must(err)
	for i := range tickets {
		carries, err := d.store.VEXValues(t.Context(), tickets[i].ID)
		d.must(err)
		after, err := d.store.Violations(t.Context(), tickets[i].Violations)
		d.must(err)
		want := model.Assessment{Status: model.VEXNotAffected, Justification: "code_not_reachable", Response: "update", Impact: "Never called."}
		if after[0].ID == 1 {
			want.Notes = "ask the team" // differed, and was not touched
		}
		if after[0].Assessment != want || carries[model.FieldStatus] != "not_affected" || carries[model.FieldImpact] != want.Impact {
			t.Errorf("ticket %s carries %v, its violation %+v, want %+v", tickets[i].Key, carries, after[0].Assessment, want)
		}
	}
	if len(tickets) != 2 {
		t.Errorf("there are %d tickets, want 2", len(tickets))
	}
}

func TestWhatDiffersAmongTicketsIsShownAsMixed(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("*", "c").sees("Tickets for 67 violations", "Priority        several values")
	for d.press("tab"); !strings.Contains(d.screen(), "▌ Priority"); d.press("tab") {
	}
	d.press("Low").sees("Priority        Low").seesNot("Priority        several values").press("enter").later(time.Second).press("enter")
	for _, op := range d.intended() {
		if op.Draft.Priority != "Low" || op.Draft.Project != "SEC" {
			t.Errorf("a ticket has priority %s in %s", op.Draft.Priority, op.Draft.Project)
		}
	}
}

func TestATicketForAComponentCarriesNoDecision(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("space", "space", "c").sees("VEX status").press("right", "right").sees("each component to up").seesNot("VEX status")
	d.press("right").sees("each violation", "VEX status")
}

func TestManyTicketsWithAFailureAndARetry(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("space", "space", "space", "C").later(time.Second).sees("create 3")
	d.press("enter").sees("0 of 3")
	d.jira(func(op *model.Operation) string {
		if op.Violations[0] == 2 {
			return "Team is required"
		}
		return ""
	})
	d.changed().sees("2 of 3", "1 failed", "Jira refused the issue", "Team is required")
	d.press("t").changed().sees("2 of 3").seesNot("1 failed")
	d.jira(nil)
	d.changed().sees("3 of 3", "esc goes back")
	d.press("q").seesNot("marked").sees("SEC-141")
}

func TestProgressTellsTheRateAndWhatIsLeft(t *testing.T) {
	d := sit(t, 80, 24, sample)
	d.press("*", "C").later(time.Second).sees("create 67").press("enter").sees("0 of 67", "67 left").seesNot("per second")
	d.later(4 * time.Second)
	d.jiraTakes(20, nil)
	d.changed().sees("20 of 67", "47 left, 5 per second, about 10 s")
	d.jira(nil)
	d.changed().sees("67 of 67").seesNot("left")
}

func TestTypingAheadConfirmsNothing(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("C", "enter").sees("Plan", "just appeared")
	ops, err := d.store.Operations(t.Context(), storage.OperationFilter{})
	if err != nil || len(ops) != 0 {
		t.Errorf("%d operations were stored by an enter typed ahead (%v)", len(ops), err)
	}
}

func TestUpdatingIsOfferedFirst(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("C").later(time.Second).press("enter")
	d.jira(nil)
	d.changed().press("esc").sees("SEC-141")
	d.press("c").sees("bring SEC-141 up to date", "update 1")
	d.press("right").sees("leave SEC-141 alone", "skip 1")
	d.press("enter").later(time.Second).sees("SEC-141 exists", "the plan does nothing").press("u").later(time.Second).sees("update 1").press("enter")
	ops, err := d.store.Operations(t.Context(), storage.OperationFilter{})
	if err != nil || len(ops) < 2 || ops[len(ops)-1].Kind == model.OpCreate {
		t.Errorf("no update was asked for: %v (%v)", ops, err)
	}
}

func TestPlanLinesCanBeLeftOut(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("space", "space", "C").later(time.Second).sees("create 2").press("space").sees("create 1", "left out")
	d.press("m").later(time.Second).sees("grouped by vulnerability", "create 2")
}

func TestVEXForOneAndUndo(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("e").sees("VEX decision for CVE-2024-3094 in xz-utils")
	d.sees("nothing is decided yet: exports leave it out").seesNot("ready for export")
	d.press("n").sees("not affected", "not ready for export: not affected needs a justification").seesNot("not_affected")
	d.press("tab", "tab", "right", "right").sees("code not reachable", "ready for export").seesNot("not ready")
	d.press("tab", "tab", "never called", "tab", "tab", "tab", "soon").sees("is not a date")
	d.press("enter").sees("VEX decision for")
	for range "soon" {
		d.press("backspace")
	}
	d.press("2027-01-31", "enter").sees("Stored on 1 violation").changed().sees("not affected")
	d.press("tab", "tab").sees("code not reachable").press("tab", "tab").sees("status  not affected").seesNot("not_affected").press("shift-tab", "shift-tab", "shift-tab", "shift-tab")
	d.press("z").sees("was taken back on 1 violation").changed().later(time.Minute).seesNot("not affected")
}

func TestVEXForManyKeepsWhatDiffers(t *testing.T) {
	d := sit(t, 120, 40, sample)
	ctx := t.Context()
	_, err := d.store.SetVEX(ctx, analyst, []model.ViolationID{1}, map[model.VEXField]string{model.FieldImpact: "one", model.FieldStatus: "affected"})
	d.must(err)
	d.press("space", "space", "space", "e").sees("VEX decision for 3 violations", "several values", "status now: none 2, affected 1", "2 values", "1 of 3 not ready for export: affected needs")
	d.press("tab", "tab", "tab", "right", "enter").sees("Stored on 3 violations")
	v, err := d.store.Violations(ctx, []model.ViolationID{1, 2})
	d.must(err)
	if v[0].Assessment.Impact != "one" || v[0].Assessment.Status != model.VEXAffected || v[1].Assessment.Status != model.VEXNone {
		t.Errorf("untouched fields changed: %+v %+v", v[0].Assessment, v[1].Assessment)
	}
	if v[0].Assessment.Response == "" || v[1].Assessment.Response != v[0].Assessment.Response {
		t.Errorf("the touched field did not change everywhere: %+v %+v", v[0].Assessment, v[1].Assessment)
	}
}

// TestChangesElsewhereLeaveCursorAndMarksAlone is C4: what sync writes appears
// in place.
func TestChangesElsewhereLeaveCursorAndMarksAlone(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("C").later(time.Second).press("enter")
	d.jira(nil)
	d.changed().press("esc").later(10 * time.Second)
	d.press("j", "space", "j", "j").onCursor("CVE-2023-4911")
	d.status("SEC-141", "In Progress", model.CategoryInProgress)
	d.changed().sees("SEC-141 In Progress", "Δ", "1 marked").onCursor("CVE-2023-4911")
	d.later(2 * time.Second).seesNot("Δ")
	// More violations, sorted before it: the cursor stays on its violation.
	var worse []model.Finding
	for i := range 5 {
		worse = append(worse, finding(fmt.Sprintf("CVE-2026-%04d", i+1), model.SeverityCritical, "openssl", "3.0", ""))
	}
	d.imports("another", "1", worse...)
	d.changed().onCursor("CVE-2023-4911").sees("72 open", "1 marked").sees("10 of 72")
}

func TestNothingMovesWhileARangeOrFormIsOpen(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("v", "j")
	d.imports("another", "1", finding("CVE-2026-0001", model.SeverityCritical, "openssl", "3.0", ""))
	d.changed().sees("68 open").seesNot("CVE-2026-0001")
	d.press("v").later(time.Second).sees("CVE-2026-0001", "2 marked")
	d.press("esc", "e")
	_, err := d.store.SetVEX(t.Context(), analyst, []model.ViolationID{1}, map[model.VEXField]string{model.FieldStatus: "fixed"})
	d.must(err)
	d.imports("third", "1", finding("CVE-2026-0002", model.SeverityCritical, "openssl", "3.0", ""))
	d.changed().press("esc").later(time.Second).sees("CVE-2026-0002", "fixed")
}

// TestWhatWasHeldBackCatchesUpWhateverComesFirst: the range ends while the rows
// under it are still being read again.
func TestWhatWasHeldBackCatchesUpWhateverComesFirst(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("v", "j")
	d.imports("another", "1", finding("CVE-2026-0001", model.SeverityCritical, "openssl", "3.0", ""))
	_, reading := d.root.Update(storeChanged{})
	d.press("esc")
	d.run(reading)
	d.later(time.Second).sees("CVE-2026-0001", "68 open")
}

func TestIdleMeansIdle(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.later(time.Minute)
	sent := len(d.sent)
	d.later(24 * time.Hour)
	if n := len(d.sent) - sent; n > 0 {
		t.Errorf("%d messages while nothing happened", n)
	}
	d.press("v", "j")
	d.changed().later(time.Minute)
	sent = len(d.sent)
	d.later(time.Hour)
	if n := len(d.sent) - sent; n > 0 {
		t.Errorf("%d messages while a range was open and nothing happened", n)
	}
}

func TestActivity(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("A").sees("Nothing has been sent to Jira yet").press("esc")
	d.press("space", "space", "C").later(time.Second).press("enter", "esc")
	d.press("A").sees("2 waiting", "pending").press("t").sees("Only what has failed can be tried again")
	d.jira(func(*model.Operation) string { return "no such team" })
	d.changed().sees("2 failed", "Jira refused", "Team: no such team", "asked for by ana")
	d.press("t").changed().sees("1 failed", "1 waiting")
	d.press("gg", "x").sees("gives up 1 create").press("x").sees("1 failed").later(time.Second).press("x").changed().sees("1 waiting", "1 done")
}

func TestRefreshAndSync(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("r").sees("no tickets to refresh")
	d.press("C").later(time.Second).press("enter")
	d.jira(nil)
	d.changed().press("esc")
	d.press("r").sees("status of 1 ticket").press("R").sees("Sync asked for")
	d.press("o").sees("Copied", "https://acme.example.net/browse/SEC-141").press("Y").sees("Copied the address").press("y").sees("Copied SEC-141")
}
