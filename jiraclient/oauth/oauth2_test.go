package oauth_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/jiraclient/oauth"
)

const (
	appID     = "app-1"
	appSecret = "app-s3cret"
)

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

func (c *clock) pass(d time.Duration) { c.set(c.Now().Add(d)) }

// memory is a store that can be told to fail.
type memory struct {
	mu    sync.Mutex
	token oauth.Token
	saves int
	fail  error
	// before runs at each Load, as another process may come between.
	before func()
}

func (m *memory) Load(context.Context) (oauth.Token, error) {
	if m.before != nil {
		m.before()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.token, nil
}

func (m *memory) Save(_ context.Context, t oauth.Token) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.fail != nil {
		return m.fail
	}
	m.token = t
	m.saves++
	return nil
}

func newCloud(t *testing.T, c *clock) (*jiratest.Server, oauth.App) {
	t.Helper()
	jira := jiratest.NewServer(jiratest.Options{Now: c.Now})
	t.Cleanup(func() {
		if err := jira.Close(); err != nil {
			t.Error(err)
		}
	})
	jira.RegisterApp(appID, appSecret, oauth.DefaultRedirectURL, "read:jira-work", "write:jira-work", "read:jira-user")
	return jira, oauth.App{ClientID: appID, ClientSecret: oauth.NewSecret(appSecret), AuthURL: jira.URL, APIURL: jira.URL, Now: c.Now}
}

// consent goes the whole way of a person who pastes back the address.
func consent(t *testing.T, jira *jiratest.Server, app oauth.App) oauth.Token {
	t.Helper()
	ask := app.Ask()
	landed, err := jira.Consent(jiratest.AnalystEmail, ask.URL)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := oauth.ParseAnswer(landed)
	if err != nil {
		t.Fatal(err)
	}
	token, err := ask.Redeem(t.Context(), answer)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func assertNoSecret(t *testing.T, text string) {
	t.Helper()
	if strings.Contains(text, appSecret) {
		t.Errorf("the client secret shows in %s", text)
	}
}

func TestConsentToTheFirstTicket(t *testing.T) {
	c := newClock()
	jira, app := newCloud(t, c)
	token := consent(t, jira, app)
	if fmt.Sprint(token.Scopes) != "[read:jira-work write:jira-work read:jira-user offline_access]" {
		t.Errorf("scopes %v", token.Scopes)
	}
	sites, err := app.Sites(t.Context(), token)
	if err != nil || len(sites) != 2 {
		t.Fatalf("%+v, %v", sites, err)
	}
	site, err := oauth.FindSite(sites, strings.ToUpper(jira.URL)+"/")
	if err != nil || site.ID != jiratest.CloudID {
		t.Fatalf("%+v, %v", site, err)
	}
	_, err = oauth.FindSite(sites, "https://mine.atlassian.net")
	if !errors.Is(err, oauth.ErrConsentNeeded) || !strings.Contains(err.Error(), jira.URL) || jiraclient.HintOf(err) == "" {
		t.Errorf("a site that is not covered: %v", err)
	}
	store := &memory{token: token}
	source := oauth.NewSource(app, store, filepath.Join(t.TempDir(), "lock"))
	client, err := jiraclient.New(jiraclient.Config{BaseURL: jira.URL, Gateway: jira.URL, CloudID: site.ID, Scopes: site.Scopes, Auth: source})
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	v, err := client.Verify(t.Context())
	if err != nil || v.Account.Name != "Dana Analyst" || v.CloudID != jiratest.CloudID {
		t.Fatalf("%+v, %v", v, err)
	}
	// An hour later the token is renewed by itself, once, and stored.
	for range 3 {
		c.pass(61 * time.Minute)
		for range 3 {
			if _, err := client.Myself(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := jira.Count("POST", "/oauth/token"); n != 4 || store.saves != 3 {
		t.Errorf("%d requests for tokens, %d stored; want 1 + 3 and 3", n, store.saves)
	}
	jira.ExpireTokens()
	_, err = client.Myself(t.Context())
	if !errors.Is(err, jiraclient.ErrUnauthorized) || !strings.Contains(jiraclient.HintOf(err), "authorize the connection again") {
		t.Errorf("a token that Jira withdrew: %v (%s)", err, jiraclient.HintOf(err))
	}
	for _, v := range []any{app, token, source, &source, client, store.token} {
		assertNoSecret(t, fmt.Sprintf("%v %+v %#v", v, v, v))
	}
	encoded, err := token.Encode()
	if err != nil {
		t.Fatal(err)
	}
	plain, err := json.Marshal(token)
	if err != nil || strings.Contains(string(encoded), string(plain)) || strings.Contains(string(plain), "access_token") {
		t.Errorf("JSON that is not for the store: %s, %v", plain, err)
	}
	if back, err := oauth.DecodeToken(encoded); err != nil || !back.Expiry.Equal(token.Expiry) {
		t.Errorf("%v, %v", back, err)
	}
}

func TestTheAuthorizeAddress(t *testing.T) {
	app := oauth.App{ClientID: "id", Scopes: []string{"a", "offline_access"}}
	first, second := app.Ask(), app.Ask()
	u, err := url.Parse(first.URL)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{
		"audience": "api.atlassian.com", "client_id": "id", "scope": "a offline_access", "redirect_uri": "http://127.0.0.1:8737/callback",
		"response_type": "code", "prompt": "consent", "code_challenge_method": "S256",
	} {
		if q.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, q.Get(name), want)
		}
	}
	if u.Scheme+"://"+u.Host+u.Path != "https://auth.atlassian.com/authorize" || len(q.Get("state")) < 20 || len(q.Get("code_challenge")) != 43 || q.Has("client_secret") {
		t.Errorf("address %s", first.URL)
	}
	if first.URL == second.URL || first.Expects(mustParse(t, second.URL)) {
		t.Error("two requests for consent share their state")
	}
}

func mustParse(t *testing.T, address string) url.Values {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.Query()
}

func TestAnswersThatDoNotDo(t *testing.T) {
	jira, app := newCloud(t, newClock())
	ask := app.Ask()
	landed, err := jira.Consent(jiratest.AnalystEmail, ask.URL)
	if err != nil {
		t.Fatal(err)
	}
	good := mustParse(t, landed)
	with := func(name, value string) url.Values {
		v := url.Values{}
		for k := range good {
			v.Set(k, good.Get(k))
		}
		v.Set(name, value)
		return v
	}
	wrong := app
	wrong.ClientSecret = oauth.NewSecret("n0t-it")
	for name, c := range map[string]struct {
		answer url.Values
		says   string
	}{
		"refused in the browser": {with("error", "access_denied"), "refused in the browser"},
		"another error":          {with("error", "invalid_scope"), "invalid_scope"},
		"another state":          {with("state", "x"), "another request"},
		"no state":               {with("state", ""), "another request"},
		"no code":                {with("code", ""), "no code"},
		"unknown code":           {with("code", "sp3nt"), "invalid_grant"},
	} {
		_, err := ask.Redeem(t.Context(), c.answer)
		if !errors.Is(err, oauth.ErrConsentNeeded) || !errors.Is(err, jiraclient.ErrUnauthorized) || !strings.Contains(err.Error(), c.says) || jiraclient.HintOf(err) == "" || strings.Contains(err.Error(), "sp3nt") {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ask.Redeem(t.Context(), good); err != nil {
		t.Errorf("the good answer: %v", err)
	}
	if _, err := ask.Redeem(t.Context(), good); !errors.Is(err, oauth.ErrConsentNeeded) {
		t.Errorf("the same answer again: %v", err)
	}
	ask = wrong.Ask()
	if landed, err = jira.Consent(jiratest.AnalystEmail, ask.URL); err != nil {
		t.Fatal(err)
	}
	_, err = ask.Redeem(t.Context(), mustParse(t, landed))
	if err == nil || !strings.Contains(err.Error(), "client id and secret") || strings.Contains(fmt.Sprintf("%v %+v", err, err), "n0t-it") {
		t.Errorf("a wrong secret: %v", err)
	}
}

func TestParseAnswer(t *testing.T) {
	for pasted, code := range map[string]string{
		" http://127.0.0.1:8737/callback?state=s&code=c%2F1\n": "c/1", "?code=c&state=s": "c", "code=c&state=s": "c",
		"http://127.0.0.1:8737/callback?error=access_denied": "", "http://x/?oauth_token=t&oauth_verifier=v": "",
	} {
		answer, err := oauth.ParseAnswer(pasted)
		if err != nil || answer.Get("code") != code {
			t.Errorf("%q: %v, %v", pasted, answer, err)
		}
	}
	for _, pasted := range []string{"", "s3cr3t", "http://127.0.0.1:8737/callback", "http://\x7f/?code=s3cr3t", "%zz"} {
		if _, err := oauth.ParseAnswer(pasted); err == nil || strings.Contains(err.Error(), "s3cr3t") {
			t.Errorf("%q: %v", pasted, err)
		}
	}
}

// FuzzParseAnswer: what is pasted is an answer or an error that does not repeat
// it.
func FuzzParseAnswer(f *testing.F) {
	for _, seed := range []string{"http://127.0.0.1:8737/callback?state=s&code=c", "?error=access_denied", "oauth_token=t&oauth_verifier=v", "://?code", "%zz"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, pasted string) {
		answer, err := oauth.ParseAnswer(pasted)
		if (err == nil) == (answer.Get("code") == "" && answer.Get("error") == "" && answer.Get("oauth_verifier") == "") {
			t.Fatalf("%q: %v, %v", pasted, answer, err)
		}
		if err != nil && len(pasted) > 20 && strings.Contains(err.Error(), pasted) {
			t.Fatalf("%v repeats it", err)
		}
	})
}

func TestTheBrowserComesBack(t *testing.T) {
	jira, app := newCloud(t, newClock())
	ask := app.Ask()
	l, err := oauth.Listen("http://127.0.0.1:0/callback", ask.Expects)
	if err != nil {
		t.Fatal(err)
	}
	landed, err := jira.Consent(jiratest.AnalystEmail, ask.URL)
	if err != nil {
		t.Fatal(err)
	}
	get := func(query string) int {
		t.Helper()
		resp, err := http.Get(l.URL + query)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close()
		return resp.StatusCode
	}
	if status := get("?state=guess&code=evil"); status != http.StatusBadRequest {
		t.Errorf("a stranger's answer: %d", status)
	}
	if status := get("/elsewhere"); status != http.StatusNotFound {
		t.Errorf("another path: %d", status)
	}
	_, query, _ := strings.Cut(landed, "?")
	for range 2 { // the page is loaded again
		if status := get("?" + query); status != http.StatusOK {
			t.Errorf("the answer: %d", status)
		}
	}
	answer, err := l.Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ask.Redeem(t.Context(), answer); err != nil {
		t.Error(err)
	}
	if _, err := oauth.Listen(l.URL, ask.Expects); err == nil || !strings.Contains(jiraclient.HintOf(err), "--paste") {
		t.Errorf("an address in use: %v", err)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	for _, bad := range []string{"https://127.0.0.1:1/x", "http://example.com:1/x", "http://127.0.0.1/x", "::"} {
		if _, err := oauth.Listen(bad, ask.Expects); !errors.Is(err, jiraclient.ErrBadRequest) {
			t.Errorf("%s: %v", bad, err)
		}
	}
}

func TestNobodyComesBack(t *testing.T) {
	l, err := oauth.Listen("http://127.0.0.1:0/callback", func(url.Values) bool { return true })
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Wait(ctx); !errors.Is(err, context.Canceled) || jiraclient.HintOf(err) == "" {
		t.Error(err)
	}
}
