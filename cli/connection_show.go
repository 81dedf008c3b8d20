package cli

import (
	"context"
	"fmt"
	"strings"

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
	if c.Auth.Consents() {
		shown.RedirectURL = orNull(vexsync.RedirectURL(c))
		shown.Next = nextSteps(c)
	}
	switch c.Auth {
	case model.AuthOAuth2:
		shown.Scopes = vexsync.Scopes(c)
	case model.AuthOAuth1:
		public, err := vexsync.PublicKey(ctx, s, c)
		if err != nil {
			return shown, err
		}
		shown.PublicKey = &public
	}
	return shown, nil
}

// nextSteps is what a person does so that a connection can be used: on the other
// side, and here.
func nextSteps(c model.Connection) []string {
	last := "vexdesk connection authorize " + c.Name + ", or with --paste to type the code that Jira shows"
	if c.Auth == model.AuthOAuth2 {
		last = "vexdesk connection authorize " + c.Name + ", or with --paste where the browser runs on another machine"
	}
	return append(vexsync.OtherSide(c), last)
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
	if c.Auth.Consents() {
		p.line("redirect url", vexsync.RedirectURL(c))
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
