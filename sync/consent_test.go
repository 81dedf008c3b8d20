package sync_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/ptytest"
)

// consenting is a connection that needs a consent, and where its answer goes.
func consenting(t *testing.T, d *desk) (c model.Connection, callback string) {
	t.Helper()
	address, release, err := ptytest.FreeAddress()
	d.must(err)
	t.Cleanup(release)
	callback = "http://" + address + "/callback"
	d.jira.RegisterApp("client", "app-secret", callback, "read:jira-user", "read:jira-work", "write:jira-work", "offline_access")
	c, err = d.store.AddConnectionWith(t.Context(), analyst, model.Connection{Name: "asked", Type: model.Cloud, Auth: model.AuthOAuth2, URL: d.jira.URL, ClientID: "client",
		Options: model.ConnectionOptions{Gateway: d.jira.URL, RedirectURL: callback}}, map[storage.SecretName][]byte{storage.SecretClient: []byte("app-secret")})
	d.must(err)
	return c, callback
}

// TestAGivenUpConsentLetsItsPortGo, though nobody closes it: whoever asked may
// have left before it was there.
func TestAGivenUpConsentLetsItsPortGo(t *testing.T) {
	d := newDesk(t, 0)
	c, callback := consenting(t, d)
	ctx, leave := context.WithCancel(t.Context())
	if _, err := liveOf(t, d).AskConsent(ctx, analyst, c, true); err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(callback)
	d.must(err)
	if l, err := net.Listen("tcp", u.Host); err == nil {
		d.must(l.Close())
		t.Fatal("the redirect address is not listened at")
	}
	leave()
	for deadline := time.Now().Add(20 * time.Second); ; {
		l, err := net.Listen("tcp", u.Host)
		if err == nil {
			d.must(l.Close())
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the redirect address is still taken: %v", err)
		}
	}
}

// TestAConsentThatCouldNotBeStoredIsStoredByTheNextAnswer: Jira takes an answer
// only once.
func TestAConsentThatCouldNotBeStoredIsStoredByTheNextAnswer(t *testing.T) {
	d := newDesk(t, 0)
	c, _ := consenting(t, d)
	asked, err := liveOf(t, d).AskConsent(t.Context(), analyst, c, false)
	d.must(err)
	answer, err := d.jira.Consent(jiratest.AnalystEmail, asked.URL)
	d.must(err)
	d.must(d.store.SetSetting(t.Context(), analyst, "connections.locked", "true"))
	if err := asked.Paste(t.Context(), answer); !errors.Is(err, storage.ErrConnectionsLocked) {
		t.Fatalf("the first paste came to: %v", err)
	}
	d.must(d.store.SetSetting(t.Context(), analyst, "connections.locked", "false"))
	d.must(asked.Paste(t.Context(), answer))
	if has, err := d.store.HasSecret(t.Context(), c.ID, storage.SecretToken); err != nil || !has {
		t.Errorf("no token is stored (%v)", err)
	}
	if err := asked.Paste(t.Context(), answer); err == nil {
		t.Error("a third paste was taken")
	}
}
