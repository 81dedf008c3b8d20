package storage

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.com/vexdesk/model"
)

// requested is a workspace with n violations, each with a requested ticket.
func requested(t *testing.T, n int) (*Store, []model.Operation) {
	t.Helper()
	s := open(t)
	connected(t, s)
	var findings []model.Finding
	for i := range n {
		findings = append(findings, finding(fmt.Sprintf("CVE-2024-%04d", i), "left", "1", model.SeverityHigh))
	}
	take(t, s, report("trivy", "app", "1"), ImportOptions{}, findings...)
	_, ops := ask(t, s, model.PlanRequest{IDs: allIDs(t, s)})
	if len(ops) != n {
		t.Fatalf("%d operations for %d violations", len(ops), n)
	}
	return s, ops
}

func force(t testing.TB, s *Store, text string, args ...any) {
	t.Helper()
	if _, err := s.write.Exec(text, args...); err != nil {
		t.Fatal(err)
	}
}

func operation(t testing.TB, s *Store, id string) model.Operation {
	t.Helper()
	ops, err := s.Operations(bg, OperationFilter{IDs: []string{id}})
	if err != nil || len(ops) != 1 {
		t.Fatalf("%v, %v", ops, err)
	}
	return ops[0]
}

func TestOnlyMovesOfTheTableAreRecorded(t *testing.T) {
	s, ops := requested(t, 1)
	generation, err := s.TakeLease(bg, "a")
	if err != nil {
		t.Fatal(err)
	}
	for _, from := range model.OperationStates() {
		for _, to := range model.OperationStates() {
			force(t, s, `UPDATE operations SET state = ?`, string(from))
			before := dump(t, s)
			err := s.Settle(bg, generation, []Outcome{{ID: ops[0].ID, State: to, JiraID: "1", Key: "VEX-1"}})
			if (err == nil) != from.CanBecome(to) {
				t.Errorf("%s to %s: %v", from, to, err)
			}
			if err != nil && dump(t, s) != before {
				t.Errorf("%s to %s was refused and left something", from, to)
			}
		}
	}
}

func TestAnOutcomeOfManyIsRecordedWholeOrNotAtAll(t *testing.T) {
	s, ops := requested(t, 2)
	generation, err := s.TakeLease(bg, "a")
	if err != nil {
		t.Fatal(err)
	}
	before := dump(t, s)
	err = s.Settle(bg, generation, []Outcome{{ID: ops[0].ID, State: model.OpDiscarded}, {ID: ops[1].ID, State: model.OpDone}})
	if err == nil || dump(t, s) != before {
		t.Fatalf("%v: something was left", err)
	}
}

func TestAFormerSyncerCannotWrite(t *testing.T) {
	s, ops := requested(t, 2)
	queue := Queue{1, "VEX", model.OpCreate}
	old, err := s.TakeLease(bg, "a")
	if err != nil {
		t.Fatal(err)
	}
	if claimed, err := s.Claim(bg, old, queue, 1); err != nil || len(claimed) != 1 {
		t.Fatalf("%v, %v", claimed, err)
	}
	fresh, err := s.TakeLease(bg, "b")
	if err != nil || fresh <= old {
		t.Fatalf("generation %d after %d, %v", fresh, old, err)
	}
	if _, err := s.Claim(bg, fresh, queue, 1); err != nil { // the same operation, under the new generation
		t.Fatal(err)
	}
	before := dump(t, s)
	for name, act := range map[string]func() error{
		"claim":  func() error { _, err := s.Claim(bg, old, queue, 1); return err },
		"sent":   func() error { return s.MarkSent(bg, old, []string{ops[0].ID}, 0) },
		"settle": func() error { return s.Settle(bg, old, []Outcome{{ID: ops[0].ID, State: model.OpPending}}) },
	} {
		if err := act(); !errors.Is(err, ErrLostLease) {
			t.Errorf("%s: %v, want ErrLostLease", name, err)
		}
	}
	if dump(t, s) != before {
		t.Error("a former syncer changed something")
	}
	// One that is not claimed cannot be sent either.
	if err := s.MarkSent(bg, fresh, []string{ops[0].ID, ops[1].ID}, 0); !errors.Is(err, ErrLostLease) || operation(t, s, ops[0].ID).State != model.OpClaimed {
		t.Errorf("sending what was not claimed: %v", err)
	}
}

func TestANewSyncerTakesOver(t *testing.T) {
	s, ops := requested(t, 1)
	for from, want := range map[model.OperationState]model.OperationState{
		model.OpPending: model.OpPending, model.OpClaimed: model.OpPending, model.OpSent: model.OpUnknown, model.OpUnknown: model.OpUnknown,
		model.OpDone: model.OpDone, model.OpFailed: model.OpFailed, model.OpDiscarded: model.OpDiscarded,
	} {
		force(t, s, `UPDATE operations SET state = ?`, string(from))
		force(t, s, `UPDATE tickets SET state = 'requested'`)
		if _, err := s.TakeLease(bg, "b"); err != nil {
			t.Fatal(err)
		}
		op := operation(t, s, ops[0].ID)
		ticket := found(t, s, "CVE-2024-0000", "1").Ticket
		if op.State != want || (op.State == model.OpUnknown) != (ticket.State == model.TicketUnknown) {
			t.Errorf("%s became %s with a ticket that is %s, want %s", from, op.State, ticket.State, want)
		}
	}
}

func TestSentKeepsTheFirstFloor(t *testing.T) {
	s, ops := requested(t, 1)
	for round, floor := range []int{7, 9} {
		generation, err := s.TakeLease(bg, "a")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Claim(bg, generation, Queue{1, "VEX", model.OpCreate}, 1); err != nil {
			t.Fatal(err)
		}
		if err := s.MarkSent(bg, generation, []string{ops[0].ID}, floor); err != nil {
			t.Fatal(err)
		}
		if op := operation(t, s, ops[0].ID); op.Floor != 7 || op.Attempts != round+1 || op.Sent.IsZero() {
			t.Fatalf("%+v", op)
		}
		if err := s.Settle(bg, generation, []Outcome{{ID: ops[0].ID, State: model.OpPending}}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWaitingOperationsAreDueWhenTheirTimeHasCome(t *testing.T) {
	c := newClock()
	s, ops := requested(t, 2)
	s.now = c.now
	generation, err := s.TakeLease(bg, "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Claim(bg, generation, Queue{1, "VEX", model.OpCreate}, 2); err != nil {
		t.Fatal(err)
	}
	later := c.at.Add(time.Minute)
	if err := s.Settle(bg, generation, []Outcome{{ID: ops[0].ID, State: model.OpPending, NextTry: later}, {ID: ops[1].ID, State: model.OpPending, NextTry: later}}); err != nil {
		t.Fatal(err)
	}
	if due, next, err := s.Queues(bg); err != nil || len(due) != 0 || !next.Equal(later) {
		t.Fatalf("%v, %v, %v", due, next, err)
	}
	if claimed, err := s.Claim(bg, generation, Queue{1, "VEX", model.OpCreate}, 2); err != nil || len(claimed) != 0 {
		t.Fatalf("claimed before its time: %v, %v", claimed, err)
	}
	c.pass(time.Minute)
	if due, _, err := s.Queues(bg); err != nil || !slices.Equal(due, []Queue{{1, "VEX", model.OpCreate}}) {
		t.Fatalf("%v, %v", due, err)
	}
}

// A clock that was a day ahead when the wait began, and was put right since,
// keeps nobody waiting for a day.
func TestAClockThatIsPutBackKeepsNobodyWaiting(t *testing.T) {
	c := newClock()
	s, ops := requested(t, 1)
	s.now = c.now
	queue := Queue{1, "VEX", model.OpCreate}
	c.pass(24 * time.Hour)
	generation, err := s.TakeLease(bg, "a")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Claim(bg, generation, queue, 1); err != nil {
		t.Fatal(err)
	}
	if err := s.Settle(bg, generation, []Outcome{{ID: ops[0].ID, State: model.OpPending, NextTry: c.now().Add(time.Minute)}}); err != nil {
		t.Fatal(err)
	}
	c.pass(-24 * time.Hour)
	if due, _, err := s.Queues(bg); err != nil || !slices.Equal(due, []Queue{queue}) {
		t.Errorf("due are %v, %v", due, err)
	}
	if claimed, err := s.Claim(bg, generation, queue, 1); err != nil || len(claimed) != 1 {
		t.Errorf("claimed %v, %v", claimed, err)
	}
}

func TestRetryAndDiscardByHand(t *testing.T) {
	for _, from := range model.OperationStates() {
		for name, move := range map[string]func(*Store, string) error{
			"retry":   func(s *Store, id string) error { return s.RetryOperation(bg, analyst, id) },
			"discard": func(s *Store, id string) error { return s.DiscardOperation(bg, analyst, id) },
		} {
			s, ops := requested(t, 1)
			force(t, s, `UPDATE operations SET state = ?`, string(from))
			err := move(s, ops[0].ID)
			if may := from == model.OpFailed || from == model.OpPending && name == "discard"; (err == nil) != may {
				t.Errorf("%s of what is %s: %v", name, from, err)
			}
			checkInvariants(t, s)
		}
	}
	if err := open(t).RetryOperation(bg, analyst, "nothing"); !errors.Is(err, ErrNotFound) {
		t.Errorf("%v, want ErrNotFound", err)
	}
}

func TestADiscardedCreationTakesItsTicketAlong(t *testing.T) {
	s := open(t)
	connected(t, s)
	take(t, s, report("trivy", "app", "1"), ImportOptions{}, finding("CVE-2024-0001", "left", "1", model.SeverityHigh))
	_, ops := ask(t, s, model.PlanRequest{IDs: allIDs(t, s), Comment: "please"})
	if len(ops) != 2 {
		t.Fatalf("%d operations, want a creation and a comment", len(ops))
	}
	if err := s.DiscardOperation(bg, analyst, ops[0].ID); err != nil {
		t.Fatal(err)
	}
	if o, err := s.Overview(bg); err != nil || o.OutboxPending != 0 {
		t.Errorf("the comment on a ticket that never comes still waits: %+v, %v", o, err)
	}
	if v := found(t, s, "CVE-2024-0001", "1"); v.Ticket != nil || v.Tickets != 0 {
		t.Errorf("the ticket is still shown: %+v", v.Ticket)
	}
	if all, err := s.Tickets(bg, TicketFilter{}); err != nil || len(all) != 0 {
		t.Errorf("the ticket is still listed: %+v, %v", all, err)
	}
	if plan, _ := ask(t, s, model.PlanRequest{IDs: allIDs(t, s)}); plan.Count(model.PlanCreate) != 1 {
		t.Errorf("its dedupe key is not free: %+v", plan)
	}
	checkInvariants(t, s)
}

func TestTwoProcessesThatAskForTheSameGetOneTicket(t *testing.T) {
	path := filepath.Join(t.TempDir(), "vexdesk.db")
	var stores [2]*Store
	for i := range stores {
		s, err := Open(bg, path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}()
		stores[i] = s
	}
	connected(t, stores[0], func(p *model.Profile) { p.Dedupe = true })
	for _, version := range []string{"1", "2"} {
		take(t, stores[0], report("trivy", "app", version), ImportOptions{}, finding("CVE-2024-0001", "left", "1", model.SeverityHigh), finding("CVE-2024-0002", "left", "1", model.SeverityHigh))
	}
	ids := allIDs(t, stores[0])
	var plans [2]model.Plan
	for i, s := range stores { // both plan before either asks; each names violations of its own
		var err error
		if plans[i], err = s.PlanTickets(bg, model.PlanRequest{IDs: slices.DeleteFunc(slices.Clone(ids), func(id model.ViolationID) bool { return int(id-ids[0])/2 != i })}); err != nil || plans[i].Count(model.PlanCreate) != 2 {
			t.Fatalf("%+v, %v", plans[i], err)
		}
	}
	var wg sync.WaitGroup
	var errs [2]error
	for i, s := range stores {
		wg.Go(func() { _, errs[i] = s.RequestTickets(bg, analyst, plans[i]) })
	}
	wg.Wait()
	if err := errors.Join(errs[:]...); err != nil {
		t.Fatal(err)
	}
	tickets, err := stores[1].Tickets(bg, TicketFilter{})
	if err != nil || len(tickets) != 2 || len(tickets[0].Violations) != 2 || len(tickets[1].Violations) != 2 {
		t.Fatalf("%+v, %v; want two tickets of two violations", tickets, err)
	}
	if ops, err := stores[1].Operations(bg, OperationFilter{}); err != nil || len(ops) != 2 {
		t.Fatalf("%d creations, %v; want 2", len(ops), err)
	}
	checkInvariants(t, stores[0])
}

// TestAPlanIsRefusedOnceItsViolationsHaveAnotherTicket: two people plan for the same,
// one of them with one ticket for all. Who accepts first has it.
func TestAPlanIsRefusedOnceItsViolationsHaveAnotherTicket(t *testing.T) {
	s := open(t)
	connected(t, s)
	take(t, s, report("trivy", "app", "1"), ImportOptions{}, finding("CVE-2024-0001", "left", "1", model.SeverityHigh), finding("CVE-2024-0001", "right", "1", model.SeverityHigh))
	var plans []model.Plan
	for _, group := range []model.Grouping{model.GroupVulnerability, model.GroupViolation} {
		plan, err := s.PlanTickets(bg, model.PlanRequest{IDs: allIDs(t, s), Group: group})
		if err != nil {
			t.Fatal(err)
		}
		plans = append(plans, plan)
	}
	if _, err := s.RequestTickets(bg, analyst, plans[0]); err != nil {
		t.Fatal(err)
	}
	before := dump(t, s)
	if ops, err := s.RequestTickets(bg, analyst, plans[1]); !errors.Is(err, ErrChanged) || len(ops) != 0 {
		t.Errorf("%d operations, %v", len(ops), err)
	}
	if after := dump(t, s); after != before {
		t.Errorf("something was stored: %s", firstDifference(after, before))
	}
	checkInvariants(t, s)
}

// TestPlanningAgainCreatesNothing: whatever is asked for in whatever order, no
// two living tickets of a project hold one dedupe key, and what was asked for
// is not created twice.
func TestPlanningAgainCreatesNothing(t *testing.T) {
	from := newEmpties(t)
	rapid.Check(t, func(rt *rapid.T) {
		s := from.open(rt)
		defer func() {
			if err := s.Close(); err != nil {
				rt.Fatal(err)
			}
		}()
		connected(rt, s, func(p *model.Profile) {
			p.Dedupe, p.OnSeenAgain = flip(rt, "dedupe"), one(rt, []string{model.SeenAgainComment, model.SeenAgainNew}, "seen again")
		})
		for _, step := range drawReports(rt) {
			take(t, s, step.report, ImportOptions{}, step.findings...)
			ids := allIDs(rt, s)
			if len(ids) == 0 {
				continue
			}
			req := model.PlanRequest{IDs: rapid.SliceOfNDistinct(rapid.SampledFrom(ids), 1, len(ids), rapid.ID).Draw(rt, "ids"),
				Group: one(rt, []model.Grouping{model.GroupViolation, model.GroupVulnerability, model.GroupComponent}, "group"), UpdateExisting: flip(rt, "update")}
			checkPlan(rt, s, req)
			if flip(rt, "send") {
				send(rt, s)
			}
			changeTickets(rt, s)
			checkInvariants(rt, s)
		}
	})
}

func checkPlan(t *rapid.T, s *Store, req model.PlanRequest) {
	plan, _ := ask(t, s, req)
	keys := map[string]bool{}
	seen := map[model.ViolationID]bool{}
	for _, line := range plan.Lines {
		if line.Action == model.PlanCreate && keys[line.Draft.Project+line.DedupeKey] {
			t.Fatalf("two tickets for %s", line.DedupeKey)
		}
		keys[line.Draft.Project+line.DedupeKey] = true
		for _, id := range line.Violations {
			if seen[id] {
				t.Fatalf("violation %d stands in two lines of the plan", id)
			}
			seen[id] = true
		}
	}
	if len(seen) != len(req.IDs) {
		t.Fatalf("the plan answers for %d of %d violations", len(seen), len(req.IDs))
	}
	again, _ := ask(t, s, req)
	if n := again.Count(model.PlanCreate) + again.Count(model.PlanLink); n > 0 {
		t.Fatalf("planning again creates or links %d: %+v", n, again)
	}
	double, err := strs(bg, s.read, `SELECT dedupe_key FROM tickets WHERE living = 1 AND dedupe_key <> '' GROUP BY connection_id, project, dedupe_key HAVING count(*) > 1`)
	if err != nil || len(double) > 0 {
		t.Fatalf("living tickets share %v, %v", double, err)
	}
}

// changeTickets lets Jira close, open and delete tickets.
func changeTickets(t *rapid.T, s *Store) {
	tickets, err := s.Tickets(bg, TicketFilter{})
	if err != nil {
		t.Fatal(err)
	}
	var news []StatusNews
	for _, ticket := range tickets {
		if ticket.JiraID == "" {
			continue
		}
		switch one(t, []string{"", "", "closed", "opened", "deleted"}, "change") {
		case "closed":
			news = append(news, StatusNews{ID: ticket.ID, State: model.TicketOpen, Key: ticket.Key, Status: "Done", Category: model.CategoryDone})
		case "opened":
			news = append(news, StatusNews{ID: ticket.ID, State: model.TicketOpen, Key: ticket.Key, Status: "To Do", Category: model.CategoryNew})
		case "deleted":
			news = append(news, StatusNews{ID: ticket.ID, State: model.TicketDeleted})
		}
	}
	if _, err := s.SetStatuses(bg, news); err != nil {
		t.Fatal(err)
	}
}

// TestOperationsOfATicketTakeTurns: what was asked for first goes first, until
// it is done, has failed or was given up.
func TestOperationsOfATicketTakeTurns(t *testing.T) {
	s, ops := requested(t, 2)
	generation, err := s.TakeLease(bg, "a")
	if err != nil {
		t.Fatal(err)
	}
	claim := func(kind model.OperationKind, want int) {
		t.Helper()
		claimed, err := s.Claim(bg, generation, Queue{1, "VEX", kind}, 10)
		if err != nil || len(claimed) != want {
			t.Errorf("%d operations of kind %s could be claimed, not %d (%v)", len(claimed), kind, want, err)
		}
	}
	for i := range ops {
		force(t, s, `UPDATE operations SET state = 'done' WHERE id = ?`, ops[i].ID)
		force(t, s, `UPDATE tickets SET state = 'open', jira_id = ?1, key = 'VEX-' || ?1 WHERE id = ?2`, fmt.Sprint(100+i), ops[i].TicketID)
	}
	_, later := ask(t, s, model.PlanRequest{IDs: allIDs(t, s), UpdateExisting: true, Comment: "Look."})
	update := later[0].ID
	for _, holds := range []model.OperationState{model.OpPending, model.OpClaimed, model.OpSent, model.OpUnknown} {
		force(t, s, `UPDATE operations SET state = ? WHERE kind = 'update'`, string(holds))
		claim(model.OpComment, 0)
		if due, _, err := s.Queues(bg); err != nil || slices.ContainsFunc(due, func(q Queue) bool { return q.Kind == model.OpComment }) {
			t.Errorf("comments are due while the update before them is %s: %v (%v)", holds, due, err)
		}
	}
	for _, frees := range []model.OperationState{model.OpDone, model.OpFailed, model.OpDiscarded} {
		force(t, s, `UPDATE operations SET state = 'pending' WHERE state <> 'done' OR id = ?`, update)
		force(t, s, `UPDATE operations SET state = ? WHERE id = ?`, string(frees), update)
		claim(model.OpComment, 1) // that of the other ticket still waits for its update
	}
}

// TestAskingForASyncEndsTheRestOfWhatDidNotReachJira: whoever presses the key
// knows that it can be reached again. What Jira itself wants to wait, waits.
func TestAskingForASyncEndsTheRestOfWhatDidNotReachJira(t *testing.T) {
	s, ops := requested(t, 2)
	generation, err := s.TakeLease(bg, "a")
	if err != nil {
		t.Fatal(err)
	}
	queue := Queue{1, "VEX", model.OpCreate}
	if _, err := s.Claim(bg, generation, queue, 2); err != nil {
		t.Fatal(err)
	}
	later := s.now().Add(5 * time.Minute)
	err = s.Settle(bg, generation, []Outcome{{ID: ops[0].ID, State: model.OpPending, NextTry: later, ErrorCode: "unreachable", Error: "nobody answers"},
		{ID: ops[1].ID, State: model.OpPending, NextTry: later, ErrorCode: "rate_limited", Error: "too many"}})
	if err != nil {
		t.Fatal(err)
	}
	if due, _, err := s.Queues(bg); err != nil || len(due) != 0 {
		t.Fatalf("due before anybody asks: %v, %v", due, err)
	}
	if err := s.AskSync(bg); err != nil {
		t.Fatal(err)
	}
	claimed, err := s.Claim(bg, generation, queue, 2)
	if err != nil || len(claimed) != 1 || claimed[0].ID != ops[0].ID {
		t.Errorf("after somebody asked, %v are sent, %v", claimed, err)
	}
}
