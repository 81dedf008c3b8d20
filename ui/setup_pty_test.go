package ui

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/ptytest"
	"example.com/vexdesk/ui/vt"
)

// TestSettingUpOnATerminal goes the whole way of a first day on a real terminal:
// from the empty list to a connection that is verified and a profile on it, with
// the real console in a process of its own, against a simulated Jira.
func TestSettingUpOnATerminal(t *testing.T) {
	sim := jiratest.NewServer(jiratest.Options{})
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	d := sit(t, 80, 24, nil) // for its store; the screen is the child's
	s := ptytest.Start(t, ptytest.Config{Cols: 80, Rows: 24, Env: []string{
		childOf + "=" + d.store.Path(), "TERM=xterm-256color", "LANG=C.UTF-8", "SSH_CONNECTION=1 2 3 4"}}, os.Args[0])
	const patience = 20 * time.Second
	s.WaitFor("here sets up connections and profiles", patience)
	s.Send("T")
	s.WaitFor("There is no connection to Jira yet", patience)
	s.Send("n")
	s.WaitFor("Connect Jira", patience)
	const field = ptytest.Tab
	s.Send("acme" + field + field + field + sim.URL + field + jiratest.AnalystEmail + field + jiratest.AnalystToken)
	s.WaitFor("••••", patience)
	s.WaitUntil("no token", func(v *vt.Screen) bool { return !v.Contains(jiratest.AnalystToken) }, patience)
	s.Send(ptytest.Enter)
	s.WaitFor("passed", patience)
	s.WaitFor("active", patience)
	s.Send(ptytest.Esc)
	s.WaitFor("Connections and profiles", patience)

	s.Send("p")
	s.WaitFor("New profile", patience)
	s.Send("triage" + field + field + "SEC" + field)
	s.WaitFor("choose one", patience)
	s.Send("b")
	s.WaitFor("‹ Bug ›", patience)
	s.Send(field + "security " + ptytest.Enter)
	s.WaitFor("it fits Bug in project SEC", patience)
	s.Send(ptytest.CtrlC)
	s.WaitExit(patience)

	c, err := d.store.Connection(t.Context(), "acme")
	d.must(err)
	p, err := d.store.Profile(t.Context(), "triage")
	d.must(err)
	if c.State != model.ConnectionActive || p.Connection != "acme" || p.Project != "SEC" || p.IssueType != "Bug" || strings.Join(p.Labels, " ") != "security" {
		t.Errorf("the connection is %+v, the profile %+v", c, p)
	}
}

// TestConsentAtThisDesk opens the address of a consent in a browser, a script in
// its place, and goes on by itself when the browser comes back (X3).
func TestConsentAtThisDesk(t *testing.T) {
	sim := jiratest.NewServer(jiratest.Options{})
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	address, release, err := ptytest.FreeAddress()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	callback := "http://" + address + "/callback"
	sim.RegisterApp("client", "app-secret", callback, "read:jira-user", "read:jira-work", "write:jira-work", "offline_access")
	d := sit(t, 100, 30, nil)
	_, err = d.store.AddConnectionWith(t.Context(), analyst, model.Connection{Name: "acme", Type: model.Cloud, Auth: model.AuthOAuth2, URL: sim.URL, ClientID: "client",
		Options: model.ConnectionOptions{Gateway: sim.URL, RedirectURL: callback}}, map[storage.SecretName][]byte{storage.SecretClient: []byte("app-secret")})
	d.must(err)

	bin := t.TempDir()
	opened := filepath.Join(bin, "opened")
	d.must(os.WriteFile(filepath.Join(bin, "xdg-open"), []byte("#!/bin/sh\nprintf '%s' \"$1\" > '"+opened+"'\n"), 0o700))
	s := ptytest.Start(t, ptytest.Config{Cols: 100, Rows: 30, Env: []string{
		childOf + "=" + d.store.Path(), "TERM=xterm-256color", "LANG=C.UTF-8", "DISPLAY=:9", "PATH=" + bin + ":" + os.Getenv("PATH")}}, os.Args[0])
	const patience = 20 * time.Second
	s.WaitFor("There are no open violations yet", patience)
	s.Send("T")
	s.WaitFor("cloud, oauth2", patience)
	s.Send("a")
	s.WaitFor("The browser comes back to", patience)
	s.WaitFor("Opened http", patience)
	asked, err := os.ReadFile(opened)
	d.must(err)
	to, err := sim.Consent(jiratest.AnalystEmail, string(asked))
	d.must(err)
	answer, err := http.Get(to)
	d.must(err)
	d.must(answer.Body.Close())
	s.WaitFor("passed", patience)
	s.WaitFor("active", patience)
	s.Send(ptytest.CtrlC)
	s.WaitExit(patience)
}
