package sync_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/jiraclient/oauth"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// newDataCenterDesk makes a workspace with n violations and a connection to a
// Data Center, below a context path.
func newDataCenterDesk(t *testing.T, n int) *desk {
	t.Helper()
	d := &desk{t: t, jira: jiratest.NewServer(jiratest.Options{Deployment: jiraclient.DataCenter, ContextPath: "/jira"}), path: workspace(t)}
	t.Cleanup(func() { d.must(d.jira.Close()) })
	d.store = d.open()
	d.connect(model.Connection{Name: "dc", Type: model.DataCenter, Auth: model.AuthPAT}, map[storage.SecretName][]byte{storage.SecretMain: []byte(jiratest.AnalystPAT)})
	d.take(n)
	return d
}

// connect adds a connection that passed, and a profile for it.
func (d *desk) connect(c model.Connection, secrets map[storage.SecretName][]byte) model.Connection {
	d.t.Helper()
	ctx := d.t.Context()
	c.URL = d.jira.URL
	c, err := d.store.AddConnectionWith(ctx, analyst, c, secrets)
	d.must(err)
	d.must(d.store.SetVerified(ctx, analyst, c, d.jira.URL))
	_, err = d.store.AddProfile(ctx, analyst, model.Profile{Name: "sec", Connection: c.Name, Project: "SEC", IssueType: "Bug", Labels: []string{"security"}})
	d.must(err)
	d.must(d.store.SetSetting(ctx, analyst, "settling", "150ms"))
	return c
}

func TestDataCenterGetsItsTicketsWhateverGoesWrong(t *testing.T) {
	faults := map[string]func(*jiratest.Server){
		"nothing":               func(*jiratest.Server) {},
		"hang up before acting": func(j *jiratest.Server) { j.HangUpNext("POST", "/issue/bulk", 2) },
		"act and hang up":       func(j *jiratest.Server) { j.CommitThenHangUp("POST", "/issue/bulk", 2) },
		"act and answer 504":    func(j *jiratest.Server) { j.CommitThenFail("POST", "/issue/bulk", 1, 504) },
		"429": func(j *jiratest.Server) {
			j.ThrottleNext("POST", "/issue/bulk", 1, jiratest.RetryAfterSeconds, time.Second)
		},
	}
	for name, inject := range faults {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDataCenterDesk(t, 70)
			inject(d.jira)
			d.await(d.request())
			d.eachHasItsOne(70)
			for _, issue := range d.jira.Issues() {
				if !strings.Contains(issue.Description, "What is wrong with it.") || len(issue.Labels) != 1 {
					t.Fatalf("%s says %q with labels %v", issue.Key, issue.Description, issue.Labels)
				}
			}
		})
	}
}

func TestDataCenterStatusesCommentsAndUpdates(t *testing.T) {
	t.Parallel()
	d := newDataCenterDesk(t, 2)
	d.await(d.request())
	rows, err := d.store.Page(t.Context(), storage.Window{}, storage.Page{})
	d.must(err)
	key := rows[0].Ticket.Key
	d.must(d.jira.SetStatus(key, "Done"))
	d.must(d.jira.Delete(rows[1].Ticket.Key))
	_, err = d.store.AskRefreshKeys(t.Context(), []string{key, rows[1].Ticket.Key})
	d.must(err)
	_, err = d.engine().AwaitRefresh(t.Context(), 10*time.Second)
	d.must(err)
	states := map[string]string{}
	after, err := d.store.Page(t.Context(), storage.Window{}, storage.Page{})
	d.must(err)
	for _, row := range after {
		if row.Ticket != nil {
			states[row.Ticket.Key] = string(row.Ticket.State) + " " + row.Ticket.Status
		}
	}
	if states[key] != "open Done" {
		t.Errorf("after Done in Jira: %v", states)
	}
	plan, err := d.store.PlanTickets(t.Context(), model.PlanRequest{IDs: []model.ViolationID{rows[0].ID}, UpdateExisting: true, Comment: "Seen *again* in {app} [here]."})
	d.must(err)
	ops, err := d.store.RequestTickets(t.Context(), analyst, plan)
	d.must(err)
	d.jira.CommitThenHangUp("POST", "/issue/{issueIdOrKey}/comment", 1)
	d.await(ops)
	issue, err := d.jira.Issue(key)
	d.must(err)
	if len(issue.Comments) != 1 || issue.Comments[0] != "Seen again in {app} [here]." {
		t.Errorf("comments %q", issue.Comments)
	}
}

// consented makes a connection by OAuth 2 whose consent is given.
func consented(d *desk) model.Connection {
	d.t.Helper()
	d.jira.RegisterApp("app-1", "app-secret", oauth.DefaultRedirectURL, oauth.DefaultScopes()...)
	c := d.connect(model.Connection{Name: "cloud", Type: model.Cloud, Auth: model.AuthOAuth2, ClientID: "app-1",
		Options: model.ConnectionOptions{Gateway: d.jira.URL, CloudID: jiratest.CloudID}}, map[storage.SecretName][]byte{storage.SecretClient: []byte("app-secret")})
	app, err := vexsync.App(d.t.Context(), d.store, c)
	d.must(err)
	ask := app.Ask()
	to, err := d.jira.Consent(jiratest.AnalystEmail, ask.URL)
	d.must(err)
	u, err := url.Parse(to)
	d.must(err)
	token, err := ask.Redeem(d.t.Context(), u.Query())
	d.must(err)
	d.keep(c, token)
	return c
}

func (d *desk) keep(c model.Connection, token oauth.Token) {
	d.t.Helper()
	data, err := token.Encode()
	d.must(err)
	d.must(d.store.PutToken(d.t.Context(), c.ID, data))
}

func TestTicketsThroughOAuth2(t *testing.T) {
	t.Parallel()
	d := &desk{t: t, jira: jiratest.NewServer(jiratest.Options{}), path: workspace(t)}
	t.Cleanup(func() { d.must(d.jira.Close()) })
	d.store = d.open()
	consented(d)
	d.take(3)
	d.await(d.request())
	d.eachHasItsOne(3)
	// A consent that was withdrawn breaks the connection, and what is intended stays.
	d.jira.RevokeConsents()
	_, err := d.store.AskRefreshKeys(t.Context(), []string{"SEC-1"})
	d.must(err)
	if _, err := d.engine().AwaitRefresh(t.Context(), 3*time.Second); err == nil {
		t.Error("statuses came without a consent")
	}
	c, err := d.store.Connection(t.Context(), "cloud")
	d.must(err)
	if c.BrokenSince.IsZero() || !strings.Contains(c.Problem, "authorize") {
		t.Errorf("the connection says %q", c.Problem)
	}
}
