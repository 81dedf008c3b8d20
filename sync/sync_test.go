package sync_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

var analyst = model.Actor{Name: "ana", Source: "test"}

// desk is a workspace with a simulated Jira behind it.
type desk struct {
	t     *testing.T
	store *storage.Store
	jira  *jiratest.Server
	path  string
}

// newDesk makes a workspace with n violations, a connection and a profile.
func newDesk(t *testing.T, n int) *desk {
	t.Helper()
	d := &desk{t: t, jira: jiratest.NewServer(jiratest.Options{}), path: workspace(t)}
	t.Cleanup(func() {
		if err := d.jira.Close(); err != nil {
			t.Error(err)
		}
	})
	d.store = d.open()
	d.setUp(n)
	return d
}

// setUp gives the workspace its connection, its profile and n violations.
func (d *desk) setUp(n int) {
	d.t.Helper()
	d.setUpWith(model.Connection{Name: "cloud", Type: model.Cloud, Auth: model.AuthBasic, URL: d.jira.URL, User: jiratest.AnalystEmail}, n)
}

// setUpWith is setUp with a connection of another kind.
func (d *desk) setUpWith(connection model.Connection, n int) {
	d.t.Helper()
	ctx := d.t.Context()
	c, err := d.store.AddConnection(ctx, analyst, connection, []byte(jiratest.AnalystToken))
	d.must(err)
	d.must(d.store.SetVerified(ctx, analyst, c, d.jira.URL))
	_, err = d.store.AddProfile(ctx, analyst, model.Profile{Name: "sec", Connection: c.Name, Project: "SEC", IssueType: "Bug", Labels: []string{"security"}})
	d.must(err)
	d.must(d.store.SetSetting(ctx, analyst, "settling", "150ms"))
	d.take(n)
}

func (d *desk) open() *storage.Store {
	d.t.Helper()
	s, err := storage.Open(d.t.Context(), d.path, storage.Options{})
	d.must(err)
	d.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			d.t.Error(err)
		}
	})
	return s
}

func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// take imports n violations.
func (d *desk) take(n int) {
	d.t.Helper()
	im, err := d.store.NewImport(d.t.Context())
	d.must(err)
	for i := range n {
		d.must(im.Add(d.t.Context(), &model.Finding{ID: fmt.Sprintf("CVE-2024-%05d", i), Title: "A flaw", Severity: model.SeverityHigh,
			Description: "What is *wrong* with it.", Component: model.Component{PURL: fmt.Sprintf("pkg:npm/lib%d@1.0", i), Type: "npm", Name: fmt.Sprintf("lib%d", i), Version: "1.0"}}))
	}
	_, err = im.Commit(d.t.Context(), &model.Report{Format: "trivy", Scanner: "trivy", Artifact: "app", Product: "app", Version: "1"}, storage.ImportOptions{Actor: analyst})
	d.must(err)
	d.must(im.Close())
}

// request plans tickets for everything and stores the intention.
func (d *desk) request() []model.Operation {
	d.t.Helper()
	ids, err := d.store.MatchingIDs(d.t.Context(), storage.Window{})
	d.must(err)
	return d.requestFor(ids...)
}

// requestFor is request for some violations.
func (d *desk) requestFor(ids ...model.ViolationID) []model.Operation {
	d.t.Helper()
	plan, err := d.store.PlanTickets(d.t.Context(), model.PlanRequest{IDs: ids})
	d.must(err)
	ops, err := d.store.RequestTickets(d.t.Context(), analyst, plan)
	d.must(err)
	return ops
}

func ids(ops []model.Operation) (out []string) {
	for _, op := range ops {
		out = append(out, op.ID)
	}
	return out
}

func (d *desk) engine() *vexsync.Engine { return vexsync.New(vexsync.Options{Store: d.store}) }

// await waits for the operations and fails the test where not all are done.
func (d *desk) await(ops []model.Operation) []model.Operation {
	d.t.Helper()
	done, err := d.engine().Await(d.t.Context(), ids(ops), 20*time.Second)
	d.must(err)
	for _, op := range done {
		if op.State != model.OpDone {
			d.t.Fatalf("operation %s is %s: %s", op.ID, op.State, op.Error)
		}
	}
	return done
}

// eachHasItsOne checks that every violation has exactly one ticket, that Jira
// has exactly these, and that each belongs to the operation that made it.
func (d *desk) eachHasItsOne(n int) {
	d.t.Helper()
	issues := d.jira.Issues()
	if len(issues) != n {
		d.t.Fatalf("Jira holds %d issues, want %d", len(issues), n)
	}
	byKey := map[string]string{}
	for _, issue := range issues {
		byKey[issue.Key] = issue.Summary
	}
	rows, err := d.store.Page(d.t.Context(), storage.Window{}, storage.Page{})
	d.must(err)
	for _, row := range rows {
		if row.Tickets != 1 || row.Ticket == nil || row.Ticket.State != model.TicketOpen {
			d.t.Fatalf("violation %s has %d tickets: %+v", row.ID, row.Tickets, row.Ticket)
		}
		if summary := byKey[row.Ticket.Key]; !strings.HasPrefix(summary, row.Issue) {
			d.t.Fatalf("%s is linked to %s, which is about %q", row.Issue, row.Ticket.Key, summary)
		}
		delete(byKey, row.Ticket.Key)
	}
	if len(byKey) != 0 {
		d.t.Fatalf("tickets without a violation: %v", byKey)
	}
}

func TestTicketsAreCreatedFiftyInARequest(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 120)
	d.await(d.request())
	d.eachHasItsOne(120)
	if n := d.jira.Count("POST", "/issue/bulk"); n != 3 {
		t.Errorf("%d bulk requests for 120 tickets, want 3", n)
	}
	if n := len(d.jira.Requests()); n > 12 {
		t.Errorf("%d requests for 120 tickets: %v", n, d.jira.Requests())
	}
	rows, err := d.store.Page(t.Context(), storage.Window{}, storage.Page{Limit: 1})
	d.must(err)
	if rows[0].Ticket.Status != "To Do" || rows[0].Ticket.Category != model.CategoryNew || rows[0].Ticket.URL != d.jira.URL+"/browse/"+rows[0].Ticket.Key {
		t.Errorf("the row shows %+v", rows[0].Ticket)
	}
	if again := d.request(); len(again) != 0 {
		t.Errorf("planning again asks for %d tickets more", len(again))
	}
}

func TestEveryFaultOfTheBulkRequestEndsWithOneTicketEach(t *testing.T) {
	faults := map[string]func(*jiratest.Server){
		"hang up before acting": func(j *jiratest.Server) { j.HangUpNext("POST", "/issue/bulk", 2) },
		"act and hang up":       func(j *jiratest.Server) { j.CommitThenHangUp("POST", "/issue/bulk", 2) },
		"act and answer 500":    func(j *jiratest.Server) { j.CommitThenFail("POST", "/issue/bulk", 2, 500) },
		"act and answer 504":    func(j *jiratest.Server) { j.CommitThenFail("POST", "/issue/bulk", 1, 504) },
		"503 before acting":     func(j *jiratest.Server) { j.FailNext("POST", "/issue/bulk", 1, 503) },
		"429": func(j *jiratest.Server) {
			j.ThrottleNext("POST", "/issue/bulk", 1, jiratest.RetryAfterSeconds, time.Second)
		},
		"the probe fails once as well": func(j *jiratest.Server) {
			j.CommitThenHangUp("POST", "/issue/bulk", 1)
			j.FailNext("POST", "/issue/bulkfetch", 1, 400)
		},
		"index lags": func(j *jiratest.Server) { j.SetIndexLag(time.Hour); j.CommitThenHangUp("POST", "/issue/bulk", 1) },
	}
	for name, inject := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, 70)
			inject(d.jira)
			d.await(d.request())
			d.eachHasItsOne(70)
		})
	}
}

func TestARefusedElementFailsWithItsMessageAndTheOthersGoOn(t *testing.T) {
	d := newDesk(t, 3)
	idsOf, err := d.store.MatchingIDs(t.Context(), storage.Window{})
	d.must(err)
	plan, err := d.store.PlanTickets(t.Context(), model.PlanRequest{IDs: idsOf})
	d.must(err)
	plan.Lines[1].Draft.Labels = []string{"two words"}
	ops, err := d.store.RequestTickets(t.Context(), analyst, plan)
	d.must(err)
	done, err := d.engine().Await(t.Context(), ids(ops), 10*time.Second)
	d.must(err)
	if done[0].State != model.OpDone || done[2].State != model.OpDone {
		t.Fatalf("the others did not go on: %+v", done)
	}
	if done[1].State != model.OpFailed || done[1].ErrorFields["labels"] == "" {
		t.Fatalf("the refused one: %+v", done[1])
	}
}

func TestAChangeInJiraComesToTheRow(t *testing.T) {
	d := newDesk(t, 2)
	d.await(d.request())
	rows, err := d.store.Page(t.Context(), storage.Window{}, storage.Page{})
	d.must(err)
	d.must(d.jira.SetStatus(rows[0].Ticket.Key, "In Progress"))
	n, err := d.store.AskRefresh(t.Context(), analyst, []model.ViolationID{rows[0].ID})
	d.must(err)
	if n != 1 {
		t.Fatalf("%d tickets asked for", n)
	}
	_, err = d.engine().AwaitRefresh(t.Context(), 10*time.Second)
	d.must(err)
	after, err := d.store.RowsByID(t.Context(), []model.ViolationID{rows[0].ID})
	d.must(err)
	if after[0].Ticket.Status != "In Progress" || after[0].Ticket.Category != model.CategoryInProgress || !after[0].Updated.After(rows[0].Updated) {
		t.Fatalf("%+v", after[0].Ticket)
	}
}

func TestADeletedTicketIsUnknownAndNotAskedForAgain(t *testing.T) {
	d := newDesk(t, 2)
	d.await(d.request())
	rows, err := d.store.Page(t.Context(), storage.Window{}, storage.Page{})
	d.must(err)
	d.must(d.jira.Delete(rows[0].Ticket.Key))
	refresh := func() {
		_, err := d.store.AskRefresh(t.Context(), analyst, nil)
		d.must(err)
		_, err = d.engine().AwaitRefresh(t.Context(), 10*time.Second)
		d.must(err)
	}
	refresh()
	after, err := d.store.RowsByID(t.Context(), []model.ViolationID{rows[0].ID})
	d.must(err)
	if after[0].Ticket.State != model.TicketDeleted || after[0].Ticket.ShownStatus() != "Unknown" {
		t.Fatalf("%+v", after[0].Ticket)
	}
	d.jira.ResetLog()
	_, err = d.store.AskRefresh(t.Context(), analyst, []model.ViolationID{rows[0].ID})
	d.must(err)
	refresh()
	for _, r := range d.jira.Requests() {
		if strings.Contains(fmt.Sprint(r), after[0].Ticket.JiraID+`"`) {
			t.Errorf("the deleted ticket was asked for: %+v", r)
		}
	}
}

func TestABrokenConnectionShowsUnknownUntilItWorks(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 2)
	d.await(d.request())
	d.jira.SetToken(jiratest.AnalystEmail, "another")
	_, err := d.store.AskRefresh(t.Context(), analyst, nil)
	d.must(err)
	e := d.engine()
	if _, err := e.AwaitRefresh(t.Context(), 500*time.Millisecond); err == nil {
		t.Fatal("a refused sign-in went unnoticed")
	}
	rows, err := d.store.Page(t.Context(), storage.Window{}, storage.Page{})
	d.must(err)
	if rows[0].Ticket.State != model.TicketBroken || rows[0].Ticket.ShownStatus() != "Unknown" {
		t.Fatalf("%+v", rows[0].Ticket)
	}
	d.jira.SetToken(jiratest.AnalystEmail, jiratest.AnalystToken)
	_, err = d.engine().AwaitRefresh(t.Context(), 10*time.Second)
	d.must(err)
	rows, err = d.store.Page(t.Context(), storage.Window{}, storage.Page{})
	d.must(err)
	if rows[0].Ticket.State != model.TicketOpen || rows[0].Ticket.Status != "To Do" {
		t.Fatalf("%+v", rows[0].Ticket)
	}
}

func TestTwoEnginesOnOneDatabaseTakeTurns(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 150)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 2)
	for range 2 {
		e := vexsync.New(vexsync.Options{Store: d.open()})
		go func() { ended <- e.Run(ctx) }()
	}
	ops := d.request()
	d.must(d.store.AwaitChange(t.Context(), func() (bool, error) {
		done, err := d.store.Operations(t.Context(), storage.OperationFilter{IDs: ids(ops), States: []model.OperationState{model.OpDone}})
		return len(done) == len(ops), err
	}))
	cancel()
	for range 2 {
		d.must(<-ended)
	}
	d.eachHasItsOne(150)
}

func TestOfflineIsAStateAndNotAnError(t *testing.T) {
	d := newDesk(t, 1)
	d.must(d.jira.Close())
	ops, err := d.engine().Await(t.Context(), ids(d.request()), 10*time.Second)
	if !errors.Is(err, vexsync.ErrOffline) || len(ops) != 1 || ops[0].State != model.OpPending {
		t.Fatalf("%+v, %v", ops, err)
	}
}

func TestUpdatingATicketWritesSummaryAndCommentAndNothingElse(t *testing.T) {
	t.Parallel()
	d := newDesk(t, 1)
	d.await(d.request())
	rows, err := d.store.Page(t.Context(), storage.Window{}, storage.Page{})
	d.must(err)
	key := rows[0].Ticket.Key
	d.must(d.jira.SetField(key, "labels", []any{"theirs"}))
	plan, err := d.store.PlanTickets(t.Context(), model.PlanRequest{IDs: []model.ViolationID{rows[0].ID}, UpdateExisting: true, Comment: "Seen *again*."})
	d.must(err)
	ops, err := d.store.RequestTickets(t.Context(), analyst, plan)
	d.must(err)
	if len(ops) != 2 {
		t.Fatalf("%d operations", len(ops))
	}
	d.jira.CommitThenHangUp("POST", "/issue/{issueIdOrKey}/comment", 1)
	d.await(ops)
	client, err := jiraclient.New(jiraclient.Config{BaseURL: d.jira.URL, Auth: jiraclient.Basic(jiratest.AnalystEmail, jiratest.AnalystToken)})
	d.must(err)
	defer client.Close()
	comments, err := client.Comments(t.Context(), key, 10)
	d.must(err)
	issue, err := client.GetIssue(t.Context(), key, []string{"labels"}, nil)
	d.must(err)
	if len(comments) != 1 || len(issue.Labels()) != 1 || issue.Labels()[0] != "theirs" {
		t.Fatalf("%d comments, labels %v", len(comments), issue.Labels())
	}
}
