package oauth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"example.com/vexdesk/jiraclient"
)

// Listener waits at the redirect address for the browser that comes back from
// the consent.
type Listener struct {
	URL     string // the redirect address
	answers chan url.Values
	expects func(url.Values) bool
	server  *http.Server
	done    chan struct{}
}

// Listen opens the redirect address, which must be http on the loopback. Answers
// that are not expected are turned away. An address in use is an error: then the
// answer can be pasted.
func Listen(redirectURL string, expects func(url.Values) bool) (*Listener, error) {
	u, err := url.Parse(redirectURL)
	if err != nil || u.Scheme != "http" || !isLoopback(u.Hostname()) || u.Port() == "" {
		return nil, &Error{Kind: jiraclient.ErrBadRequest, Problem: fmt.Sprintf("the redirect address %q is not http on this machine", redirectURL),
			Advice: "leave --redirect-url out, or paste back the address with --paste"}
	}
	l, err := net.Listen("tcp", u.Host)
	if err != nil {
		return nil, &Error{Problem: "the redirect address " + u.Host + " cannot be listened at", Advice: "end what uses the port, or paste back the address with --paste", Err: err}
	}
	u.Host = l.Addr().String()
	w := &Listener{URL: u.String(), answers: make(chan url.Values, 1), expects: expects, done: make(chan struct{})}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+orElse(u.Path, "/{$}"), w.receive)
	w.server = &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second, MaxHeaderBytes: 32 << 10}
	go func() {
		defer close(w.done)
		// It ends with ErrServerClosed at Close; a listener that fails shows as
		// an answer that does not come.
		_ = w.server.Serve(l)
	}()
	return w, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (l *Listener) receive(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Security-Policy", "default-src 'none'")
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Referrer-Policy", "no-referrer")
	answer := r.URL.Query()
	if !l.expects(answer) {
		w.WriteHeader(http.StatusBadRequest)
		_, _ = fmt.Fprint(w, "<!doctype html><title>vexdesk</title><p>This answer belongs to no request of vexdesk. Open the address that vexdesk shows.</p>")
		return
	}
	select {
	case l.answers <- answer:
	default: // a page that is loaded again
	}
	_, _ = fmt.Fprint(w, "<!doctype html><title>vexdesk</title><p>vexdesk has the answer. This page can be closed.</p>")
}

// Wait returns the answer, or ctx's error.
func (l *Listener) Wait(ctx context.Context) (url.Values, error) {
	select {
	case answer := <-l.answers:
		return answer, nil
	case <-ctx.Done():
		return nil, &Error{Kind: ErrConsentNeeded, Problem: "nobody came back from the consent", Advice: "authorize the connection again, or paste back the address with --paste", Err: ctx.Err()}
	}
}

// Close stops listening, after the browser has its page.
func (l *Listener) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	err := l.server.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, l.server.Close())
	}
	<-l.done
	return err
}
