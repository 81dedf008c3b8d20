package sync_test

import (
	"maps"
	"testing"
	"time"

	"example.com/vexdesk/model"
	vexsync "example.com/vexdesk/sync"
)

func TestAStatusRoundAsksAHundredAtATimeAndWritesWhatChanged(t *testing.T) {
	t.Parallel()
	rounds(t, 200, 10, 0)
}

// rounds fetches the statuses of many tickets, of which some changed, and then
// compares their VEX fields: requests by route, and what was written. latency
// is how long Jira takes for each answer.
func rounds(t *testing.T, tickets, changes int, latency time.Duration) {
	t.Helper()
	c := newClock()
	d := newTimedDesk(t, tickets, c)
	began := time.Now()
	d.request()
	if _, err := d.engine().Once(t.Context(), vexsync.Once{Timeout: time.Hour}); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d tickets made in %v", tickets, time.Since(began).Round(time.Millisecond))
	// The first polls of VEX fields are those of new tickets.
	c.advance(30 * time.Minute)
	for range 2 {
		if _, err := d.engine().Once(t.Context(), vexsync.Once{Only: []string{"vex"}, Timeout: time.Hour}); err != nil {
			t.Fatal(err)
		}
		c.advance(30 * time.Minute)
	}
	c.advance(9 * time.Hour)
	issues := d.jira.Issues()
	for i := range changes {
		d.must(d.jira.SetStatus(issues[i*(tickets/changes)].Key, "In Progress"))
	}
	d.jira.SetLatency(latency, 0)
	once := func(job string) (vexsync.Report, map[string]int, time.Duration) {
		d.jira.ResetLog()
		began := time.Now()
		r, err := d.engine().Once(t.Context(), vexsync.Once{Only: []string{job}, Timeout: time.Hour})
		d.must(err)
		return r, d.routes(), time.Since(began).Round(time.Millisecond)
	}
	r, routes, took := once("status")
	if want := map[string]int{"POST /issue/bulkfetch": tickets / 100}; r.Statuses != tickets || !maps.Equal(routes, want) {
		t.Errorf("%d statuses by %v, want %v", r.Statuses, routes, want)
	}
	if got := d.writtenSince(c.now().Truncate(time.Millisecond)); got != changes {
		t.Errorf("%d rows were written, and %d changed", got, changes)
	}
	t.Logf("status round over %d tickets of which %d changed: %v in %v", tickets, changes, routes, took)

	// The sweep by id, which pulls what the index forgot.
	d.jira.SetLatency(0, 0)
	d.jira.SetIndexLag(1000 * time.Hour)
	for i := range changes {
		d.inJira(issues[i*(tickets/changes)+1].Key, model.FieldStatus, "fixed")
	}
	d.jira.SetLatency(latency, 0)
	c.advance(25 * time.Hour)
	r, routes, took = once("vex")
	if r.Pulled != changes || routes["POST /issue/bulkfetch"] != tickets/100 {
		t.Errorf("pulled %d by %v", r.Pulled, routes)
	}
	t.Logf("sweep over %d tickets of which %d changed: %v in %v", tickets, changes, routes, took)
	_, routes, took = once("vex")
	t.Logf("quiet poll over %d tickets: %v in %v", tickets, routes, took)
}

// writtenSince counts the rows that changed at or after a moment: those that
// screens draw anew.
func (d *vexDesk) writtenSince(at time.Time) (n int) {
	d.t.Helper()
	for _, row := range d.rows() {
		if !row.Updated.Before(at) {
			n++
		}
	}
	return n
}
