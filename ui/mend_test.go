package ui

import (
	"testing"
	"time"

	"example.com/vexdesk/model"
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
