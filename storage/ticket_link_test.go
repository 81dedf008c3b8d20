package storage

import (
	"testing"

	"example.com/vexdesk/model"
)

// TestATicketLinkedByHandWhileItsCreationIsInDoubt: Jira made it, the answer was
// lost, and a person who saw it there linked it by its key, to another violation
// too. Once both are known it is one ticket, by either way.
func TestATicketLinkedByHandWhileItsCreationIsInDoubt(t *testing.T) {
	for _, first := range []string{"link", "creation"} {
		s, ops := requested(t, 2)
		generation, err := s.TakeLease(bg, "a")
		if err != nil {
			t.Fatal(err)
		}
		links, err := s.LinkTicket(bg, analyst, "SEC-7", "", allIDs(t, s))
		if err != nil || len(links) != 1 {
			t.Fatalf("%v, %v", links, err)
		}
		force(t, s, `UPDATE operations SET state = 'unknown' WHERE id = ?`, ops[0].ID)
		force(t, s, `UPDATE operations SET state = 'sent' WHERE id = ?`, links[0].ID)
		known := []Outcome{
			{ID: links[0].ID, State: model.OpDone, Linked: true, JiraID: "10007", Key: "SEC-7", Status: "To Do"},
			{ID: ops[0].ID, State: model.OpDone, JiraID: "10007", Key: "SEC-7", Status: "To Do"},
		}
		if first == "creation" {
			known[0], known[1] = known[1], known[0]
		}
		for i := range known {
			if err := s.Settle(bg, generation, known[i:i+1]); err != nil {
				t.Fatalf("the %s first: %v", first, err)
			}
		}
		tickets, err := s.Tickets(bg, TicketFilter{Keys: []string{"SEC-7"}})
		if err != nil || len(tickets) != 1 || len(tickets[0].Violations) != 2 || tickets[0].State != model.TicketOpen {
			t.Fatalf("the %s first: %+v, %v", first, tickets, err)
		}
		if plan, _ := ask(t, s, model.PlanRequest{IDs: allIDs(t, s)}); plan.Count(model.PlanCreate) != 0 {
			t.Errorf("the %s first: the plan makes %d tickets more", first, plan.Count(model.PlanCreate))
		}
		checkInvariants(t, s)
	}
}
