package sync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/oauth"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// Verification is what came of signing in and checking rights (I1, X1).
type Verification = jiraclient.Verification

// verifyTime bounds a verification.
const verifyTime = 45 * time.Second

// Verify signs in and checks the rights, and records how it went: what passes is
// active and works; what fails stays as it was (ruling 27). The Verification is
// filled as far as it came, whatever the error.
func (l *Live) Verify(ctx context.Context, actor model.Actor, c model.Connection) (Verification, error) {
	client, err := Connect(ctx, l.store, c)
	if err != nil {
		v := Verification{Permissions: []jiraclient.Permission{}, Problems: []jiraclient.Problem{}, Notes: []jiraclient.Problem{}}
		v.Problems = append(v.Problems, jiraclient.Problem{Message: err.Error(), Hint: jiraclient.HintOf(err)})
		return v, err
	}
	v, err := verify(ctx, client)
	switch {
	case ctx.Err() != nil:
		return v, ctx.Err()
	case err == nil:
		return v, recorded(l.passed(ctx, actor, c, v))
	case c.State == model.ConnectionDraft:
		return v, errors.Join(err, recorded(l.store.SetProblem(ctx, c, Reason(v, err))))
	}
	return v, err
}

// recorded lets a workspace that is open for reading only be: how it went is told
// all the same.
func recorded(err error) error {
	if errors.Is(err, storage.ErrReadOnly) {
		return nil
	}
	return err
}

// verify asks with a client, and closes it.
func verify(ctx context.Context, client *jiraclient.Client) (Verification, error) {
	defer client.Close()
	ctx, cancel := context.WithTimeout(ctx, verifyTime)
	defer cancel()
	return client.Verify(ctx)
}

// passed records a verification that passed.
func (l *Live) passed(ctx context.Context, actor model.Actor, c model.Connection, v Verification) error {
	if v.CloudID != c.Options.CloudID {
		if err := l.store.SetCloudID(ctx, c, v.CloudID); err != nil {
			return err
		}
	}
	return l.store.SetVerified(ctx, actor, c, v.Server.URL)
}

// Reason is why a verification failed, as a sentence with its remedy: the first
// problem, else the error.
func Reason(v Verification, err error) string {
	problem := jiraclient.Problem{Message: err.Error(), Hint: jiraclient.HintOf(err)}
	if len(v.Problems) > 0 {
		problem = v.Problems[0]
	}
	text := model.Clean(problem.Message)
	if hint := model.Clean(problem.Hint); hint != "" && !strings.Contains(text, hint) {
		text += "; " + hint
	}
	return text
}

// ChangeSignIn changes how a connection signs in. A password or token is proved
// before it takes the place of one that works: unchanged tells that an active
// connection was left as it was, because what is new does not pass. Where a
// consent is needed nothing is proved, since the consent is to be given anew.
func (l *Live) ChangeSignIn(ctx context.Context, actor model.Actor, c model.Connection, secrets map[storage.SecretName][]byte) (v Verification, unchanged bool, err error) {
	if c.Auth.Consents() {
		return v, false, l.store.ChangeConnection(ctx, actor, c, secrets)
	}
	v, verr := l.tryOut(ctx, &c, secrets[storage.SecretMain])
	if ctx.Err() != nil {
		return v, true, ctx.Err()
	}
	if verr != nil && c.State == model.ConnectionActive {
		return v, true, verr
	}
	if err := l.store.ChangeConnection(ctx, actor, c, secrets); err != nil {
		return v, true, err
	}
	if verr == nil {
		return v, false, l.store.SetVerified(ctx, actor, c, v.Server.URL)
	}
	return v, false, errors.Join(verr, l.store.SetProblem(ctx, c, Reason(v, verr)))
}

// tryOut verifies a changed connection with a new secret, or with the stored one
// where that is nil, and notes where its site is reached.
func (l *Live) tryOut(ctx context.Context, c *model.Connection, secret []byte) (Verification, error) {
	var err error
	if secret == nil {
		if secret, err = l.store.ConnectionSecret(ctx, *c); err != nil {
			return Verification{}, err
		}
	}
	c.Options.CloudID = "" // another token may need the gateway, or no longer
	client, err := ConnectWith(*c, secret)
	if err != nil {
		return Verification{}, err
	}
	v, err := verify(ctx, client)
	c.Options.CloudID = v.CloudID
	return v, err
}

// CheckAddress refuses an address or a CA file that cannot be right, without
// touching the network.
func CheckAddress(c model.Connection) error {
	if c.Options.Gateway != "" { // its address is looked at where there is a cloud id
		c.Options.CloudID = "check"
	}
	client, err := ConnectWith(c, nil)
	if err != nil {
		return err
	}
	client.Close()
	return nil
}

// NewSecrets are the secrets that a connection begins with: the one that a person
// gave, or the key pair that is made here (X2).
func NewSecrets(c model.Connection, given []byte) (map[storage.SecretName][]byte, error) {
	if c.Auth != model.AuthOAuth1 {
		return map[storage.SecretName][]byte{storage.MainSecret(c.Auth): given}, nil
	}
	pair, err := oauth.NewKey()
	if err != nil {
		return nil, err
	}
	text, err := pair.Encode()
	return map[storage.SecretName][]byte{storage.SecretKey: text}, err
}

// PublicKey is the half of a connection's key pair that Jira is given, in PEM form.
func PublicKey(ctx context.Context, s *storage.Store, c model.Connection) (string, error) {
	consumer, err := Consumer(ctx, s, c)
	if err != nil {
		return "", err
	}
	return consumer.Pair.PublicPEM()
}

// RedirectURL is where the browser is sent after a consent.
func RedirectURL(c model.Connection) string {
	if c.Options.RedirectURL != "" {
		return c.Options.RedirectURL
	}
	return oauth.DefaultRedirectURL
}

// Scopes are those that a consent with OAuth 2 asks for.
func Scopes(c model.Connection) []string {
	if len(c.Options.Scopes) > 0 {
		return c.Options.Scopes
	}
	return oauth.DefaultScopes()
}

// ScopesWith is what a consent asks for: the usual scopes and the given ones,
// without those that are given with a minus (ruling 28).
func ScopesWith(given []string) []string {
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

// OtherSide is what a person does in Atlassian's console or in Jira before a
// consent can be asked for.
func OtherSide(c model.Connection) []string {
	if c.Auth == model.AuthOAuth2 {
		return []string{
			"in developer.atlassian.com, open the app " + c.ClientID,
			"Permissions: add the Jira API with the scopes " + strings.Join(slices.DeleteFunc(slices.Clone(Scopes(c)), func(s string) bool { return s == "offline_access" }), " "),
			"Authorization, OAuth 2.0 (3LO): the callback URL is " + RedirectURL(c) + ", letter by letter",
		}
	}
	return []string{
		"in Jira, as an administrator: Applications, Application links, create a link to http://vexdesk.local (nothing answers there: continue)",
		fmt.Sprintf("in its incoming authentication: consumer key %s, any consumer name, and the public key", c.ConsumerKey),
	}
}

// PublicKey is the function of this name, for screens.
func (l *Live) PublicKey(ctx context.Context, c model.Connection) (string, error) {
	return PublicKey(ctx, l.store, c)
}
