package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/gofrs/flock"
	"golang.org/x/oauth2"

	"example.com/vexdesk/jiraclient"
)

// early is how long before its end a token is renewed, so that it does not end
// on its way.
const early = time.Minute

// Source signs requests with the token of a consent and renews it in time. It is
// a jiraclient.Authenticator, safe for concurrent use, and for use by several
// processes at once that name the same store and lock file.
type Source struct {
	app   App
	store Store
	lock  string

	mu    sync.Mutex
	token Token
	// unsaved is set while a renewed token could not be stored. It is the only
	// one that works any more.
	unsaved bool
}

// NewSource makes a Source. The lock file is made when it is needed and stays.
func NewSource(app App, store Store, lockFile string) *Source {
	return &Source{app: app, store: store, lock: lockFile}
}

// String names no secret.
func (s *Source) String() string { return "oauth2(" + s.app.ClientID + ")" }

// Remedy says what to do when Jira does not accept a token that is fresh.
func (s *Source) Remedy() string {
	return "authorize the connection again: the consent may have been withdrawn in the Atlassian account, or the account has lost access to the site"
}

// Authenticate sets the Authorization header, after a renewal where one is due.
func (s *Source) Authenticate(ctx context.Context, req *http.Request) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.fresh(s.token) || s.unsaved {
		if err := s.renew(ctx); err != nil {
			return err
		}
	}
	req.Header.Set("Authorization", "Bearer "+s.token.Access.reveal())
	return nil
}

func (s *Source) fresh(t Token) bool {
	return t.Access.reveal() != "" && t.Expiry.After(s.app.now().Add(early))
}

// renew gets a token that is fresh: the one that another process has stored
// meanwhile, or a new one. Under the lock only one process spends the refresh
// token, which works once.
func (s *Source) renew(ctx context.Context) error {
	lock := flock.New(s.lock, flock.SetPermissions(0o600))
	if ok, err := lock.TryLockContext(ctx, 20*time.Millisecond); !ok {
		return &Error{Kind: jiraclient.ErrUnreachable, Problem: "the lock for renewing the token cannot be had", Advice: "another vexdesk holds it; look whether one hangs", Err: err}
	}
	// Closing frees the lock as well, and the file holds nothing to be lost.
	defer func() { _ = lock.Close() }()
	// From here on the caller's leaving must not come between Atlassian's answer
	// and the store: the old refresh token is spent by then.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), timeout+10*time.Second)
	defer cancel()
	if s.unsaved {
		if err := s.save(ctx); err != nil || s.fresh(s.token) {
			return err
		}
	}
	stored, err := s.load(ctx)
	if err != nil {
		return err
	}
	if s.fresh(stored) {
		s.token = stored
		return nil
	}
	renewed, err := s.refresh(ctx, stored)
	if errors.Is(err, ErrConsentNeeded) {
		// Someone without our lock may have been faster, as after a restore.
		again, loadErr := s.load(ctx)
		if loadErr != nil || again.Refresh.reveal() == stored.Refresh.reveal() {
			return err
		}
		if s.fresh(again) {
			s.token = again
			return nil
		}
		renewed, err = s.refresh(ctx, again)
	}
	if err != nil {
		return err
	}
	s.token = renewed
	return s.save(ctx)
}

func (s *Source) load(ctx context.Context) (Token, error) {
	t, err := s.store.Load(ctx)
	if err != nil {
		return t, &Error{Problem: "the token cannot be read from the workspace", Advice: "run vexdesk doctor", Err: err}
	}
	if t.Refresh.reveal() == "" {
		return t, &Error{Kind: ErrConsentNeeded, Problem: "the connection has not been authorized", Advice: "run vexdesk connection authorize"}
	}
	return t, nil
}

// refresh spends a refresh token.
func (s *Source) refresh(ctx context.Context, t Token) (Token, error) {
	asked := s.app.now()
	got, err := s.app.config().TokenSource(s.app.context(ctx), &oauth2.Token{RefreshToken: t.Refresh.reveal()}).Token()
	if err != nil {
		return Token{}, s.app.failure(err, "authorize the connection again: a consent ends after 90 days without use, and after a year in any case")
	}
	renewed, err := newToken(got, asked)
	if err == nil && len(renewed.Scopes) == 0 {
		renewed.Scopes = t.Scopes
	}
	return renewed, err
}

// save stores the token before anyone uses it. One that could not be stored is
// kept, and stored the next time.
func (s *Source) save(ctx context.Context) error {
	if err := s.store.Save(ctx, s.token); err != nil {
		s.unsaved = true
		return &Error{Problem: "the renewed token cannot be stored", Advice: fmt.Sprintf("make room in the workspace before this process ends, or %s has to be authorized again", s), Err: err}
	}
	s.unsaved = false
	return nil
}
