package jiratest

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"html/template"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// OAuth 1.0a of a Data Center (RFC 5849): application links, real signatures of
// RSA-SHA1, nonces. Tokens live in memory alone.

const (
	oauthServlet   = "/plugins/servlet/oauth/"
	signatureDrift = 5 * time.Minute
)

type oauth1Token struct {
	consumer string
	callback string // of a request token
	verifier string // of one that was allowed
	account  *Account
}

// oauth1State is guarded by Server.mu.
type oauth1State struct {
	consumers map[string]*rsa.PublicKey
	requests  map[string]*oauth1Token
	access    map[string]*oauth1Token
	nonces    map[string]bool
}

func newOAuth1State() oauth1State {
	return oauth1State{
		consumers: map[string]*rsa.PublicKey{}, requests: map[string]*oauth1Token{},
		access: map[string]*oauth1Token{}, nonces: map[string]bool{},
	}
}

// RegisterConsumer makes an application link of a Data Center: a consumer key and
// its public key (PEM), as an administrator pastes them.
func (s *Server) RegisterConsumer(key, publicPEM string) error {
	block, _ := pem.Decode([]byte(publicPEM))
	if block == nil {
		return errors.New("the public key is not in PEM form")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	if err != nil {
		return fmt.Errorf("the public key cannot be read: %w", err)
	}
	public, ok := parsed.(*rsa.PublicKey)
	if !ok {
		return errors.New("the public key is not one of RSA")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.oauth1.consumers[key] = public
	return nil
}

// AllowAccess does what a person does who opens the address of a request for
// consent and allows it. It gives the address at which the browser ends up, or
// the verifier code where there is none.
func (s *Server) AllowAccess(email, authorizeURL string) (string, error) {
	u, err := url.Parse(authorizeURL)
	if err != nil {
		return "", fmt.Errorf("the address of the consent cannot be read: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.allowAccess(u.Query().Get("oauth_token"), email)
}

func (s *Server) allowAccess(token, email string) (string, error) {
	t := s.oauth1.requests[token]
	a := find(s.site.accounts, func(a *Account) bool { return a.Email == email })
	if t == nil || a == nil {
		return "", errors.New("the token or the account is not known")
	}
	t.account, t.verifier = a, rand.Text()[:6]
	if t.callback == "oob" {
		return t.verifier, nil
	}
	return withQuery(t.callback, url.Values{"oauth_token": {token}, "oauth_verifier": {t.verifier}}), nil
}

func withQuery(address string, q url.Values) string {
	mark := "?"
	if strings.Contains(address, "?") {
		mark = "&"
	}
	return address + mark + q.Encode()
}

// serveOAuth1 answers below the servlet of a Data Center and tells whether that
// was it.
func (s *Server) serveOAuth1(w http.ResponseWriter, r *http.Request) bool {
	name, ok := strings.CutPrefix(r.URL.Path, oauthServlet)
	if !ok || !s.dc {
		return false
	}
	switch {
	case r.Method == http.MethodPost && name == "request-token":
		s.serveLogged(w, r, func(r *http.Request, _ []byte) response { return s.requestToken(r) })
	case r.Method == http.MethodPost && name == "access-token":
		s.serveLogged(w, r, func(r *http.Request, _ []byte) response { return s.accessToken(r) })
	case r.Method == http.MethodGet && name == "authorize":
		s.pageAccess(w, r)
	default:
		http.NotFound(w, r)
	}
	return true
}

func formResponse(v url.Values) response {
	return response{status: http.StatusOK, header: http.Header{"Content-Type": {"text/plain;charset=UTF-8"}}, body: []byte(v.Encode())}
}

func problemResponse(problem string) response {
	return response{
		status: http.StatusUnauthorized,
		header: http.Header{"Content-Type": {"text/plain;charset=UTF-8"}, "Www-Authenticate": {`OAuth realm="simulation", oauth_problem="` + problem + `"`}},
		body:   []byte("oauth_problem=" + problem),
	}
}

func (s *Server) requestToken(r *http.Request) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, problem := s.signed(r)
	callback := p["oauth_callback"]
	switch {
	case problem != "":
		return problemResponse(problem)
	case p["oauth_token"] != "" || callback != "oob" && !strings.HasPrefix(callback, "http"):
		return problemResponse("parameter_rejected")
	}
	token := rand.Text()
	s.oauth1.requests[token] = &oauth1Token{consumer: p["oauth_consumer_key"], callback: callback}
	return formResponse(url.Values{"oauth_token": {token}, "oauth_token_secret": {rand.Text()}, "oauth_callback_confirmed": {"true"}})
}

func (s *Server) accessToken(r *http.Request) response {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, problem := s.signed(r)
	t := s.oauth1.requests[p["oauth_token"]]
	switch {
	case problem != "":
		return problemResponse(problem)
	case t == nil || t.consumer != p["oauth_consumer_key"]:
		return problemResponse("token_rejected")
	case t.account == nil:
		return problemResponse("permission_unknown")
	case t.verifier != p["oauth_verifier"]:
		return problemResponse("parameter_rejected")
	}
	delete(s.oauth1.requests, p["oauth_token"])
	token := rand.Text()
	s.oauth1.access[token] = t
	return formResponse(url.Values{"oauth_token": {token}, "oauth_token_secret": {rand.Text()}, "oauth_expires_in": {"157680000"}})
}

// signInByOAuth1 finds the account of a signed request. The caller holds mu.
func (s *Server) signInByOAuth1(r *http.Request) (grant, *apiError) {
	p, problem := s.signed(r)
	t := s.oauth1.access[p["oauth_token"]]
	if problem == "" && (t == nil || t.consumer != p["oauth_consumer_key"]) {
		problem = "token_rejected"
	}
	if problem != "" {
		refused := refuse(http.StatusUnauthorized, "%s", problem)
		refused.header = http.Header{"Www-Authenticate": {`OAuth realm="simulation", oauth_problem="` + problem + `"`}}
		return grant{}, refused
	}
	return grant{account: t.account}, nil
}

// signed checks a request's signature and gives its parameters, or what is wrong.
func (s *Server) signed(r *http.Request) (params map[string]string, problem string) {
	p := oauthHeader(r.Header.Get("Authorization"))
	public := s.oauth1.consumers[p["oauth_consumer_key"]]
	seconds, err := strconv.ParseInt(p["oauth_timestamp"], 10, 64)
	drift := s.now().Sub(time.Unix(seconds, 0)).Abs()
	nonce := p["oauth_consumer_key"] + " " + p["oauth_timestamp"] + " " + p["oauth_nonce"]
	switch {
	case public == nil:
		return p, "consumer_key_unknown"
	case p["oauth_signature_method"] != "RSA-SHA1":
		return p, "signature_method_rejected"
	case p["oauth_version"] != "" && p["oauth_version"] != "1.0":
		return p, "version_rejected"
	case err != nil || drift > signatureDrift:
		return p, "timestamp_refused"
	case p["oauth_nonce"] == "" || s.oauth1.nonces[nonce]:
		return p, "nonce_used"
	}
	signature, err := base64.StdEncoding.DecodeString(p["oauth_signature"])
	digest := sha1.Sum([]byte(s.signatureBase(r, p)))
	if err != nil || rsa.VerifyPKCS1v15(public, crypto.SHA1, digest[:], signature) != nil {
		return p, "signature_invalid"
	}
	s.oauth1.nonces[nonce] = true
	return p, ""
}

// oauthHeader reads the parameters of an Authorization header (RFC 5849, 3.5.1).
func oauthHeader(header string) map[string]string {
	out := map[string]string{}
	list, ok := strings.CutPrefix(header, "OAuth ")
	if !ok {
		return out
	}
	for part := range strings.SplitSeq(list, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		if decoded, err := url.PathUnescape(strings.Trim(value, `"`)); err == nil {
			out[name] = decoded
		}
	}
	return out
}

// signatureBase is what was signed (RFC 5849, 3.4.1): method, address and
// sorted parameters of header and query.
func (s *Server) signatureBase(r *http.Request, p map[string]string) string {
	scheme := "http"
	if r.TLS != nil {
		scheme = "https"
	}
	var pairs []string
	for name, value := range p {
		if name != "oauth_signature" && name != "realm" {
			pairs = append(pairs, percent(name)+"="+percent(value))
		}
	}
	for name, values := range r.URL.Query() {
		for _, value := range values {
			pairs = append(pairs, percent(name)+"="+percent(value))
		}
	}
	slices.Sort(pairs)
	address := scheme + "://" + strings.ToLower(r.Host) + s.path + r.URL.EscapedPath()
	return r.Method + "&" + percent(address) + "&" + percent(strings.Join(pairs, "&"))
}

// percent encodes all but the unreserved characters (RFC 5849, 3.6).
func percent(s string) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("-._~", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		fmt.Fprintf(&b, "%%%02X", c)
	}
	return b.String()
}

var accessPage = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("access").Parse(`<!doctype html><html lang="en"><meta charset="utf-8"><title>Access</title>
{{if .Code}}<h1>Access approved</h1><p>Your verification code is <code>{{.Code}}</code>.</p>
{{else}}<h1>Access</h1><p>The application {{.Consumer}} asks to read and write on your behalf.</p>
<ul>{{range .Accounts}}<li><a href="?oauth_token={{$.Token}}&amp;as={{.}}">Allow as {{.}}</a></li>{{end}}
<li><a href="?oauth_token={{.Token}}&amp;as=nobody">Deny</a></li></ul>{{end}}</html>`))
})

// pageAccess is where a person allows or denies.
func (s *Server) pageAccess(w http.ResponseWriter, r *http.Request) {
	token, as := r.URL.Query().Get("oauth_token"), r.URL.Query().Get("as")
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.oauth1.requests[token]
	if t == nil {
		http.Error(w, "The token is not known.", http.StatusBadRequest)
		return
	}
	data := map[string]any{"Token": token, "Consumer": t.consumer, "Code": ""}
	switch as {
	case "":
		var accounts []string
		for _, a := range s.site.accounts {
			if a.Token != "" {
				accounts = append(accounts, a.Email)
			}
		}
		data["Accounts"] = accounts
	case "nobody":
		callback := t.callback
		delete(s.oauth1.requests, token)
		if callback != "oob" {
			http.Redirect(w, r, withQuery(callback, url.Values{"oauth_token": {token}, "oauth_verifier": {"denied"}}), http.StatusFound)
			return
		}
		data["Code"] = "denied"
	default:
		to, err := s.allowAccess(token, as)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		if t.callback != "oob" {
			http.Redirect(w, r, to, http.StatusFound)
			return
		}
		data["Code"] = to
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	if err := accessPage().Execute(w, data); err != nil {
		_, _ = io.WriteString(w, "the page cannot be shown")
	}
}
