package sync

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/oauth"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// consentTime bounds how long a person takes at the page of a consent. Jira's
// own requests for consent last ten minutes.
const consentTime = 10 * time.Minute

// ErrNoConsent means that a connection signs in without a consent.
var ErrNoConsent = errors.New("it needs no consent")

// Consent is the consent of a person that is being asked for: at URL, in a
// browser. The answer comes to the redirect address (Wait), or is pasted back
// (Paste). Close ends it.
type Consent struct {
	// URL is the address to open in a browser.
	URL string
	// Listening is the redirect address at which the browser is waited for;
	// empty where the answer can only be pasted.
	Listening string
	// Wanted is what is to be pasted.
	Wanted string

	store      *storage.Store
	actor      model.Actor
	connection model.Connection
	listener   *oauth.Listener
	parse      func(pasted string) (url.Values, error)
	redeem     func(ctx context.Context, answer url.Values) (token []byte, err error)
	// ended stops what closes the listener when the asking is given up.
	ended func() bool

	mu     sync.Mutex
	token  []byte // what the answer came to: an answer is good only once
	stored bool
}

// AskConsent begins to ask for the consent that a connection needs. With listen
// the redirect address is opened, at which the browser ends up when it runs on
// this machine; without, the answer is to be pasted. The redirect address is let
// go when ctx ends, whatever becomes of the Consent.
func (l *Live) AskConsent(ctx context.Context, actor model.Actor, c model.Connection, listen bool) (*Consent, error) {
	k := &Consent{store: l.store, actor: actor, connection: c}
	var err error
	switch c.Auth {
	case model.AuthOAuth2:
		err = k.askOAuth2(ctx, listen)
	case model.AuthOAuth1:
		err = k.askOAuth1(ctx, listen)
	default:
		err = fmt.Errorf("connection %s signs in with %s: %w", c.Name, c.Auth, ErrNoConsent)
	}
	if err != nil {
		return nil, errors.Join(err, k.Close())
	}
	if k.listener != nil {
		k.ended = context.AfterFunc(ctx, func() { _ = k.listener.Close() }) // nobody is left to tell
	}
	return k, nil
}

func (k *Consent) listen(expects func(url.Values) bool) error {
	l, err := oauth.Listen(RedirectURL(k.connection), expects)
	if err != nil {
		return err
	}
	k.listener, k.Listening = l, l.URL
	return nil
}

// askOAuth2 prepares getting a token and finding the connection's site among
// those that the consent covers.
func (k *Consent) askOAuth2(ctx context.Context, listen bool) error {
	app, err := App(ctx, k.store, k.connection)
	if err != nil {
		return err
	}
	consent := app.Ask()
	k.URL, k.Wanted, k.parse = consent.URL, "the address at which the browser ends up", oauth.ParseAnswer
	k.redeem = func(ctx context.Context, answer url.Values) ([]byte, error) {
		token, err := consent.Redeem(ctx, answer)
		if err != nil {
			return nil, err
		}
		sites, err := app.Sites(ctx, token)
		if err != nil {
			return nil, err
		}
		site, err := oauth.FindSite(sites, k.connection.URL)
		if err != nil {
			return nil, err
		}
		k.connection.RetrieveTickets = retrieveWith(k.connection, site.Scopes)
		k.connection.Options.CloudID, k.connection.Options.Granted = site.ID, site.Scopes
		return token.Encode()
	}
	if listen {
		return k.listen(consent.Expects)
	}
	return nil
}

// askOAuth1 opens the redirect address first: Jira is told it with the question.
func (k *Consent) askOAuth1(ctx context.Context, listen bool) error {
	consumer, err := Consumer(ctx, k.store, k.connection)
	if err != nil {
		return err
	}
	var handshake atomic.Pointer[oauth.Handshake]
	callback := oauth.OutOfBand
	k.Wanted = "the code that Jira shows"
	if listen {
		if err := k.listen(func(v url.Values) bool { h := handshake.Load(); return h != nil && h.Expects(v) }); err != nil {
			return err
		}
		callback, k.Wanted = k.Listening, "the address at which the browser ends up"
	}
	h, err := consumer.Ask(ctx, callback)
	if err != nil {
		return err
	}
	handshake.Store(h)
	k.URL, k.parse = h.URL, h.ParseVerifier
	k.redeem = func(ctx context.Context, answer url.Values) ([]byte, error) {
		token, err := h.Redeem(ctx, answer)
		if err != nil {
			return nil, err
		}
		return token.Encode()
	}
	return nil
}

// retrieveWith is the switch of S4 after a consent: off where the scopes do not
// suffice, on again where they do at last (S5); else it stays as a person set it
// (ruling 21).
func retrieveWith(c model.Connection, granted []string) bool {
	first := c.Options.Granted == nil
	could, can := jiraclient.CanRetrieve(c.Options.Granted), jiraclient.CanRetrieve(granted)
	switch {
	case !can && (first || could):
		return false
	case can && !first && !could:
		return true
	}
	return c.RetrieveTickets
}

// Wait waits until the browser comes back, and stores the grant. A person has ten
// minutes.
func (k *Consent) Wait(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, consentTime)
	defer cancel()
	answer, err := k.listener.Wait(ctx)
	if err != nil {
		return err
	}
	return k.accept(ctx, answer)
}

// Paste takes what a person pastes, and stores the grant.
func (k *Consent) Paste(ctx context.Context, text string) error {
	answer, err := k.parse(text)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, askTime)
	defer cancel()
	return k.accept(ctx, answer)
}

// accept takes one answer, of whichever came first. Where what it came to could
// not be stored, the next answer stores that.
func (k *Consent) accept(ctx context.Context, answer url.Values) (err error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stored {
		return errors.New("the consent was given already")
	}
	if k.token == nil {
		if k.token, err = k.redeem(ctx, answer); err != nil {
			return err
		}
	}
	err = k.store.SetGrant(ctx, k.actor, k.connection, k.token)
	k.stored = err == nil
	return err
}

// Close ends the listening.
func (k *Consent) Close() error {
	if k.listener == nil {
		return nil
	}
	if k.ended != nil {
		k.ended()
	}
	return k.listener.Close()
}
