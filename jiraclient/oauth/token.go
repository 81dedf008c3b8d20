package oauth

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"golang.org/x/oauth2"
)

// Token is what a consent came to. Encode alone shows its secrets.
type Token struct {
	Access  Secret
	Refresh Secret // works once
	Expiry  time.Time
	Scopes  []string // granted; empty when Atlassian did not say
}

// Store keeps a connection's token, for all processes. Save must have stored the
// token durably and whole when it returns.
type Store interface {
	Load(ctx context.Context) (Token, error)
	Save(ctx context.Context, t Token) error
}

type storedToken struct {
	Access  string    `json:"access_token"`
	Refresh string    `json:"refresh_token"`
	Expiry  time.Time `json:"expiry"`
	Scopes  []string  `json:"scopes"`
}

// Encode writes the token with its secrets, for a store that encrypts them.
func (t Token) Encode() ([]byte, error) {
	return json.Marshal(storedToken{t.Access.reveal(), t.Refresh.reveal(), t.Expiry, t.Scopes})
}

// DecodeToken reads what Encode wrote.
func DecodeToken(data []byte) (Token, error) {
	var s storedToken
	if err := json.Unmarshal(data, &s); err != nil {
		return Token{}, &Error{Problem: "the stored token cannot be read", Advice: "authorize the connection again"}
	}
	return Token{NewSecret(s.Access), NewSecret(s.Refresh), s.Expiry, s.Scopes}, nil
}

// Format hides the secrets from every verb.
func (t Token) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "token until %s", t.Expiry.UTC().Format(time.RFC3339))
}

// lifetime is assumed where Atlassian does not say how long a token lasts.
const lifetime = time.Hour

// newToken takes over a token that was asked for at a time of our own clock, so
// that a wrong clock does no harm.
func newToken(t *oauth2.Token, asked time.Time) (Token, error) {
	if t.AccessToken == "" || t.RefreshToken == "" {
		return Token{}, &Error{Kind: ErrConsentNeeded, Problem: "Atlassian gave no refresh token", Advice: "add the scope offline_access to the connection and authorize it again"}
	}
	lasts := lifetime
	if t.ExpiresIn > 0 {
		lasts = time.Duration(t.ExpiresIn) * time.Second
	}
	scopes, _ := t.Extra("scope").(string) // absent where the answer has none
	return Token{Access: NewSecret(t.AccessToken), Refresh: NewSecret(t.RefreshToken), Expiry: asked.Add(lasts), Scopes: strings.Fields(scopes)}, nil
}
