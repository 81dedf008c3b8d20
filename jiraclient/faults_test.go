package jiraclient_test

import (
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
)

// wreck is one way in which a connection is wrong, as a server that behaves so.
type wreck struct {
	serve   func(t *testing.T) (url string) // set, or
	reply   *jiratest.Reply                 // what Jira's place answers
	fault   *jiratest.Fault
	is      error
	message string // must be in the sentence
	hint    string // must be in the remedy
}

func page(status int, header ...string) *jiratest.Reply {
	r := html(status)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	return r
}

// TestEachFaultHasItsSentence is I17's table for signing in: what is wrong, what
// the person reads, and that no two read the same.
func TestEachFaultHasItsSentence(t *testing.T) {
	status := func(code int) *jiratest.Reply { return &jiratest.Reply{Status: code, Body: `{"errorMessages":["m"]}`} }
	table := map[string]wreck{
		"refused":             {serve: nobody, is: jiraclient.ErrUnreachable, message: "nobody answers at that port", hint: "port"},
		"unknown name":        {serve: func(*testing.T) string { return "https://jira.invalid" }, is: jiraclient.ErrUnreachable, message: "name", hint: "name"},
		"foreign authority":   {serve: tlsServer(nil), is: jiraclient.ErrUnreachable, message: "authority that is not trusted", hint: "--ca-file"},
		"no TLS at that port": {serve: plainAsTLS, is: jiraclient.ErrUnreachable, message: "does not speak TLS", hint: "port"},
		"silence":             {fault: &jiratest.Fault{Delay: 2 * time.Second}, is: jiraclient.ErrUnreachable, message: "too long", hint: "later"},
		"reset":               {fault: &jiratest.Fault{HangUp: true}, is: jiraclient.ErrUnreachable, message: "the connection was cut", hint: "cuts"},
		"truncated":           {fault: &jiratest.Fault{Truncate: true}, is: jiraclient.ErrInvalidAnswer, message: "cannot be read", hint: "cut"},
		"malformed":           {reply: &jiratest.Reply{Status: 200, Body: `{"accountId":`}, is: jiraclient.ErrInvalidAnswer, message: "broken JSON", hint: "try again"},
		"page with 200":       {reply: page(200), is: jiraclient.ErrNotJSON, message: "a web page", hint: "single sign-on"},
		"redirect to SSO":     {reply: page(302, "Location", "https://sso.example.com/login?token=1"), is: jiraclient.ErrRedirected, message: "sends to https://sso.example.com", hint: "single sign-on"},
		"redirect to a login": {reply: page(302, "Location", "/login.jsp"), is: jiraclient.ErrRedirected, message: "page of its own", hint: "single sign-on"},
		"401":                 {reply: status(401), is: jiraclient.ErrUnauthorized, message: "does not accept the credentials", hint: "expired"},
		"captcha":             {reply: page(403, "X-Seraph-LoginReason", "AUTHENTICATION_DENIED"), is: jiraclient.ErrCaptcha, message: "CAPTCHA", hint: "browser"},
		"403":                 {reply: status(403), is: jiraclient.ErrForbidden, message: "does not let it use the API", hint: "administrator"},
		"403 page":            {reply: page(403), is: jiraclient.ErrForbidden, message: "does not let the request through", hint: "basic authentication"},
		"404":                 {reply: status(404), is: jiraclient.ErrNotFound, message: "no API of this kind", hint: "check the address"},
		"404 page":            {reply: page(404), is: jiraclient.ErrNotFound, message: "no Jira at", hint: "check the address"},
		"409":                 {reply: status(409), is: jiraclient.ErrConflict, message: "409", hint: "read the issue again"},
		"410":                 {reply: status(410), is: jiraclient.ErrGone, message: "410", hint: "too old"},
		"413":                 {reply: status(413), message: "413", hint: "too long"},
		"415":                 {reply: status(415), message: "415", hint: "correct"},
		"429":                 {reply: &jiratest.Reply{Status: 429, Header: http.Header{"Retry-After": {"90"}}}, is: jiraclient.ErrRateLimited, message: "asks to wait 1m30s", hint: "by itself"},
		"500":                 {reply: status(500), is: jiraclient.ErrServer, message: "problem of its own (500)", hint: "status.atlassian.com"},
		"502":                 {reply: page(502), is: jiraclient.ErrServer, message: "(502)", hint: "status.atlassian.com"},
		"503":                 {reply: page(503), is: jiraclient.ErrServer, message: "not available just now", hint: "status.atlassian.com"},
		"504":                 {reply: page(504), is: jiraclient.ErrServer, message: "(504)", hint: "status.atlassian.com"},
	}
	sentences := map[string]string{}
	for name, w := range table {
		t.Run(name, func(t *testing.T) {
			v, err := w.verify(t)
			if v.OK || len(v.Problems) == 0 || v.Account != nil {
				t.Fatalf("%+v, %v", v, err)
			}
			if w.is != nil {
				assertIs(t, err, w.is)
			}
			p := v.Problems[len(v.Problems)-1]
			if !strings.Contains(p.Message, w.message) || !strings.Contains(p.Hint, w.hint) || strings.Contains(p.Message+p.Hint, "token=1") {
				t.Errorf("message %q, hint %q", p.Message, p.Hint)
			}
			if other, twice := sentences[p.Message]; twice {
				t.Errorf("%s reads the same: %q", other, p.Message)
			}
			sentences[p.Message] = name
		})
	}
}

func (w wreck) verify(t *testing.T) (jiraclient.Verification, error) {
	t.Helper()
	if w.serve != nil {
		c := newClient(t, jiraclient.Config{BaseURL: w.serve(t), Clock: newFakeClock()})
		return c.Verify(t.Context())
	}
	// The address is the same in each sentence, so that only words tell them apart.
	b := newFaultyBench(t, func(cfg *jiraclient.Config) { cfg.Timeout = 200 * time.Millisecond })
	fault := w.fault
	if fault == nil {
		fault = &jiratest.Fault{Reply: w.reply}
	}
	fault.Route = "/myself"
	b.jira.Inject(*fault)
	return b.Verify(t.Context())
}

// nobody is an address at which no one listens any more.
func nobody(t *testing.T) string {
	s := httptest.NewServer(http.NotFoundHandler())
	s.Close()
	return s.URL
}

func tlsServer(h http.Handler) func(*testing.T) string {
	return func(t *testing.T) string {
		s := httptest.NewUnstartedServer(h)
		s.Config.ErrorLog = log.New(io.Discard, "", 0) // the client turns it down
		s.StartTLS()
		t.Cleanup(s.Close)
		return s.URL
	}
}

// plainAsTLS speaks http where https is asked for.
func plainAsTLS(t *testing.T) string {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
		<-done
	})
	return "https://" + l.Addr().String()
}

// TestAProxyThatSaysNo is told from a Jira that does.
func TestAProxyThatSaysNo(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusProxyAuthRequired) }))
	defer proxy.Close()
	c := newClient(t, jiraclient.Config{
		BaseURL: "https://jira.example.com", Clock: newFakeClock(), Transport: &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { return url.Parse(proxy.URL) }},
	})
	v, err := c.Verify(t.Context())
	assertIs(t, err, jiraclient.ErrUnreachable)
	if !strings.Contains(v.Problems[0].Message, "proxy") || !strings.Contains(v.Problems[0].Hint, "HTTPS_PROXY") || jiraclient.OutcomeOf(err) != jiraclient.NotSent {
		t.Errorf("%+v, %v", v.Problems, err)
	}
}

// TestVerifyLooksAround: what does not stand in the way and is worth knowing.
func TestVerifyLooksAround(t *testing.T) {
	b := newFaultyBench(t)
	b.jira.SetClockOffset(-7 * time.Minute)
	b.jira.SetTeamManaged("PAY")
	v, err := b.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var notes []string
	for _, n := range v.Notes {
		notes = append(notes, n.Message)
	}
	for i, want := range []string{"Dana Analyst is the account of a person", "7m0s ahead of Jira's", "team-managed: PAY"} {
		if i >= len(notes) || !strings.Contains(notes[i], want) {
			t.Errorf("notes %q, want %q", notes, want)
		}
	}
	service := newFaultyBench(t, as(jiratest.ServiceEmail, jiratest.ServiceToken))
	if v, err := service.Verify(t.Context()); err != nil || len(v.Notes) != 0 {
		t.Errorf("a service account: %+v, %v", v, err)
	}
}

// TestVerifyTellsTheOtherKindOfJira in both directions.
func TestVerifyTellsTheOtherKindOfJira(t *testing.T) {
	other := func(to jiraclient.Deployment) func(*jiraclient.Config) {
		return func(cfg *jiraclient.Config) { cfg.Deployment = to }
	}
	for want, b := range map[string]bench{
		"--type datacenter": newDataCenter(t, jiratest.Options{}, other(jiraclient.Cloud), as(jiratest.AnalystUser, jiratest.AnalystToken)),
		"--type cloud":      newFaultyBench(t, other(jiraclient.DataCenter)),
	} {
		v, err := b.Verify(t.Context())
		if err == nil || v.OK || !strings.Contains(v.Problems[0].Hint, want) {
			t.Errorf("%s: %+v, %v", want, v.Problems, err)
		}
	}
}

func TestVerifyDataCenter(t *testing.T) {
	b := newDataCenter(t, jiratest.Options{})
	v, err := b.Verify(t.Context())
	if err != nil || !v.OK || v.Account.ID != jiratest.AnalystUser || v.Server.DeploymentType != "Server" || len(v.Permissions) != 7 || len(v.Notes) != 0 {
		t.Errorf("%+v, %v", v, err)
	}
}
