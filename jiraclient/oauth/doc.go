// Package oauth gets and keeps the consent of a person to work with Jira in
// their name: OAuth 2.0 (3LO) with Jira Cloud and OAuth 1.0a (RSA-SHA1) with
// Jira Data Center.
//
// OAuth 2 needs an app of one's own in developer.atlassian.com, because a program
// that is handed out cannot keep a client secret. Its refresh tokens rotate: each
// one works once, so that [Source] renews under a lock that all processes share,
// and stores what it got before it uses it.
//
// No error and no String method shows a secret.
package oauth

import (
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"example.com/vexdesk/jiraclient"
)

// ErrConsentNeeded means that there is no consent, or no longer: a person must
// authorize the connection again. It is also jiraclient.ErrUnauthorized.
var ErrConsentNeeded = errors.New("the consent is missing or has ended")

// Error is a failure to get, keep or renew a consent. The request that wanted it
// was not sent.
type Error struct {
	Kind            error // ErrConsentNeeded or a sentinel of jiraclient
	Problem, Advice string
	Err             error // technical cause, may be nil
}

// Error says what went wrong.
func (e *Error) Error() string {
	if e.Err != nil {
		return e.Problem + ": " + e.Err.Error()
	}
	return e.Problem
}

// Unwrap gives the kind and the technical cause.
func (e *Error) Unwrap() []error {
	var all []error
	for _, err := range []error{e.Kind, e.Err} {
		if err != nil {
			all = append(all, err)
		}
	}
	return all
}

// Is matches jiraclient.ErrUnauthorized when consent is needed.
func (e *Error) Is(target error) bool {
	return target == jiraclient.ErrUnauthorized && e.Kind == ErrConsentNeeded
}

// Outcome is jiraclient.NotSent.
func (e *Error) Outcome() jiraclient.Outcome { return jiraclient.NotSent }

// Hint says what a person can do about it.
func (e *Error) Hint() string { return e.Advice }

// Secret is a text that prints as nothing.
type Secret struct{ text func() string }

// NewSecret keeps a text from being printed.
func NewSecret(text string) Secret { return Secret{func() string { return text }} }

func (s Secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return s.text()
}

// String hides the text.
func (s Secret) String() string { return "secret" }

// Format hides the text from every verb.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, "secret") }

// LogValue hides the text from structured logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue("secret") }

// MarshalText hides the text from JSON and the like.
func (s Secret) MarshalText() ([]byte, error) { return []byte("secret"), nil }

// timeout bounds a request for a token.
const timeout = 30 * time.Second

// client makes requests without following redirects, which could carry a secret
// elsewhere.
func client(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		Timeout:       timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// unguessable is a text that nobody else can know.
func unguessable() string { return rand.Text() }
