package jiraclient

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
)

// Answers longer than these are not read to their end.
const (
	maxAnswer      = 64 << 20
	maxErrorAnswer = 1 << 20
)

// slowFactor stretches the time-out of calls that make many issues at once;
// giving up on one too early leaves all of them unknown.
const slowFactor = 4

// call is one request to Jira's API.
type call struct {
	method string
	route  string   // pattern below the API root; pace and messages go by it
	args   []string // fill the {…} of route, in order
	query  url.Values
	in     any    // JSON body, nil for none
	out    any    // where the JSON answer goes, nil when it is not needed
	read   bool   // changes nothing, so it may be repeated
	issue  string // the issue that is written to, for its own pace
	site   bool   // below the site itself, and without credentials
	slow   bool   // Jira works on it for long: slowFactor times the time-out
	// failure, when set, is given the body of a 400 and may accept it as an
	// answer.
	failure func(body []byte) bool
}

// do sends the call, waits its turn before, and repeats it where that is safe.
func (c *Client) do(ctx context.Context, call call) error {
	var body []byte
	if call.in != nil {
		var err error
		if body, err = json.Marshal(call.in); err != nil {
			return &RequestError{Problem: "the request for " + call.route + " cannot be written", Advice: "report this as a bug of vexdesk", Err: err}
		}
	}
	for tries := 1; ; tries++ {
		if err := c.pacer.wait(ctx, call.method, call.route, call.issue); err != nil {
			return c.notSent(call, err)
		}
		err := c.try(ctx, call, body)
		if err == nil {
			return nil
		}
		var api *APIError
		var asked time.Duration
		if errors.As(err, &api) {
			asked = api.RetryAfter
			if api.Status == http.StatusTooManyRequests || api.Status == http.StatusServiceUnavailable {
				c.pacer.block(call.method, call.route, call.issue, api.Reason, asked)
			}
		}
		if tries == maxTries || !repeatable(call.read, err) || asked > longestWait || ctx.Err() != nil {
			return err
		}
		// When the caller gives up during the pause, the last answer is the
		// truth about the request, not the caller's own end.
		if c.clock.Sleep(ctx, pauseBefore(tries, asked, c.random())) != nil {
			return err
		}
	}
}

// host is where the call goes.
func (c *Client) host(call call) string {
	if call.site {
		return c.base.Host
	}
	return c.apiBase().Host
}

func (c *Client) notSent(call call, err error) error {
	if paused := (*PausedError)(nil); errors.As(err, &paused) {
		return err
	}
	return &TransportError{Method: call.method, Route: call.route, Host: c.host(call), Err: err}
}

// try sends the call once.
func (c *Client) try(ctx context.Context, call call, body []byte) error {
	timeout := c.timeout
	if call.slow {
		timeout *= slowFactor
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	// From the moment there is a connection, bytes may be under way. A dial,
	// a name or a TLS handshake that fails comes before.
	var sent atomic.Bool
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { sent.Store(true) },
	})
	req, err := c.request(ctx, call, body)
	if err != nil {
		return err
	}
	resp, err := c.http.Do(req)
	if err != nil {
		// *url.Error repeats the address; its cause is enough.
		var wrapped *url.Error
		if errors.As(err, &wrapped) {
			err = wrapped.Err
		}
		return &TransportError{Method: call.method, Route: call.route, Host: c.host(call), Sent: sent.Load(), Err: err}
	}
	defer resp.Body.Close()
	defer drain(resp.Body)
	return c.answer(call, resp)
}

// drain reads a little of what is left, so that the connection can be used
// again. The answer has been judged by then; an error changes nothing.
func drain(body io.Reader) { _, _ = io.CopyN(io.Discard, body, 4<<10) }

// request builds the request. GetBody stays nil, so that net/http cannot send
// a body a second time on its own account.
func (c *Client) request(ctx context.Context, call call, body []byte) (*http.Request, error) {
	address, err := c.address(call)
	if err != nil {
		return nil, err
	}
	var reader io.Reader
	if body != nil {
		reader = bytes.NewReader(body)
	}
	req, err := http.NewRequestWithContext(ctx, call.method, address, reader)
	if err != nil {
		return nil, &RequestError{Problem: "the request for " + call.route + " cannot be made", Advice: "check the connection's address", Err: err}
	}
	req.GetBody = nil
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", c.userAgent)
	c.dialect.prepare(req.Header)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if call.site {
		return req, nil
	}
	if err := c.auth.Authenticate(ctx, req); err != nil {
		var own interface{ Outcome() Outcome }
		if errors.As(err, &own) {
			return nil, err
		}
		return nil, &RequestError{Problem: "the credentials are not at hand", Advice: "verify the connection", Err: err}
	}
	return req, nil
}

// address fills the route's parameters, each escaped as one path segment.
func (c *Client) address(call call) (string, error) {
	path := call.route
	for _, arg := range call.args {
		before, rest, ok := strings.Cut(path, "{")
		_, after, closed := strings.Cut(rest, "}")
		if !ok || !closed {
			return "", &RequestError{Problem: "too many parameters for " + call.route, Advice: "report this as a bug of vexdesk"}
		}
		if arg == "" || arg == "." || arg == ".." {
			return "", &RequestError{Problem: fmt.Sprintf("%q cannot be a part of an address (%s)", arg, call.route), Advice: "check the project, issue type or issue it stands for"}
		}
		path = before + url.PathEscape(arg) + after
	}
	address := c.apiBase().String() + c.dialect.root() + path
	if call.site {
		address = c.base.String() + path
	}
	if len(call.query) > 0 {
		address += "?" + call.query.Encode()
	}
	return address, nil
}

// answer judges the response and decodes it.
func (c *Client) answer(call call, resp *http.Response) error {
	fail := func(kind, err error) error {
		return &AnswerError{Method: call.method, Route: call.route, Status: resp.StatusCode, Kind: kind, Err: err}
	}
	switch status := resp.StatusCode; {
	case status >= 400:
		return c.refusal(call, resp)
	case status >= 300:
		redirected := &AnswerError{Method: call.method, Route: call.route, Status: status, Kind: ErrRedirected}
		if to, err := resp.Location(); err == nil {
			redirected.Location = clean(to.Scheme + "://" + to.Host)
		}
		return redirected
	case status < 200:
		return fail(ErrInvalidAnswer, nil)
	case call.out == nil && !isHTML(resp.Header):
		return nil
	case !isJSON(resp.Header):
		return fail(ErrNotJSON, nil)
	}
	data, err := readLimited(resp.Body, maxAnswer)
	if err != nil {
		return fail(ErrInvalidAnswer, err)
	}
	if err := json.Unmarshal(data, call.out); err != nil {
		return fail(ErrInvalidAnswer, decodeCause(err))
	}
	return nil
}

// decodeCause keeps the place of a JSON error and drops what was read there.
func decodeCause(err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		return fmt.Errorf("broken JSON at byte %d", syntax.Offset)
	case errors.As(err, &kind):
		return fmt.Errorf("%s holds a %s", kind.Field, kind.Value)
	default:
		return errors.New("unexpected JSON")
	}
}

// wrongScope is in the gateway's answer to a token that is known and lacks a
// scope; nothing else tells it from one that is not known.
const wrongScope = "scope does not match"

// refusal makes an APIError of an error answer. The body of a 429 is never
// looked at: it may be a page of the gateway.
func (c *Client) refusal(call call, resp *http.Response) error {
	e := &APIError{
		Method: call.method, Route: call.route, Status: resp.StatusCode,
		RetryAfter: retryAfter(resp.Header, c.clock.Now()),
		Reason:     clean(resp.Header.Get("RateLimit-Reason")),
		Captcha: strings.Contains(resp.Header.Get("X-Seraph-LoginReason"), "AUTHENTICATION_DENIED") ||
			strings.Contains(resp.Header.Get("X-Authentication-Denied-Reason"), "CAPTCHA"),
		OAuthProblem: oauthProblem(resp.Header),
		HTML:         isHTML(resp.Header),
		dataCenter:   c.dialect.deployment() == DataCenter,
	}
	if r, ok := c.auth.(Remedial); ok {
		e.remedy = r.Remedy()
	}
	if e.Status == http.StatusTooManyRequests || !isJSON(resp.Header) {
		return e
	}
	data, err := readLimited(resp.Body, maxErrorAnswer)
	if err != nil {
		return e // the status alone settles the outcome
	}
	if e.Status == http.StatusBadRequest && call.failure != nil && call.failure(data) {
		return nil
	}
	var said errorCollection
	if json.Unmarshal(data, &said) == nil {
		e.Messages, e.Fields = said.messages(), said.fields()
		e.Scope = e.Status == http.StatusUnauthorized && strings.Contains(said.Message, wrongScope)
	}
	return e
}

// oauthProblem is the word in which Jira Data Center says what is wrong with a
// signature of OAuth 1.
func oauthProblem(h http.Header) string {
	_, rest, ok := strings.Cut(h.Get("WWW-Authenticate"), `oauth_problem="`)
	if !ok {
		return ""
	}
	problem, _, _ := strings.Cut(rest, `"`)
	return clean(problem)
}

var errTooLong = errors.New("the answer is too long")

func readLimited(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = errTooLong
	}
	return data, err
}

func mediaType(h http.Header) string {
	// An unreadable content type is not JSON, which is all that is asked.
	t, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	return t
}

// isJSON accepts application/json and the likes of application/problem+json.
func isJSON(h http.Header) bool {
	t := mediaType(h)
	return t == "application/json" || strings.HasSuffix(t, "+json")
}

func isHTML(h http.Header) bool { return mediaType(h) == "text/html" }
