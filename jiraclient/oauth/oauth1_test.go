package oauth_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/jiraclient/oauth"
)

const consumerKey = "vexdesk-consumer"

// newLink is a Data Center with an application link, on the real clock, by which
// the library signs.
func newLink(t *testing.T, opts jiratest.Options) (*jiratest.Server, oauth.Consumer) {
	t.Helper()
	opts.Deployment, opts.ContextPath = jiraclient.DataCenter, "/jira"
	jira := jiratest.NewServer(opts)
	t.Cleanup(func() {
		if err := jira.Close(); err != nil {
			t.Error(err)
		}
	})
	key := newKey(t)
	public, err := key.PublicPEM()
	if err != nil {
		t.Fatal(err)
	}
	if err := jira.RegisterConsumer(consumerKey, public); err != nil {
		t.Fatal(err)
	}
	return jira, oauth.Consumer{BaseURL: jira.URL, Key: consumerKey, Pair: key}
}

func newKey(t *testing.T) oauth.Key {
	t.Helper()
	key, err := oauth.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// allow goes the whole way of a person with a code to copy.
func allow(t *testing.T, jira *jiratest.Server, c oauth.Consumer) oauth.AccessToken {
	t.Helper()
	h, err := c.Ask(t.Context(), oauth.OutOfBand)
	if err != nil {
		t.Fatal(err)
	}
	code, err := jira.AllowAccess(jiratest.AnalystEmail, h.URL)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := h.ParseVerifier(" " + code + "\n")
	if err != nil {
		t.Fatal(err)
	}
	token, err := h.Redeem(t.Context(), answer)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func dataCenter(t *testing.T, jira *jiratest.Server, c oauth.Consumer, token oauth.AccessToken) *jiraclient.Client {
	t.Helper()
	signer, err := c.Signer(token)
	if err != nil {
		t.Fatal(err)
	}
	client, err := jiraclient.New(jiraclient.Config{BaseURL: jira.URL, Deployment: jiraclient.DataCenter, Auth: signer})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	return client
}

func TestThreeLegsToTheFirstTicket(t *testing.T) {
	jira, consumer := newLink(t, jiratest.Options{})
	token := allow(t, jira, consumer)
	client := dataCenter(t, jira, consumer, token)
	v, err := client.Verify(t.Context())
	if err != nil || v.Account.Name != "Dana Analyst" {
		t.Fatalf("%+v, %v", v, err)
	}
	r, err := client.CreateIssues(t.Context(), []jiraclient.IssueCreate{{ProjectKey: "SEC", IssueTypeID: "10002", Summary: "signed", Description: client.Document("*x*", "")}})
	if err != nil || r.Elements[0].Created == nil {
		t.Fatalf("%+v, %v", r, err)
	}
	// What is signed includes the query, with signs that need escaping.
	if _, err := client.AssignableUsers(t.Context(), "SEC", "a b+c&d=ü*'(~"); err != nil {
		t.Error(err)
	}
	if _, err := client.GetIssue(t.Context(), "SEC-1", []string{"summary", "status"}, []string{"a b"}); err != nil {
		t.Error(err)
	}
	encoded, err := token.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := oauth.DecodeAccessToken(encoded)
	if err != nil {
		t.Fatal(err)
	}
	private, err := consumer.Pair.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if consumer.Pair, err = oauth.DecodeKey(private); err != nil {
		t.Fatal(err)
	}
	client = dataCenter(t, jira, consumer, again)
	if me, err := client.Myself(t.Context()); err != nil || me.ID != jiratest.AnalystUser {
		t.Errorf("with what was stored: %+v, %v", me, err)
	}
	secrets := strings.FieldsFunc(string(encoded), func(r rune) bool { return strings.ContainsRune(`[]",`, r) })
	secrets = append(secrets, strings.Split(string(private), "\n")[1])
	for _, v := range []any{consumer, consumer.Pair, token, client} {
		for _, secret := range secrets {
			if strings.Contains(fmt.Sprintf("%v %+v %#v", v, v, v), secret) {
				t.Errorf("%T shows a secret", v)
			}
		}
	}
}

func TestTheBrowserBringsTheVerifier(t *testing.T) {
	jira, consumer := newLink(t, jiratest.Options{})
	var h *oauth.Handshake
	l, err := oauth.Listen("http://127.0.0.1:0/callback", func(answer url.Values) bool { return h.Expects(answer) })
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}()
	if h, err = consumer.Ask(t.Context(), l.URL); err != nil {
		t.Fatal(err)
	}
	// The page of the simulation sends the browser back.
	resp, err := http.Get(h.URL + "&as=" + url.QueryEscape(jiratest.AnalystEmail))
	if err != nil {
		t.Fatal(err)
	}
	if err := resp.Body.Close(); err != nil || resp.StatusCode != http.StatusOK {
		t.Errorf("%d, %v", resp.StatusCode, err)
	}
	answer, err := l.Wait(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	token, err := h.Redeem(t.Context(), answer)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := dataCenter(t, jira, consumer, token).Myself(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestHandshakesThatFail(t *testing.T) {
	late := func() time.Time { return time.Now().Add(10 * time.Minute) }
	for name, c := range map[string]struct {
		opts   jiratest.Options
		change func(*oauth.Consumer)
		says   string
		hint   string
	}{
		"unknown consumer": {jiratest.Options{}, func(c *oauth.Consumer) { c.Key = "other" }, `does not know the consumer key "other"`, "application link"},
		"another key pair": {jiratest.Options{}, func(c *oauth.Consumer) { c.Pair = newKey(t) }, "does not accept the signature", "public key"},
		"wrong clock":      {jiratest.Options{Now: late}, func(*oauth.Consumer) {}, "for its time", "clock"},
		"no path":          {jiratest.Options{}, func(c *oauth.Consumer) { c.BaseURL = strings.TrimSuffix(c.BaseURL, "/jira") }, "no OAuth at", "path"},
		"nobody there":     {jiratest.Options{}, func(c *oauth.Consumer) { c.BaseURL = "http://127.0.0.1:1" }, "cannot be reached", "port"},
		"no key":           {jiratest.Options{}, func(c *oauth.Consumer) { c.Pair = oauth.Key{} }, "no key pair", "--auth oauth1"},
	} {
		t.Run(name, func(t *testing.T) {
			_, consumer := newLink(t, c.opts)
			c.change(&consumer)
			_, err := consumer.Ask(t.Context(), oauth.OutOfBand)
			if err == nil || !strings.Contains(err.Error(), c.says) || !strings.Contains(jiraclient.HintOf(err), c.hint) || jiraclient.OutcomeOf(err) != jiraclient.NotSent {
				t.Errorf("%v (%s)", err, jiraclient.HintOf(err))
			}
		})
	}
}

func TestVerifiersThatDoNotDo(t *testing.T) {
	jira, consumer := newLink(t, jiratest.Options{})
	h, err := consumer.Ask(t.Context(), "http://127.0.0.1:8737/callback")
	if err != nil {
		t.Fatal(err)
	}
	landed, err := jira.AllowAccess(jiratest.AnalystEmail, h.URL)
	if err != nil {
		t.Fatal(err)
	}
	good := mustParse(t, landed)
	for name, answer := range map[string]url.Values{
		"another token": {"oauth_token": {"x"}, "oauth_verifier": {good.Get("oauth_verifier")}},
		"denied":        {"oauth_token": good["oauth_token"], "oauth_verifier": {"denied"}},
		"no code":       {"oauth_token": good["oauth_token"]},
		"a wrong code":  {"oauth_token": good["oauth_token"], "oauth_verifier": {"n0"}},
	} {
		if _, err := h.Redeem(t.Context(), answer); !errors.Is(err, oauth.ErrConsentNeeded) || jiraclient.HintOf(err) == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := h.ParseVerifier("two words"); err == nil {
		t.Error("words are taken for a code")
	}
	if _, err := h.Redeem(t.Context(), good); err != nil {
		t.Errorf("the good one: %v", err)
	}
	if _, err := h.Redeem(t.Context(), good); !errors.Is(err, oauth.ErrConsentNeeded) {
		t.Errorf("the same again: %v", err)
	}
}

// TestAPageInThePlaceOfOAuth: its text stays out of the error.
func TestAPageInThePlaceOfOAuth(t *testing.T) {
	for status, kind := range map[int]error{200: jiraclient.ErrNotJSON, 302: jiraclient.ErrNotJSON, 502: jiraclient.ErrServer, 404: jiraclient.ErrNotFound} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			w.Header().Set("Location", "/login")
			w.WriteHeader(status)
			_, _ = w.Write([]byte("<html>lengthy</html>"))
		}))
		_, err := oauth.Consumer{BaseURL: server.URL, Key: "k", Pair: newKey(t)}.Ask(t.Context(), oauth.OutOfBand)
		if !errors.Is(err, kind) || strings.Contains(err.Error(), "lengthy") {
			t.Errorf("%d: %v", status, err)
		}
		server.Close()
	}
}

// TestARevokedTokenSaysSo, and a wrong clock later on does.
func TestARevokedTokenSaysSo(t *testing.T) {
	now := time.Now
	drift := time.Duration(0)
	jira, consumer := newLink(t, jiratest.Options{Now: func() time.Time { return now().Add(drift) }})
	token, err := oauth.DecodeAccessToken([]byte(`["dead","secret"]`))
	if err != nil {
		t.Fatal(err)
	}
	_, err = dataCenter(t, jira, consumer, token).Myself(t.Context())
	if !errors.Is(err, jiraclient.ErrUnauthorized) || !strings.Contains(jiraclient.HintOf(err), "authorize the connection again") {
		t.Errorf("%v (%s)", err, jiraclient.HintOf(err))
	}
	client := dataCenter(t, jira, consumer, allow(t, jira, consumer))
	drift = -time.Hour
	_, err = client.Myself(t.Context())
	if !errors.Is(err, jiraclient.ErrUnauthorized) || !strings.Contains(jiraclient.HintOf(err), "clock") {
		t.Errorf("%v (%s)", err, jiraclient.HintOf(err))
	}
}
