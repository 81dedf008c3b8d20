package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
)

// Limits of what is fetched: EPSS has some 2 MB packed, the catalogue some 2 MB
// plain.
const (
	maxFeed     = 256 << 20
	feedTimeout = 5 * time.Minute
)

// openFeed opens a file, standard input, or an address: https, or http on the
// loopback, at every step of a redirection.
func (a *app) openFeed(ctx context.Context, source string) (io.ReadCloser, error) {
	if !strings.Contains(source, "://") {
		return a.openReport(ctx, source)
	}
	u, err := url.Parse(source)
	if err != nil {
		return nil, usage("%q is not an address", model.Clean(source))
	}
	if err := safeAddress(u); err != nil {
		return nil, usage("%w", err)
	}
	transport, err := jiraclient.NewTransport("")
	if err != nil {
		return nil, err
	}
	client := &http.Client{Transport: transport, Timeout: feedTimeout, CheckRedirect: func(r *http.Request, via []*http.Request) error {
		if len(via) >= 5 {
			return errors.New("it leads on and on")
		}
		return safeAddress(r.URL)
	}}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "vexdesk/"+version)
	res, err := client.Do(req)
	if err != nil {
		return nil, unreachable(u, err)
	}
	if res.StatusCode != http.StatusOK {
		res.Body.Close()
		return nil, fmt.Errorf("%s answers %s: check the address, or fetch the file by other means and name it", u.Redacted(), model.Clean(res.Status))
	}
	return &fetched{res.Body, u, maxFeed}, nil
}

func safeAddress(u *url.URL) error {
	ip := net.ParseIP(u.Hostname())
	loopback := u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
	if u.Scheme == "https" && u.Host != "" || u.Scheme == "http" && loopback {
		return nil
	}
	return fmt.Errorf("the address %s is not https; http is allowed on the loopback only", model.Clean(u.Redacted()))
}

func unreachable(u *url.URL, err error) error {
	var inner *url.Error
	if errors.As(err, &inner) {
		err = inner.Err
	}
	return offline("%s cannot be fetched: %w; fetch the file by other means and name it", u.Redacted(), err)
}

// fetched is an answer of limited size, whose failures name the address.
type fetched struct {
	body io.ReadCloser
	from *url.URL
	left int64
}

// Read passes on.
func (f *fetched) Read(b []byte) (int, error) {
	n, err := f.body.Read(b)
	if f.left -= int64(n); f.left < 0 {
		return 0, fmt.Errorf("%s is longer than %d MB: is it the right address?", f.from.Redacted(), maxFeed>>20)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = unreachable(f.from, err)
	}
	return n, err
}

// Close closes the answer.
func (f *fetched) Close() error { return f.body.Close() }
