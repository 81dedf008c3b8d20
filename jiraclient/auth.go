package jiraclient

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
)

// Authenticator puts credentials on a request. It is asked for every attempt,
// so it may hand out a token that it has just renewed; its error means that
// the request was not sent.
type Authenticator interface {
	Authenticate(ctx context.Context, req *http.Request) error
}

// Remedial is an Authenticator that knows what a person can do when Jira does
// not accept its credentials.
type Remedial interface {
	Remedy() string
}

// BasicAuth is HTTP Basic: on Jira Cloud with an account's e-mail address and an
// API token, on Data Center with user name and password. It prints as the user
// alone.
type BasicAuth struct {
	user string
	// token is a function because fmt prints the unexported fields of whatever
	// holds this value without asking for its Format method.
	token func() string
}

// Basic makes the credentials of an account.
func Basic(user, token string) BasicAuth {
	return BasicAuth{user: user, token: func() string { return token }}
}

// Authenticate sets the Authorization header.
func (b BasicAuth) Authenticate(_ context.Context, req *http.Request) error {
	if b.user == "" || b.token == nil || b.token() == "" {
		return &RequestError{
			Problem: "the connection has no user or no API token",
			Advice:  "add the connection again with --user and --token-stdin",
		}
	}
	req.SetBasicAuth(b.user, b.token())
	return nil
}

// String names the user and hides the token.
func (b BasicAuth) String() string { return "basic(" + b.user + ")" }

// GoString hides the token from %#v.
func (b BasicAuth) GoString() string { return "jiraclient." + b.String() }

// Format hides the token from every verb.
func (b BasicAuth) Format(f fmt.State, _ rune) {
	// Nothing can be done about a writer that fails while formatting.
	_, _ = fmt.Fprint(f, b.String())
}

// MarshalText hides the token from JSON and the like.
func (b BasicAuth) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// LogValue hides the token from structured logs.
func (b BasicAuth) LogValue() slog.Value { return slog.StringValue(b.String()) }

// Bearer is a token that is sent as it is: a personal access token of Jira Data
// Center (8.14 and later). It prints without the token.
type Bearer struct{ token func() string }

// PAT makes the credentials of a personal access token.
func PAT(token string) Bearer { return Bearer{func() string { return token }} }

// Authenticate sets the Authorization header.
func (b Bearer) Authenticate(_ context.Context, req *http.Request) error {
	if b.token == nil || b.token() == "" {
		return &RequestError{
			Problem: "the connection has no personal access token",
			Advice:  "add the connection again with --token-stdin",
		}
	}
	req.Header.Set("Authorization", "Bearer "+b.token())
	return nil
}

// Remedy says what to do when Jira does not accept the token.
func (b Bearer) Remedy() string {
	return "the personal access token may have expired or been revoked: make a new one in Jira (Profile, Personal Access Tokens) and set it by --token-stdin"
}

// String hides the token.
func (b Bearer) String() string { return "personal access token" }

// GoString hides the token from %#v.
func (b Bearer) GoString() string { return "jiraclient.Bearer" }

// Format hides the token from every verb.
func (b Bearer) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprint(f, b.String())
}

// MarshalText hides the token from JSON and the like.
func (b Bearer) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// LogValue hides the token from structured logs.
func (b Bearer) LogValue() slog.Value { return slog.StringValue(b.String()) }
