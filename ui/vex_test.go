package ui

import (
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// lineage is the same flaw in two versions of one product and in another one.
func lineage(d *desk) {
	d.imports("shop", "1.0", finding("CVE-2024-3094", model.SeverityCritical, "xz-utils", "5.6.0", ""))
	d.imports("bank", "2.0", finding("CVE-2024-3094", model.SeverityCritical, "xz-utils", "5.6.1", ""))
	d.imports("shop", "1.1", finding("CVE-2024-3094", model.SeverityCritical, "xz-utils", "5.6.1", ""))
}

func (d *desk) statuses(ids ...model.ViolationID) (out []model.VEXStatus) {
	d.t.Helper()
	all, err := d.store.Violations(d.t.Context(), ids)
	d.must(err)
	for _, v := range all {
		out = append(out, v.Assessment.Status)
	}
	return out
}

func TestADecisionSaysWhomItHoldsForBeforeItDoes(t *testing.T) {
	d := sit(t, 120, 40, lineage)
	_, err := d.store.SetVEX(t.Context(), analyst, []model.ViolationID{1}, map[model.VEXField]string{model.FieldStatus: "in_triage"})
	d.must(err)
	d.changed().press("/", "product:bank", "enter", "e").later(time.Second).press("f")
	for range 8 {
		d.press("tab")
	}
	d.sees("Holds for", "this violation")
	d.press("right").sees("there is no other violation that it could hold for")
	d.press("right").sees("also touches 1 violation: shop 1.1")
	d.press("enter").sees("Press again: this changes 1 field of 2 violations").press("enter")
	if got := d.statuses(3); got[0] == model.VEXFixed {
		t.Fatal("a press that was typed ahead was taken")
	}
	d.later(time.Second).press("enter").sees("Stored on 2 violations")
	if got := d.statuses(1, 2, 3); got[0] != model.VEXInTriage || got[1] != model.VEXFixed || got[2] != model.VEXFixed {
		t.Error(got)
	}
	d.press("z").sees("was taken back on 2 violations")
}

func TestTheEditorTellsWhatAFieldWasAndWhereItCameFrom(t *testing.T) {
	d := sit(t, 120, 40, sample)
	for _, status := range []string{"in_triage", "affected"} {
		_, err := d.store.SetVEX(t.Context(), analyst, []model.ViolationID{1}, map[model.VEXField]string{model.FieldStatus: status})
		d.must(err)
		d.now = d.now.Add(3 * time.Hour)
	}
	d.press("e").later(time.Second).sees("analyst, 3h ago", "status: affected (ana, 3h ago), before in triage (ana, 6h ago)", "not ready for export: affected needs")
	for range 7 {
		d.press("tab")
	}
	d.press("2026-11-01").sees("that day has come: the decision goes back to triage at once")
}

func TestADecisionMadeElsewhereFillsTheForm(t *testing.T) {
	d := sit(t, 120, 40, lineage)
	_, err := d.store.SetVEX(t.Context(), analyst, []model.ViolationID{1}, map[model.VEXField]string{model.FieldStatus: "not_affected", model.FieldJustification: "code_not_reachable", model.FieldImpact: "Never called."})
	d.must(err)
	d.changed()
	d.press("*", "e").later(time.Second).sees("VEX decision for 2 violations")
	d.send(tea.KeyMsg{Type: tea.KeyCtrlR})
	d.sees("Judged elsewhere", "not affected", "shop 1.0").press("enter").sees("Filled in from shop 1.0", "Never called.", "ready for export")
	if got := d.statuses(2, 3); got[0] != "" || got[1] != "" {
		t.Fatal("filled in is stored already")
	}
	d.press("enter").sees("Stored on 2 violations")
	if got := d.statuses(2, 3); got[0] != model.VEXNotAffected || got[1] != model.VEXNotAffected {
		t.Error(got)
	}
}

// TestFieldsOnWhichATicketsViolationsDifferAreMixed: they wait (ruling 22).
func TestFieldsOnWhichATicketsViolationsDifferAreMixed(t *testing.T) {
	d := sit(t, 120, 40, func(d *desk) {
		d.connects()
		d.imports("shop", "1.0", finding("CVE-2024-3094", model.SeverityCritical, "xz-utils", "5.6.0", ""), finding("CVE-2024-3094", model.SeverityCritical, "xz-utils", "5.6.1", ""))
		d.requests(1, 2)
		d.jira(nil)
	})
	_, err := d.store.SetProduct(t.Context(), analyst, "shop", storage.ProductChange{Sync: new(true)})
	d.must(err)
	d.changed().press("tab", "tab").sees("Nothing has been decided").seesNot("mixed")
	_, err = d.store.SetVEX(t.Context(), analyst, []model.ViolationID{1}, map[model.VEXField]string{model.FieldStatus: "affected", model.FieldAction: "Update.", model.FieldNotes: "ours"})
	d.must(err)
	const mixed = "mixed: status, action. The violations of SEC-141 differ there; Jira gets these fields once they agree."
	d.changed().sees("status         affected", mixed).press("j").later(time.Second).sees("Nothing has been decided", mixed)
	_, err = d.store.SetVEX(t.Context(), analyst, []model.ViolationID{2}, map[model.VEXField]string{model.FieldStatus: "affected", model.FieldAction: "Update."})
	d.must(err)
	d.changed().sees("status         affected").seesNot("mixed")
}
