package storage

import (
	"errors"
	"strings"
	"testing"

	"example.com/vexdesk/model"
)

var colleague = model.Actor{Name: "ben", Source: "console"}

// settled is a workspace with one of each thing that people decide about.
func settled(t *testing.T) *Store {
	t.Helper()
	s := open(t)
	take(t, s, model.Report{Format: "trivy", Artifact: "app", Product: "app", Version: "1"}, ImportOptions{}, finding("CVE-2024-0001", "left", "1.0", model.SeverityHigh))
	c, err := s.AddConnection(bg, analyst, model.Connection{Name: "acme", Type: model.Cloud, Auth: model.AuthBasic, URL: "https://acme.example", User: "a@b"}, []byte("token"))
	must(t, err)
	_, err = s.AddProfile(bg, analyst, model.Profile{Name: "sec", Connection: c.Name, Project: "SEC", IssueType: "Bug"})
	must(t, err)
	_, err = s.AddPolicy(bg, analyst, model.Policy{Name: "urgent", Rules: []model.Rule{{Query: "severity:critical"}}})
	must(t, err)
	_, err = s.AddWatch(bg, analyst, model.Watch{Name: "all", Policies: []string{"urgent"}})
	must(t, err)
	return s
}

// TestTheSecondOfTwoChangesIsToldOfTheFirst: two read a thing, both change it.
func TestTheSecondOfTwoChangesIsToldOfTheFirst(t *testing.T) {
	name := func(s string) *string { return &s }
	on := true
	for kind, open := range map[string]func(t *testing.T, s *Store) (change func(actor model.Actor, word string) error){
		"policy": func(t *testing.T, s *Store) func(model.Actor, string) error {
			p, err := s.Policy(bg, "urgent")
			must(t, err)
			return func(actor model.Actor, word string) error {
				p.Rules[0].Name = word
				_, err := s.SetPolicy(bg, actor, p.Name, p)
				return err
			}
		},
		"watch": func(t *testing.T, s *Store) func(model.Actor, string) error {
			w, err := s.Watch(bg, "all")
			must(t, err)
			return func(actor model.Actor, word string) error {
				w.Scope = "product:" + word
				_, err := s.SetWatch(bg, actor, w.Name, w)
				return err
			}
		},
		"profile": func(t *testing.T, s *Store) func(model.Actor, string) error {
			p, err := s.Profile(bg, "sec")
			must(t, err)
			return func(actor model.Actor, word string) error {
				p.Labels = []string{word}
				return s.SetProfile(bg, actor, p)
			}
		},
		"product": func(t *testing.T, s *Store) func(model.Actor, string) error {
			p, err := s.Product(bg, "app")
			must(t, err)
			return func(actor model.Actor, word string) error {
				_, err := s.SetProduct(bg, actor, p.Name, ProductChange{Epic: name(word), PushNotes: &on, Revision: p.Revision})
				return err
			}
		},
		"connection": func(t *testing.T, s *Store) func(model.Actor, string) error {
			c, err := s.Connection(bg, "acme")
			must(t, err)
			return func(actor model.Actor, word string) error {
				return s.ChangeConnection(bg, actor, c, map[SecretName][]byte{SecretMain: []byte(word)})
			}
		},
		"draft connection": func(t *testing.T, s *Store) func(model.Actor, string) error {
			c, err := s.Connection(bg, "acme")
			must(t, err)
			return func(actor model.Actor, word string) error {
				c.User = word
				_, err := s.SaveDraft(bg, actor, c, nil)
				return err
			}
		},
	} {
		t.Run(kind, func(t *testing.T) {
			s := settled(t)
			mine, theirs := open(t, s), open(t, s)
			must(t, theirs(colleague, "theirs"))
			before := dump(t, s)
			err := mine(analyst, "mine")
			var changed *ChangedError
			if !errors.As(err, &changed) || !errors.Is(err, ErrChanged) || changed.By != "ben" || !strings.Contains(err.Error(), "by ben (console") {
				t.Fatalf("the second change came to: %v", err)
			}
			if after := dump(t, s); after != before {
				t.Errorf("refused, it changed something: %s", firstDifference(after, before))
			}
			must(t, open(t, s)(analyst, "mine")) // having looked again
		})
	}
}

func TestWhatNobodyDecidesIsNoChange(t *testing.T) {
	s := settled(t)
	c, err := s.Connection(bg, "acme")
	must(t, err)
	p, err := s.Policy(bg, "urgent")
	must(t, err)
	// A verification, a renewed token and the same change twice.
	must(t, s.SetCloudID(bg, c, "cloud-1"))
	must(t, s.SetVerified(bg, analyst, c, "https://acme.example"))
	must(t, s.PutToken(bg, c.ID, []byte("renewed")))
	p.Mode = model.PolicyLog
	for range 2 {
		_, err = s.SetPolicy(bg, analyst, "urgent", p)
		must(t, err)
	}
	must(t, s.ChangeConnection(bg, analyst, c, nil))
}

func TestASearchedSiteKeepsTheOtherOptions(t *testing.T) {
	s := settled(t)
	c, err := s.Connection(bg, "acme")
	must(t, err)
	stale := c
	c.Options.RedirectURL = "http://127.0.0.1:9000/callback"
	must(t, s.ChangeConnection(bg, colleague, c, nil))
	must(t, s.SetCloudID(bg, stale, "cloud-1"))
	got, err := s.Connection(bg, "acme")
	must(t, err)
	if got.Options.CloudID != "cloud-1" || got.Options.RedirectURL != c.Options.RedirectURL {
		t.Errorf("the options are %+v", got.Options)
	}
}

// TestAConsentToSomethingElseIsRefused: its app changed while a person was asked.
func TestAConsentToSomethingElseIsRefused(t *testing.T) {
	s := settled(t)
	asked, err := s.Connection(bg, "acme")
	must(t, err)
	other := asked
	other.ClientID = "another-app"
	must(t, s.ChangeConnection(bg, colleague, other, nil))
	if err := s.SetGrant(bg, analyst, asked, []byte("token")); !errors.Is(err, ErrChanged) {
		t.Errorf("a consent to another app came to: %v", err)
	}
}

// TestAConsentOutlastsAChangeByWhoDidNotSeeIt: somebody changes the options of a
// connection that another one consented to meanwhile.
func TestAConsentOutlastsAChangeByWhoDidNotSeeIt(t *testing.T) {
	s := settled(t)
	c, err := s.AddConnection(bg, analyst, model.Connection{Name: "app", Type: model.Cloud, Auth: model.AuthOAuth2, URL: "https://acme.example", ClientID: "app"}, []byte("secret"))
	must(t, err)
	granted := c
	granted.Options.CloudID, granted.Options.Granted = "cloud-1", []string{"read:jira-work"}
	must(t, s.SetGrant(bg, colleague, granted, []byte("token")))
	c.Options.RedirectURL = "http://127.0.0.1:9000/callback"
	for _, change := range []func() error{
		func() error { return s.ChangeConnection(bg, analyst, c, nil) },
		func() error {
			_, err := s.SaveDraft(bg, analyst, model.Connection{ID: c.ID, Name: "app", Type: c.Type, Auth: c.Auth, URL: c.URL, Options: c.Options}, nil)
			return err
		},
	} {
		must(t, change())
		got, err := s.Connection(bg, "app")
		must(t, err)
		if got.Options.CloudID != "cloud-1" || len(got.Options.Granted) != 1 || got.Options.RedirectURL != c.Options.RedirectURL {
			t.Errorf("the options are %+v", got.Options)
		}
	}
}

// TestASecretIsNotForAnotherAddress: a setup that names another one does not
// send the old password there.
func TestASecretIsNotForAnotherAddress(t *testing.T) {
	s := settled(t)
	c, err := s.Connection(bg, "acme")
	must(t, err)
	must(t, s.SetCloudID(bg, c, "cloud-1"))
	for _, url := range []string{c.URL, "https://elsewhere.example"} {
		kept := url == c.URL
		want := model.Setup{Connections: []model.Connection{c}}
		want.Connections[0].URL, want.Connections[0].User = url, "somebody@acme.example"
		plan, err := s.PlanSetup(bg, analyst, want)
		must(t, err)
		must(t, s.ApplySetup(bg, analyst, want, plan))
		got, err := s.Connection(bg, "acme")
		must(t, err)
		has, err := s.HasSecret(bg, c.ID, SecretMain)
		must(t, err)
		if has != kept || (got.Options.CloudID != "") != kept || got.State != model.ConnectionDraft {
			t.Errorf("at %s: secret %v, %+v", url, has, got)
		}
	}
}

func TestASetupIsAppliedAsItWasPlanned(t *testing.T) {
	s := settled(t)
	want := model.Setup{Policies: []model.Policy{{Name: "urgent", Mode: model.PolicyLog, Rules: []model.Rule{{Query: "severity:high"}}}}}
	plan, err := s.PlanSetup(bg, analyst, want)
	must(t, err)
	p, err := s.Policy(bg, "urgent")
	must(t, err)
	p.GraceDays = 3
	second, err := Open(bg, s.Path(), Options{})
	must(t, err)
	defer func() { must(t, second.Close()) }()
	_, err = second.SetPolicy(bg, colleague, "urgent", p)
	must(t, err)
	if err := s.ApplySetup(bg, analyst, want, plan); !errors.Is(err, ErrChanged) {
		t.Fatalf("a plan that does not hold any more came to: %v", err)
	}
	if got, err := s.Policy(bg, "urgent"); err != nil || got.GraceDays != 3 || got.Mode != model.PolicyApply {
		t.Errorf("the other's change is lost: %+v, %v", got, err)
	}
	plan, err = s.PlanSetup(bg, analyst, want)
	must(t, err)
	must(t, s.ApplySetup(bg, analyst, want, plan))
	if got, err := s.Policy(bg, "urgent"); err != nil || got.Mode != model.PolicyLog {
		t.Errorf("not applied: %+v, %v", got, err)
	}
}
