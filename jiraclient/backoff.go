package jiraclient

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	maxTries   = 4
	firstPause = 2 * time.Second
	maxPause   = 30 * time.Second
	// longestWait is the longest pause that a call sits out itself. A longer
	// one is handed to the caller as APIError.RetryAfter.
	longestWait = 60 * time.Second
)

// pauseBefore is how long to wait before the next try (tries have been made):
// 2 s doubling to 30 s with jitter 0.7 to 1.3, and never less than Jira asks.
func pauseBefore(tries int, asked time.Duration, random float64) time.Duration {
	d := min(firstPause<<(tries-1), maxPause)
	d = time.Duration(float64(d) * (0.7 + 0.6*random))
	return max(d, asked)
}

// repeatable tells whether a call that failed like this may be made again by
// itself: anything that was not executed, and reads that may yet succeed.
func repeatable(read bool, err error) bool {
	var api *APIError
	if errors.As(err, &api) {
		return !api.Captcha && (api.Status == http.StatusTooManyRequests || read && api.Status >= 500 && api.Status != http.StatusNotImplemented)
	}
	var answer *AnswerError
	if errors.As(err, &answer) {
		return read && errors.Is(answer, ErrInvalidAnswer)
	}
	// No answer: a read on a connection that broke is tried again, a server
	// that cannot be reached at all is the caller's matter.
	var transport *TransportError
	return read && errors.As(err, &transport) && transport.Sent && errors.Is(err, ErrUnreachable)
}

// retryAfter reads how long an answer asks to wait. Jira and the gateway before
// it use Retry-After (seconds or a date), X-RateLimit-Reset (ISO 8601, now and
// then without seconds) and the t parameter of RateLimit.
func retryAfter(h http.Header, now time.Time) time.Duration {
	if d, ok := parseRetryAfter(h.Get("Retry-After"), now); ok {
		return d
	}
	if d, ok := parseReset(h.Get("X-RateLimit-Reset"), now); ok {
		return d
	}
	for _, name := range []string{"RateLimit", "Beta-RateLimit"} {
		if d, ok := parseRateLimit(h.Values(name)); ok {
			return d
		}
	}
	return 0
}

func parseRetryAfter(s string, now time.Time) (time.Duration, bool) {
	s = strings.TrimSpace(s)
	if seconds, err := strconv.ParseFloat(s, 64); err == nil && seconds >= 0 && seconds < longestAsked.Seconds() {
		return time.Duration(seconds * float64(time.Second)), true
	}
	if at, err := http.ParseTime(s); err == nil {
		return until(at, now)
	}
	return 0, false
}

// longestAsked is the longest pause that is believed.
const longestAsked = 1e6 * time.Second

func until(at, now time.Time) (time.Duration, bool) {
	d := max(0, at.Sub(now))
	return d, d < longestAsked
}

func parseReset(s string, now time.Time) (time.Duration, bool) {
	s = strings.TrimSpace(s)
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", TimeLayout} {
		if at, err := time.Parse(layout, s); err == nil {
			return until(at, now)
		}
	}
	return 0, false
}

// parseRateLimit takes the longest t of the policies that are exhausted, in a
// list such as "burst";r=0;t=12, "quota";r=400;t=1800.
func parseRateLimit(values []string) (time.Duration, bool) {
	var longest time.Duration
	found := false
	for policy := range strings.SplitSeq(strings.Join(values, ","), ",") {
		left, wait := -1, -1
		for part := range strings.SplitSeq(policy, ";") {
			name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
			n, err := strconv.Atoi(value)
			if err != nil {
				continue
			}
			switch name {
			case "r":
				left = n
			case "t":
				wait = n
			}
		}
		if left == 0 && wait >= 0 && wait < int(longestAsked.Seconds()) {
			longest, found = max(longest, time.Duration(wait)*time.Second), true
		}
	}
	return longest, found
}
