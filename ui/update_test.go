package ui

import (
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// ticketed gives the first rows of the list their tickets.
func (d *desk) ticketed(n int) *desk {
	for range n {
		d.press("space")
	}
	d.press("C").later(time.Second).press("enter")
	d.jira(nil)
	return d.changed().press("esc", "gg")
}

// intended are the operations that wait.
func (d *desk) intended() []model.Operation {
	d.t.Helper()
	ops, err := d.store.Operations(d.t.Context(), storage.OperationFilter{States: []model.OperationState{model.OpPending}})
	d.must(err)
	return ops
}

func TestUpdateOfOneTicket(t *testing.T) {
	d := sit(t, 120, 40, sample).ticketed(1)
	d.press("u").sees("Update SEC-141", "To Do", "acme-cloud / SEC", "stays as it is in Jira", "Description, as it will be sent", "update 1")
	d.press("Seen again.", "tab", "tab", "x").sees("Seen again.") // there is no other field to come to
	d.press("enter").sees("Update SEC-141").press("ctrl-o").sees("Plan", "update 1")
}

func TestUpdateIsPlannedThenSent(t *testing.T) {
	d := sit(t, 120, 40, sample).ticketed(2)
	d.press("*", "u").sees("Update 2 tickets", "65 violations without a ticket left out", "several values", "the leading ones: 2 tickets")
	d.press("tab", "Look here.").press("shift-tab", "enter").sees("Plan", "update 2").later(time.Second).press("m").sees("An update is about tickets that exist")
	d.later(20*time.Second).press("enter").sees("Sending to Jira", "0 of 4")
	kinds := map[model.OperationKind]int{}
	for _, op := range d.intended() {
		kinds[op.Kind]++
		if op.Kind == model.OpComment && op.Draft.Comment != "Look here." {
			t.Errorf("the comment is %q", op.Draft.Comment)
		}
	}
	if kinds[model.OpUpdate] != 2 || kinds[model.OpComment] != 2 {
		t.Errorf("asked for %v", kinds)
	}
}

func TestUpdateChoosesAmongSeveralTickets(t *testing.T) {
	d := sit(t, 120, 40, sample).ticketed(1)
	ctx := t.Context()
	// A second ticket of the same violation, under another key.
	d.press("c").sees("bring SEC-141 up to date").press("esc")
	plan, err := d.store.PlanTickets(ctx, model.PlanRequest{IDs: []model.ViolationID{1}, UpdateExisting: false})
	d.must(err)
	plan.Lines[0].Action, plan.Lines[0].Ticket, plan.Lines[0].DedupeKey = model.PlanCreate, nil, "another"
	plan.Lines[0].Draft = model.TicketDraft{Project: "SEC", IssueType: "Task", Summary: "another"}
	plan.Lines[0].Connection, plan.Lines[0].ProfileID = "acme-cloud", 1
	_, err = d.store.RequestTickets(ctx, analyst, plan)
	d.must(err)
	d.jira(nil)
	d.changed().press("u").sees("Update SEC-142", "SEC-142   To Do, leading", "1/3")
	d.press("right").sees("Update SEC-141", "2/3").press("right").sees("all 2 tickets", "Update 2 tickets", "several values")
}

func TestUpdateOfADeletedTicketOffersANewOne(t *testing.T) {
	d := sit(t, 120, 40, sample).ticketed(1)
	ctx := t.Context()
	found, err := d.store.Tickets(ctx, storage.TicketFilter{Keys: []string{"SEC-141"}})
	d.must(err)
	_, err = d.store.SetStatuses(ctx, []storage.StatusNews{{ID: found[0].ID, State: model.TicketDeleted, Problem: "not found in Jira"}})
	d.must(err)
	d.changed().sees("SEC-141 Unknown").press("u").sees("Deleted in Jira", "make new tickets in their place", "create 1")
	d.press("shift-tab", "right").sees("leave it at that", "skip 1").press("left").sees("create 1")
	d.press("enter").later(time.Second).press("enter").sees("Sending to Jira", "0 of 1")
	if ops := d.intended(); len(ops) != 1 || ops[0].Kind != model.OpCreate {
		t.Errorf("asked for %+v", ops)
	}
}

func TestUpdateWithoutATicketSaysWhatToDo(t *testing.T) {
	d := sit(t, 120, 40, sample)
	d.press("u").sees("this violation has no ticket in Jira yet: esc, then c makes one").press("enter").sees("has no ticket")
}

func TestPeopleAndPrioritiesAreSearchedWhileTyping(t *testing.T) {
	d := sit(t, 120, 40, sample, func(o *Options) { o.Jira = people{} })
	d.press("c").sees("profile security")
	for range 3 { // type, summary, priority
		d.press("tab")
	}
	d.press("ctrl-u", "hi").sees("Highest", "High").press("tab", "tab").sees("High ").press("down", "down", "down", "down")
	d.press("oka").sees("Chidi Okafor", "712020:okafor").press("tab").press("enter").later(time.Second).press("enter")
	ops := d.intended()
	if len(ops) != 1 || ops[0].Draft.Assignee != "712020:okafor" || !strings.HasPrefix(ops[0].Draft.Priority, "High") {
		t.Errorf("asked for %+v", ops)
	}
}
