package sync_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// A ticket that is asked for while the statuses of many others are fetched is
// made before the last of these.
func TestATicketIsMadeBetweenTheStatusesOfOthers(t *testing.T) {
	t.Parallel()
	between(t, "status", 9*time.Hour)
}

func TestATicketIsMadeBetweenTheDecisionsOfOthers(t *testing.T) {
	t.Parallel()
	between(t, "vex", 25*time.Hour)
}

// between runs a job over 300 tickets, 100 in a part, and asks for one more
// ticket when Jira gets the first request of it.
func between(t *testing.T, job string, later time.Duration) {
	t.Helper()
	c := newClock()
	d := newTimedDesk(t, 301, c)
	all, err := d.store.MatchingIDs(t.Context(), storage.Window{})
	d.must(err)
	d.requestFor(all[1:]...)
	d.sync()
	c.advance(later)
	var once sync.Once
	jira := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/issue/bulkfetch") {
			once.Do(func() { d.requestFor(all[0]) })
		}
		d.jira.ServeHTTP(w, r)
	}))
	t.Cleanup(jira.Close)
	d.jira.ResetLog()
	e := vexsync.New(vexsync.Options{Store: d.store, Part: 100, Connect: func(ctx context.Context, c model.Connection, _ []byte) (*jiraclient.Client, error) {
		c.URL = jira.URL
		return vexsync.Connect(ctx, d.store, c)
	}})
	_, err = e.Once(t.Context(), vexsync.Once{Only: []string{"create", job}, Timeout: time.Minute})
	d.must(err)
	asked := 0
	for _, r := range d.jira.Requests() {
		switch r.Method + " " + r.Route {
		case "POST /issue/bulkfetch":
			asked++
		case "POST /issue/bulk":
			if asked >= 3 {
				t.Errorf("the ticket was made after %d requests of the job, want it between them", asked)
			}
			return
		}
	}
	t.Error("the ticket was not made")
}
