package sync_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// takePairs imports n issues that each hit two components.
func (d *vexDesk) takePairs(n int) {
	d.t.Helper()
	im, err := d.store.NewImport(d.t.Context())
	d.must(err)
	for i := range n {
		for _, name := range []string{"left", "right"} {
			d.must(im.Add(d.t.Context(), &model.Finding{ID: fmt.Sprintf("CVE-2025-%05d", i), Title: "A flaw", Severity: model.SeverityHigh,
				Component: model.Component{PURL: fmt.Sprintf("pkg:npm/%s%d@1.0", name, i), Type: "npm", Name: fmt.Sprintf("%s%d", name, i), Version: "1.0"}}))
		}
	}
	_, err = im.Commit(d.t.Context(), &model.Report{Format: "trivy", Scanner: "trivy", Artifact: "app", Product: "pairs", Version: "1"}, storage.ImportOptions{Actor: analyst})
	d.must(err)
	d.must(im.Close())
}

// chaos lets both sides edit while the sync is cut, killed and misled.
type chaos struct {
	*vexDesk
	clock   *clock
	random  *rand.Rand
	edits   int
	tickets map[string][]model.ViolationID // by key
	keys    []string
	held    map[string]map[string]bool // every value that Jira ever held, by key
	written map[string]string          // what a person last wrote in Jira, by key
}

func newChaos(t *testing.T, seed uint64) *chaos {
	c := newClock()
	d := &chaos{vexDesk: newTimedDesk(t, 1, c), clock: c, random: rand.New(rand.NewPCG(seed, 1)), tickets: map[string][]model.ViolationID{}, held: map[string]map[string]bool{}, written: map[string]string{}}
	d.takePairs(2)
	ids, err := d.store.MatchingIDs(t.Context(), storage.Window{})
	d.must(err)
	plan, err := d.store.PlanTickets(t.Context(), model.PlanRequest{IDs: ids, Group: model.GroupVulnerability})
	d.must(err)
	_, err = d.store.RequestTickets(t.Context(), analyst, plan)
	d.must(err)
	d.sync()
	for _, row := range d.rows() {
		key := row.Ticket.Key
		if d.tickets[key] == nil {
			d.keys = append(d.keys, key)
			d.held[key] = map[string]bool{"": true}
		}
		d.tickets[key] = append(d.tickets[key], row.ID)
	}
	return d
}

func (d *chaos) step() {
	key := d.keys[d.random.IntN(len(d.keys))]
	d.edits++
	switch n := d.random.IntN(14); {
	case n < 2:
		ids := d.tickets[key]
		d.decide(ids[d.random.IntN(len(ids))], "impact", fmt.Sprintf("here %d", d.edits))
	case n < 4:
		value := fmt.Sprintf("here %d", d.edits)
		for _, id := range d.tickets[key] {
			d.decide(id, "impact", value)
		}
	case n < 6:
		value := fmt.Sprintf("jira %d", d.edits)
		d.inJira(key, model.FieldImpact, value)
		d.held[key][value], d.written[key] = true, value
	case n < 7:
		take := []storage.Take{storage.TakeLocal, storage.TakeJira, storage.Take(fmt.Sprintf("here %d", d.edits))}[d.random.IntN(3)]
		_, err := d.store.ResolveConflicts(d.t.Context(), analyst, d.tickets[key], model.FieldImpact, take)
		if err != nil && !errors.Is(err, storage.ErrNoConflict) {
			d.t.Fatal(err)
		}
	case n < 8:
		d.jira.SetIndexLag(time.Duration(d.random.IntN(3)) * 2 * time.Minute)
	default:
		d.spoiltSync()
	}
	d.clock.advance(time.Duration(1+d.random.IntN(200)) * time.Second)
}

// spoiltSync syncs while something goes wrong, and checks that nobody's words
// in Jira were overwritten unseen.
func (d *chaos) spoiltSync() {
	before := map[string]string{}
	for _, key := range d.keys {
		before[key] = d.jiraHolds(key, model.FieldImpact)
	}
	routes := []string{"/issue/{issueIdOrKey}", "/issue/bulkfetch", "/search/jql", "/issue/{issueIdOrKey}/comment"}
	if d.random.IntN(2) == 0 {
		d.jira.Inject(jiratest.Fault{Route: routes[d.random.IntN(len(routes))], Skip: d.random.IntN(2), Times: 1, Act: d.random.IntN(2) == 0, HangUp: true})
	}
	ctx := d.t.Context()
	if d.random.IntN(3) == 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(d.random.IntN(40))*time.Millisecond)
		defer cancel()
	}
	// How it ends is not the point: what it leaves behind is.
	_, _ = d.engine().Once(ctx, vexsync.Once{Timeout: 300 * time.Millisecond})
	d.jira.Heal()
	for _, key := range d.keys {
		now := d.jiraHolds(key, model.FieldImpact)
		d.held[key][now] = true
		if was := before[key]; now != was && strings.HasPrefix(was, "jira") && !d.noted(key, was) {
			d.t.Errorf("%q in %s was overwritten by %q without having been seen", was, key, now)
		}
	}
}

// noted tells whether the history of a ticket's violations knows a value of
// Jira's.
func (d *chaos) noted(key, value string) bool {
	for _, id := range d.tickets[key] {
		history, err := d.store.History(d.t.Context(), id, 0)
		d.must(err)
		for _, entry := range history {
			if entry.After == value || entry.Before == value {
				return true
			}
		}
	}
	return false
}

// settle heals everything, syncs until nothing happens and checks the end.
func (d *chaos) settle() {
	d.jira.SetIndexLag(0)
	d.clock.advance(25 * time.Hour) // the sweep is due
	for range 3 {
		d.sync()
		d.clock.advance(6 * time.Minute)
	}
	d.quiet()
	open, err := d.store.Conflicts(d.t.Context(), nil)
	d.must(err)
	for _, key := range d.keys {
		there := d.jiraHolds(key, model.FieldImpact)
		values := map[string]bool{}
		disputed := false
		for _, id := range d.tickets[key] {
			here := d.violation(id).Assessment.Impact
			values[here] = true
			for _, c := range open {
				if c.Violation == id && c.Field == model.FieldImpact {
					disputed = true
					if c.Local != here || c.Jira != there {
						d.t.Errorf("the conflict on %s holds %q and %q, the sides %q and %q", key, c.Local, c.Jira, here, there)
					}
				}
			}
		}
		if !disputed && len(values) == 1 && !values[there] {
			d.t.Errorf("%s holds %q, its violations %v, and there is no conflict", key, there, values)
		}
	}
	d.noEditLost()
}

// noEditLost checks the history: what Jira's value replaced had been in Jira
// before, so that somebody there saw it.
func (d *chaos) noEditLost() {
	for key, ids := range d.tickets {
		for _, id := range ids {
			history, err := d.store.History(d.t.Context(), id, 0)
			d.must(err)
			for _, entry := range history {
				if entry.Source == "jira" && entry.Field == string(model.FieldImpact) && !d.held[key][entry.Before] {
					d.t.Errorf("%s: %q was replaced by Jira's %q and had never been there", key, entry.Before, entry.After)
				}
			}
		}
	}
}

func TestWhateverHappensBothSidesEndEqualOrInConflict(t *testing.T) {
	for seed := range uint64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			d := newChaos(t, seed)
			for range 80 {
				d.step()
			}
			d.settle()
		})
	}
}
