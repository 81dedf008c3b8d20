package sync_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/adf"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// watch adds policies with one rule each, that want tickets, and a watch over
// them.
func (d *desk) watch(on bool, grace int, queries ...string) {
	d.t.Helper()
	w := model.Watch{Name: "w", Scope: "product:app", CreateTickets: on, Profile: "sec"}
	for i, q := range queries {
		name := fmt.Sprintf("p%d", i)
		_, err := d.store.AddPolicy(d.t.Context(), analyst, model.Policy{Name: name, GraceDays: grace, Rules: []model.Rule{{Query: q, CreateTicket: true}}})
		d.must(err)
		w.Policies = append(w.Policies, name)
	}
	_, err := d.store.AddWatch(d.t.Context(), analyst, w)
	d.must(err)
}

// sync runs the jobs once and fails the test where something is left.
func (d *desk) sync(only ...string) vexsync.Report {
	d.t.Helper()
	r, err := d.engine().Once(d.t.Context(), vexsync.Once{Only: only, Timeout: 20 * time.Second})
	d.must(err)
	if len(r.Failed) > 0 {
		d.t.Fatalf("failed: %+v", r.Failed)
	}
	return r
}

// scan imports the report of a version with the violations of these numbers.
func (d *desk) scan(version string, numbers ...int) {
	d.t.Helper()
	im, err := d.store.NewImport(d.t.Context())
	d.must(err)
	for _, i := range numbers {
		d.must(im.Add(d.t.Context(), &model.Finding{ID: fmt.Sprintf("CVE-2024-%05d", i), Title: "A flaw", Severity: model.SeverityHigh, FixVersions: []string{"9.0"},
			Component: model.Component{PURL: "pkg:npm/lib@1.0", Type: "npm", Name: "lib", Version: "1.0"}}))
	}
	_, err = im.Commit(d.t.Context(), &model.Report{Format: "trivy", Scanner: "trivy", Artifact: "app", Product: "app", Version: version}, storage.ImportOptions{Actor: analyst})
	d.must(err)
	d.must(im.Close())
}

// says lists the comments of a ticket as text, the oldest first.
func (d *desk) says(key string) []string {
	d.t.Helper()
	client, err := jiraclient.New(jiraclient.Config{BaseURL: d.jira.URL, Auth: jiraclient.Basic(jiratest.AnalystEmail, jiratest.AnalystToken)})
	d.must(err)
	defer client.Close()
	comments, err := client.Comments(d.t.Context(), key, 50)
	d.must(err)
	var out []string
	for _, c := range comments {
		document, err := adf.Parse(c.Body)
		d.must(err)
		out = append([]string{adf.PlainText(document)}, out...)
	}
	return out
}

// keys are the keys of all tickets, the oldest first.
func (d *desk) keys() []string {
	d.t.Helper()
	tickets, err := d.store.Tickets(d.t.Context(), storage.TicketFilter{})
	d.must(err)
	var out []string
	for _, t := range tickets {
		out = append([]string{t.Key}, out...)
	}
	return out
}

// status sets the status of a ticket there and fetches it.
func (d *desk) status(key, status string) {
	d.t.Helper()
	d.must(d.jira.SetStatus(key, status))
	d.refresh(key)
}

func (d *desk) refresh(key string) {
	d.t.Helper()
	_, err := d.store.AskRefreshKeys(d.t.Context(), []string{key})
	d.must(err)
	_, err = d.engine().AwaitRefresh(d.t.Context(), 10*time.Second)
	d.must(err)
}

func (d *desk) expectSaid(key string, want ...string) {
	d.t.Helper()
	got := d.says(key)
	ok := len(got) == len(want)
	for i := range min(len(got), len(want)) {
		ok = ok && strings.Contains(got[i], want[i])
	}
	if !ok {
		d.t.Fatalf("%s says %q, want %q", key, got, want)
	}
}

func TestPoliciesMakeOneTicketForWhatIsFirstSeenAfterSwitchingOn(t *testing.T) {
	d := newDesk(t, 0)
	d.scan("1", 1, 2)
	d.watch(true, 0, "severity:high", "severity:>=high")
	if r := d.sync("auto"); r.Created != 0 {
		t.Fatalf("%d tickets for what was there before", r.Created)
	}
	d.scan("1", 1, 2, 3, 4, 5)
	if r := d.sync("auto"); r.Created != 3 {
		t.Fatalf("%d tickets for three new violations under two policies", r.Created)
	}
	if r := d.sync("auto"); r.Created != 0 || len(d.jira.Issues()) != 3 {
		t.Fatalf("again: %d tickets", r.Created)
	}
	plan, err := d.store.PlanWatch(t.Context(), "w")
	d.must(err)
	if plan.Count(model.PlanCreate) != 2 || plan.Count(model.PlanSkip) != 3 {
		t.Fatalf("the plan for what is there: create %d, skip %d", plan.Count(model.PlanCreate), plan.Count(model.PlanSkip))
	}
	_, err = d.store.RequestTickets(t.Context(), analyst, plan)
	d.must(err)
	d.sync()
	if n := len(d.jira.Issues()); n != 5 {
		t.Fatalf("%d tickets", n)
	}
}

func TestTheGracePeriodIsWaitedFor(t *testing.T) {
	d := newDesk(t, 0)
	d.watch(true, 1, "severity:high")
	d.scan("1", 1)
	if r := d.sync("auto"); r.Created != 0 {
		t.Fatal("a ticket within the grace period")
	}
	counts, err := d.store.WatchMatches(t.Context(), "w")
	d.must(err)
	if len(counts) != 1 || counts[0].Due != 1 {
		t.Fatalf("%+v", counts)
	}
	at, err := d.store.NextAutomatic(t.Context())
	d.must(err)
	if in := time.Until(at); in < 23*time.Hour || in > 24*time.Hour {
		t.Fatalf("due in %v", in)
	}
}

func TestAWatchWithoutAProfileSaysSoAndTriesLater(t *testing.T) {
	d := newDesk(t, 0)
	_, err := d.store.AddProfile(t.Context(), analyst, model.Profile{Name: "other", Connection: "cloud", Project: "SEC", IssueType: "Bug"})
	d.must(err)
	d.watch(true, 0, "severity:high")
	w, err := d.store.Watch(t.Context(), "w")
	d.must(err)
	w.Profile = ""
	_, err = d.store.SetWatch(t.Context(), analyst, "w", w)
	d.must(err)
	d.scan("1", 1)
	r, err := d.engine().Once(t.Context(), vexsync.Once{Only: []string{"auto"}, Timeout: 10 * time.Second})
	d.must(err)
	if len(r.Failed) != 1 || !strings.Contains(r.Failed[0].Message, "which profile") {
		t.Fatalf("%+v", r.Failed)
	}
	d.sync("auto")
	at, err := d.store.NextAutomatic(t.Context())
	d.must(err)
	if !at.After(time.Now()) {
		t.Fatal("it is tried again at once")
	}
}

// closing makes a ticket for violation 1 under a profile with these rules.
func closing(t *testing.T, again, gone string, group model.Grouping) (*desk, string) {
	d := newDesk(t, 0)
	_, err := d.store.AddProfile(t.Context(), analyst, model.Profile{Name: "life", Connection: "cloud", Project: "SEC", IssueType: "Bug", OnSeenAgain: again, OnGone: gone,
		Transitions: map[string]string{"In Progress": "21", "In Review": "31"}})
	d.must(err)
	d.scan("1", 1)
	ids, err := d.store.MatchingIDs(t.Context(), storage.Window{})
	d.must(err)
	plan, err := d.store.PlanTickets(t.Context(), model.PlanRequest{IDs: ids, Profile: "life", Group: group})
	d.must(err)
	_, err = d.store.RequestTickets(t.Context(), analyst, plan)
	d.must(err)
	d.sync()
	return d, d.keys()[0]
}

func TestAClosedTicketWhoseViolationIsSeenAgain(t *testing.T) {
	t.Run("comment", func(t *testing.T) {
		d, key := closing(t, model.SeenAgainComment, model.GoneComment, "")
		d.status(key, "Done")
		d.scan("1", 1)
		d.sync()
		d.scan("1", 1)
		d.sync()
		d.expectSaid(key, "Closed here, and seen again")
		d.status(key, "To Do")
		d.status(key, "Done")
		d.scan("1", 1)
		d.sync()
		d.expectSaid(key, "seen again", "seen again")
	})
	t.Run("reopen", func(t *testing.T) {
		d, key := closing(t, model.SeenAgainReopen, model.GoneComment, "")
		d.status(key, "Done")
		d.scan("1", 1)
		d.jira.CommitThenHangUp("POST", "/issue/{issueIdOrKey}/transitions", 1)
		d.sync()
		d.expectSaid(key, "seen again")
		d.refresh(key)
		tickets, err := d.store.Tickets(t.Context(), storage.TicketFilter{Keys: []string{key}})
		d.must(err)
		if tickets[0].Category == model.CategoryDone {
			t.Fatalf("still %s", tickets[0].Status)
		}
	})
	t.Run("new", func(t *testing.T) {
		d, key := closing(t, model.SeenAgainNew, model.GoneComment, "")
		d.status(key, "Done")
		d.scan("1", 1)
		d.sync()
		d.scan("1", 1)
		d.sync()
		if keys := d.keys(); len(keys) != 2 {
			t.Fatalf("tickets %v", keys)
		}
		rows, err := d.store.Page(t.Context(), storage.Window{}, storage.Page{})
		d.must(err)
		if rows[0].Tickets != 2 || rows[0].Ticket.Key == key {
			t.Fatalf("the newest does not lead: %+v", rows[0].Ticket)
		}
		d.expectSaid(key)
	})
}

func TestTheTicketOfAViolationThatIsGone(t *testing.T) {
	t.Run("comment, and back again", func(t *testing.T) {
		d, key := closing(t, model.SeenAgainComment, model.GoneComment, "")
		d.scan("1", 2)
		d.sync()
		d.scan("1", 2)
		d.sync()
		d.expectSaid(key, "No longer found")
		d.scan("1", 1)
		d.sync()
		d.expectSaid(key, "No longer found", "Back again")
	})
	t.Run("transition", func(t *testing.T) {
		d, key := closing(t, model.SeenAgainComment, model.GoneTransition, "")
		d.scan("1", 2)
		d.sync()
		issue, err := d.jira.Issue(key)
		d.must(err)
		if issue.Status != "Done" {
			t.Fatalf("it is %s", issue.Status)
		}
		d.expectSaid(key, "No longer found")
	})
	t.Run("nothing", func(t *testing.T) {
		d, key := closing(t, model.SeenAgainComment, model.GoneNothing, "")
		d.scan("1", 2)
		d.sync()
		d.expectSaid(key)
	})
}

func TestAGroupedTicketIsKeptInStep(t *testing.T) {
	d, key := closing(t, model.SeenAgainComment, model.GoneComment, model.GroupComponent)
	describes := func(want string, not string) {
		t.Helper()
		client, err := jiraclient.New(jiraclient.Config{BaseURL: d.jira.URL, Auth: jiraclient.Basic(jiratest.AnalystEmail, jiratest.AnalystToken)})
		d.must(err)
		defer client.Close()
		issue, err := client.GetIssue(t.Context(), key, []string{"summary", "description"}, nil)
		d.must(err)
		text := issue.Summary() + issue.Text("description")
		if !strings.Contains(text, want) || not != "" && strings.Contains(text, not) {
			t.Fatalf("%s says %q", key, text)
		}
	}
	d.scan("1", 1, 2)
	d.sync()
	describes("CVE-2024-00002", "")
	if keys := d.keys(); len(keys) != 1 {
		t.Fatalf("tickets %v", keys)
	}
	d.scan("1", 2)
	d.sync()
	describes("CVE-2024-00002", "CVE-2024-00001")
	d.expectSaid(key)
	d.scan("1", 3)
	d.scan("2", 9)
	d.sync()
	moved, err := d.jira.Move(key, "OPS")
	d.must(err)
	d.refresh(key)
	key = moved
	d.scan("2", 9, 10)
	d.sync()
	describes("CVE-2024-00010", "")
}

// requests makes tickets for n violations and checks that Jira was asked no
// more than needed: fifty a request, and a handful of questions besides.
func (d *desk) requests(n int) {
	d.t.Helper()
	d.jira.ResetLog()
	ops := d.request()
	if len(ops) != n {
		d.t.Fatalf("%d operations", len(ops))
	}
	began := time.Now()
	_, err := d.engine().Await(d.t.Context(), ids(ops), 10*time.Minute)
	d.must(err)
	routes := map[string]int{}
	for _, r := range d.jira.Requests() {
		routes[r.Method+" "+r.Route]++
	}
	d.t.Logf("%d tickets in %v, requests by route: %v", n, time.Since(began).Round(time.Millisecond), routes)
	bulk, all := d.jira.Count("POST", "/issue/bulk"), len(d.jira.Requests())
	if bulk != n/50 || all > bulk+10 {
		d.t.Errorf("%d bulk requests and %d in all", bulk, all)
	}
	d.eachHasItsOne(n)
}

func TestFourHundredTicketsCostEightRequestsAndAHandful(t *testing.T) {
	t.Parallel()
	newDesk(t, 400).requests(400)
}
