package sync_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// awaitJira waits for what the simulated Jira has no bell for.
func (d *desk) awaitJira(what string, over func() bool) {
	d.t.Helper()
	look := time.NewTicker(5 * time.Millisecond)
	defer look.Stop()
	for deadline := time.After(20 * time.Second); !over(); {
		select {
		case <-look.C:
		case <-deadline:
			d.t.Fatalf("waited in vain until %s", what)
		}
	}
}

// TestWhatIsHiddenIsNotMissing: Jira made the tickets, the answer was lost, and so
// was the right to browse the project. That none of them is seen does not mean
// that they are not there.
func TestWhatIsHiddenIsNotMissing(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 3)
	d.jira.Inject(jiratest.Fault{Method: "POST", Route: "/issue/bulk", Times: 1, Act: true, DelayAfter: 200 * time.Millisecond, HangUp: true})
	ops := d.request()
	ctx, end := context.WithCancel(t.Context())
	var syncer sync.WaitGroup
	syncer.Go(func() { d.must(d.engine().Run(ctx)) })
	defer syncer.Wait()
	defer end()
	d.awaitJira("the tickets were made", func() bool { return len(d.jira.Issues()) == 3 })
	d.jira.Revoke(jiratest.AnalystEmail, "BROWSE_PROJECTS", "SEC")
	d.awaitJira("the right was asked for", func() bool { return d.jira.Count("GET", "/mypermissions") > 0 })
	d.jira.Grant(jiratest.AnalystEmail, "BROWSE_PROJECTS", "SEC")
	d.must(d.store.AskSync(t.Context()))
	d.await(ops)
	d.eachHasItsOne(3)
}

// TestAHiddenProjectBreaksTheConnection, whatever Jira says of it (ruling 19, S8):
// statuses that nobody can fetch any more must not look like fresh ones.
func TestAHiddenProjectBreaksTheConnection(t *testing.T) {
	t.Parallel()
	d := newVEXDesk(t, 3)
	d.await(d.request())
	d.sync()
	d.jira.Revoke(jiratest.AnalystEmail, "BROWSE_PROJECTS", "SEC")
	_, err := d.store.AskRefresh(t.Context(), analyst, nil)
	d.must(err)
	if _, err := d.engine().AwaitRefresh(t.Context(), 300*time.Millisecond); err == nil {
		t.Error("the lost right went unnoticed")
	}
	shown := func(want model.TicketState) {
		t.Helper()
		rows, err := d.store.Page(t.Context(), storage.Window{}, storage.Page{})
		d.must(err)
		for _, row := range rows {
			if row.Ticket.State != want {
				t.Errorf("%s is %s, want %s", row.Ticket.Key, row.Ticket.State, want)
			}
		}
	}
	shown(model.TicketBroken)
	told := func(by string) {
		t.Helper()
		c, err := d.store.Connection(t.Context(), "cloud")
		d.must(err)
		if !strings.Contains(c.Problem, "Browse Projects") {
			t.Errorf("after the %s the connection's problem is %q", by, c.Problem)
		}
	}
	told("status round")
	d.decide(d.rows()[0].ID, "status", "affected", "response", "update")
	if _, err = d.engine().Once(t.Context(), vexsync.Once{Only: []string{"vex"}, Timeout: 300 * time.Millisecond}); err == nil {
		t.Error("the comparison of decisions succeeded")
	}
	told("comparison of decisions")
	d.jira.Grant(jiratest.AnalystEmail, "BROWSE_PROJECTS", "SEC")
	_, err = d.engine().AwaitRefresh(t.Context(), 20*time.Second)
	d.must(err)
	shown(model.TicketOpen)
}

// TestAHiddenTicketIsNotDeleted: a comment that Jira refuses because the project is
// hidden says nothing of the ticket, which must not make room for a second one.
func TestAHiddenTicketIsNotDeleted(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 1)
	d.await(d.request())
	rows, err := d.store.Page(t.Context(), storage.Window{}, storage.Page{})
	d.must(err)
	plan, err := d.store.PlanTickets(t.Context(), model.PlanRequest{IDs: []model.ViolationID{rows[0].ID}, UpdateExisting: true, Comment: "Seen again."})
	d.must(err)
	d.jira.Revoke(jiratest.AnalystEmail, "BROWSE_PROJECTS", "SEC")
	ops, err := d.store.RequestTickets(t.Context(), analyst, plan)
	d.must(err)
	if _, err := d.engine().Await(t.Context(), ids(ops), 300*time.Millisecond); err == nil {
		t.Error("the lost right went unnoticed")
	}
	d.jira.Grant(jiratest.AnalystEmail, "BROWSE_PROJECTS", "SEC")
	d.await(ops)
	d.eachHasItsOne(1)
}
