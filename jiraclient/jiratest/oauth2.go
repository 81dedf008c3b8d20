package jiratest

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// OAuth 2.0 (3LO) of Atlassian: the same server plays auth.atlassian.com and
// api.atlassian.com. Tokens live in memory alone.

// tokenLife is how long an access token lasts; codeLife how long a code does.
const (
	tokenLife = time.Hour
	codeLife  = 5 * time.Minute
)

// app is a 3LO app.
type app struct {
	id, secret, redirect string
	scopes               []string
}

// consent is what a person has agreed to.
type consent struct {
	app     *app
	account *Account
	scopes  []string
}

type pendingCode struct {
	consent
	challenge string // of PKCE, S256
	until     time.Time
}

type accessToken struct {
	consent
	until time.Time
}

// oauth2State is guarded by Server.mu.
type oauth2State struct {
	apps    []*app
	codes   map[string]pendingCode
	access  map[string]accessToken
	refresh map[string]consent // those not spent yet
}

func newOAuth2State() oauth2State {
	return oauth2State{codes: map[string]pendingCode{}, access: map[string]accessToken{}, refresh: map[string]consent{}}
}

// RegisterApp makes a 3LO app, as a person does in developer.atlassian.com.
func (s *Server) RegisterApp(id, secret, redirectURL string, scopes ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.oauth2.apps = append(s.oauth2.apps, &app{id: id, secret: secret, redirect: redirectURL, scopes: scopes})
}

// ExpireTokens ends all access tokens now; refresh tokens stay.
func (s *Server) ExpireTokens() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.oauth2.access)
}

// RevokeConsents ends all consents, as a person does in their Atlassian account.
func (s *Server) RevokeConsents() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.oauth2.access)
	clear(s.oauth2.refresh)
}

// Consent does what a person does who opens the address of a request for consent
// and accepts: it gives the address at which the browser ends up.
func (s *Server) Consent(email, authorizeURL string) (string, error) {
	u, err := url.Parse(authorizeURL)
	if err != nil {
		return "", fmt.Errorf("the address of the consent cannot be read: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.allow(u.Query(), email)
}

// asked reads a request for consent, strictly.
func (s *Server) asked(q url.Values) (consent, error) {
	a := find(s.oauth2.apps, func(a *app) bool { return a.id == q.Get("client_id") })
	if a == nil {
		return consent{}, fmt.Errorf("no app has the client id %q", q.Get("client_id"))
	}
	for name, want := range map[string]string{"audience": "api.atlassian.com", "response_type": "code", "redirect_uri": a.redirect} {
		if got := q.Get(name); got != want {
			return consent{}, fmt.Errorf("%s is %q and must be %q", name, got, want)
		}
	}
	if q.Get("state") == "" {
		return consent{}, fmt.Errorf("state is missing")
	}
	if challenge := q.Get("code_challenge"); challenge != "" && (q.Get("code_challenge_method") != "S256" || len(challenge) != 43) {
		return consent{}, fmt.Errorf("the code challenge is not one of S256")
	}
	scopes := strings.Fields(q.Get("scope"))
	for _, scope := range scopes {
		if scope != "offline_access" && !slices.Contains(a.scopes, scope) {
			return consent{}, fmt.Errorf("the app does not have the scope %s", scope)
		}
	}
	return consent{app: a, scopes: scopes}, nil
}

// allow makes a code for the account and the address that carries it.
func (s *Server) allow(q url.Values, email string) (string, error) {
	c, err := s.asked(q)
	if err != nil {
		return "", err
	}
	if c.account = find(s.site.accounts, func(a *Account) bool { return a.Email == email }); c.account == nil {
		return "", fmt.Errorf("no account has the address %q", email)
	}
	code := rand.Text()
	s.oauth2.codes[code] = pendingCode{consent: c, challenge: q.Get("code_challenge"), until: s.now().Add(codeLife)}
	return c.app.redirect + "?" + url.Values{"state": {q.Get("state")}, "code": {code}}.Encode(), nil
}

var consentPage = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("consent").Parse(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Consent</title>
<h1>Consent</h1><p>The app {{.App}} asks for: {{range .Scopes}}<code>{{.}}</code> {{end}}</p>
<ul>{{range .Accounts}}<li><a href="/authorize/allow?{{$.Query}}&amp;as={{.}}">Accept as {{.}}</a></li>{{end}}
<li><a href="/authorize/allow?{{.Query}}">Refuse</a></li></ul></html>`))
})

// pageConsent is where a person accepts or refuses.
func (s *Server) pageConsent(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	c, err := s.asked(r.URL.Query())
	var accounts []string
	for _, a := range s.site.accounts {
		if a.Token != "" {
			accounts = append(accounts, a.Email)
		}
	}
	s.mu.Unlock()
	if err != nil {
		http.Error(w, "Something went wrong: "+err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = consentPage().Execute(w, map[string]any{"App": c.app.id, "Scopes": c.scopes, "Accounts": accounts, "Query": template.URL(r.URL.RawQuery)})
}

func (s *Server) pageAllow(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	s.mu.Lock()
	c, err := s.asked(q)
	to := ""
	switch {
	case err == nil && q.Get("as") == "":
		to = c.app.redirect + "?" + url.Values{"state": {q.Get("state")}, "error": {"access_denied"}, "error_description": {"User did not authorize the request"}}.Encode()
	case err == nil:
		to, err = s.allow(q, q.Get("as"))
	}
	s.mu.Unlock()
	if err != nil {
		http.Error(w, "Something went wrong: "+err.Error(), http.StatusBadRequest)
		return
	}
	http.Redirect(w, r, to, http.StatusFound)
}

// tokenRequest is what /oauth/token is sent, as JSON or as a form.
type tokenRequest struct {
	Grant       string `json:"grant_type"`
	ClientID    string `json:"client_id"`
	Secret      string `json:"client_secret"`
	Code        string `json:"code"`
	RedirectURI string `json:"redirect_uri"`
	Verifier    string `json:"code_verifier"`
	Refresh     string `json:"refresh_token"`
}

func readTokenRequest(r *http.Request, body []byte) (tokenRequest, bool) {
	var t tokenRequest
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		return t, json.Unmarshal(body, &t) == nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return t, false
	}
	return tokenRequest{
		Grant: form.Get("grant_type"), ClientID: form.Get("client_id"), Secret: form.Get("client_secret"), Code: form.Get("code"),
		RedirectURI: form.Get("redirect_uri"), Verifier: form.Get("code_verifier"), Refresh: form.Get("refresh_token"),
	}, true
}

func tokenRefusal(status int, code, description string) response {
	return jsonResponse(status, map[string]any{"error": code, "error_description": description})
}

func (s *Server) token(r *http.Request, body []byte) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := readTokenRequest(r, body)
	if !ok {
		return tokenRefusal(http.StatusBadRequest, "invalid_request", "The request cannot be read.")
	}
	a := find(s.oauth2.apps, func(a *app) bool { return a.id == t.ClientID && a.secret == t.Secret })
	if a == nil {
		return tokenRefusal(http.StatusUnauthorized, "access_denied", "Unauthorized")
	}
	switch t.Grant {
	case "authorization_code":
		code, ok := s.oauth2.codes[t.Code]
		delete(s.oauth2.codes, t.Code) // it works once, right or wrong
		if !ok || code.app != a || s.now().After(code.until) || t.RedirectURI != a.redirect || !code.proves(t.Verifier) {
			return tokenRefusal(http.StatusForbidden, "invalid_grant", "Invalid authorization code")
		}
		return s.grantTokens(code.consent)
	case "refresh_token":
		c, ok := s.oauth2.refresh[t.Refresh]
		delete(s.oauth2.refresh, t.Refresh)
		if !ok || c.app != a {
			return tokenRefusal(http.StatusForbidden, "invalid_grant", "Unknown or invalid refresh token.")
		}
		return s.grantTokens(c)
	}
	return tokenRefusal(http.StatusForbidden, "unsupported_grant_type", "Unsupported grant type")
}

func (c pendingCode) proves(verifier string) bool {
	sum := sha256.Sum256([]byte(verifier))
	return c.challenge == "" || base64.RawURLEncoding.EncodeToString(sum[:]) == c.challenge
}

func (s *Server) grantTokens(c consent) response {
	access := rand.Text()
	s.oauth2.access[access] = accessToken{c, s.now().Add(tokenLife)}
	out := map[string]any{
		"access_token": access, "expires_in": int(tokenLife.Seconds()), "token_type": "Bearer", "scope": strings.Join(c.scopes, " "),
	}
	if slices.Contains(c.scopes, "offline_access") {
		refresh := rand.Text()
		s.oauth2.refresh[refresh] = c
		out["refresh_token"] = refresh
	}
	return jsonResponse(http.StatusOK, out)
}

// bearer finds what an access token stands for. The caller holds mu.
func (s *Server) bearer(token string) (grant, bool) {
	t, ok := s.oauth2.access[token]
	if !ok || s.now().After(t.until) {
		return grant{}, false
	}
	return grant{account: t.account, scopes: t.scopes, limited: true}, true
}

// resources lists the sites of a consent, another one first.
func (s *Server) resources(r *http.Request) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	g, ok := s.bearer(token)
	if !ok {
		return jsonResponse(http.StatusUnauthorized, map[string]any{"code": http.StatusUnauthorized, "message": "Unauthorized"})
	}
	scopes := slices.DeleteFunc(slices.Clone(g.scopes), func(scope string) bool { return scope == "offline_access" })
	return jsonResponse(http.StatusOK, []any{
		map[string]any{"id": "5e1f0000-0000-4000-8000-0000000000bb", "name": "another", "url": "https://another.example.com", "scopes": scopes, "avatarUrl": ""},
		map[string]any{"id": CloudID, "name": s.title, "url": s.address(r), "scopes": scopes, "avatarUrl": ""},
	})
}
