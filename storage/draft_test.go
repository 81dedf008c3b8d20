package storage

import (
	"errors"
	"path/filepath"
	"testing"

	"example.com/vexdesk/model"
)

// TestADraftIsWhereAPersonGoesOn: what was typed is kept and can be changed
// whole while the connection is a draft, and is no part of the setup before it
// has what signing in needs.
func TestADraftIsWhereAPersonGoesOn(t *testing.T) {
	s, err := Open(bg, filepath.Join(t.TempDir(), "vexdesk.db"), Options{})
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(err)
	defer func() { must(s.Close()) }()
	c, err := s.SaveDraft(bg, analyst, model.Connection{Name: "acme", Type: model.Cloud, Auth: model.AuthBasic}, nil)
	must(err)
	setup, err := s.Setup(bg)
	must(err)
	if len(setup.Connections) != 0 {
		t.Errorf("an unfinished draft is part of the setup: %+v", setup.Connections)
	}
	if _, err := s.SaveDraft(bg, analyst, model.Connection{Name: "ACME", Type: model.Cloud, Auth: model.AuthBasic}, nil); !errors.Is(err, ErrExists) {
		t.Errorf("a second connection of the name: %v", err)
	}
	c.Type, c.Auth, c.URL = model.DataCenter, model.AuthPAT, "https://jira.example.com"
	_, err = s.SaveDraft(bg, analyst, c, map[SecretName][]byte{SecretMain: []byte("token")})
	must(err)
	c.Auth = model.AuthOAuth2
	if _, err := s.SaveDraft(bg, analyst, c, nil); err == nil {
		t.Error("a pairing that X4 refuses was stored")
	}
	stored, err := s.Connection(bg, "acme")
	must(err)
	has, err := s.HasSecret(bg, stored.ID, SecretMain)
	must(err)
	if stored.Type != model.DataCenter || stored.Auth != model.AuthPAT || stored.URL != "https://jira.example.com" || !has || stored.State != model.ConnectionDraft {
		t.Errorf("%+v, with a secret: %v", stored, has)
	}
	setup, err = s.Setup(bg)
	must(err)
	if len(setup.Connections) != 1 {
		t.Errorf("the setup has %d connections", len(setup.Connections))
	}
	must(s.SetVerified(bg, analyst, stored, stored.URL))
	if _, err := s.SaveDraft(bg, analyst, stored, nil); err == nil {
		t.Error("an active connection was changed as if it were a draft")
	}
	p, err := s.AddProfile(bg, analyst, model.Profile{Name: "p", Connection: "acme", Project: "SEC", IssueType: "Bug"})
	must(err)
	use, err := s.UseOf(bg, stored.ID)
	must(err)
	of, err := s.UseOfProfile(bg, p.ID)
	must(err)
	if use != (ConnectionUse{Profiles: 1}) || of != (ProfileUse{}) {
		t.Errorf("in use by %+v, the profile by %+v", use, of)
	}
	if _, has, err := s.PreviewTicket(bg, p); has || err != nil {
		t.Errorf("a preview of no violation: %v, %v", has, err)
	}
}
