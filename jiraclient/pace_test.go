package jiraclient_test

import (
	"net/http"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
)

// most is the highest number of requests in any span of time, by the server's
// clock.
func most(requests []jiratest.Request, method string, span time.Duration) int {
	var times []time.Time
	for _, r := range requests {
		if r.Method == method {
			times = append(times, r.At)
		}
	}
	highest, from := 0, 0
	for i, at := range times {
		for at.Sub(times[from]) >= span {
			from++
		}
		highest = max(highest, i-from+1)
	}
	return highest
}

func TestWritesToOneIssueArePaced(t *testing.T) {
	b := newBench(t)
	key := mustCreate(t, b, task(1))[0].Key
	b.jira.ResetLog()
	for range 250 {
		if err := b.EditIssue(t.Context(), key, jiraclient.Edit{Fields: map[string]any{"summary": "again"}}); err != nil {
			t.Fatal(err)
		}
	}
	requests := b.jira.Requests()
	if n := most(requests, http.MethodPut, 2*time.Second); n != 20 {
		t.Errorf("%d writes in 2 s, want the 20 that Jira allows", n)
	}
	if n := most(requests, http.MethodPut, 30*time.Second); n != 100 {
		t.Errorf("%d writes in 30 s, want the 100 that Jira allows", n)
	}
	if len(requests) != 250 {
		t.Errorf("%d requests for 250 writes: Jira had to say no", len(requests))
	}
}

// TestBurstsAreRiddenOut: a Jira that allows less than its documentation says
// slows the client down and stops nothing.
func TestBurstsAreRiddenOut(t *testing.T) {
	for name, b := range map[string]bench{"cloud": newFaultyBench(t), "data center": newDataCenter(t, jiratest.Options{})} {
		t.Run(name, func(t *testing.T) {
			b.jira.SetBurst(5)
			for range 23 {
				if _, err := b.Myself(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func TestRoutesArePaced(t *testing.T) {
	b := newFaultyBench(t, func(cfg *jiraclient.Config) { cfg.Pace = jiraclient.Pace{GetPerSecond: 10} })
	for range 60 {
		if _, err := b.Myself(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	// A full bucket and a second's refill.
	if n := most(b.jira.Requests(), http.MethodGet, time.Second); n > 20 {
		t.Errorf("%d reads in a second", n)
	}
	if got := b.clock.Now().Sub(newFakeClock().Now()); got < 4900*time.Millisecond {
		t.Errorf("60 reads at 10 a second took %s", got)
	}
}

func TestThrottledCreationIsSentAgain(t *testing.T) {
	for name, how := range map[string]jiratest.Throttle{
		"seconds": jiratest.RetryAfterSeconds, "reset": jiratest.ResetTime, "minute": jiratest.ResetMinute,
		"page": jiratest.HTMLBody,
		"date": jiratest.RetryAfterDate, "policies": jiratest.QuotaPolicies, "data center": jiratest.DataCenterHeaders,
	} {
		t.Run(name, func(t *testing.T) {
			b := newFaultyBench(t)
			b.jira.ThrottleNext("POST", bulk, 1, how, 30*time.Second)
			if how == jiratest.ResetMinute {
				b.jira.Heal() // it can say whole minutes only
				b.jira.ThrottleNext("POST", bulk, 1, how, time.Minute)
			}
			start := b.clock.Now()
			mustCreate(t, b, tasks(2)...)
			if got := b.clock.Now().Sub(start); got < 30*time.Second || got > 61*time.Second {
				t.Errorf("it waited %s", got)
			}
			if n := len(b.jira.Issues()); n != 2 {
				t.Errorf("%d issues", n)
			}
		})
	}
}

func TestThrottledWithoutAWord(t *testing.T) {
	b := newFaultyBench(t)
	b.jira.ThrottleNext("POST", bulk, 0, jiratest.Bare, 0)
	_, err := b.CreateIssues(t.Context(), tasks(1))
	assertIs(t, err, jiraclient.ErrRateLimited)
	if jiraclient.OutcomeOf(err) != jiraclient.Refused || b.jira.Count("POST", bulk) != 4 {
		t.Errorf("outcome %s after %d tries", jiraclient.OutcomeOf(err), b.jira.Count("POST", bulk))
	}
}

func TestALongPauseIsHandedOn(t *testing.T) {
	b := newFaultyBench(t)
	b.jira.ThrottleNext("POST", bulk, 1, jiratest.RetryAfterSeconds, time.Hour)
	_, err := b.CreateIssues(t.Context(), tasks(1))
	assertIs(t, err, jiraclient.ErrRateLimited)
	if jiraclient.RetryAfter(err) != time.Hour {
		t.Errorf("retry after %s", jiraclient.RetryAfter(err))
	}
	_, err = b.CreateIssues(t.Context(), tasks(1))
	assertIs(t, err, jiraclient.ErrRateLimited)
	if jiraclient.OutcomeOf(err) != jiraclient.NotSent || jiraclient.RetryAfter(err) != time.Hour || b.jira.Count("POST", bulk) != 1 {
		t.Errorf("during the pause: %s, %v", jiraclient.OutcomeOf(err), err)
	}
	if _, err := b.Myself(t.Context()); err != nil {
		t.Errorf("a burst limit concerns its route alone: %v", err)
	}
}

func TestAQuotaStopsEverything(t *testing.T) {
	b := newFaultyBench(t)
	b.jira.Inject(jiratest.Fault{Route: "/myself", Times: 1, Reply: &jiratest.Reply{
		Status: 429, Header: http.Header{"Retry-After": {"900"}, "Ratelimit-Reason": {"jira-quota-global-based"}},
	}})
	if _, err := b.Myself(t.Context()); err == nil {
		t.Fatal("no error")
	}
	_, err := b.ServerInfo(t.Context())
	if jiraclient.RetryAfter(err) != 15*time.Minute {
		t.Errorf("another route: %v", err)
	}
}
