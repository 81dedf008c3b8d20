package cli

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"example.com/vexdesk/jiraclient/oauth"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// shownJSON is a connection with what a person needs to set up the other side.
type shownJSON struct {
	connectionJSON
	PublicKey     *string  `json:"public_key"`
	RedirectURL   *string  `json:"redirect_url"`
	Scopes        []string `json:"scopes"`
	GrantedScopes []string `json:"granted_scopes"`
	CloudID       *string  `json:"cloud_id"`
	Next          []string `json:"next"`
}

func toShownJSON(ctx context.Context, s *storage.Store, c model.Connection) (shownJSON, error) {
	shown := shownJSON{connectionJSON: toConnectionJSON(c), CloudID: orNull(c.Options.CloudID), GrantedScopes: c.Options.Granted, Next: []string{}}
	if consents(c) {
		shown.RedirectURL = orNull(redirectURL(c))
		shown.Next = nextSteps(c)
	}
	switch c.Auth {
	case model.AuthOAuth2:
		shown.Scopes = scopesOf(c)
	case model.AuthOAuth1:
		public, err := publicKey(ctx, s, c)
		if err != nil {
			return shown, err
		}
		shown.PublicKey = &public
	}
	return shown, nil
}

func redirectURL(c model.Connection) string {
	if c.Options.RedirectURL != "" {
		return c.Options.RedirectURL
	}
	return oauth.DefaultRedirectURL
}

func scopesOf(c model.Connection) []string {
	if len(c.Options.Scopes) > 0 {
		return c.Options.Scopes
	}
	return oauth.DefaultScopes()
}

// publicKey is the half of a key pair that Jira is given, in PEM form.
func publicKey(ctx context.Context, s *storage.Store, c model.Connection) (string, error) {
	consumer, err := vexsync.Consumer(ctx, s, c)
	if err != nil {
		return "", err
	}
	return consumer.Pair.PublicPEM()
}

// nextSteps is what a person does so that a connection can be used: on the other
// side, and here.
func nextSteps(c model.Connection) []string {
	authorize := "vexdesk connection authorize " + c.Name
	if c.Auth == model.AuthOAuth2 {
		return []string{
			"in developer.atlassian.com, open the app " + c.ClientID,
			"Permissions: add the Jira API with the scopes " + strings.Join(slices.DeleteFunc(slices.Clone(scopesOf(c)), func(s string) bool { return s == "offline_access" }), " "),
			"Authorization, OAuth 2.0 (3LO): the callback URL is " + redirectURL(c) + ", letter by letter",
			authorize + ", or with --paste where the browser runs on another machine",
		}
	}
	return []string{
		"in Jira, as an administrator: Applications, Application links, create a link to http://vexdesk.local (nothing answers there: continue)",
		"in its incoming authentication: consumer key " + c.ConsumerKey + ", any consumer name, and the public key",
		authorize + ", or with --paste to type the code that Jira shows",
	}
}

func (a *app) showConnection(ctx context.Context, s *storage.Store, c model.Connection) error {
	shown, err := toShownJSON(ctx, s, c)
	if err != nil {
		return err
	}
	if a.json {
		return a.printJSON(shown)
	}
	p := &page{width: a.width()}
	p.line("connection", c.Name)
	p.line("state", stateText(c)+because(c.Problem))
	p.line("type", string(c.Type)+", signs in with "+string(c.Auth))
	p.line("address", c.URL)
	p.line("user", c.User)
	p.line("client id", c.ClientID)
	p.line("consumer key", c.ConsumerKey)
	if consents(c) {
		p.line("redirect url", redirectURL(c))
	}
	p.line("scopes", strings.Join(shown.Scopes, " "))
	p.line("granted", strings.Join(shown.GrantedScopes, " "))
	p.line("gateway", gatewayText(c))
	p.line("ca file", c.CAFile)
	p.line("jira's pages", c.BaseURL)
	p.line("tickets", "statuses are retrieved: "+onOff(c.RetrieveTickets))
	p.line("verified", day(c.VerifiedAt))
	p.line("broken since", day(c.BrokenSince))
	text := p.String()
	if shown.PublicKey != nil {
		text += "\n" + strings.TrimSpace(*shown.PublicKey) + "\n"
	}
	if c.State == model.ConnectionDraft && len(shown.Next) > 0 {
		text += "\nwhat is left to do\n"
		for i, step := range shown.Next {
			text += fmt.Sprintf("  %d. %s\n", i+1, step)
		}
	}
	_, err = fmt.Fprint(a.stdout, text)
	return err
}

// gatewayText says through what a connection goes, where it does not go to the
// site itself.
func gatewayText(c model.Connection) string {
	if c.Options.CloudID == "" {
		return ""
	}
	gateway := c.Options.Gateway
	if gateway == "" {
		gateway = "https://api.atlassian.com"
	}
	return gateway + ", cloud id " + c.Options.CloudID
}
