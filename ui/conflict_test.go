package ui

import (
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

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
	}{"o": {model.VEXAffected, "stays and goes to SEC-1"}, "t": {model.VEXNotAffected, "is Jira's now"}} {
		d := sit(t, 100, 30, disputed)
		d.sees("1 conflict").press("X").later(time.Second)
		d.sees("Conflicts   1 field changed differently", "status", "SEC-1", "CVE-2024-3094", "agreed before", "here", "in Jira",
			"(none)", "affected", "not_affected", "ana,", "Robin Reviewer, 2h ago")
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
	d.press("a").sees("taken over for 1 violation").changed().later(time.Minute).sees("not affected")
	d.press("z").sees("was taken back on 1 violation")
}
