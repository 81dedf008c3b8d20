package sync_test

import (
	"context"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// TestATicketThatJiraMakesLateIsTold: a creation was lost, sent again, and then
// Jira carries out the first request as well. The process that sent it is gone,
// and Jira does not answer when it is first asked about that.
func TestATicketThatJiraMakesLateIsTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 1)
	d.jira.HangUpNext("POST", "/issue/bulk", 1)
	op := d.await(d.request())[0]
	if op.Attempts != 2 {
		t.Fatalf("it was sent %d times", op.Attempts)
	}
	client, err := jiraclient.New(jiraclient.Config{BaseURL: d.jira.URL, Auth: jiraclient.Basic(jiratest.AnalystEmail, jiratest.AnalystToken)})
	d.must(err)
	defer client.Close()
	issue, err := client.GetIssue(t.Context(), op.Key, []string{"issuetype"}, nil)
	d.must(err)
	made, err := client.CreateIssues(t.Context(), []jiraclient.IssueCreate{{ProjectKey: "SEC", IssueTypeID: issue.Type().ID, Summary: "late", OperationID: op.ID}})
	d.must(err)
	late := made.Elements[0].Created.Key
	d.jira.Inject(jiratest.Fault{Method: "POST", Route: "/issue/bulkfetch", Reply: &jiratest.Reply{Status: 403, Body: "{}"}})
	asked := d.jira.Count("POST", "/issue/bulkfetch")

	changed, stop := d.store.Listen()
	defer stop()
	ctx, end := context.WithCancel(t.Context())
	var syncer sync.WaitGroup
	syncer.Go(func() { d.must(d.engine().Run(ctx)) })
	defer syncer.Wait()
	defer end()
	deadline := time.After(20 * time.Second)
	for healed := false; ; {
		if !healed && d.jira.Count("POST", "/issue/bulkfetch") > asked {
			d.jira.Heal()
			healed = true
			d.must(d.store.AskSync(t.Context())) // a person does not wait for the rest to end
		}
		told, err := d.store.Tickets(t.Context(), storage.TicketFilter{Keys: []string{late}})
		d.must(err)
		if len(told) == 1 && strings.Contains(told[0].Problem, "a duplicate of "+op.Key) && told[0].State == model.TicketOpen {
			return
		}
		select {
		case <-changed:
		case <-time.After(20 * time.Millisecond): // the simulated Jira has no bell
		case <-deadline:
			t.Fatalf("%s is not told as a duplicate: %+v", late, told)
		}
	}
}
