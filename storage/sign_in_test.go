package storage

import (
	"errors"
	"path/filepath"
	"reflect"
	"testing"

	"example.com/vexdesk/model"
)

func TestAConnectionKeepsItsSecretsApartAndItsOptions(t *testing.T) {
	s, err := Open(bg, filepath.Join(t.TempDir(), "vexdesk.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}()
	c := model.Connection{Name: "o2", Type: model.Cloud, Auth: model.AuthOAuth2, URL: "https://jira.example.com", ClientID: "app",
		Options: model.ConnectionOptions{Scopes: []string{"read:jira-work"}, RedirectURL: "http://127.0.0.1:9999/callback"}}
	c, err = s.AddConnectionWith(bg, analyst, c, map[SecretName][]byte{SecretClient: []byte("client")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.NamedSecret(bg, c.ID, SecretToken); !errors.Is(err, ErrNotFound) {
		t.Errorf("a token before the consent: %v", err)
	}
	c.Options.CloudID, c.Options.Granted, c.RetrieveTickets = "site-1", []string{"write:jira-work"}, false
	if err := s.SetGrant(bg, analyst, c, []byte("first")); err != nil {
		t.Fatal(err)
	}
	if err := s.PutToken(bg, c.ID, []byte("second")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[SecretName]string{SecretClient: "client", SecretToken: "second"} {
		if got, err := s.NamedSecret(bg, c.ID, name); err != nil || string(got) != want {
			t.Errorf("%s is %q, %v", name, got, err)
		}
	}
	stored, err := s.Connection(bg, "o2")
	if err != nil || !reflect.DeepEqual(stored.Options, c.Options) || stored.RetrieveTickets {
		t.Errorf("%+v, %v", stored, err)
	}

	// Connections that are locked stay as they are, and go on renewing tokens.
	if err := s.SetSetting(bg, analyst, "connections.locked", "true"); err != nil {
		t.Fatal(err)
	}
	if err := s.ChangeConnection(bg, analyst, c, nil); !errors.Is(err, ErrConnectionsLocked) {
		t.Errorf("changed though locked: %v", err)
	}
	if err := s.SetGrant(bg, analyst, c, []byte("third")); !errors.Is(err, ErrConnectionsLocked) {
		t.Errorf("authorized though locked: %v", err)
	}
	if err := s.PutToken(bg, c.ID, []byte("fourth")); err != nil {
		t.Error(err)
	}

	// A renewal that comes after the removal leaves nothing behind.
	if err := s.SetSetting(bg, analyst, "connections.locked", "false"); err != nil {
		t.Fatal(err)
	}
	if err := s.RemoveConnection(bg, analyst, stored); err != nil {
		t.Fatal(err)
	}
	if err := s.PutToken(bg, c.ID, []byte("late")); !errors.Is(err, ErrNotFound) {
		t.Errorf("a token of a connection that is gone: %v", err)
	}
	if _, err := s.NamedSecret(bg, c.ID, SecretToken); !errors.Is(err, ErrNotFound) {
		t.Errorf("its token stayed: %v", err)
	}
}
