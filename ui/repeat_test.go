package ui

import (
	"testing"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

func TestRepeatDecision(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press(".").sees("Nothing has been done yet that could be repeated")
	d.press("e", "n", "tab", "tab", "right", "right", "enter").sees("Stored on 1 violation").changed()
	d.press("j", ".").sees("Stored on 1 violation").changed().press("j", "space", "space", "space", ".").sees("Stored on 3 violations").changed().seesNot("marked")
	all, err := d.store.Violations(t.Context(), []model.ViolationID{1, 2, 3, 4, 5, 6, 7})
	d.must(err)
	n := 0
	for i := range all {
		if all[i].Assessment.Status == "not_affected" {
			n++
		}
	}
	if n != 5 {
		t.Errorf("%d violations were judged, want 5", n)
	}
	d.press("z").sees("taken back on 3 violations")
}

func TestRepeatTicketsShowsThePlan(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("c").sees("profile security").press("down", "down", "down", "down", "down", "down", "urgent", "enter").later(time.Second).sees("urgent").press("enter", "esc").changed()
	d.press("j", "j", "space", "space", ".").later(time.Second).sees("Plan", "create 2", "urgent").press("enter")
	for _, op := range d.intended() {
		if len(op.Draft.Labels) != 3 {
			t.Errorf("the labels are %v", op.Draft.Labels)
		}
	}
	d.jira(nil)
	d.changed().press("esc", "gg", "u", "Please look.", "ctrl-o").later(time.Second)
	d.press("enter", "esc").changed().press("j", "j").press(".").later(time.Second).sees("update 1").press("enter")
	comments := 0
	for _, op := range d.intended() {
		if op.Kind == model.OpComment && op.Draft.Comment == "Please look." {
			comments++
		}
	}
	if comments != 2 {
		t.Errorf("%d comments, want one on each of 2 tickets", comments)
	}
}

// TestMarksReachBeyondTheWindow: by range, by filter, and all that the filter
// matches, also what has never been on the screen.
func TestMarksReachBeyondTheWindow(t *testing.T) {
	d := sit(t, 80, 24, sample)
	d.press("v", "j", "j", "j").sees("4 marked").press("v", "j").sees("4 marked")
	d.press("ctrl-d", "v", "G").press("v").sees("marked")
	d.press("esc").seesNot("marked")
	d.press("/", "product:gateway severity:medium", "enter", "*").sees("30 violations marked", "30 marked")
	d.press("C").later(time.Second).sees("create 30").press("enter")
	ops, err := d.store.Operations(t.Context(), storage.OperationFilter{})
	if err != nil || len(ops) != 30 {
		t.Errorf("%d operations for 30 marked violations (%v)", len(ops), err)
	}
}
