package sync_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gofrs/flock"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
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

// TestAnUpdateBehindADecisionWaitsForNobody: with the jobs of a sync named, what
// stands behind another job's operation is left, and not waited for.
func TestAnUpdateBehindADecisionWaitsForNobody(t *testing.T) {
	t.Parallel()
	d := newVEXDesk(t, 1)
	d.request()
	d.sync()
	row := d.rows()[0]
	d.decide(row.ID, "status", "affected", "response", "update")
	plan, err := d.store.PlanTickets(t.Context(), model.PlanRequest{IDs: []model.ViolationID{row.ID}, UpdateExisting: true, Comment: "Later."})
	d.must(err)
	ops, err := d.store.RequestTickets(t.Context(), analyst, plan)
	d.must(err)
	report, err := d.engine().Once(t.Context(), vexsync.Once{Only: []string{"create"}, Timeout: 20 * time.Second})
	if d.must(err); len(report.Left) != len(ops) || report.Sent != 0 {
		t.Errorf("%+v, want %d left", report, len(ops))
	}
	if report := d.sync(); len(report.Left) != 0 || len(d.says(row.Ticket.Key)) == 0 {
		t.Errorf("%+v", report)
	}
}

// TestAProcessThatCannotSyncSaysSoAtOnce instead of waiting for nobody's work.
func TestAProcessThatCannotSyncSaysSoAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 1)
	ops := d.request()
	d.must(os.Mkdir(d.path+".sync", 0o700)) // as good as another user's file
	ids := []string{ops[0].ID}
	if _, err := d.engine().Await(t.Context(), ids, time.Second); err == nil || errors.Is(err, vexsync.ErrLeft) || !strings.Contains(err.Error(), "cannot be taken") {
		t.Errorf("waiting for a ticket: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	connections, err := d.store.Connections(ctx)
	d.must(err)
	id, err := d.store.AskProvision(ctx, analyst, model.ProvisionRequest{ConnectionID: connections[0].ID, Kind: model.ProvisionSetUp})
	d.must(err)
	if _, err := d.engine().AwaitProvision(ctx, id, func(model.ProvisionStep) {}); err == nil || !strings.Contains(err.Error(), "cannot be taken") {
		t.Errorf("waiting for provisioning: %v", err)
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
