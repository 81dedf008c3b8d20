package jiraclient

import (
	"net/http"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, 3, 26, 15, 59, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		header http.Header
		want   time.Duration
	}{
		"none":             {http.Header{}, 0},
		"seconds":          {http.Header{"Retry-After": {"7"}}, 7 * time.Second},
		"fraction":         {http.Header{"Retry-After": {"1.5"}}, 1500 * time.Millisecond},
		"date":             {http.Header{"Retry-After": {"Thu, 26 Mar 2026 16:00:00 GMT"}}, time.Minute},
		"past date":        {http.Header{"Retry-After": {"Thu, 26 Mar 2026 15:00:00 GMT"}}, 0},
		"no sane date":     {http.Header{"Retry-After": {"Fri, 31 Dec 9999 23:59:59 GMT"}}, 0},
		"no sane reset":    {http.Header{"X-Ratelimit-Reset": {"9999-12-31T23:59:59Z"}}, 0},
		"no sane policy":   {http.Header{"Ratelimit": {`"burst";r=0;t=9223372036854775807`}}, 0},
		"nonsense":         {http.Header{"Retry-After": {"soon"}}, 0},
		"reset":            {http.Header{"X-Ratelimit-Reset": {"2026-03-26T16:00:30Z"}}, 90 * time.Second},
		"reset, minutes":   {http.Header{"X-Ratelimit-Reset": {"2026-03-26T16:00Z"}}, time.Minute},
		"retry-after wins": {http.Header{"Retry-After": {"3"}, "X-Ratelimit-Reset": {"2026-03-26T16:00Z"}}, 3 * time.Second},
		"policies":         {http.Header{"Ratelimit": {`"burst";r=0;t=12, "quota";r=400;t=1800`}}, 12 * time.Second},
		"beta policies":    {http.Header{"Beta-Ratelimit": {`"a";t=5;r=0`, `"b";r=0;t=9`}}, 9 * time.Second},
	} {
		if got := retryAfter(c.header, now); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestPauses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tries := rapid.IntRange(1, 20).Draw(t, "tries")
		asked := time.Duration(rapid.Int64Range(0, int64(time.Minute)).Draw(t, "asked"))
		random := rapid.Float64Range(0, 0.999).Draw(t, "random")
		d := pauseBefore(tries, asked, random)
		if d < asked {
			t.Fatalf("%s is less than Jira asked (%s)", d, asked)
		}
		if asked == 0 && (d < 1400*time.Millisecond || d > 39*time.Second) {
			t.Fatalf("%s is outside 2 s to 30 s with jitter", d)
		}
	})
}

func TestPacerNeverPassesAnIssuesLimits(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		clock := &stepClock{now: time.Unix(0, 0)}
		p := newPacer(clock, Pace{})
		var times []time.Time
		for range rapid.IntRange(1, 300).Draw(t, "writes") {
			clock.now = clock.now.Add(time.Duration(rapid.IntRange(0, 400).Draw(t, "gap ms")) * time.Millisecond)
			if err := p.wait(t.Context(), http.MethodPut, "/issue/{issueIdOrKey}", "SEC-1"); err != nil {
				t.Fatal(err)
			}
			times = append(times, clock.now)
			for _, w := range issueWindows {
				if i := len(times) - 1 - w.writes; i >= 0 && times[len(times)-1].Sub(times[i]) < w.span {
					t.Fatalf("%d writes within %s", w.writes+1, times[len(times)-1].Sub(times[i]))
				}
			}
		}
	})
}
