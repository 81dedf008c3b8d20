package ui

import (
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// refused are three tickets of which Jira refused one, for want of a team.
func refused(t *testing.T) *desk {
	d := sit(t, 120, 40, sample)
	d.press("space", "space", "space", "C").later(time.Second).press("enter")
	d.jira(func(op *model.Operation) string {
		if op.Violations[0] == 2 {
			return "Team is required"
		}
		return ""
	})
	return d.changed().sees("1 failed")
}

func (d *desk) mended() {
	d.t.Helper()
	d.sees("Mend what was refused", "Team is required").press("Platform").sees("Team        Platform").press("enter").sees("It will be tried again")
	ops := d.intended()
	if len(ops) != 1 || ops[0].Draft.Fields["Team"] != "Platform" {
		d.t.Fatalf("what waits: %+v", ops)
	}
	d.jira(nil)
}

func TestAFieldErrorOpensTheFormAtThatField(t *testing.T) {
	d := refused(t)
	d.press("enter").mended()
	d.changed().sees("3 of 3").press("k", "enter").sees("Only what has failed can be mended")
}

func TestMendFromActivity(t *testing.T) {
	d := refused(t)
	d.press("esc", "A").sees("1 failed", "Team: Team is required").press("enter").mended()
	d.changed().seesNot("failed").sees("3 done")
}

func TestAProblemWithALabelIsMendedInItsField(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("C").later(time.Second).press("enter")
	d.jira(func(*model.Operation) string { return "two words" }, "labels")
	d.changed().press("enter").sees("Labels", "security vexdesk", "two words").press(" more", "enter")
	if ops := d.intended(); len(ops) != 1 || len(ops[0].Draft.Labels) != 3 {
		t.Errorf("what waits: %+v", ops)
	}
}

func TestACommentOfSeveralLinesIsMendedAsSuch(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("C").later(time.Second).press("enter")
	d.jira(nil)
	ops, err := d.store.Operations(t.Context(), storage.OperationFilter{})
	d.must(err)
	plan, err := d.store.PlanTickets(t.Context(), model.PlanRequest{IDs: ops[0].Violations, UpdateExisting: true, Comment: "First line.\nSecond line."})
	d.must(err)
	_, err = d.store.RequestTickets(t.Context(), analyst, plan)
	d.must(err)
	d.jira(nil) // the update, before which the comment does not go
	d.jira(func(*model.Operation) string { return "no shouting" }, "comment")
	d.changed().press("esc", "A").later(time.Second).press("enter").sees("Mend what was refused", "no shouting", "First line.", "Second line.", "ctrl-o tries again")
	d.press("enter", "Third line.").send(tea.KeyMsg{Type: tea.KeyCtrlO})
	d.sees("It will be tried again")
	if ops := d.intended(); len(ops) != 1 || ops[0].Draft.Comment != "First line.\nSecond line.\nThird line." {
		t.Errorf("what waits: %+v", ops)
	}
}
