package sync_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/gofrs/flock"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// TestChangesOfOneTicketReachJiraInTheOrderInWhichTheyWereAsked lets updates and
// comments of two tickets pile up, spoils some requests, and looks at what Jira
// got, ticket by ticket.
func TestChangesOfOneTicketReachJiraInTheOrderInWhichTheyWereAsked(t *testing.T) {
	d := newDesk(t, 2)
	d.await(d.request())
	rows, err := d.store.Page(t.Context(), storage.Window{}, storage.Page{})
	d.must(err)
	var all []model.Operation
	const rounds = 4
	for i := range rounds {
		plan, err := d.store.PlanTickets(t.Context(), model.PlanRequest{IDs: []model.ViolationID{rows[0].ID, rows[1].ID}, UpdateExisting: true, Comment: fmt.Sprintf("Comment %d.", i)})
		d.must(err)
		for j := range plan.Lines {
			plan.Lines[j].Draft.Summary = fmt.Sprintf("Summary %d", i)
		}
		ops, err := d.store.RequestTickets(t.Context(), analyst, plan)
		d.must(err)
		all = append(all, ops...)
	}
	d.jira.CommitThenHangUp("PUT", "/issue/{issueIdOrKey}", 1)
	d.jira.CommitThenHangUp("POST", "/issue/{issueIdOrKey}/comment", 1)
	d.await(all)

	written := map[string][]string{}
	for _, r := range d.jira.Requests() {
		path := strings.Split(strings.TrimSuffix(r.Path, "/comment"), "/")
		switch id := path[len(path)-1]; {
		case r.Method == "PUT" && r.Route == "/issue/{issueIdOrKey}":
			written[id] = append(written[id], "update")
		case r.Method == "POST" && r.Route == "/issue/{issueIdOrKey}/comment":
			written[id] = append(written[id], "comment")
		}
	}
	if len(written) != 2 {
		t.Fatalf("Jira saw changes of %d tickets: %v", len(written), written)
	}
	for id, did := range written {
		if order := strings.Join(did, " "); strings.ReplaceAll(order, "update update", "update") != strings.TrimSpace(strings.Repeat("update comment ", rounds)) {
			t.Errorf("ticket %s was changed in the order %s", id, order)
		}
	}
	for i := range 2 {
		if said := d.says(rows[i].Ticket.Key); len(said) != rounds || !strings.Contains(said[0], "Comment 0.") || !strings.Contains(said[rounds-1], fmt.Sprintf("Comment %d.", rounds-1)) {
			t.Errorf("the comments on %s: %q", rows[i].Ticket.Key, said)
		}
	}
}

// dying ends when it has been asked for its end so many times.
type dying struct {
	context.Context
	asked atomic.Int32
}

func (d *dying) Err() error {
	if d.asked.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

// TestASyncThatIsStoppedAtOnceLeavesTheLock: the moment in which the lock is
// taken is as good as any other to be stopped.
func TestASyncThatIsStoppedAtOnceLeavesTheLock(t *testing.T) {
	d := newDesk(t, 0)
	for lives := range int32(2) {
		ctx := &dying{Context: t.Context()}
		ctx.asked.Store(lives)
		d.must(d.engine().Run(ctx))
		lock := flock.New(d.path + ".sync")
		if ok, err := lock.TryLock(); err != nil || !ok {
			t.Fatalf("stopped after %d looks: the lock is still held (%v)", lives, err)
		}
		d.must(lock.Unlock())
	}
}
