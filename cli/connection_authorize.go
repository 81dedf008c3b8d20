package cli

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"example.com/vexdesk/jiraclient/oauth"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
	"example.com/vexdesk/ui/term"
)

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
	if !c.Auth.Consents() {
		return usage("connection %s signs in with %s, which needs no consent: 'vexdesk connection verify %s' checks it", c.Name, c.Auth, c.Name)
	}
	live := vexsync.NewLive(s)
	defer live.Close()
	err := a.consent(ctx, live, c, paste)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return err
	}
	if c, err = s.Connection(ctx, c.Name); err != nil {
		return err
	}
	v, verr := live.Verify(ctx, a.actor(), c)
	return a.printVerified(ctx, s, c, v, verr)
}

// consent shows the address of the consent, and waits for the browser to come
// back or reads what a person pastes.
func (a *app) consent(ctx context.Context, live *vexsync.Live, c model.Connection, paste bool) (err error) {
	asked, err := live.AskConsent(ctx, a.actor(), c, !paste)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, asked.Close()) }()
	if err := a.showAddress(ctx, asked.URL); err != nil {
		return err
	}
	if !paste {
		if err := a.tell("waiting for the browser at %s; where it runs on another machine, stop with ctrl-c and use --paste", asked.Listening); err != nil {
			return err
		}
		return asked.Wait(ctx)
	}
	if err := a.tell("paste %s:", asked.Wanted); err != nil {
		return err
	}
	line, err := a.pastedLine(ctx)
	if err != nil {
		return err
	}
	return asked.Paste(ctx, line)
}

// pasteTime bounds how long a person takes at the page of a consent. Jira's own
// requests for consent last ten minutes.
const pasteTime = 10 * time.Minute

// pastedLine reads a line that a person pastes.
func (a *app) pastedLine(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, pasteTime)
	defer cancel()
	line, err := bufio.NewReader(io.LimitReader(a.stdinUntil(ctx), maxSecret)).ReadString('\n')
	if ctx.Err() != nil {
		return "", &oauth.Error{Kind: oauth.ErrConsentNeeded, Problem: "nothing was pasted", Advice: "authorize the connection again", Err: ctx.Err()}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return "", fmt.Errorf("standard input cannot be read: %w", err)
	}
	return strings.TrimSpace(line), nil
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
