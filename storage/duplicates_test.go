package storage

import (
	"testing"

	"example.com/vexdesk/model"
)

// TestADuplicateIsToldUntilOneOfTheTwoIsClosed, whatever else is learnt about
// the tickets meanwhile.
func TestADuplicateIsToldUntilOneOfTheTwoIsClosed(t *testing.T) {
	s, _ := withTickets(t, 1)
	ids, err := strs(bg, s.read, `SELECT id FROM operations`)
	must(t, err)
	must(t, s.NoteIssue(bg, ids[0], "777", "VEX-7"))
	told := func(want string) {
		t.Helper()
		tickets, err := s.Tickets(bg, TicketFilter{Keys: []string{"VEX-7"}})
		must(t, err)
		if len(tickets) != 1 || tickets[0].Problem != want {
			t.Fatalf("%+v, want the problem %q", tickets, want)
		}
	}
	const second = "a duplicate of VEX-1: Jira carried out a request twice; close one of them"
	told(second)
	const known, late = 1, 2
	for _, step := range []struct {
		id         int64
		key        string
		state      model.TicketState
		category   string
		problem    string
		wantSecond string
	}{
		{id: late, key: "VEX-7", state: model.TicketOpen, category: model.CategoryNew, wantSecond: second},
		{id: late, key: "VEX-7", state: model.TicketOpen, category: model.CategoryDone},
		{id: late, key: "VEX-7", state: model.TicketOpen, category: model.CategoryNew, wantSecond: second},
		{id: late, key: "VEX-7", state: model.TicketHidden, problem: "hidden", wantSecond: "hidden"},
		{id: late, key: "VEX-7", state: model.TicketOpen, category: model.CategoryInProgress, wantSecond: second},
		{id: known, key: "OPS-1", state: model.TicketOpen, category: model.CategoryNew, wantSecond: "a duplicate of OPS-1: Jira carried out a request twice; close one of them"},
		{id: known, key: "OPS-1", state: model.TicketDeleted},
	} {
		_, err := s.SetStatuses(bg, []StatusNews{{ID: step.id, Key: step.key, State: step.state, Category: step.category, Status: "any", Problem: step.problem}})
		must(t, err)
		told(step.wantSecond)
	}
}
