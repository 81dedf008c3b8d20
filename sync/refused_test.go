package sync_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// sprinkled asks for n tickets of which some cannot be made: a required field
// is missing, an option does not exist, a project is hidden from the account.
// These fail with a message, and the rest is done.
func (d *desk) sprinkled(n int) {
	d.t.Helper()
	d.jira.Revoke(jiratest.AnalystEmail, "CREATE_ISSUES", "OPS")
	d.jira.Revoke(jiratest.AnalystEmail, "BROWSE_PROJECTS", "OPS")
	all, err := d.store.MatchingIDs(d.t.Context(), storage.Window{})
	d.must(err)
	plan, err := d.store.PlanTickets(d.t.Context(), model.PlanRequest{IDs: all})
	d.must(err)
	spoil := []func(*model.TicketDraft){
		func(t *model.TicketDraft) { t.IssueType = "Audit Finding" },
		func(t *model.TicketDraft) { t.Fields = map[string]string{jiratest.FieldSeverity: "Tremendous"} },
		func(t *model.TicketDraft) { t.Project = "OPS" },
	}
	spoiled := 0
	for i := range plan.Lines {
		if i%29 == 7 {
			spoil[spoiled%len(spoil)](&plan.Lines[i].Draft)
			spoiled++
		}
	}
	ops, err := d.store.RequestTickets(d.t.Context(), analyst, plan)
	d.must(err)
	done, err := d.engine().Await(d.t.Context(), ids(ops), 10*time.Minute)
	d.must(err)
	said := map[string]int{}
	for _, op := range done {
		if op.State == model.OpDone {
			continue
		}
		if op.State != model.OpFailed || op.Error == "" && len(op.ErrorFields) == 0 {
			d.t.Errorf("operation %s is %s: %q", op.ID, op.State, op.Error)
		}
		text := op.Error
		for field, message := range op.ErrorFields {
			text += " [" + field + ": " + message + "]"
		}
		said[text]++
	}
	failed := 0
	for text, times := range said {
		d.t.Logf("%d failed: %s", times, text)
		failed += times
	}
	if failed != spoiled || len(said) < len(spoil) {
		d.t.Errorf("%d of %d failed, in %d ways; want %d in %d", failed, n, len(said), spoiled, len(spoil))
	}
	if made := len(d.jira.Issues()); made != n-spoiled {
		d.t.Errorf("Jira holds %d issues, want %d", made, n-spoiled)
	}
}

func TestOfManyTicketsThoseThatCannotBeMadeFailAlone(t *testing.T) {
	t.Parallel()
	newDesk(t, 120).sprinkled(120)
}

// TestOneAtWhichJiraFailsDoesNotStopTheOthers: its request ends in a 500 each time,
// and with it those of all that are sent in the same one.
func TestOneAtWhichJiraFailsDoesNotStopTheOthers(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 0)
	jira, err := url.Parse(d.jira.URL)
	d.must(err)
	proxy := httputil.NewSingleHostReverseProxy(jira)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if r.Body = io.NopCloser(bytes.NewReader(body)); err != nil || strings.HasSuffix(r.URL.Path, "/issue/bulk") && bytes.Contains(body, []byte("CVE-2024-00003")) {
			http.Error(w, "{}", http.StatusInternalServerError)
			return
		}
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	c, err := d.store.Connection(t.Context(), "cloud")
	d.must(err)
	d.must(d.store.RemoveConnection(t.Context(), analyst, c))
	d.setUpWith(model.Connection{Name: "cloud", Type: model.Cloud, Auth: model.AuthBasic, URL: server.URL, User: jiratest.AnalystEmail}, 10)
	ops := d.request()
	ctx, end := context.WithCancel(t.Context())
	var syncer sync.WaitGroup
	syncer.Go(func() { d.must(d.engine().Run(ctx)) })
	defer syncer.Wait()
	defer end()
	d.awaitJira("the others were made", func() bool {
		d.must(d.store.AskSync(t.Context())) // a person does not wait for the rest to end
		return len(d.jira.Issues()) == len(ops)-1
	})
}
