package sync

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/oauth"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// Connect makes the client of a connection, for each way to sign in of X4. The
// caller closes it. A consent that is missing is an error that is
// oauth.ErrConsentNeeded, here or with the first request.
func Connect(ctx context.Context, s *storage.Store, c model.Connection) (*jiraclient.Client, error) {
	network, err := jiraclient.NewTransport(c.CAFile)
	if err != nil {
		return nil, err
	}
	auth, err := signIn(ctx, s, c, network)
	if err != nil {
		return nil, err
	}
	return connectAs(c, auth, network)
}

// ConnectWith makes a client that signs in with a password or token that is not
// stored yet.
func ConnectWith(c model.Connection, secret []byte) (*jiraclient.Client, error) {
	network, err := jiraclient.NewTransport(c.CAFile)
	if err != nil {
		return nil, err
	}
	auth := jiraclient.Authenticator(jiraclient.Basic(c.User, string(secret)))
	if c.Auth == model.AuthPAT {
		auth = jiraclient.PAT(string(secret))
	}
	return connectAs(c, auth, network)
}

func connectAs(c model.Connection, auth jiraclient.Authenticator, network http.RoundTripper) (*jiraclient.Client, error) {
	cfg := jiraclient.Config{BaseURL: c.URL, Deployment: jiraclient.Cloud, Auth: auth, Transport: network,
		CloudID: c.Options.CloudID, Gateway: c.Options.Gateway}
	if c.Type == model.DataCenter {
		cfg.Deployment = jiraclient.DataCenter
	}
	if c.Auth == model.AuthOAuth2 {
		cfg.Scopes = c.Options.Granted
	}
	return jiraclient.New(cfg)
}

// signIn makes the credentials of a connection from its secrets.
func signIn(ctx context.Context, s *storage.Store, c model.Connection, network http.RoundTripper) (jiraclient.Authenticator, error) {
	if err := model.CheckAuth(c.Type, c.Auth); err != nil {
		return nil, fmt.Errorf("connection %q: %w", c.Name, err)
	}
	switch c.Auth {
	case model.AuthOAuth2:
		app, err := app(ctx, s, c, network)
		if err != nil {
			return nil, err
		}
		// One lock for all processes that renew this connection's token.
		return oauth.NewSource(app, tokens{s, c.ID}, fmt.Sprintf("%s.token-%d", s.Path(), c.ID)), nil
	case model.AuthOAuth1:
		consumer, err := consumer(ctx, s, c, network)
		if err != nil {
			return nil, err
		}
		stored, err := s.NamedSecret(ctx, c.ID, storage.SecretToken)
		if errors.Is(err, storage.ErrNotFound) {
			return nil, &oauth.Error{Kind: oauth.ErrConsentNeeded, Problem: fmt.Sprintf("connection %q has not been authorized", c.Name),
				Advice: "make the application link in Jira with the public key that 'vexdesk connection show' prints, then run 'vexdesk connection authorize " + c.Name + "'"}
		}
		if err != nil {
			return nil, err
		}
		token, err := oauth.DecodeAccessToken(stored)
		if err != nil {
			return nil, err
		}
		return consumer.Signer(token)
	}
	secret, err := s.ConnectionSecret(ctx, c)
	if err != nil {
		return nil, err
	}
	if c.Auth == model.AuthPAT {
		return jiraclient.PAT(string(secret)), nil
	}
	return jiraclient.Basic(c.User, string(secret)), nil
}

// App is the OAuth 2 app of a connection, with which a person's consent is asked
// for.
func App(ctx context.Context, s *storage.Store, c model.Connection) (oauth.App, error) {
	network, err := jiraclient.NewTransport(c.CAFile)
	if err != nil {
		return oauth.App{}, err
	}
	return app(ctx, s, c, network)
}

func app(ctx context.Context, s *storage.Store, c model.Connection, network http.RoundTripper) (oauth.App, error) {
	secret, err := s.NamedSecret(ctx, c.ID, storage.SecretClient)
	if err != nil {
		return oauth.App{}, err
	}
	return oauth.App{ClientID: c.ClientID, ClientSecret: oauth.NewSecret(string(secret)), Scopes: c.Options.Scopes, RedirectURL: c.Options.RedirectURL,
		AuthURL: c.Options.Gateway, APIURL: c.Options.Gateway, Transport: network}, nil
}

// Consumer is the OAuth 1 application link of a connection, with which a
// person's consent is asked for.
func Consumer(ctx context.Context, s *storage.Store, c model.Connection) (oauth.Consumer, error) {
	network, err := jiraclient.NewTransport(c.CAFile)
	if err != nil {
		return oauth.Consumer{}, err
	}
	return consumer(ctx, s, c, network)
}

func consumer(ctx context.Context, s *storage.Store, c model.Connection, network http.RoundTripper) (oauth.Consumer, error) {
	text, err := s.NamedSecret(ctx, c.ID, storage.SecretKey)
	if err != nil {
		return oauth.Consumer{}, err
	}
	pair, err := oauth.DecodeKey(text)
	return oauth.Consumer{BaseURL: c.URL, Key: c.ConsumerKey, Pair: pair, Transport: network}, err
}

// tokens keeps the OAuth 2 token of a connection encrypted in the workspace,
// where all processes find it.
type tokens struct {
	store      *storage.Store
	connection int64
}

// Load implements oauth.Store; the empty token is a consent that was not given.
func (t tokens) Load(ctx context.Context) (oauth.Token, error) {
	data, err := t.store.NamedSecret(ctx, t.connection, storage.SecretToken)
	if errors.Is(err, storage.ErrNotFound) {
		return oauth.Token{}, nil
	}
	if err != nil {
		return oauth.Token{}, err
	}
	return oauth.DecodeToken(data)
}

// Save implements oauth.Store.
func (t tokens) Save(ctx context.Context, token oauth.Token) error {
	data, err := token.Encode()
	if err != nil {
		return err
	}
	return t.store.PutToken(ctx, t.connection, data)
}
