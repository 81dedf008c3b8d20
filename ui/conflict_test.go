package ui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// disputes makes a ticket for each of the violations and lets Jira change
// their status and impact to something else than here.
func (d *desk) disputes(ids ...model.ViolationID) {
	ctx := d.t.Context()
	plan, err := d.store.PlanTickets(ctx, model.PlanRequest{IDs: ids})
	d.must(err)
	ops, err := d.store.RequestTickets(ctx, analyst, plan)
	d.must(err)
	generation, err := d.store.TakeLease(ctx, "test")
	d.must(err)
	queues, _, err := d.store.Queues(ctx)
	d.must(err)
	_, err = d.store.Claim(ctx, generation, queues[0], 50)
	d.must(err)
	var sent []string
	var outcomes []storage.Outcome
	for i, op := range ops {
		sent = append(sent, op.ID)
		outcomes = append(outcomes, storage.Outcome{ID: op.ID, State: model.OpDone, JiraID: fmt.Sprint(10001 + i), Key: fmt.Sprintf("SEC-%d", i+1), Status: "To Do", Category: "new"})
	}
	d.must(d.store.MarkSent(ctx, generation, sent, 0))
	d.must(d.store.Settle(ctx, generation, outcomes))
	_, err = d.store.SetVEX(ctx, analyst, ids, map[model.VEXField]string{model.FieldStatus: "affected", model.FieldImpact: "It matters."})
	d.must(err)
	var seen []storage.VEXObservation
	for _, op := range ops {
		seen = append(seen, storage.VEXObservation{TicketID: op.TicketID, Fresh: true, Updated: d.now.Add(-time.Hour),
			Fields: map[model.VEXField]model.RemoteValue{model.FieldStatus: {Value: "not_affected"}, model.FieldImpact: {Value: "Never called."}}})
	}
	_, err = d.store.ApplyVEX(ctx, seen, false)
	d.must(err)
}

func TestManyConflictsAreResolvedTogetherAfterAQuestionThatNamesTheNumber(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.disputes(1, 2, 3)
	d.changed().press("X").later(time.Second).sees("Conflicts   6 fields", "It matters.", "Never called.")
	// All of a kind: the three that say the same about the status.
	for !strings.Contains(d.cursorOn(), "status") {
		d.press("j")
	}
	d.press("m").sees("3 marked").press("m").seesNot("marked").press("m")
	d.press("o").sees("Press again: 3 fields will stay as here and go to 3 tickets").press("o")
	if open, err := d.store.Conflicts(t.Context(), nil); err != nil || len(open) != 6 {
		t.Fatalf("a press that was typed ahead resolved: %v %v", open, err)
	}
	d.later(time.Second).press("m", "m", "o").sees("Press again: 3 fields")
	if open, err := d.store.Conflicts(t.Context(), nil); err != nil || len(open) != 6 {
		t.Fatalf("a press that was asked about other marks resolved: %v %v", open, err)
	}
	d.later(time.Second).press("o").sees("Resolved 3 conflicts", "z takes it back").changed().sees("3 fields changed differently").seesNot("marked")
	d.later(time.Minute).press("z").changed().later(time.Second).sees("6 fields changed differently")
	// One that is neither side's, for all that are marked.
	d.press("*").sees("6 marked").press("e").sees("are about several fields").press("esc").seesNot("6 marked")
	for !strings.Contains(d.cursorOn(), "status") {
		d.press("j")
	}
	d.press("m", "e").sees("Another status for 3 conflicts").press("right", "right", "enter").sees("will become fixed, here and in 3 tickets")
	d.changed().sees("3 fields changed differently").later(time.Minute)
	d.press("g", "g", "e").sees("Another impact for", "ctrl-o stores it")
	for range "It matters." {
		d.press("backspace")
	}
	d.press("Both.")
	d.send(tea.KeyMsg{Type: tea.KeyCtrlO})
	d.changed().sees("2 fields changed differently")
	all, err := d.store.Violations(t.Context(), []model.ViolationID{1, 2, 3})
	d.must(err)
	texts := map[string]int{}
	for _, v := range all {
		texts[v.Assessment.Impact]++
		if v.Assessment.Status != model.VEXFixed {
			t.Errorf("%+v", v.Assessment)
		}
	}
	if texts["Both."] != 1 || texts["It matters."] != 2 {
		t.Error(texts)
	}
}

func TestWhatCannotBeUnderstoodIsSaidAboveTheConflicts(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.disputes(1)
	_, err := d.store.ApplyVEX(t.Context(), []storage.VEXObservation{{TicketID: 1, Fresh: true, Updated: d.now,
		Fields: map[model.VEXField]model.RemoteValue{model.FieldResponse: {Problem: `Jira holds "Perhaps", which is no VEX response`}}}}, false)
	d.must(err)
	d.press("X").later(time.Second).sees(`SEC-1 response: Jira holds "Perhaps"`)
}

// disputed is the sample with a ticket whose status differs in Jira.
func disputed(d *desk) {
	sample(d)
	ctx := d.t.Context()
	plan, err := d.store.PlanTickets(ctx, model.PlanRequest{IDs: []model.ViolationID{1}})
	d.must(err)
	ops, err := d.store.RequestTickets(ctx, analyst, plan)
	d.must(err)
	generation, err := d.store.TakeLease(ctx, "test")
	d.must(err)
	queues, _, err := d.store.Queues(ctx)
	d.must(err)
	_, err = d.store.Claim(ctx, generation, queues[0], 10)
	d.must(err)
	d.must(d.store.MarkSent(ctx, generation, []string{ops[0].ID}, 0))
	d.must(d.store.Settle(ctx, generation, []storage.Outcome{{ID: ops[0].ID, State: model.OpDone, JiraID: "10001", Key: "SEC-1", Status: "To Do", Category: "new"}}))
	_, err = d.store.SetVEX(ctx, analyst, []model.ViolationID{1}, map[model.VEXField]string{model.FieldStatus: "affected", model.FieldAction: "Update."})
	d.must(err)
	_, err = d.store.ApplyVEX(ctx, []storage.VEXObservation{{TicketID: 1, Fresh: true, Updated: d.now.Add(-time.Hour),
		Fields: map[model.VEXField]model.RemoteValue{model.FieldStatus: {Value: "not_affected"}, model.FieldImpact: {Value: "Never called."}}}}, false)
	d.must(err)
	d.must(d.store.NameConflict(ctx, 1, model.FieldStatus, "Robin Reviewer", d.now.Add(-2*time.Hour)))
}

func TestAConflictIsShownSideBySideAndResolved(t *testing.T) {
	for key, want := range map[string]struct {
		status model.VEXStatus
		toast  string
	}{"o": {model.VEXAffected, "will stay as here and go to SEC-1"}, "t": {model.VEXNotAffected, "will be what SEC-1 in Jira said"}} {
		d := sit(t, 100, 30, disputed)
		d.sees("1 conflict").press("X").later(time.Second)
		d.sees("Conflicts   1 field changed differently", "status", "SEC-1", "CVE-2024-3094", "agreed before", "here", "in Jira",
			"(none)", "affected", "not affected", "ana,", "Robin Reviewer, 2h ago")
		d.press(key).sees(want.toast).changed().later(time.Minute).sees("Both sides agree.")
		v, err := d.store.Violations(t.Context(), []model.ViolationID{1})
		d.must(err)
		if v[0].Assessment.Status != want.status || v[0].Assessment.Impact != "Never called." {
			t.Errorf("%s: %+v", key, v[0].Assessment)
		}
	}
}

func TestHowItWasJudgedElsewhereIsOneKeyAway(t *testing.T) {
	d := sit(t, 120, 40, func(d *desk) {
		d.imports("shop", "1.0", finding("CVE-2024-3094", model.SeverityCritical, "xz-utils", "5.6.0", ""))
		d.imports("bank", "2.0", finding("CVE-2024-3094", model.SeverityCritical, "xz-utils", "5.6.1", ""))
		_, err := d.store.SetVEX(d.t.Context(), analyst, []model.ViolationID{1}, map[model.VEXField]string{model.FieldStatus: "not_affected", model.FieldJustification: "code_not_reachable"})
		d.must(err)
	})
	d.press("E").later(time.Second)
	if strings.Contains(d.screen(), "was not judged anywhere else") { // the cursor is on the one that was decided
		d.press("j", "E").later(time.Second)
	}
	d.sees("judged elsewhere", "not affected", "shop 1.0", "code not reachable").press("enter").sees("copied to 1 violation")
	v, err := d.store.Violations(t.Context(), []model.ViolationID{2})
	d.must(err)
	if v[0].Assessment.Justification != "code_not_reachable" || v[0].Provenance[model.FieldStatus].Source != "carried" {
		t.Errorf("%+v %+v", v[0].Assessment, v[0].Provenance)
	}
}

func TestAnOfferedDecisionIsTakenWithOneKey(t *testing.T) {
	d := sit(t, 120, 40, func(d *desk) {
		d.imports("shop", "1.0", finding("CVE-2024-3094", model.SeverityCritical, "xz-utils", "5.6.0", ""))
		_, err := d.store.SetVEX(d.t.Context(), analyst, []model.ViolationID{1}, map[model.VEXField]string{model.FieldStatus: "not_affected", model.FieldImpact: "Never called."})
		d.must(err)
		d.now = d.now.Add(time.Hour)
		d.imports("shop", "2.0", finding("CVE-2024-3094", model.SeverityCritical, "xz-utils", "5.6.1", ""))
	})
	d.press("tab", "tab").sees("offers its decision.  a  takes it").press("shift-tab", "shift-tab")
	d.press("a").sees("taken over for 1 violation").changed().later(time.Minute).sees("not affected")
	d.press("z").sees("was taken back on 1 violation").changed().later(time.Minute).seesNot("not affected")
	d.press("a").sees("taken over for 1 violation") // it is offered again
}

func TestGoldenConflicts(t *testing.T) {
	for _, size := range []struct {
		name          string
		width, height int
	}{{"80x24", 80, 24}, {"120x40", 120, 40}} {
		d := sit(t, size.width, size.height, sample)
		d.disputes(1, 2)
		d.changed().press("X").later(time.Minute)
		d.press("space")
		golden(t, d, "conflicts-"+size.name+"-none")
	}
}
