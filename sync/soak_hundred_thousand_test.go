//go:build soak

package sync_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
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

func TestSoakFiveThousandTicketsOfWhichFiftyChanged(t *testing.T) { pollCosts(t, 5000, 50) }

// bareJira answers what status rounds and the sweep of VEX fields ask, each
// after the same time, and nothing else: so that what is measured is ours. Every
// 200th issue changed.
type bareJira struct {
	latency time.Duration
	bulk    atomic.Int64
	others  atomic.Int64
	moved   atomic.Bool
}

func (b *bareJira) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	time.Sleep(b.latency)
	type object = map[string]any
	var out any
	switch {
	case strings.HasSuffix(r.URL.Path, "/issue/bulkfetch"):
		b.bulk.Add(1)
		var in struct {
			IDs []string `json:"issueIdsOrKeys"`
		}
		if json.NewDecoder(r.Body).Decode(&in) != nil {
			http.Error(w, "{}", http.StatusBadRequest)
			return
		}
		issues := []object{}
		for _, id := range in.IDs {
			status, vex := object{"id": "1", "name": "To Do", "statusCategory": object{"key": "new"}}, any(nil)
			if strings.HasSuffix(id, "00") && b.moved.Load() {
				status = object{"id": "2", "name": "In Progress", "statusCategory": object{"key": "indeterminate"}}
				vex = object{"id": "11", "value": "fixed"}
			}
			issues = append(issues, object{"id": id, "key": "SEC-" + id, "fields": object{"summary": "A ticket", "status": status, "project": object{"key": "SEC"},
				"issuetype": object{"name": "Bug"}, "created": "2026-11-22T10:00:00.000+0000", "updated": "2026-11-22T11:00:00.000+0000", "customfield_1": vex}})
		}
		out = object{"issues": issues, "issueErrors": []any{}}
	case strings.HasSuffix(r.URL.Path, "/issuetypes"):
		out = object{"issueTypes": []object{{"id": "1", "name": "Bug"}}, "startAt": 0, "maxResults": 50, "total": 1}
	case strings.Contains(r.URL.Path, "/issuetypes/"):
		options := []object{}
		for i, word := range model.FieldStatus.Words() {
			options = append(options, object{"id": fmt.Sprint(8 + i), "value": word})
		}
		out = object{"fields": []object{{"fieldId": "customfield_1", "name": "VEX Status", "schema": object{"type": "option", "custom": "com.atlassian.jira.plugin.system.customfieldtypes:select"}, "allowedValues": options}}, "startAt": 0, "maxResults": 50, "total": 1}
	default:
		out = object{"issues": []any{}, "isLast": true}
	}
	if !strings.HasSuffix(r.URL.Path, "/issue/bulkfetch") {
		b.others.Add(1)
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(out) // the client sees what is missing
}

// TestSoakAHundredThousandTickets measures a status round and a sweep of VEX
// fields at 50 ms an answer; docs/PERFORMANCE.md holds the last run.
func TestSoakAHundredThousandTickets(t *testing.T) {
	const tickets = 100_000
	jira := &bareJira{}
	server := httptest.NewServer(jira)
	t.Cleanup(server.Close)
	c := newClock()
	d := &vexDesk{desk: &desk{t: t, jira: jiratest.NewServer(jiratest.Options{}), path: workspace(t)}}
	d.must(d.jira.Close())
	d.jira.URL = server.URL
	var err error
	d.store, err = storage.Open(t.Context(), d.path, c.options())
	d.must(err)
	t.Cleanup(func() { d.must(d.store.Close()) })
	d.setUp(tickets)
	began := time.Now()
	d.pretend(d.request())
	t.Logf("%d tickets in the workspace after %v", tickets, time.Since(began).Round(time.Millisecond))

	measure := func(job string) vexsync.Report {
		jira.bulk.Store(0)
		jira.others.Store(0)
		began := time.Now()
		r, err := d.engine().Once(t.Context(), vexsync.Once{Only: []string{job}, Timeout: time.Hour})
		d.must(err)
		t.Logf("%s: %d bulkfetch and %d other requests in %v; statuses %d, pulled %d", job, jira.bulk.Load(), jira.others.Load(), time.Since(began).Round(time.Millisecond), r.Statuses, r.Pulled)
		return r
	}
	measure("vex") // the first comparison of new tickets
	c.advance(9 * time.Hour)
	measure("status") // the first one, which learns when each was created
	jira.latency = 50 * time.Millisecond
	jira.moved.Store(true)
	c.advance(9 * time.Hour)
	if r := measure("status"); r.Statuses != tickets || jira.bulk.Load() != tickets/100 {
		t.Errorf("%d statuses by %d requests", r.Statuses, jira.bulk.Load())
	}
	if n := d.writtenSince(c.now().Truncate(time.Millisecond)); n != tickets/100 {
		t.Errorf("%d rows were written, and %d changed", n, tickets/100)
	}
	c.advance(25 * time.Hour)
	if r := measure("vex"); r.Pulled != tickets/100 {
		t.Errorf("pulled %d", r.Pulled)
	}
	measure("vex")
}

// pretend settles creations as if Jira had made the tickets.
func (d *vexDesk) pretend(ops []model.Operation) {
	d.t.Helper()
	generation, err := d.store.TakeLease(d.t.Context(), "test")
	d.must(err)
	next := 100_000
	for range slices.Chunk(ops, 5000) {
		queues, _, err := d.store.Queues(d.t.Context())
		d.must(err)
		claimed, err := d.store.Claim(d.t.Context(), generation, queues[0], 5000)
		d.must(err)
		outcomes := make([]storage.Outcome, len(claimed))
		for i, op := range claimed {
			next++
			outcomes[i] = storage.Outcome{ID: op.ID, State: model.OpDone, JiraID: fmt.Sprint(next), Key: fmt.Sprintf("SEC-%d", next), Status: "To Do", Category: model.CategoryNew}
		}
		d.must(d.store.MarkSent(d.t.Context(), generation, ids(claimed), 0))
		d.must(d.store.Settle(d.t.Context(), generation, outcomes))
	}
}
