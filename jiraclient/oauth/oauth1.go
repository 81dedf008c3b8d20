package oauth

import (
	"context"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"github.com/dghubble/oauth1"

	"example.com/vexdesk/jiraclient"
)

// OutOfBand is the callback of a person who copies the verifier code from Jira's
// page (RFC 5849, 2.1).
const OutOfBand = "oob"

// Consumer is what an application link of Jira Data Center knows of vexdesk. It
// signs with RSA-SHA1 (RFC 5849, 3.4.3); there is no consumer secret.
type Consumer struct {
	BaseURL string // of Jira, with its context path
	Key     string // the consumer key that was entered into the link
	Pair    Key
	// Transport is the network, as jiraclient.NewTransport makes it; nil is
	// http.DefaultTransport.
	Transport http.RoundTripper
}

// AccessToken is what a consent with Jira Data Center came to. Encode alone shows
// it.
type AccessToken struct{ token, secret Secret }

// Encode writes the token, for a store that encrypts it.
func (t AccessToken) Encode() ([]byte, error) {
	return json.Marshal([2]string{t.token.reveal(), t.secret.reveal()})
}

// DecodeAccessToken reads what Encode wrote.
func DecodeAccessToken(data []byte) (AccessToken, error) {
	var parts [2]string
	if err := json.Unmarshal(data, &parts); err != nil || parts[0] == "" {
		return AccessToken{}, &Error{Kind: ErrConsentNeeded, Problem: "the stored token cannot be read", Advice: "authorize the connection again"}
	}
	return AccessToken{NewSecret(parts[0]), NewSecret(parts[1])}, nil
}

func (c Consumer) config(callback string) (*oauth1.Config, error) {
	if c.Pair.private == nil || c.Key == "" {
		return nil, &Error{Problem: "the connection has no consumer key or no key pair", Advice: "add the connection again with --auth oauth1 and --consumer-key"}
	}
	servlet := strings.TrimRight(c.BaseURL, "/") + "/plugins/servlet/oauth/"
	return &oauth1.Config{
		ConsumerKey: c.Key,
		CallbackURL: callback,
		Endpoint:    oauth1.Endpoint{RequestTokenURL: servlet + "request-token", AuthorizeURL: servlet + "authorize", AccessTokenURL: servlet + "access-token"},
		Signer:      &oauth1.RSASigner{PrivateKey: c.Pair.private()},
	}, nil
}

// Handshake is a consent that is being asked for.
type Handshake struct {
	URL      string // to be opened in a browser
	consumer Consumer
	token    Secret
	secret   Secret
}

// Ask begins to ask for a consent. Jira sends the browser to the callback, a
// redirect address on this machine; with OutOfBand it shows a code.
func (c Consumer) Ask(ctx context.Context, callback string) (*Handshake, error) {
	cfg, err := c.config(callback)
	if err != nil {
		return nil, err
	}
	watch := c.watch(ctx, cfg)
	token, secret, err := cfg.RequestToken()
	if err != nil {
		return nil, watch.failure("/plugins/servlet/oauth/request-token", c, err)
	}
	address, err := cfg.AuthorizationURL(token)
	if err != nil {
		return nil, &Error{Kind: jiraclient.ErrBadRequest, Problem: "the address of Jira cannot be read", Advice: "check the connection's address"}
	}
	return &Handshake{URL: address.String(), consumer: c, token: NewSecret(token), secret: NewSecret(secret)}, nil
}

// Expects tells whether an answer belongs to this consent.
func (h *Handshake) Expects(answer url.Values) bool {
	return subtle.ConstantTimeCompare([]byte(answer.Get("oauth_token")), []byte(h.token.reveal())) == 1
}

// ParseVerifier reads what a person pastes: the code that Jira's page shows, or
// the address at which the browser ended up.
func (h *Handshake) ParseVerifier(pasted string) (url.Values, error) {
	pasted = strings.TrimSpace(pasted)
	if pasted == "" {
		return nil, &Error{Kind: ErrConsentNeeded, Problem: "no code was given", Advice: "authorize the connection again, and paste the code that Jira shows after the consent"}
	}
	if !strings.ContainsAny(pasted, "/?&= \t\n") {
		return url.Values{"oauth_token": {h.token.reveal()}, "oauth_verifier": {pasted}}, nil
	}
	return ParseAnswer(pasted)
}

// Redeem turns the answer into a token.
func (h *Handshake) Redeem(ctx context.Context, answer url.Values) (AccessToken, error) {
	verifier := answer.Get("oauth_verifier")
	switch {
	case !h.Expects(answer):
		return AccessToken{}, &Error{Kind: ErrConsentNeeded, Problem: "the answer belongs to another request for consent", Advice: "open the address that was shown last"}
	case verifier == "denied":
		return AccessToken{}, &Error{Kind: ErrConsentNeeded, Problem: "the consent was refused in the browser", Advice: "authorize the connection again and allow it"}
	case verifier == "":
		return AccessToken{}, &Error{Kind: ErrConsentNeeded, Problem: "the answer holds no verifier code", Advice: "paste the code that Jira shows, or the whole address at which the browser ended up"}
	}
	cfg, err := h.consumer.config("")
	if err != nil {
		return AccessToken{}, err
	}
	watch := h.consumer.watch(ctx, cfg)
	token, secret, err := cfg.AccessToken(h.token.reveal(), h.secret.reveal(), verifier)
	if err != nil {
		return AccessToken{}, watch.failure("/plugins/servlet/oauth/access-token", h.consumer, err)
	}
	return AccessToken{NewSecret(token), NewSecret(secret)}, nil
}

// Signer is a jiraclient.Authenticator that signs each request.
type Signer struct {
	consumer  Consumer
	transport http.RoundTripper
}

// Signer makes the credentials of a consent.
func (c Consumer) Signer(t AccessToken) (*Signer, error) {
	cfg, err := c.config("")
	if err != nil {
		return nil, err
	}
	ctx := context.WithValue(context.Background(), oauth1.HTTPClient, &http.Client{Transport: keeper{}})
	signed := cfg.Client(ctx, oauth1.NewToken(t.token.reveal(), t.secret.reveal()))
	return &Signer{consumer: c, transport: signed.Transport}, nil
}

// Authenticate sets the Authorization header. The library signs only what it
// sends, so it is given a network that keeps the header and sends nothing. It
// does not read the body: none of ours is a form.
func (s *Signer) Authenticate(_ context.Context, req *http.Request) error {
	var kept headerKept
	resp, err := s.transport.RoundTrip(req)
	if resp != nil {
		_ = resp.Body.Close()
	}
	if !errors.As(err, &kept) {
		return &Error{Problem: "the request cannot be signed", Advice: "add the connection again and put its new public key into Jira", Err: err}
	}
	req.Header.Set("Authorization", string(kept))
	return nil
}

// Remedy says what to do when Jira does not accept a signature.
func (s *Signer) Remedy() string {
	return "authorize the connection again, and compare the application link in Jira with `connection show`"
}

// String names no secret.
func (s *Signer) String() string { return "oauth1(" + s.consumer.Key + ")" }

// Format hides the key from every verb.
func (s *Signer) Format(f fmt.State, _ rune) { _, _ = fmt.Fprint(f, s.String()) }

// keeper is a network that sends nothing.
type keeper struct{}

func (keeper) RoundTrip(req *http.Request) (*http.Response, error) {
	return nil, headerKept(req.Header.Get("Authorization"))
}

// headerKept carries the header past the library.
type headerKept string

func (headerKept) Error() string { return "kept" }
