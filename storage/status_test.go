package storage

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"example.com/vexdesk/model"
)

// withTickets is a workspace with n tickets that exist in Jira.
func withTickets(t *testing.T, n int) (*Store, *clock) {
	t.Helper()
	c := newClock()
	s, _ := requested(t, n)
	s.now = c.now
	send(t, s)
	return s, c
}

func due(t *testing.T, s *Store) (keys []string) {
	t.Helper()
	tickets, err := s.DueTickets(bg, s.now().Add(-8*time.Hour), 100, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, ticket := range tickets {
		keys = append(keys, ticket.Key)
	}
	return keys
}

func TestWhichTicketsAreDue(t *testing.T) {
	const all = "VEX-1 VEX-2 VEX-3"
	for name, c := range map[string]struct {
		change func(*testing.T, *Store, *clock)
		want   string
	}{
		"just fetched":      {func(*testing.T, *Store, *clock) {}, ""},
		"eight hours later": {func(_ *testing.T, _ *Store, c *clock) { c.pass(8*time.Hour + time.Minute) }, all},
		"over a year old":   {func(_ *testing.T, _ *Store, c *clock) { c.pass(366 * 24 * time.Hour) }, ""},
		"the age is a setting": {func(t *testing.T, s *Store, c *clock) {
			c.pass(366 * 24 * time.Hour)
			must(t, s.SetSetting(bg, analyst, "ticket.age", "2y"))
		}, all},
		"deleted or missing": {func(t *testing.T, s *Store, c *clock) {
			_, err := s.SetStatuses(bg, []StatusNews{{ID: 1, State: model.TicketDeleted}, {ID: 2, State: model.TicketHidden}})
			must(t, err)
			c.pass(9 * time.Hour)
		}, "VEX-3"},
		"asked for in a selection": {func(t *testing.T, s *Store, _ *clock) {
			n, err := s.AskRefresh(bg, analyst, allIDs(t, s)[:1])
			if must(t, err); n != 1 {
				t.Errorf("%d were asked for", n)
			}
		}, "VEX-1"},
		"asked for all, but deleted, missing or old ones": {func(t *testing.T, s *Store, _ *clock) {
			_, err := s.SetStatuses(bg, []StatusNews{{ID: 1, State: model.TicketDeleted}, {ID: 2, State: model.TicketHidden}})
			must(t, err)
			n, err := s.AskRefresh(bg, analyst, nil)
			if must(t, err); n != 1 {
				t.Errorf("%d were asked for", n)
			}
		}, "VEX-3"},
		"named, whatever they are": {func(t *testing.T, s *Store, c *clock) {
			_, err := s.SetStatuses(bg, []StatusNews{{ID: 1, State: model.TicketDeleted}, {ID: 2, State: model.TicketHidden}})
			must(t, err)
			c.pass(366 * 24 * time.Hour)
			n, err := s.AskRefreshKeys(bg, []string{"vex-1", "VEX-2", "VEX-3"})
			if must(t, err); n != 3 {
				t.Errorf("%d were asked for", n)
			}
		}, all},
		"the connection is broken": {func(t *testing.T, s *Store, _ *clock) { must(t, s.SetBroken(bg, 1, "no answer")) }, all},
		"retrieval is off": {func(t *testing.T, s *Store, c *clock) {
			conn, err := s.Connection(bg, "jira")
			must(t, err)
			must(t, s.SetRetrieveTickets(bg, analyst, conn, false))
			c.pass(9 * time.Hour)
			if n, err := s.AskRefresh(bg, analyst, nil); err != nil || n != 0 {
				t.Errorf("%d were asked for, %v", n, err)
			}
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s, clock := withTickets(t, 3)
			c.change(t, s, clock)
			got := due(t, s)
			slices.Sort(got)
			if fmt.Sprint(got) != "["+c.want+"]" {
				t.Errorf("due are %v, want [%s]", got, c.want)
			}
		})
	}
	s, _ := withTickets(t, 1)
	if _, err := s.AskRefreshKeys(bg, []string{"VEX-1", "NO-1"}); !errors.Is(err, ErrNotFound) || len(due(t, s)) != 0 {
		t.Errorf("an unknown key: %v, and then due are %v", err, due(t, s))
	}
}

func TestTheNextRoundIsForTicketsThatSchedulesLookAfter(t *testing.T) {
	s, c := withTickets(t, 2)
	want := c.at.Add(8 * time.Hour)
	if next, err := s.NextStatusDue(bg, 8*time.Hour); err != nil || !next.Equal(want) {
		t.Errorf("%v, %v; want %v", next, err, want)
	}
	c.pass(366 * 24 * time.Hour)
	if next, err := s.NextStatusDue(bg, 8*time.Hour); err != nil || !next.IsZero() {
		t.Errorf("tickets over a year old are due at %v, %v", next, err)
	}
}

func TestOnlyWhatJiraChangedIsWritten(t *testing.T) {
	s, c := withTickets(t, 2)
	same := []StatusNews{{ID: 1, State: model.TicketOpen, Key: "VEX-1", Status: "To Do", Category: model.CategoryNew}, {ID: 2, State: model.TicketOpen, Key: "VEX-2", Status: "To Do", Category: model.CategoryNew}}
	for i := range same { // learn what the creation did not tell
		same[i].Summary, same[i].Created = "s", c.at.UnixMilli()
	}
	_, err := s.SetStatuses(bg, same)
	must(t, err)
	c.pass(time.Hour)
	before := dump(t, s, "tickets")
	if n, err := s.SetStatuses(bg, same); err != nil || n != 0 || dump(t, s, "tickets") != before {
		t.Fatalf("%d changed, %v", n, err)
	}
	if len(due(t, s)) != 0 {
		t.Error("they do not count as refreshed")
	}
	news := slices.Clone(same)
	news[1].Status, news[1].Category, news[1].Key = "In \x1b[31mProgress", model.CategoryInProgress, "OPS-7"
	if n, err := s.SetStatuses(bg, news); err != nil || n != 1 {
		t.Fatalf("%d changed, %v; want 1", n, err)
	}
	rows, err := s.Page(bg, Window{}, Page{})
	must(t, err)
	for _, row := range rows {
		moved := row.Ticket.ID == 2
		if moved && (row.Ticket.Status != "In [31mProgress" || row.Ticket.Key != "OPS-7" || !row.Updated.Equal(c.at)) || !moved && row.Updated.Equal(c.at) {
			t.Errorf("%+v %+v", row, row.Ticket)
		}
	}
	if n, known, err := s.HighestKey(bg, 1, "OPS"); err != nil || !known || n != 7 {
		t.Errorf("the highest key of OPS is %d, %v, %v", n, known, err)
	}
	checkInvariants(t, s)
}

func TestWhatIsShownOfATicketThatCannotBeSeen(t *testing.T) {
	shown := func(t *testing.T, s *Store) string {
		t.Helper()
		rows, err := s.Page(bg, Window{}, Page{Limit: 1})
		must(t, err)
		return rows[0].Ticket.Status
	}
	s, _ := withTickets(t, 1)
	conn, err := s.Connection(bg, "jira")
	must(t, err)
	for _, step := range []struct {
		do   func() error
		want string
	}{
		{func() error { return nil }, "To Do"},
		{func() error { return s.SetBroken(bg, 1, "no answer") }, "Unknown"},
		{func() error { return s.SetWorking(bg, 1) }, "To Do"},
		{func() error { return s.SetRetrieveTickets(bg, analyst, conn, false) }, ""},
		{func() error { return s.SetRetrieveTickets(bg, analyst, conn, true) }, "To Do"},
		{func() error {
			_, err := s.SetStatuses(bg, []StatusNews{{ID: 1, State: model.TicketDeleted}})
			return err
		}, "Unknown"},
	} {
		must(t, step.do())
		if got := shown(t, s); got != step.want {
			t.Errorf("the status shown is %q, want %q", got, step.want)
		}
	}
	// A deleted ticket gives its key up: a new one may follow (X20).
	if plan, _ := ask(t, s, model.PlanRequest{IDs: allIDs(t, s)}); plan.Count(model.PlanCreate) != 1 {
		t.Errorf("no new ticket after a deleted one: %+v", plan)
	}
}

func TestUndoTakesBackTheLastEditWhole(t *testing.T) {
	s, _ := requested(t, 3)
	ids := allIDs(t, s)
	other := model.Actor{Name: "bob", Source: "test"}
	set := func(a model.Actor, ids []model.ViolationID, field model.VEXField, value string) {
		t.Helper()
		_, err := s.SetVEX(bg, a, ids, map[model.VEXField]string{field: value})
		must(t, err)
	}
	undo := func(a model.Actor, want int) {
		t.Helper()
		if n, err := s.UndoVEX(bg, a); err != nil || n != want {
			t.Fatalf("undo changed %d, %v; want %d", n, err, want)
		}
		checkInvariants(t, s)
	}
	statuses := func() (out []model.VEXStatus) {
		t.Helper()
		rows, err := s.RowsByID(bg, ids)
		must(t, err)
		for _, r := range rows {
			out = append(out, r.VEX)
		}
		return out
	}
	undo(analyst, 0) // nothing to undo
	set(analyst, ids, model.FieldStatus, "in_triage")
	set(analyst, ids[:2], model.FieldStatus, "affected")
	set(other, ids[:1], model.FieldStatus, "fixed") // overwrites one of them
	undo(analyst, 1)                                // the other is still what it was made
	if got := statuses(); !slices.Equal(got, []model.VEXStatus{"fixed", "in_triage", "in_triage"}) {
		t.Fatalf("%v", got)
	}
	undo(analyst, 2) // the edit before
	if got := statuses(); !slices.Equal(got, []model.VEXStatus{"fixed", "", ""}) {
		t.Fatalf("%v", got)
	}
	undo(analyst, 0)
	undo(other, 1)
	undo(other, 0)
	// An edit that was overwritten whole is done with; the one before it is next.
	set(analyst, ids[:1], model.FieldNotes, "a")
	set(analyst, ids[1:2], model.FieldStatus, "affected")
	set(other, ids[1:2], model.FieldStatus, "fixed")
	undo(analyst, 0)
	undo(analyst, 1)
}

// TestRowsThatStayInPlaceAreShownOnce pages through the list while others
// write.
func TestRowsThatStayInPlaceAreShownOnce(t *testing.T) {
	s := open(t)
	var findings []model.Finding
	for i := range 60 {
		findings = append(findings, finding(fmt.Sprintf("CVE-2024-%04d", i), "left", "1", model.Severities()[i%6]))
	}
	take(t, s, report("trivy", "app", "1"), ImportOptions{}, findings...)
	seen := map[model.ViolationID]int{}
	var cursor Cursor
	for page := 0; ; page++ {
		rows, err := s.Page(bg, Window{}, Page{After: cursor, Limit: 3})
		must(t, err)
		if len(rows) == 0 {
			break
		}
		for _, row := range rows {
			seen[row.ID]++
		}
		cursor = rows[len(rows)-1].Cursor
		switch page % 3 { // rows come, go and are edited meanwhile
		case 0:
			take(t, s, report("grype", fmt.Sprint("app", page), "1"), ImportOptions{}, finding(fmt.Sprintf("CVE-2023-%04d", page), "left", "1", model.SeverityHigh))
		case 1:
			findings = findings[:len(findings)-1]
			take(t, s, report("trivy", "app", "1"), ImportOptions{}, findings...)
		case 2:
			_, err := s.SetVEX(bg, analyst, []model.ViolationID{rows[0].ID}, map[model.VEXField]string{model.FieldStatus: "affected"})
			must(t, err)
		}
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("violation %d was shown %d times", id, n)
		}
	}
	for i := range findings { // what was there all the time
		if v := found(t, s, fmt.Sprintf("CVE-2024-%04d", i), "1"); seen[v.ID] != 1 {
			t.Errorf("%s was shown %d times", v.Issue, seen[v.ID])
		}
	}
}

// TestTicketsOfConnectionsThatRestDoNotStandInTheWay: a round that is full of
// them would leave the others waiting.
func TestTicketsOfConnectionsThatRestDoNotStandInTheWay(t *testing.T) {
	s, c := withTickets(t, 40)
	other, err := s.AddConnection(bg, analyst, model.Connection{Name: "other", Type: model.Cloud, Auth: model.AuthBasic, URL: "https://other.example.com", User: "u"}, []byte("x"))
	must(t, err)
	must(t, s.SetVerified(bg, analyst, other, other.URL))
	_, err = s.write.ExecContext(bg, `UPDATE tickets SET connection_id = ?, refreshed = refreshed + 1000 WHERE id = 40`, other.ID)
	must(t, err)
	c.pass(9 * time.Hour)
	_, err = s.AskRefresh(bg, analyst, allIDs(t, s)[:20])
	must(t, err)
	must(t, s.SetBroken(bg, 1, "no answer"))
	for of, want := range map[string][]int64{"all": nil, "the one that works": {other.ID}, "none": {}} {
		tickets, err := s.DueTickets(bg, s.now().Add(-8*time.Hour), 10, want)
		must(t, err)
		switch of {
		case "all":
			if len(tickets) != 10 || tickets[0].ConnectionID != 1 {
				t.Errorf("%s: %+v", of, tickets)
			}
		case "none":
			if len(tickets) != 0 {
				t.Errorf("%s: %+v", of, tickets)
			}
		default:
			if len(tickets) != 1 || tickets[0].ConnectionID != other.ID {
				t.Errorf("%s: %+v", of, tickets)
			}
		}
	}
}

// TestAMoveToAnotherProjectIsToldAsWhatItIs, and not as a change of status.
func TestAMoveToAnotherProjectIsToldAsWhatItIs(t *testing.T) {
	s, _ := withTickets(t, 1)
	_, err := s.SetStatuses(bg, []StatusNews{{ID: 1, State: model.TicketOpen, Key: "PAY-7", Project: "PAY", Status: "To Do", Category: model.CategoryNew}})
	must(t, err)
	history, err := s.History(bg, allIDs(t, s)[0], 0)
	must(t, err)
	told := false
	for _, e := range history {
		told = told || e.Field == "ticket" && e.Before == "VEX-1" && e.After == "PAY-7"
		if e.Field == "ticket status" {
			t.Errorf("a status changed: %+v", e)
		}
	}
	if !told {
		t.Errorf("the move is not in the history: %+v", history)
	}
}
