package sync_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// clock is a time that a test moves.
type clock struct{ ms atomic.Int64 }

func newClock() *clock {
	c := &clock{}
	c.ms.Store(time.Now().UnixMilli())
	return c
}

func (c *clock) now() time.Time           { return time.UnixMilli(c.ms.Load()) }
func (c *clock) advance(d time.Duration)  { c.ms.Add(d.Milliseconds()) }
func (c *clock) options() storage.Options { return storage.Options{Now: c.now} }

// newTimedDesk is a VEX desk whose workspace and Jira go by the clock.
func newTimedDesk(t *testing.T, n int, c *clock) *vexDesk {
	t.Helper()
	d := &vexDesk{desk: &desk{t: t, jira: jiratest.NewServer(jiratest.Options{Now: c.now}), path: workspace(t)}}
	var err error
	d.store, err = storage.Open(t.Context(), d.path, c.options())
	d.must(err)
	t.Cleanup(func() {
		if err := d.store.Close(); err != nil {
			t.Error(err)
		}
		if err := d.jira.Close(); err != nil {
			t.Error(err)
		}
	})
	d.setUp(n)
	d.addFields()
	return d
}

// routes counts the requests by route.
func (d *vexDesk) routes() map[string]int {
	out := map[string]int{}
	for _, r := range d.jira.Requests() {
		out[r.Method+" "+r.Route]++
	}
	return out
}

func TestOfManyTicketsTheFiftyThatChangedCostOneSearchAPoll(t *testing.T) {
	t.Parallel()
	pollCosts(t, 600, 50)
}

// pollCosts lets some of the tickets change on either side, with an account
// whose zone is not UTC and an index that lags and forgets, and counts requests
// by route.
func pollCosts(t *testing.T, tickets, changes int) {
	t.Helper()
	c := newClock()
	d := newTimedDesk(t, tickets, c)
	d.jira.SetZone(time.FixedZone("Asia/Kolkata", 5*3600+1800))
	d.request()
	if _, err := d.engine().Once(t.Context(), vexsync.Once{Timeout: 5 * time.Minute}); err != nil {
		t.Fatal(err)
	}
	poll := func() (vexsync.Report, map[string]int) {
		d.jira.ResetLog()
		r, err := d.engine().Once(t.Context(), vexsync.Once{Only: []string{"vex"}, Timeout: time.Minute})
		d.must(err)
		return r, d.routes()
	}
	// A quiet poll, once the creation lies outside the overlap.
	c.advance(30 * time.Minute)
	poll()
	c.advance(30 * time.Minute)
	r, routes := poll()
	if r.Pulled != 0 || !maps.Equal(routes, map[string]int{"POST /search/jql": 1}) {
		t.Errorf("a quiet poll: %+v, %v", r, routes)
	}
	t.Logf("quiet poll over %d tickets: %v", tickets, routes)

	// Fifty change while the index lags by four minutes.
	d.jira.SetIndexLag(4 * time.Minute)
	rows := d.rows()
	for i := range changes {
		d.inJira(rows[i*(tickets/changes)].Ticket.Key, model.FieldStatus, "not_affected")
	}
	if r, _ := poll(); r.Pulled != 0 {
		t.Errorf("the index showed %d too early", r.Pulled)
	}
	c.advance(5 * time.Minute)
	r, routes = poll()
	if r.Pulled != changes || routes["POST /search/jql"] > 2 || len(routes) != 1 {
		t.Errorf("%+v, %v", r, routes)
	}
	t.Logf("%d of %d changed: %v", changes, tickets, routes)
	c.advance(5 * time.Minute)
	if r, routes = poll(); r.Pulled != 0 {
		t.Errorf("pulled twice: %+v, %v", r, routes)
	}

	// Fifty decisions here: one read by id, one PUT and one comment each.
	ids := make([]model.ViolationID, changes)
	for i := range ids {
		ids[i] = rows[i*(tickets/changes)+1].ID
	}
	_, err := d.store.SetVEX(t.Context(), analyst, ids, map[model.VEXField]string{model.FieldStatus: "affected", model.FieldResponse: "update"})
	d.must(err)
	r, routes = poll()
	want := map[string]int{"PUT /issue/{issueIdOrKey}": changes, "POST /issue/{issueIdOrKey}/comment": changes, "POST /issue/bulkfetch": 1}
	for route, n := range want {
		if routes[route] != n {
			t.Errorf("%s: %d, want %d", route, routes[route], n)
		}
	}
	if r.Pushed != changes {
		t.Errorf("%+v", r)
	}
	t.Logf("%d decisions here: %v", changes, routes)

	// What the index forgets, the sweep finds.
	d.jira.SetIndexLag(1000 * time.Hour)
	d.inJira(rows[7].Ticket.Key, model.FieldStatus, "fixed")
	c.advance(25 * time.Hour)
	r, routes = poll()
	if r.Pulled != 1 || routes["POST /issue/bulkfetch"] != tickets/100 {
		t.Errorf("the sweep: %+v, %v", r, routes)
	}
	t.Logf("sweep by id: %v", routes)
}

func TestStatusesOfOldDeletedAndBrokenTicketsAreNotAskedFor(t *testing.T) {
	t.Parallel()
	c := newClock()
	d := newTimedDesk(t, 4, c)
	d.request()
	d.sync()
	rows := d.rows()
	refresh := func() map[string]int {
		t.Helper()
		d.jira.ResetLog()
		c.advance(9 * time.Hour)
		_, err := d.engine().Once(t.Context(), vexsync.Once{Only: []string{"status"}, Timeout: 20 * time.Second})
		d.must(err)
		return d.routes()
	}
	if routes := refresh(); routes["POST /issue/bulkfetch"] != 1 || len(routes) != 1 {
		t.Errorf("four open tickets: %v", routes)
	}
	// S7: the deleted one is asked for once more, explained, and never again.
	d.must(d.jira.Delete(rows[0].Ticket.Key))
	refresh()
	found, err := d.store.Tickets(t.Context(), storage.TicketFilter{Keys: []string{rows[0].Ticket.Key}})
	d.must(err)
	if found[0].ShownStatus() != "Unknown" || !strings.Contains(found[0].Problem, "deleted") || found[0].Status == "" {
		t.Errorf("the deleted ticket: %+v", found[0])
	}
	for _, row := range rows[1:] {
		d.must(d.jira.Delete(row.Ticket.Key))
	}
	refresh()
	if routes := refresh(); len(routes) != 0 {
		t.Errorf("deleted tickets were asked for: %v", routes)
	}
	_, err = d.store.AskRefresh(t.Context(), analyst, nil)
	d.must(err)
	if routes := refresh(); len(routes) != 0 {
		t.Errorf("deleted tickets were asked for on refresh of all: %v", routes)
	}

	// S6: older than a year, left alone by schedule and by "all", not by name.
	old := newTimedDesk(t, 1, c)
	old.request()
	old.sync()
	key := old.rows()[0].Ticket.Key
	c.advance(366 * 24 * time.Hour)
	d = old
	if routes := refresh(); len(routes) != 0 {
		t.Errorf("a ticket of last year was asked for: %v", routes)
	}
	_, err = d.store.AskRefresh(t.Context(), analyst, nil)
	d.must(err)
	if routes := refresh(); len(routes) != 0 {
		t.Errorf("a ticket of last year was asked for with all: %v", routes)
	}
	_, err = d.store.AskRefreshKeys(t.Context(), []string{key})
	d.must(err)
	if routes := refresh(); routes["POST /issue/bulkfetch"] != 1 {
		t.Errorf("a ticket asked for by name was not: %v", routes)
	}
	// VEX sync is not bound by the year (ruling 20).
	d.inJira(key, model.FieldStatus, "fixed")
	if r := d.sync(); r.Pulled != 1 {
		t.Errorf("the decision on an old ticket: %+v", r)
	}
}

func TestABrokenConnectionIsAskedOnceAndRefreshesByItselfWhenItWorks(t *testing.T) {
	t.Parallel()
	d := newVEXDesk(t, 250)
	d.request()
	d.sync()
	_, err := d.store.AskRefresh(t.Context(), analyst, nil)
	d.must(err)
	d.jira.SetToken(jiratest.AnalystEmail, "lapsed")
	d.jira.ResetLog()
	if _, err := d.engine().Once(t.Context(), vexsync.Once{Timeout: time.Second}); err == nil {
		t.Error("a refused sign-in went unnoticed")
	}
	if n := len(d.jira.Requests()); n > 4 {
		t.Errorf("%d requests on a broken connection with 250 tickets: %v", n, d.routes())
	}
	for _, row := range d.rows() {
		if row.Ticket.ShownStatus() != "Unknown" {
			t.Fatalf("%s shows %q", row.Ticket.Key, row.Ticket.ShownStatus())
		}
	}
	d.must(d.jira.SetStatus(d.rows()[3].Ticket.Key, "Done"))
	d.jira.SetToken(jiratest.AnalystEmail, jiratest.AnalystToken)
	d.sync()
	shown := map[string]int{}
	for _, row := range d.rows() {
		shown[row.Ticket.ShownStatus()]++
	}
	if shown["Done"] != 1 || shown["To Do"] != 249 {
		t.Errorf("after it works again: %v", slices.Sorted(maps.Keys(shown)))
	}
}

func TestReviewDatesThatPassPutBackInTriageAndComment(t *testing.T) {
	c := newClock()
	d := newTimedDesk(t, 2, c)
	d.request()
	d.sync()
	row := d.rows()[0]
	d.decide(row.ID, "status", "not_affected", "impact", "Never called.", "review_by", c.now().Add(48*time.Hour).UTC().Format(time.DateOnly))
	d.sync()
	d.quiet()
	c.advance(72 * time.Hour)
	d.sync()
	v := d.violation(row.ID)
	if v.Assessment.Status != model.VEXInTriage || !v.Assessment.ReviewBy.IsZero() || v.Provenance[model.FieldStatus].Source != "rule" {
		t.Errorf("%+v, %+v", v.Assessment, v.Provenance)
	}
	issue, err := d.jira.Issue(row.Ticket.Key)
	d.must(err)
	if d.jiraHolds(row.Ticket.Key, model.FieldStatus) != "in_triage" || !strings.Contains(fmt.Sprint(issue.Comments), "The review date") {
		t.Errorf("Jira holds %q, comments %v", d.jiraHolds(row.Ticket.Key, model.FieldStatus), issue.Comments)
	}
	d.quiet()
}
