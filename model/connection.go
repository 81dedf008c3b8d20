package model

import (
	"fmt"
	"time"
)

// Connection is a way to reach one Jira (X1 to X4). Its secrets are kept
// apart, encrypted.
type Connection struct {
	ID   int64
	Name string
	// Type is cloud or datacenter.
	Type ConnectionType
	Auth AuthMethod
	URL  string
	User string
	// ClientID is for OAuth 2, ConsumerKey for OAuth 1.
	ClientID, ConsumerKey string
	CAFile                string
	Options               ConnectionOptions
	// State is draft until a verification passed, then active.
	State ConnectionState
	// RetrieveTickets is the switch of S4.
	RetrieveTickets bool
	// BaseURL is Jira's own address for its pages (serverInfo.baseUrl).
	BaseURL    string
	VerifiedAt time.Time
	// BrokenSince is set while the connection does not work; Problem says why.
	BrokenSince time.Time
	Problem     string
	// Revision tells the state that was read from later ones; 0 where none was.
	Revision int64
}

// ConnectionOptions are what some ways to sign in need and others do not. None
// of them is secret.
type ConnectionOptions struct {
	// CloudID names the site at Atlassian's gateway, through which API tokens
	// with scopes and OAuth 2 go; empty where requests go to the site itself.
	CloudID string `json:"cloud_id,omitempty"`
	// Scopes are those that a consent with OAuth 2 asks for.
	Scopes []string `json:"scopes,omitempty"`
	// Granted are those that the last consent gave; nil before the first.
	Granted []string `json:"granted,omitempty"`
	// RedirectURL is where the browser is sent after a consent; empty is the
	// usual address (ruling 28).
	RedirectURL string `json:"redirect_url,omitempty"`
	// Gateway stands for Atlassian's gateway and sign-in, where a simulated Jira
	// plays them; empty is Atlassian.
	Gateway string `json:"gateway,omitempty"`
}

// ConnectionType is the kind of Jira.
type ConnectionType string

// The installation types.
const (
	Cloud      ConnectionType = "cloud"
	DataCenter ConnectionType = "datacenter"
)

// AuthMethod is a way to sign in.
type AuthMethod string

// The ways to sign in.
const (
	AuthBasic  AuthMethod = "basic"
	AuthOAuth2 AuthMethod = "oauth2"
	AuthOAuth1 AuthMethod = "oauth1"
	AuthPAT    AuthMethod = "pat"
)

// Consents reports whether a person's consent is needed.
func (a AuthMethod) Consents() bool { return a == AuthOAuth1 || a == AuthOAuth2 }

// SecretWord is what the secret of a connection is called.
func (c Connection) SecretWord() string {
	switch {
	case c.Auth == AuthOAuth2:
		return "client secret"
	case c.Auth == AuthPAT:
		return "personal access token"
	case c.Type == DataCenter:
		return "password"
	}
	return "API token"
}

// Lacks names what a connection still needs before it can sign in, and what that
// is; empty where it has all but its secret.
func (c Connection) Lacks() (field, what string) {
	switch {
	case c.Auth == AuthBasic && c.User == "" && c.Type == DataCenter:
		return "user", "the user name of the account"
	case c.Auth == AuthBasic && c.User == "":
		return "user", "the e-mail address of the account"
	case c.Auth == AuthOAuth2 && c.ClientID == "":
		return "client-id", "which the settings of the app in developer.atlassian.com show"
	case c.Auth == AuthOAuth1 && c.ConsumerKey == "":
		return "consumer-key", "a name of your choice that is entered into the application link in Jira, too"
	}
	return "", ""
}

// ConnectionState tells whether a connection may be used.
type ConnectionState string

// The states of a connection.
const (
	ConnectionDraft  ConnectionState = "draft"
	ConnectionActive ConnectionState = "active"
)

// CheckAuth is the support matrix of X4: Cloud signs in with Basic or OAuth 2,
// Data Center with Basic, OAuth 1 or a personal access token.
func CheckAuth(t ConnectionType, a AuthMethod) error {
	switch t {
	case Cloud:
		switch a {
		case AuthBasic, AuthOAuth2:
			return nil
		case AuthOAuth1:
			return fmt.Errorf("Jira Cloud does not sign in with OAuth 1: use basic (e-mail and API token) or oauth2")
		case AuthPAT:
			return fmt.Errorf("Jira Cloud has no personal access tokens: use basic with your e-mail and an API token, or oauth2")
		}
	case DataCenter:
		switch a {
		case AuthBasic, AuthOAuth1, AuthPAT:
			return nil
		case AuthOAuth2:
			return fmt.Errorf("Jira Data Center is not signed in to with OAuth 2 here: use pat, basic or oauth1")
		}
	default:
		return fmt.Errorf("%q is not an installation type: use cloud or datacenter", t)
	}
	return fmt.Errorf("%q is not a way to sign in: use basic, oauth2, oauth1 or pat", a)
}
