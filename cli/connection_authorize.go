package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/oauth"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
	"example.com/vexdesk/ui/term"
)

// consentTime bounds how long a person takes at the page of a consent. Jira's
// own requests for consent last ten minutes.
const consentTime = 10 * time.Minute

func (a *app) connectionAuthorizeCommand() *cobra.Command {
	var paste bool
	cmd := &cobra.Command{
		Use:   "authorize NAME",
		Short: "Ask a person for the consent that oauth2 and oauth1 need, then verify",
		Long: `Shows the address at which a person gives the consent, opens it where there is a
browser, and waits until the browser comes back to the redirect address on this
machine. Where the browser runs on another machine, --paste reads from standard
input the address at which it ended up, or with oauth1 the code that Jira shows.`,
		Args: exactArgs("the name of a connection"),
		RunE: a.with(func(cmd *cobra.Command, s *storage.Store, args []string) error {
			c, err := s.Connection(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			return a.authorize(cmd.Context(), s, c, paste)
		}),
	}
	cmd.Flags().BoolVar(&paste, "paste", false, "paste back the address at which the browser ends up, or Jira's code")
	return cmd
}

func (a *app) authorize(ctx context.Context, s *storage.Store, c model.Connection, paste bool) error {
	asking, cancel := context.WithTimeout(ctx, consentTime)
	defer cancel()
	var token []byte
	var err error
	switch c.Auth {
	case model.AuthOAuth2:
		token, err = a.consentOAuth2(asking, s, &c, paste)
	case model.AuthOAuth1:
		token, err = a.consentOAuth1(asking, s, c, paste)
	default:
		return usage("connection %s signs in with %s, which needs no consent: 'vexdesk connection verify %s' checks it", c.Name, c.Auth, c.Name)
	}
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	if err := s.SetGrant(ctx, a.actor(), c, token); err != nil {
		return err
	}
	v, verr := a.verify(ctx, s, c)
	return a.printVerified(ctx, s, c, v, verr)
}

// consentOAuth2 gets a token and finds the connection's site among those that
// the consent covers.
func (a *app) consentOAuth2(ctx context.Context, s *storage.Store, c *model.Connection, paste bool) ([]byte, error) {
	app, err := vexsync.App(ctx, s, *c)
	if err != nil {
		return nil, err
	}
	consent := app.Ask()
	var answer url.Values
	if paste {
		answer, err = a.pasted(ctx, consent.URL, "the address at which the browser ends up", oauth.ParseAnswer)
	} else {
		answer, err = a.received(ctx, redirectURL(*c), consent.Expects, func(string) (string, error) { return consent.URL, nil })
	}
	if err != nil {
		return nil, err
	}
	token, err := consent.Redeem(ctx, answer)
	if err != nil {
		return nil, err
	}
	sites, err := app.Sites(ctx, token)
	if err != nil {
		return nil, err
	}
	site, err := oauth.FindSite(sites, c.URL)
	if err != nil {
		return nil, err
	}
	c.RetrieveTickets = retrieveWith(*c, site.Scopes)
	c.Options.CloudID, c.Options.Granted = site.ID, site.Scopes
	return token.Encode()
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

func (a *app) consentOAuth1(ctx context.Context, s *storage.Store, c model.Connection, paste bool) ([]byte, error) {
	consumer, err := vexsync.Consumer(ctx, s, c)
	if err != nil {
		return nil, err
	}
	var handshake atomic.Pointer[oauth.Handshake]
	begin := func(callback string) (string, error) {
		h, err := consumer.Ask(ctx, callback)
		if err != nil {
			return "", err
		}
		handshake.Store(h)
		return h.URL, nil
	}
	var answer url.Values
	if paste {
		address, err := begin(oauth.OutOfBand)
		if err != nil {
			return nil, err
		}
		answer, err = a.pasted(ctx, address, "the code that Jira shows", handshake.Load().ParseVerifier)
		if err != nil {
			return nil, err
		}
	} else if answer, err = a.received(ctx, redirectURL(c), func(v url.Values) bool {
		h := handshake.Load()
		return h != nil && h.Expects(v)
	}, begin); err != nil {
		return nil, err
	}
	token, err := handshake.Load().Redeem(ctx, answer)
	if err != nil {
		return nil, err
	}
	return token.Encode()
}

// received shows the address of the consent, which begin gives once the redirect
// address listens, and waits for the browser to come back.
func (a *app) received(ctx context.Context, redirect string, expects func(url.Values) bool, begin func(callback string) (string, error)) (answer url.Values, err error) {
	l, err := oauth.Listen(redirect, expects)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.Close()) }()
	address, err := begin(l.URL)
	if err != nil {
		return nil, err
	}
	if err := a.showAddress(ctx, address); err != nil {
		return nil, err
	}
	if err := a.tell("waiting for the browser at %s; where it runs on another machine, stop with ctrl-c and use --paste", l.URL); err != nil {
		return nil, err
	}
	return l.Wait(ctx)
}

// pasted shows the address of the consent and reads a line that a person pastes.
func (a *app) pasted(ctx context.Context, address, what string, parse func(string) (url.Values, error)) (url.Values, error) {
	if err := a.showAddress(ctx, address); err != nil {
		return nil, err
	}
	if err := a.tell("paste %s:", what); err != nil {
		return nil, err
	}
	line, err := bufio.NewReader(io.LimitReader(a.stdinUntil(ctx), maxSecret)).ReadString('\n')
	if ctx.Err() != nil {
		return nil, &oauth.Error{Kind: oauth.ErrConsentNeeded, Problem: "nothing was pasted", Advice: "authorize the connection again", Err: ctx.Err()}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("standard input cannot be read: %w", err)
	}
	return parse(strings.TrimSpace(line))
}

// showAddress prints an address for a browser; at a terminal it is opened where
// there is a browser, else copied (X3). With JSON, stdout is the result's.
func (a *app) showAddress(ctx context.Context, address string) error {
	out := a.stdout
	if a.json {
		out = a.stderr
	}
	if _, err := fmt.Fprintf(out, "%s\n", address); err != nil {
		return err
	}
	f, ok := terminal(a.stderr)
	if !ok {
		return a.tell("open this address in a browser and accept")
	}
	here := term.Detect(a.getenv, true)
	if here.Open(address) == nil {
		return a.tell("the address is opened in the browser: accept there")
	}
	if copied, err := here.Copy(ctx, address); err == nil {
		if _, err := f.WriteString(copied.Sequence); err != nil {
			return err
		}
		return a.tell("open this address in a browser and accept; it is copied (%s)", copied.Via)
	}
	return a.tell("open this address in a browser and accept")
}
