package oauth

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/dghubble/oauth1"

	"example.com/vexdesk/jiraclient"
)

// watcher is a network that remembers why Jira refused: the library puts the
// whole answer into its error, which must not be shown.
type watcher struct {
	ctx     context.Context
	base    http.RoundTripper
	status  int
	problem string
	html    bool
}

func (c Consumer) watch(ctx context.Context, cfg *oauth1.Config) *watcher {
	w := &watcher{ctx: ctx, base: c.Transport}
	if w.base == nil {
		w.base = http.DefaultTransport
	}
	cfg.HTTPClient = client(w)
	return w
}

// oauthProblem is the word by which Jira says what is wrong with a signature, in
// a header or in the body (the OAuth problem reporting extension).
var oauthProblem = regexp.MustCompile(`oauth_problem="?([a-z_]{1,40})`)

const maxAnswer = 64 << 10

func (w *watcher) RoundTrip(req *http.Request) (*http.Response, error) {
	resp, err := w.base.RoundTrip(req.WithContext(w.ctx))
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err = errors.Join(err, resp.Body.Close()); err != nil {
		return nil, err
	}
	resp.Body = io.NopCloser(bytes.NewReader(body))
	w.status = resp.StatusCode
	w.html = strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html")
	for _, text := range []string{resp.Header.Get("WWW-Authenticate"), string(body)} {
		if m := oauthProblem.FindStringSubmatch(text); m != nil {
			w.problem = m[1]
			break
		}
	}
	return resp, nil
}

// failure says why the handshake failed.
func (w *watcher) failure(route string, c Consumer, err error) error {
	host := ""
	if u, parseErr := url.Parse(c.BaseURL); parseErr == nil {
		host = u.Host
	}
	if w.status == 0 {
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return &jiraclient.TransportError{Method: http.MethodPost, Route: route, Host: host, Err: err}
	}
	says := func(problem, advice string) error {
		return &Error{Kind: ErrConsentNeeded, Problem: problem, Advice: advice}
	}
	switch w.problem {
	case "consumer_key_unknown", "consumer_key_refused", "consumer_key_rejected":
		return says(fmt.Sprintf("%s does not know the consumer key %q", host, c.Key),
			"let a Jira administrator make the application link (Incoming Authentication) with this key, spelt the same")
	case "signature_invalid", "signature_method_rejected":
		return says(host+" does not accept the signature", "the public key in the application link is not the one that `connection show` prints, or the connection's address differs from Jira's base URL")
	case "timestamp_refused":
		return says(host+" refuses the signature for its time", "set the clock of this machine")
	case "nonce_used":
		return says(host+" has seen this signature before", "try again")
	case "permission_denied", "user_refused":
		return says("the consent was refused in the browser", "authorize the connection again and allow it")
	case "":
	default:
		return says(host+" refuses the consent: "+w.problem, "authorize the connection again; a request for consent lasts ten minutes and its code works once")
	}
	switch {
	case w.status == http.StatusNotFound:
		return &Error{Kind: jiraclient.ErrNotFound, Problem: "there is no OAuth at " + c.BaseURL, Advice: "check the connection's address with its path; OAuth 1 is there on Jira Data Center alone"}
	case w.status >= 500:
		return &Error{Kind: jiraclient.ErrServer, Problem: fmt.Sprintf("%s has a problem of its own (%d)", host, w.status), Advice: "try again later"}
	case w.html || w.status >= 300 && w.status < 400:
		return &Error{Kind: jiraclient.ErrNotJSON, Problem: fmt.Sprintf("a page answered at %s where OAuth was asked for (%d)", host, w.status), Advice: "check the address; single sign-on or a proxy may stand before Jira"}
	default:
		return &Error{Kind: jiraclient.ErrUnauthorized, Problem: fmt.Sprintf("%s refuses the consent (%d)", host, w.status), Advice: "compare the application link in Jira with `connection show`"}
	}
}
