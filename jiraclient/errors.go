package jiraclient

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode"
)

// What went wrong, for errors.Is. The concrete types carry the particulars.
var (
	// ErrUnauthorized: Jira did not accept the credentials (401).
	ErrUnauthorized = errors.New("jira did not accept the credentials")
	// ErrCaptcha: Jira wants a person to pass a CAPTCHA after failed logins.
	// Trying again makes it worse.
	ErrCaptcha = errors.New("jira asks for a CAPTCHA")
	// ErrMissingScope: the token is good and lacks a scope that the call needs.
	ErrMissingScope = errors.New("the token lacks a scope")
	// ErrForbidden: the account may not do this (403).
	ErrForbidden = errors.New("the account may not do this in jira")
	// ErrNotFound: absent, or not visible to this account (404); Jira does
	// not say which.
	ErrNotFound = errors.New("not found in jira, or not visible to the account")
	// ErrConflict: someone else changed the same thing at once (409).
	ErrConflict = errors.New("changed in jira at the same time")
	// ErrGone: Jira has removed this call (410).
	ErrGone = errors.New("removed from jira's API")
	// ErrRateLimited: Jira asks for a pause (429). Nothing was executed.
	ErrRateLimited = errors.New("jira asks to slow down")
	// ErrServer: Jira failed (5xx).
	ErrServer = errors.New("jira failed")
	// ErrUnreachable: no answer came: no route, no name, no TLS, time-out or
	// a cut connection.
	ErrUnreachable = errors.New("jira cannot be reached")
	// ErrNotJSON: an answer that is no JSON, such as a login page.
	ErrNotJSON = errors.New("the answer is not JSON")
	// ErrInvalidAnswer: JSON that does not fit, was cut short or is too long.
	ErrInvalidAnswer = errors.New("the answer cannot be read")
	// ErrRedirected: the address leads elsewhere; redirects are not followed.
	ErrRedirected = errors.New("the address leads elsewhere")
	// ErrRepeatedToken: a search handed out the same page token twice.
	ErrRepeatedToken = errors.New("jira repeated a page token")
	// ErrBadRequest: the request was refused here, before anything was sent.
	ErrBadRequest = errors.New("the request cannot be sent")
)

// APIError is an error answer of Jira (4xx or 5xx).
type APIError struct {
	Method, Route string            // the call; Route is its pattern, such as /issue/{issueIdOrKey}
	Status        int               // HTTP status
	Messages      []string          // errorMessages, cleaned
	Fields        map[string]string // errors by field id, cleaned
	RetryAfter    time.Duration     // how long Jira asks to wait; 0 when it does not say
	Reason        string            // RateLimit-Reason of a 429
	Captcha       bool              // a person must pass a CAPTCHA first
	HTML          bool              // the body was a page, not JSON
	Scope         bool              // the token lacks a scope
	OAuthProblem  string            // what is wrong with a signature of OAuth 1, in a word

	dataCenter bool   // which advice fits
	remedy     string // of the Authenticator, for a 401
}

// Error says what Jira refused and in which words.
func (e *APIError) Error() string {
	said := e.said()
	if said == "" {
		said = e.kind().Error()
	}
	return fmt.Sprintf("jira answered %d to %s %s: %s", e.Status, e.Method, e.Route, strings.TrimSuffix(said, "."))
}

// said joins Jira's own words, field messages in the order of their ids.
func (e *APIError) said() string {
	parts := slices.Clone(e.Messages)
	for _, id := range slices.Sorted(maps.Keys(e.Fields)) {
		parts = append(parts, id+": "+e.Fields[id])
	}
	return strings.Join(parts, "; ")
}

// Is matches the sentinel errors of this package.
func (e *APIError) Is(target error) bool {
	return target == e.kind() || e.Captcha && target == ErrCaptcha
}

func (e *APIError) kind() error {
	switch {
	case e.Scope:
		return ErrMissingScope
	case e.Status == http.StatusUnauthorized:
		return ErrUnauthorized
	case e.Status == http.StatusForbidden:
		return ErrForbidden
	case e.Status == http.StatusNotFound:
		return ErrNotFound
	case e.Status == http.StatusConflict:
		return ErrConflict
	case e.Status == http.StatusGone:
		return ErrGone
	case e.Status == http.StatusTooManyRequests:
		return ErrRateLimited
	case e.Status >= 500:
		return ErrServer
	default:
		return errRefused
	}
}

var errRefused = errors.New("jira refused the request")

// Outcome is Refused for 4xx and Unknown for the rest.
func (e *APIError) Outcome() Outcome {
	if e.Status >= 400 && e.Status < 500 {
		return Refused
	}
	return Unknown
}

// Hint says what a person can do about it.
func (e *APIError) Hint() string {
	switch {
	case e.Captcha:
		return "log in to Jira once in a browser and pass the CAPTCHA, then verify the connection again"
	case e.Scope:
		need := needOf(e.Method, e.Route)
		hint := "give the token or the OAuth app the scope " + need.Classic + ", needed for " + need.NeededFor
		if len(need.Granular) > 0 {
			hint += "; or all of " + strings.Join(need.Granular, " ")
		}
		return hint
	case e.OAuthProblem == "timestamp_refused":
		return "set the clock of this machine; Jira refuses signatures that are off by more than five minutes"
	case e.OAuthProblem != "":
		return "authorize the connection again; when it stays so, compare the application link in Jira with `connection show`"
	case e.Status == http.StatusUnauthorized && e.remedy != "":
		return e.remedy
	case e.Status == http.StatusUnauthorized && e.dataCenter:
		return "check the user name and the password; where single sign-on stands before Jira use a personal access token"
	case e.Status == http.StatusUnauthorized:
		return "check the e-mail address and the API token; a token lasts at most a year, so this one may have expired"
	case e.Status == http.StatusForbidden && e.HTML:
		return "a login page or a proxy answered in Jira's place; check the address, and whether basic authentication is allowed"
	case e.Status == http.StatusForbidden:
		return "ask a Jira administrator to give the account the missing permission in the project's permission scheme"
	case e.Status == http.StatusNotFound && e.HTML:
		return "check the connection's address: what answers there is not Jira's API"
	case e.Status == http.StatusNotFound:
		return "it was deleted, or the account has lost the right to browse the project"
	case e.Status == http.StatusConflict:
		return "read the issue again and repeat the change"
	case e.Status == http.StatusGone:
		return "this version of vexdesk is too old for this Jira; update vexdesk"
	case e.Status == http.StatusRequestEntityTooLarge:
		return "the texts are too long for this Jira or the proxy before it; shorten the description's template"
	case e.Status == http.StatusTooManyRequests:
		return "it goes on by itself after a pause"
	case e.Status >= 500:
		return "Jira has a problem of its own; see status.atlassian.com, and try again later"
	case len(e.Fields) > 0:
		return "correct the named fields in the profile or the form"
	default:
		return "correct what Jira names and try again"
	}
}

// TransportError is a request that got no answer.
type TransportError struct {
	Method, Route, Host string
	Sent                bool // a connection was at hand, so bytes may have left
	Err                 error
}

// Error says whether the request may have reached Jira.
func (e *TransportError) Error() string {
	if what := troubleOf(e.Err).what; what != "" && !e.Sent {
		return fmt.Sprintf("%s cannot be reached for %s %s: %s (%v)", e.Host, e.Method, e.Route, what, e.Err)
	}
	if e.Sent {
		return fmt.Sprintf("no answer from %s to %s %s, which may have reached it: %v", e.Host, e.Method, e.Route, e.Err)
	}
	return fmt.Sprintf("%s cannot be reached for %s %s: %v", e.Host, e.Method, e.Route, e.Err)
}

// Unwrap gives the technical cause.
func (e *TransportError) Unwrap() error { return e.Err }

// Is matches ErrUnreachable, unless the caller itself gave up.
func (e *TransportError) Is(target error) bool {
	return target == ErrUnreachable && !errors.Is(e.Err, context.Canceled)
}

// Outcome is NotSent when no connection came about, else Unknown.
func (e *TransportError) Outcome() Outcome {
	if e.Sent {
		return Unknown
	}
	return NotSent
}

// Hint says what a person can do about it.
func (e *TransportError) Hint() string { return troubleOf(e.Err).hint }

// AnswerError is an answer that cannot be used: a page instead of JSON, a
// redirect, a body that was cut or does not fit.
type AnswerError struct {
	Method, Route string
	Status        int
	Kind          error  // ErrNotJSON, ErrRedirected or ErrInvalidAnswer
	Location      string // of a redirect: scheme and host only
	Err           error  // technical cause, may be nil
}

// Error says what came instead.
func (e *AnswerError) Error() string {
	s := fmt.Sprintf("%v (%d to %s %s)", e.Kind, e.Status, e.Method, e.Route)
	if e.Location != "" {
		s += ", to " + e.Location
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the kind and the technical cause.
func (e *AnswerError) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// Outcome is Unknown: Jira, or something before it, did answer.
func (e *AnswerError) Outcome() Outcome { return Unknown }

// Hint says what a person can do about it.
func (e *AnswerError) Hint() string {
	switch {
	case errors.Is(e.Kind, ErrNotJSON):
		return "a login page, single sign-on or a proxy answered in Jira's place; check the connection's address and the proxy"
	case errors.Is(e.Kind, ErrRedirected):
		return "set the connection's address to the place it leads to, if that is your Jira"
	default:
		return "the connection broke or something between here and Jira cut the answer; try again"
	}
}

// PausedError is a request that was held back, because Jira has asked for a
// pause that is not over and is too long to sit out.
type PausedError struct {
	Method, Route string
	Wait          time.Duration // how long still
}

// Error says for how long.
func (e *PausedError) Error() string {
	return fmt.Sprintf("jira asked to leave %s %s alone for another %s", e.Method, e.Route, e.Wait.Round(time.Second))
}

// Is matches ErrRateLimited.
func (e *PausedError) Is(target error) bool { return target == ErrRateLimited }

// Outcome is NotSent.
func (e *PausedError) Outcome() Outcome { return NotSent }

// Hint says what a person can do about it.
func (e *PausedError) Hint() string { return "it goes on by itself after the pause" }

// RetryAfter is how long Jira asked to wait before the request is made again, 0
// when it did not ask.
func RetryAfter(err error) time.Duration {
	if api := (*APIError)(nil); errors.As(err, &api) {
		return api.RetryAfter
	}
	if paused := (*PausedError)(nil); errors.As(err, &paused) {
		return paused.Wait
	}
	return 0
}

// RequestError is a request that was refused here; nothing was sent.
type RequestError struct {
	Problem, Advice string
	Err             error
}

// Error says what is wrong with the request.
func (e *RequestError) Error() string {
	if e.Err != nil {
		return e.Problem + ": " + e.Err.Error()
	}
	return e.Problem
}

// Unwrap gives the technical cause.
func (e *RequestError) Unwrap() []error {
	if e.Err == nil {
		return []error{ErrBadRequest}
	}
	return []error{ErrBadRequest, e.Err}
}

// Outcome is NotSent.
func (e *RequestError) Outcome() Outcome { return NotSent }

// Hint says what to do instead.
func (e *RequestError) Hint() string { return e.Advice }

// unpreparedError is a question to Jira that failed and had to be answered before
// the request proper. Whatever became of the question, the request was not sent.
type unpreparedError struct{ cause error }

func (e *unpreparedError) Error() string { return e.cause.Error() }

func (e *unpreparedError) Unwrap() error { return e.cause }

func (e *unpreparedError) Outcome() Outcome { return NotSent }

func (e *unpreparedError) Hint() string { return HintOf(e.cause) }

// HintOf gives the advice that comes with an error of this package, or "".
func HintOf(err error) string {
	var h interface{ Hint() string }
	if errors.As(err, &h) {
		return h.Hint()
	}
	return ""
}

// errorCollection is Jira's shape of an error answer.
type errorCollection struct {
	ErrorMessages []string                   `json:"errorMessages"`
	Errors        map[string]json.RawMessage `json:"errors"`
	Message       string                     `json:"message"` // the gateway's shape
}

const (
	maxMessages   = 20
	maxMessageLen = 500
)

// messages and fields hand out what Jira said, cleaned for the terminal.
func (c errorCollection) messages() []string {
	var out []string
	for _, m := range append(c.ErrorMessages, c.Message) {
		if m = clean(m); m != "" && len(out) < maxMessages {
			out = append(out, m)
		}
	}
	return out
}

func (c errorCollection) fields() map[string]string {
	if len(c.Errors) == 0 {
		return nil
	}
	out := make(map[string]string, len(c.Errors))
	for id, raw := range c.Errors {
		var text string
		if json.Unmarshal(raw, &text) != nil {
			text = string(raw)
		}
		out[clean(id)] = clean(text)
	}
	return out
}

// clean makes one safe line of text that came over the network: control and
// format characters (bidirectional overrides among them) become spaces.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || unicode.IsSpace(r) || r == unicode.ReplacementChar {
			return ' '
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > maxMessageLen {
		s = string(r[:maxMessageLen-1]) + "…"
	}
	return s
}
