package oauth

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"example.com/vexdesk/jiraclient"
)

// DefaultRedirectURL is where the browser is sent after the consent (ruling 28).
// The app must name it as its callback, letter by letter.
const DefaultRedirectURL = "http://127.0.0.1:8737/callback"

// DefaultScopes are what the daily work needs (ruling 28); offline_access gives a
// refresh token.
func DefaultScopes() []string {
	return []string{"read:jira-work", "write:jira-work", "read:jira-user", "offline_access"}
}

// App is an OAuth 2.0 (3LO) app of developer.atlassian.com.
type App struct {
	ClientID     string
	ClientSecret Secret
	Scopes       []string // DefaultScopes when empty
	RedirectURL  string   // DefaultRedirectURL when empty
	// AuthURL and APIURL replace Atlassian's hosts, in tests.
	AuthURL, APIURL string
	// Transport is the network, as jiraclient.NewTransport makes it; nil is
	// http.DefaultTransport.
	Transport http.RoundTripper
	// Now is the clock, time.Now when nil.
	Now func() time.Time
}

func (a App) now() time.Time {
	if a.Now != nil {
		return a.Now()
	}
	return time.Now()
}

func orElse(s, fallback string) string {
	if s == "" {
		return fallback
	}
	return strings.TrimRight(s, "/")
}

func (a App) config() *oauth2.Config {
	auth := orElse(a.AuthURL, "https://auth.atlassian.com")
	scopes := a.Scopes
	if len(scopes) == 0 {
		scopes = DefaultScopes()
	}
	return &oauth2.Config{
		ClientID: a.ClientID, ClientSecret: a.ClientSecret.reveal(), Scopes: scopes,
		RedirectURL: orElse(a.RedirectURL, DefaultRedirectURL),
		Endpoint:    oauth2.Endpoint{AuthURL: auth + "/authorize", TokenURL: auth + "/oauth/token", AuthStyle: oauth2.AuthStyleInParams},
	}
}

// context hands the network to the oauth2 package.
func (a App) context(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, client(a.Transport))
}

// Consent is a consent that is being asked for.
type Consent struct {
	URL      string // to be opened in a browser
	app      App
	state    string
	verifier Secret
}

// Ask begins to ask for a consent, with PKCE (RFC 7636, S256) on top of the
// secret. The answer is good for this Consent alone.
func (a App) Ask() *Consent {
	c := &Consent{app: a, state: unguessable(), verifier: NewSecret(oauth2.GenerateVerifier())}
	c.URL = a.config().AuthCodeURL(c.state, oauth2.S256ChallengeOption(c.verifier.reveal()),
		oauth2.SetAuthURLParam("audience", "api.atlassian.com"), oauth2.SetAuthURLParam("prompt", "consent"))
	return c
}

// Expects tells whether an answer belongs to this consent, and not to another
// page that found the listener.
func (c *Consent) Expects(answer url.Values) bool {
	return subtle.ConstantTimeCompare([]byte(answer.Get("state")), []byte(c.state)) == 1
}

// Redeem turns the answer into a token. The code in it lives for seconds to
// minutes and works once.
func (c *Consent) Redeem(ctx context.Context, answer url.Values) (Token, error) {
	switch {
	case answer.Get("error") == "access_denied":
		return Token{}, &Error{Kind: ErrConsentNeeded, Problem: "the consent was refused in the browser", Advice: "authorize the connection again and accept, or use an API token"}
	case answer.Get("error") != "":
		return Token{}, &Error{Kind: ErrConsentNeeded, Problem: "Atlassian did not grant the consent: " + printable(answer.Get("error")+" "+answer.Get("error_description")),
			Advice: "compare the app's callback and scopes in developer.atlassian.com with those of `connection show`"}
	case !c.Expects(answer):
		return Token{}, &Error{Kind: ErrConsentNeeded, Problem: "the answer belongs to another request for consent", Advice: "open the address that was shown last, and paste the address at which the browser ends up"}
	case answer.Get("code") == "":
		return Token{}, &Error{Kind: ErrConsentNeeded, Problem: "the answer holds no code", Advice: "paste the whole address at which the browser ended up"}
	}
	asked := c.app.now()
	t, err := c.app.config().Exchange(c.app.context(ctx), answer.Get("code"), oauth2.VerifierOption(c.verifier.reveal()))
	if err != nil {
		return Token{}, c.app.failure(err, "authorize the connection again, and faster: the code lasts for seconds")
	}
	return newToken(t, asked)
}

// ParseAnswer reads what a person pastes: the address at which the browser ended
// up, or the part of it from the question mark on.
func ParseAnswer(pasted string) (url.Values, error) {
	pasted = strings.TrimSpace(pasted)
	query := strings.TrimPrefix(pasted, "?")
	if strings.Contains(pasted, "://") {
		u, err := url.Parse(pasted)
		if err != nil {
			return nil, notAnAnswer()
		}
		query = u.RawQuery
	}
	answer, err := url.ParseQuery(query)
	if err != nil || answer.Get("code") == "" && answer.Get("error") == "" && answer.Get("oauth_verifier") == "" {
		return nil, notAnAnswer()
	}
	return answer, nil
}

// notAnAnswer leaves out what was pasted, which may hold a code.
func notAnAnswer() error {
	return &Error{Kind: ErrConsentNeeded, Problem: "that is not the address at which the browser ends up after the consent",
		Advice: "copy the whole address from the browser, from http:// on; the page itself may say that it cannot be reached"}
}

// failure says why Atlassian gave no token. What it answered is left out but for
// its error code.
func (a App) failure(err error, advice string) error {
	host := a.config().Endpoint.TokenURL
	if u, parseErr := url.Parse(host); parseErr == nil {
		host = u.Host
	}
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			return &jiraclient.TransportError{Method: http.MethodPost, Route: "/oauth/token", Host: host, Err: wrapped.Err}
		}
		// The cause is left out: it may repeat the answer, which may hold a token.
		return &Error{Kind: jiraclient.ErrInvalidAnswer, Problem: "what " + host + " answered is no token", Advice: "try again; check the proxy, since a page may have answered in Atlassian's place"}
	}
	status := 0
	if answer.Response != nil {
		status = answer.Response.StatusCode
	}
	switch code := answer.ErrorCode; {
	case code == "invalid_grant":
		return &Error{Kind: ErrConsentNeeded, Problem: "Atlassian no longer knows the consent (invalid_grant)", Advice: advice}
	case code == "invalid_client" || code == "unauthorized_client" || code == "access_denied" || status == http.StatusUnauthorized:
		return &Error{Kind: ErrConsentNeeded, Problem: fmt.Sprintf("Atlassian does not accept the app's client id and secret (%d)", status),
			Advice: "copy both again from developer.atlassian.com (Settings of the app); a secret that was renewed there ends the old one"}
	case status == http.StatusTooManyRequests:
		return &Error{Kind: jiraclient.ErrRateLimited, Problem: host + " asks to slow down", Advice: "it goes on by itself after a pause"}
	case status >= 500:
		return &Error{Kind: jiraclient.ErrServer, Problem: fmt.Sprintf("%s has a problem of its own (%d)", host, status), Advice: "see status.atlassian.com, and try again later"}
	case code != "":
		return &Error{Kind: jiraclient.ErrBadRequest, Problem: "Atlassian refused the token: " + printable(code), Advice: "compare client id, callback and scopes with the app in developer.atlassian.com"}
	default:
		return &Error{Kind: jiraclient.ErrNotJSON, Problem: fmt.Sprintf("what %s answered (%d) is no token", host, status), Advice: "check the proxy: a page may have answered in Atlassian's place"}
	}
}

// printable makes a short line of a text from outside.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return -1
		}
		return r
	}, s)
	return strings.TrimSpace(s[:min(len(s), 200)])
}

// Site is a site that a grant covers.
type Site struct {
	ID     string   `json:"id"` // the cloud id
	Name   string   `json:"name"`
	URL    string   `json:"url"`
	Scopes []string `json:"scopes"`
}

// Sites lists the sites that the grant covers, in no order. They need not be what
// was picked last.
func (a App) Sites(ctx context.Context, t Token) ([]Site, error) {
	const route = "/oauth/token/accessible-resources"
	api := orElse(a.APIURL, "https://api.atlassian.com")
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, api+route, nil)
	if err != nil {
		return nil, fmt.Errorf("the sites of the consent cannot be asked for: %w", err)
	}
	req.Header.Set("Authorization", "Bearer "+t.Access.reveal())
	req.Header.Set("Accept", "application/json")
	resp, err := client(a.Transport).Do(req)
	if err != nil {
		return nil, &jiraclient.TransportError{Method: http.MethodGet, Route: route, Host: req.URL.Host, Sent: true, Err: err}
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return nil, &jiraclient.APIError{Method: http.MethodGet, Route: route, Status: resp.StatusCode}
	}
	var sites []Site
	if err := json.NewDecoder(io.LimitReader(resp.Body, 1<<20)).Decode(&sites); err != nil {
		return nil, &jiraclient.AnswerError{Method: http.MethodGet, Route: route, Status: resp.StatusCode, Kind: jiraclient.ErrInvalidAnswer}
	}
	return sites, nil
}

// FindSite picks the site of a connection's address.
func FindSite(sites []Site, address string) (Site, error) {
	var covered []string
	for _, s := range sites {
		if sameHost(s.URL, address) {
			return s, nil
		}
		covered = append(covered, printable(s.URL))
	}
	problem := "the consent covers no site"
	if len(covered) > 0 {
		problem = fmt.Sprintf("the consent does not cover %s but %s", address, strings.Join(covered, ", "))
	}
	return Site{}, &Error{Kind: ErrConsentNeeded, Problem: problem, Advice: "authorize the connection again and choose the site there, signed in with an account that belongs to it; or correct the connection's address"}
}

func sameHost(a, b string) bool {
	x, err := url.Parse(a)
	y, otherErr := url.Parse(b)
	return err == nil && otherErr == nil && x.Host != "" && strings.EqualFold(x.Host, y.Host)
}
