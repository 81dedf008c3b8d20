package cli

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"example.com/vexdesk/jiraclient"
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
	if len(f.scopes) > 0 {
		c.Options.Scopes = scopesWith(f.scopes)
	}
	if u, err := url.Parse(c.Options.RedirectURL); c.Options.RedirectURL != "" && (err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
		return usage("--redirect-url %q is no address: leave it out, or write it as the app's callback, such as %s", c.Options.RedirectURL, oauth.DefaultRedirectURL)
	}
	return f.secret.fits(*c)
}

// scopesWith is what a consent asks for: the usual scopes and the given ones,
// without those that are given with a minus (ruling 28).
func scopesWith(given []string) []string {
	scopes := oauth.DefaultScopes()
	for _, scope := range given {
		if left, out := strings.CutPrefix(scope, "-"); out {
			scopes = slices.DeleteFunc(scopes, func(s string) bool { return s == left })
		} else if !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	return scopes
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
	switch {
	case c.Auth == model.AuthBasic && c.User == "" && c.Type == model.DataCenter:
		return usage("a connection with basic needs --user, the user name of the account")
	case c.Auth == model.AuthBasic && c.User == "":
		return usage("a connection with basic needs --user, the e-mail address of the account")
	case c.Auth == model.AuthOAuth2 && c.ClientID == "":
		return usage("a connection with oauth2 needs --client-id, which the settings of the app in developer.atlassian.com show")
	case c.Auth == model.AuthOAuth1 && c.ConsumerKey == "":
		return usage("a connection with oauth1 needs --consumer-key: choose one, and enter it into the application link in Jira")
	}
	checked := c
	if c.Options.Gateway != "" { // its address is looked at where there is a cloud id
		checked.Options.CloudID = "check"
	}
	client, err := vexsync.ConnectWith(checked, nil)
	if err != nil {
		return usage("%s", sentence(err))
	}
	client.Close()
	return nil
}

// newSecrets reads or makes the secrets of a new connection.
func (a *app) newSecrets(ctx context.Context, f secretFlags, c model.Connection) (map[storage.SecretName][]byte, error) {
	if c.Auth == model.AuthOAuth1 {
		pair, err := oauth.NewKey()
		if err != nil {
			return nil, err
		}
		text, err := pair.Encode()
		return map[storage.SecretName][]byte{storage.SecretKey: text}, err
	}
	secret, err := a.secret(ctx, f, c)
	return map[storage.SecretName][]byte{mainSecret(c): secret}, err
}

// mainSecret is the secret that a connection cannot do without.
func mainSecret(c model.Connection) storage.SecretName {
	switch c.Auth {
	case model.AuthOAuth2:
		return storage.SecretClient
	case model.AuthOAuth1:
		return storage.SecretKey
	}
	return storage.SecretMain
}

// consents reports whether a person's consent is needed.
func consents(c model.Connection) bool {
	return c.Auth == model.AuthOAuth1 || c.Auth == model.AuthOAuth2
}

func (a *app) connectionAdd(ctx context.Context, s *storage.Store, c model.Connection, secrets map[storage.SecretName][]byte) error {
	c, err := s.AddConnectionWith(ctx, a.actor(), c, secrets)
	if err != nil {
		return err
	}
	if consents(c) {
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
func (a *app) printVerified(ctx context.Context, s *storage.Store, c model.Connection, v jiraclient.Verification, verr error) error {
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
			Verification jiraclient.Verification `json:"verification"`
		}{shown, v})
	} else {
		err = a.printVerification(c, v)
	}
	if err != nil || verr == nil {
		return err
	}
	if c.State == model.ConnectionDraft {
		return partly("connection %s stays a draft: %s: mend that and run 'vexdesk connection verify %s'", c.Name, reason(v, verr), c.Name)
	}
	return partly("connection %s does not pass: %s: mend that and run 'vexdesk connection verify %s'", c.Name, reason(v, verr), c.Name)
}
