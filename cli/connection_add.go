package cli

import (
	"context"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/vexdesk/jiraclient/oauth"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// signInFlags are what connections of different ways to sign in are given.
type signInFlags struct {
	user, caFile, clientID, consumerKey, redirectURL string
	scopes                                           []string
	secret                                           secretFlags
}

func (f *signInFlags) flags(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.user, "user", "", "with basic: the e-mail address of the account, on Data Center its user name")
	flags.StringVar(&f.clientID, "client-id", "", "with oauth2: the client id of the app in developer.atlassian.com")
	flags.StringArrayVar(&f.scopes, "scope", nil, "with oauth2: a scope to ask for besides the usual ones; -SCOPE leaves one out")
	flags.StringVar(&f.consumerKey, "consumer-key", "", "with oauth1: the consumer key of the application link in Jira")
	flags.StringVar(&f.redirectURL, "redirect-url", "", "with oauth2 and oauth1: where the browser goes after the consent (default "+oauth.DefaultRedirectURL+")")
	flags.StringVar(&f.caFile, "ca-file", "", "PEM file with further certificate authorities")
	f.secret.flags(cmd)
}

// into puts the flags into a connection, and refuses those that its way to sign
// in does not know.
func (f *signInFlags) into(c *model.Connection) error {
	for _, flag := range []struct {
		name, value string
		to          *string
		with        []model.AuthMethod
	}{
		{"user", model.Clean(f.user), &c.User, []model.AuthMethod{model.AuthBasic, model.AuthPAT}},
		{"client-id", model.Clean(f.clientID), &c.ClientID, []model.AuthMethod{model.AuthOAuth2}},
		{"consumer-key", model.Clean(f.consumerKey), &c.ConsumerKey, []model.AuthMethod{model.AuthOAuth1}},
		{"redirect-url", f.redirectURL, &c.Options.RedirectURL, []model.AuthMethod{model.AuthOAuth2, model.AuthOAuth1}},
		{"scope", strings.Join(f.scopes, " "), nil, []model.AuthMethod{model.AuthOAuth2}},
		{"ca-file", f.caFile, &c.CAFile, []model.AuthMethod{c.Auth}},
	} {
		switch {
		case flag.value == "":
		case !slices.Contains(flag.with, c.Auth):
			return usage("--%s belongs to %s, and this connection signs in with %s", flag.name, flag.with[0], c.Auth)
		case flag.to != nil:
			*flag.to = flag.value
		}
	}
	if f.caFile != "" { // it is read from wherever vexdesk runs next
		absolute, err := filepath.Abs(f.caFile)
		if err != nil {
			return usage("--ca-file %s cannot be found: %w", f.caFile, err)
		}
		c.CAFile = absolute
	}
	if len(f.scopes) > 0 {
		c.Options.Scopes = vexsync.ScopesWith(f.scopes)
	}
	if u, err := url.Parse(c.Options.RedirectURL); c.Options.RedirectURL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return usage("--redirect-url %q is no address: leave it out, or write it as the app's callback, such as %s", c.Options.RedirectURL, oauth.DefaultRedirectURL)
	}
	return f.secret.fits(*c)
}

type addConnectionFlags struct {
	kind, auth, url, gateway string
	signInFlags
}

func (a *app) connectionAddCommand() *cobra.Command {
	var f addConnectionFlags
	cmd := &cobra.Command{
		Use:   "add NAME --type cloud|datacenter --auth basic|oauth2|oauth1|pat --url URL",
		Short: "Add a connection and verify it",
		Long: `Adds a connection as a draft and verifies it: it becomes active when that passes,
else it stays a draft and the reason is told. Passwords, tokens and client secrets
are asked for, or read from standard input or an environment variable.

  cloud       basic   e-mail address and API token, with scopes or without
              oauth2  an app of your own in developer.atlassian.com
  datacenter  pat     personal access token (Jira 8.14 and later)
              basic   user name and password
              oauth1  an application link in Jira; the key pair is made here

With oauth2 and oauth1 the connection is a draft until 'vexdesk connection
authorize NAME' got the consent of a person.`,
		Example: `  vexdesk connection add acme --type cloud --auth basic --url https://acme.atlassian.net --user me@acme.example
  pass jira/pat | vexdesk connection add dc --type datacenter --auth pat --url https://jira.acme.example --token-stdin
  vexdesk connection add dc --type datacenter --auth oauth1 --url https://jira.acme.example/jira --consumer-key vexdesk`,
		Args: exactArgs("a name"),
		RunE: func(cmd *cobra.Command, args []string) error {
			c, err := f.connection(args[0])
			if err != nil {
				return err
			}
			secrets, err := a.newSecrets(cmd.Context(), f.secret, c)
			if err != nil {
				return err
			}
			s, err := a.open(cmd.Context())
			if err != nil {
				return err
			}
			return a.connectionAdd(cmd.Context(), s, c, secrets)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.kind, "type", "", "cloud or datacenter")
	flags.StringVar(&f.auth, "auth", "", "how to sign in: basic, oauth2, oauth1 or pat")
	flags.StringVar(&f.url, "url", "", "address of the site; https, or http on the loopback")
	flags.StringVar(&f.gateway, "gateway", "", "address in place of api.atlassian.com and auth.atlassian.com, as a simulated Jira has")
	f.flags(cmd)
	return cmd
}

// connection checks the flags as far as that goes without Jira.
func (f *addConnectionFlags) connection(name string) (model.Connection, error) {
	c := model.Connection{Name: model.Clean(name), Type: model.ConnectionType(f.kind), Auth: model.AuthMethod(f.auth), URL: strings.TrimRight(f.url, "/")}
	for _, needed := range []struct{ what, value string }{{"a name", c.Name}, {"--type", f.kind}, {"--auth", f.auth}, {"--url", f.url}} {
		if needed.value == "" {
			return c, usage("a connection needs %s", needed.what)
		}
	}
	if err := model.CheckAuth(c.Type, c.Auth); err != nil {
		return c, usage("%w", err)
	}
	if err := f.into(&c); err != nil {
		return c, err
	}
	if f.gateway != "" && c.Type != model.Cloud {
		return c, usage("--gateway belongs to Jira Cloud, and this connection is for Jira Data Center")
	}
	c.Options.Gateway = strings.TrimRight(f.gateway, "/")
	return c, signsIn(c)
}

// signsIn refuses a connection that lacks what its way to sign in needs, and an
// address that cannot be right.
func signsIn(c model.Connection) error {
	if flag, what := c.Lacks(); flag != "" {
		return usage("a connection with %s needs --%s, %s", c.Auth, flag, what)
	}
	if err := vexsync.CheckAddress(c); err != nil {
		return usage("%s", sentence(err))
	}
	return nil
}

// newSecrets reads or makes the secrets of a new connection.
func (a *app) newSecrets(ctx context.Context, f secretFlags, c model.Connection) (map[storage.SecretName][]byte, error) {
	var given []byte
	if c.Auth != model.AuthOAuth1 {
		var err error
		if given, err = a.secret(ctx, f, c); err != nil {
			return nil, err
		}
	}
	return vexsync.NewSecrets(c, given)
}

func (a *app) connectionAdd(ctx context.Context, s *storage.Store, c model.Connection, secrets map[storage.SecretName][]byte) error {
	c, err := s.AddConnectionWith(ctx, a.actor(), c, secrets)
	if err != nil {
		return err
	}
	if c.Auth.Consents() {
		if err := s.SetProblem(ctx, c, "the consent of a person is needed: run 'vexdesk connection authorize "+c.Name+"'"); err != nil {
			return err
		}
		if c, err = s.Connection(ctx, c.Name); err != nil {
			return err
		}
		return a.showConnection(ctx, s, c)
	}
	v, verr := a.verify(ctx, s, c)
	return a.printVerified(ctx, s, c, v, verr)
}

// printVerified prints a connection that was added, changed or authorized and
// then verified.
func (a *app) printVerified(ctx context.Context, s *storage.Store, c model.Connection, v vexsync.Verification, verr error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	c, err := s.Connection(ctx, c.Name)
	if err != nil {
		return err
	}
	if a.json {
		shown, serr := toShownJSON(ctx, s, c)
		if serr != nil {
			return serr
		}
		err = a.printJSON(struct {
			shownJSON
			Verification vexsync.Verification `json:"verification"`
		}{shown, v})
	} else {
		err = a.printVerification(c, v)
	}
	if err != nil || verr == nil {
		return err
	}
	if c.State == model.ConnectionDraft {
		return partly("connection %s stays a draft: %s: mend that and run 'vexdesk connection verify %s'", c.Name, vexsync.Reason(v, verr), c.Name)
	}
	return partly("connection %s does not pass: %s: mend that and run 'vexdesk connection verify %s'", c.Name, vexsync.Reason(v, verr), c.Name)
}
