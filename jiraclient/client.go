package jiraclient

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"sync"
	"time"
)

// Config says which Jira, as whom, and how.
type Config struct {
	// BaseURL is the site, with its context path if it has one. It must be
	// https, except on loopback.
	BaseURL string
	// Deployment is the kind of Jira, which decides the dialect; Cloud when
	// empty.
	Deployment Deployment
	// CloudID sends the requests through Atlassian's gateway, where the site has
	// this id; see Client.CloudID.
	CloudID string
	// Gateway replaces the address of Atlassian's gateway, in tests.
	Gateway string
	// Scopes are those of an OAuth 2 grant, for Verify; nil when not known.
	Scopes []string
	// Auth puts the credentials on each request.
	Auth Authenticator
	// CAFile names a PEM file of further certificate authorities.
	CAFile string
	// UserAgent is sent with each request; "vexdesk" when empty.
	UserAgent string
	// Timeout bounds one try of one request; 30 s when zero. A bulk creation
	// gets four times as much.
	Timeout time.Duration
	// Pace slows or quickens the client; zero is Jira's documented pace.
	Pace Pace
	// Transport replaces the network; nil is a transport that honours
	// HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE and CAFile.
	Transport http.RoundTripper
	// Clock is what pacing and back-off go by; nil is the machine's.
	Clock Clock
	// Random gives jitter, in [0,1); nil is math/rand.
	Random func() float64
}

// Client speaks to one Jira as one account. It is safe for concurrent use.
type Client struct {
	base      *url.URL // the site
	gateway   string
	scopes    []string
	auth      Authenticator
	http      *http.Client
	dialect   dialect
	userAgent string
	timeout   time.Duration
	pacer     *pacer
	clock     Clock
	random    func() float64

	mu       sync.Mutex
	api      *url.URL    // the site, or its place behind the gateway
	cloudID  string      // of the site, when api is behind the gateway
	server   *ServerInfo // as last told by the server
	epicLink string      // id of the Epic Link field, on Data Center
}

// New makes a client. It does not touch the network; a wrong address or CA
// file is a *RequestError.
func New(cfg Config) (*Client, error) {
	base, err := parseBaseURL(cfg.BaseURL)
	if err != nil {
		return nil, err
	}
	if cfg.Auth == nil {
		return nil, &RequestError{Problem: "a connection to " + base.Host + " has no credentials", Advice: "give a user and an API token"}
	}
	speaks, err := dialectOf(cfg.Deployment)
	if err != nil {
		return nil, err
	}
	transport := cfg.Transport
	if transport == nil {
		if transport, err = NewTransport(cfg.CAFile); err != nil {
			return nil, err
		}
	}
	c := &Client{
		base:      base,
		gateway:   cfg.Gateway,
		scopes:    cfg.Scopes,
		auth:      cfg.Auth,
		dialect:   speaks,
		userAgent: cfg.UserAgent,
		timeout:   cfg.Timeout,
		clock:     cfg.Clock,
		random:    cfg.Random,
		http: &http.Client{
			Transport: transport,
			// A redirect may lead to a login page or to another host; the
			// credentials stay here, and the caller is told.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
	if c.userAgent == "" {
		c.userAgent = "vexdesk"
	}
	if c.timeout <= 0 {
		c.timeout = 30 * time.Second
	}
	if c.clock == nil {
		c.clock = systemClock{}
	}
	if c.random == nil {
		c.random = rand.Float64
	}
	c.pacer = newPacer(c.clock, cfg.Pace)
	if err := c.useGateway(cfg.CloudID); err != nil {
		return nil, err
	}
	return c, nil
}

// Close lets go of idle connections. Requests under way are not disturbed.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// String names the site; it holds no secret.
func (c *Client) String() string { return "jira at " + c.base.String() }

// parseBaseURL accepts https, and http on loopback, without anything that does
// not belong into a site's address.
func parseBaseURL(raw string) (*url.URL, error) {
	bad := func(problem string) (*url.URL, error) {
		return nil, &RequestError{Problem: problem, Advice: "give the address of the site alone, such as https://example.atlassian.net"}
	}
	u, err := url.Parse(strings.TrimSpace(raw))
	switch {
	case err != nil:
		// The cause would repeat the address, which may hold a password.
		return bad("the address of Jira cannot be read")
	case u.Host == "" || u.Hostname() == "":
		return bad(fmt.Sprintf("the address %q names no host", u.Redacted()))
	case u.User != nil:
		return bad("the address of Jira must not hold a user or a password")
	case u.RawQuery != "" || u.Fragment != "":
		return bad(fmt.Sprintf("the address %q holds more than a site", u.Redacted()))
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return bad(fmt.Sprintf("the address %q would send the password unencrypted; http is allowed on loopback only", u.Redacted()))
	case u.Scheme != "https" && u.Scheme != "http":
		return bad(fmt.Sprintf("the address %q does not start with https://", u.Redacted()))
	}
	u.Path = strings.TrimRight(u.Path, "/")
	u.RawPath = ""
	return u, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// NewTransport is the network that a Client uses unless told otherwise: it
// honours HTTPS_PROXY, NO_PROXY, SSL_CERT_FILE and caFile (none when empty). It
// speaks HTTP/1.1 only: its rule for repeating a request by itself is simple
// (never a POST of which a byte was written), and eight connections are all that
// Jira's pace leaves room for.
func NewTransport(caFile string) (*http.Transport, error) {
	var protocols http.Protocols
	protocols.SetHTTP1(true)
	t := &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   10 * time.Second,
		MaxIdleConns:          16,
		MaxIdleConnsPerHost:   8,
		MaxConnsPerHost:       8,
		IdleConnTimeout:       50 * time.Second,
		ExpectContinueTimeout: time.Second,
		Protocols:             &protocols,
		TLSClientConfig:       &tls.Config{MinVersion: tls.VersionTLS12},
	}
	if caFile == "" {
		return t, nil
	}
	pem, err := os.ReadFile(caFile)
	if err != nil {
		return nil, &RequestError{Problem: "the certificate authorities cannot be read", Advice: "check --ca-file", Err: err}
	}
	// Where the system has no pool of its own, the file is all there is.
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}
	if !pool.AppendCertsFromPEM(pem) {
		return nil, &RequestError{Problem: "the file " + caFile + " holds no certificate in PEM form", Advice: "check --ca-file"}
	}
	t.TLSClientConfig.RootCAs = pool
	return t, nil
}
