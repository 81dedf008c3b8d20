package sync_test

import (
	"testing"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// TestAResolutionIsUndoneAsLongAsNothingWasSent: then both sides are apart as
// before, and what was sent already stays.
func TestAResolutionIsUndoneAsLongAsNothingWasSent(t *testing.T) {
	t.Parallel()
	for _, take := range []storage.Take{storage.TakeLocal, storage.TakeJira, "fixed"} {
		d := newVEXDesk(t, 1)
		d.request()
		d.sync()
		row := d.rows()[0]
		d.decide(row.ID, "status", "affected", "response", "update")
		d.inJira(row.Ticket.Key, model.FieldStatus, "not_affected")
		d.sync()
		before, err := d.store.Conflicts(t.Context(), nil)
		d.must(err)
		n, left, err := d.store.ResolveChosen(t.Context(), analyst, before, take)
		if d.must(err); n != 1 || left != 0 {
			t.Fatalf("%s: %d resolved, %d left", take, n, left)
		}
		if n, err := d.store.UndoVEX(t.Context(), analyst); err != nil || n != 1 {
			t.Fatalf("%s: %d undone, %v", take, n, err)
		}
		after, err := d.store.Conflicts(t.Context(), nil)
		d.must(err)
		if len(after) != 1 || after[0] != before[0] || d.violation(row.ID).Assessment.Status != model.VEXAffected {
			t.Errorf("%s: %+v, was %+v", take, after, before)
		}
		if r := d.sync(); r.Pushed != 0 || d.jiraHolds(row.Ticket.Key, model.FieldStatus) != "not_affected" {
			t.Errorf("%s: what was undone was written: %+v", take, r)
		}
		d.quiet()
		// What is resolved and sent stays resolved.
		_, _, err = d.store.ResolveChosen(t.Context(), analyst, before, storage.TakeLocal)
		d.must(err)
		d.sync()
		if _, err := d.store.UndoVEX(t.Context(), analyst); err != nil {
			t.Fatal(err)
		}
		if open, err := d.store.Conflicts(t.Context(), nil); err != nil || len(open) != 0 {
			t.Errorf("%s: %+v %v", take, open, err)
		}
		d.sync()
		d.quiet()
	}
}

func TestADisputeThatMovedOnIsNotResolvedUnseen(t *testing.T) {
	d := newVEXDesk(t, 1)
	d.request()
	d.sync()
	row := d.rows()[0]
	d.decide(row.ID, "status", "affected", "response", "update")
	d.inJira(row.Ticket.Key, model.FieldStatus, "not_affected")
	d.sync()
	seen, err := d.store.Conflicts(t.Context(), nil)
	d.must(err)
	d.inJira(row.Ticket.Key, model.FieldStatus, "fixed")
	d.sync()
	n, left, err := d.store.ResolveChosen(t.Context(), analyst, seen, storage.TakeJira)
	if d.must(err); n != 0 || left != 1 || d.violation(row.ID).Assessment.Status != model.VEXAffected {
		t.Errorf("%d resolved, %d left", n, left)
	}
}
