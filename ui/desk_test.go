package ui

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	tea "github.com/charmbracelet/bubbletea"
	"github.com/charmbracelet/x/ansi"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/setup/connection"
)

func TestMain(m *testing.M) {
	if path := os.Getenv(childOf); path != "" {
		os.Exit(console(path))
	}
	time.Local = time.UTC
	os.Exit(m.Run())
}

// desk is an analyst at the console over a real store: press keys, let time
// pass, look at the screen.
//
//	d := sit(t, 120, 40, sample)
//	d.press("/", "severity:critical", "enter")
//	d.sees("view: ...")
type desk struct {
	t     testing.TB
	root  *Root
	store *deskStore
	now   time.Time
	alarm []alarm // timers under way
	sent  []tea.Msg
	quit  bool
	made  int // tickets that Jira made
	// blank, where set, is left out of golden frames.
	blank string
	// held, where set, takes the commands that wait for more keys.
	held *[]tea.Cmd
}

type alarm struct {
	at  time.Time
	msg tea.Msg
}

// deskStore is the real store with a bell that the test rings itself.
type deskStore struct {
	*storage.Store
	// before, where set, runs before every page is read.
	before func()
	// importing is what another process has stored in part.
	importing string
}

func (s *deskStore) Changed() <-chan struct{} { return nil }

func (s *deskStore) Overview(ctx context.Context) (storage.Overview, error) {
	o, err := s.Store.Overview(ctx)
	if s.importing != "" {
		o.Importing = s.importing
	}
	return o, err
}

func (s *deskStore) Page(ctx context.Context, w storage.Window, p storage.Page) ([]storage.Listed, error) {
	if s.before != nil {
		s.before()
	}
	return s.Store.Page(ctx, w, p)
}

var _ Store = (*storage.Store)(nil)

var analyst = model.Actor{Name: "ana", Source: "console"}

// opens fills a workspace and opens it, with nobody in front of it.
func opens(t testing.TB, fill func(*desk)) *desk {
	t.Helper()
	d := &desk{t: t, now: time.Date(2026, 11, 22, 9, 30, 0, 0, time.UTC)}
	path := filepath.Join(t.TempDir(), "vexdesk.db")
	prepare(t, path, fill, d)
	store, err := storage.Open(t.Context(), path, storage.Options{Now: func() time.Time { return d.now }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	d.store.Store = store
	return d
}

// sit opens a workspace, fills it and sits down in front of it.
func sit(t testing.TB, width, height int, fill func(*desk), with ...func(*Options)) *desk {
	t.Helper()
	d := opens(t, fill)
	o := Options{Store: d.store, Actor: analyst, Theme: "none", Version: "test", Clock: func() time.Time { return d.now }, Env: environment(nil)}
	for _, f := range with {
		f(&o)
	}
	var err error
	if d.root, err = New(t.Context(), o); err != nil {
		t.Fatal(err)
	}
	d.root.after = func(wait time.Duration, msg tea.Msg) tea.Cmd {
		d.alarm = append(d.alarm, alarm{d.now.Add(wait), msg})
		return nil
	}
	d.send(tea.WindowSizeMsg{Width: width, Height: height})
	d.run(d.root.Init())
	d.later(time.Second)
	return d
}

// workspaces are databases that were filled once, by the filling function's
// address. Filling is slow, copying is not.
var workspaces sync.Map

// prepare puts a filled database at path.
func prepare(t testing.TB, path string, fill func(*desk), d *desk) {
	t.Helper()
	address := reflect.ValueOf(fill).Pointer()
	ready, ok := workspaces.Load(address)
	if !ok {
		first := &desk{t: t, now: d.now, store: &deskStore{}}
		from := filepath.Join(t.TempDir(), "filled.db")
		store, err := storage.Open(t.Context(), from, storage.Options{Now: func() time.Time { return first.now }})
		first.must(err)
		first.store.Store = store
		if fill != nil {
			fill(first)
		}
		first.must(store.Close())
		database, err := os.ReadFile(from)
		first.must(err)
		ready = database
		workspaces.Store(address, ready)
	}
	if err := os.WriteFile(path, ready.([]byte), 0o600); err != nil {
		t.Fatal(err)
	}
	d.store = &deskStore{}
}

func environment(more map[string]string) func(string) string {
	return func(name string) string {
		if v, ok := more[name]; ok {
			return v
		}
		return map[string]string{"TERM": "xterm-256color", "LANG": "C.UTF-8", "SSH_CONNECTION": "1 2 3 4"}[name]
	}
}

// run carries out a command and everything that follows from it: afterwards
// the console is idle.
func (d *desk) run(cmd tea.Cmd) {
	if cmd == nil {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, each := range msg {
			d.run(each)
		}
	case tea.QuitMsg:
		d.quit = true
	default:
		d.send(msg)
	}
}

func (d *desk) send(msg tea.Msg) {
	d.sent = append(d.sent, msg)
	_, cmd := d.root.Update(msg)
	if d.held != nil {
		*d.held = append(*d.held, cmd)
		return
	}
	d.run(cmd)
}

// burst types faster than anything is answered: all keys come first.
func (d *desk) burst(names ...string) *desk {
	d.t.Helper()
	var held []tea.Cmd
	d.held = &held
	d.press(names...)
	d.held = nil
	for _, cmd := range held {
		d.run(cmd)
	}
	return d
}

// press presses keys by name; what is no key's name is typed. A person first
// looks at a dialog that opened by itself; all names of one call are typed
// without looking.
func (d *desk) press(names ...string) *desk {
	d.t.Helper()
	if d.now.Before(d.root.deaf) {
		d.later(unasked)
	}
	special := map[string]tea.KeyType{"enter": tea.KeyEnter, "esc": tea.KeyEsc, "tab": tea.KeyTab, "shift-tab": tea.KeyShiftTab,
		"up": tea.KeyUp, "down": tea.KeyDown, "left": tea.KeyLeft, "right": tea.KeyRight, "home": tea.KeyHome, "end": tea.KeyEnd,
		"pgdn": tea.KeyPgDown, "pgup": tea.KeyPgUp, "backspace": tea.KeyBackspace, "ctrl-c": tea.KeyCtrlC, "ctrl-d": tea.KeyCtrlD,
		"ctrl-u": tea.KeyCtrlU, "ctrl-f": tea.KeyCtrlF, "ctrl-l": tea.KeyCtrlL, "ctrl-p": tea.KeyCtrlP, "ctrl-w": tea.KeyCtrlW,
		"ctrl-g": tea.KeyCtrlG, "ctrl-n": tea.KeyCtrlN, "ctrl-o": tea.KeyCtrlO, "ctrl-r": tea.KeyCtrlR, "ctrl-t": tea.KeyCtrlT, "ctrl-x": tea.KeyCtrlX, "ctrl-y": tea.KeyCtrlY}
	for _, name := range names {
		switch kind, ok := special[name]; {
		case name == "space":
			d.send(tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}})
		case ok:
			d.send(tea.KeyMsg{Type: kind})
		default:
			for _, r := range name {
				if r == ' ' {
					d.send(tea.KeyMsg{Type: tea.KeySpace, Runes: []rune{' '}})
					continue
				}
				d.send(tea.KeyMsg{Type: tea.KeyRunes, Runes: []rune{r}})
			}
		}
	}
	return d
}

// later lets time pass, timers going off on the way.
func (d *desk) later(by time.Duration) *desk {
	until := d.now.Add(by)
	for {
		next := -1
		for i, a := range d.alarm {
			if !a.at.After(until) && (next < 0 || a.at.Before(d.alarm[next].at)) {
				next = i
			}
		}
		if next < 0 {
			d.now = until
			return d
		}
		a := d.alarm[next]
		d.alarm = append(d.alarm[:next], d.alarm[next+1:]...)
		if a.at.After(d.now) {
			d.now = a.at
		}
		d.send(a.msg)
	}
}

// changed lets the console hear that the store changed, and read it.
func (d *desk) changed() *desk {
	d.send(storeChanged{})
	return d.later(200 * time.Millisecond)
}

func (d *desk) screen() string { return ansi.Strip(d.root.View()) }

func (d *desk) sees(texts ...string) *desk {
	d.t.Helper()
	screen := d.screen()
	for _, text := range texts {
		if !strings.Contains(screen, text) {
			d.t.Fatalf("%q is not on the screen:\n%s", text, screen)
		}
	}
	return d
}

func (d *desk) seesNot(texts ...string) *desk {
	d.t.Helper()
	for _, text := range texts {
		if screen := d.screen(); strings.Contains(screen, text) {
			d.t.Fatalf("%q is on the screen:\n%s", text, screen)
		}
	}
	return d
}

// cursorOn is the line with the cursor, without its gutter.
func (d *desk) cursorOn() string {
	for _, line := range strings.Split(d.screen(), "\n") {
		if rest, ok := strings.CutPrefix(line, "▌"); ok {
			return rest
		}
	}
	return ""
}

func (d *desk) onCursor(text string) *desk {
	d.t.Helper()
	if line := d.cursorOn(); !strings.Contains(line, text) {
		d.t.Fatalf("the cursor is on %q, not on %q:\n%s", line, text, d.screen())
	}
	return d
}

// must fails the test when setting something up failed.
func (d *desk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

// imports brings findings into a product version.
func (d *desk) imports(product, version string, findings ...model.Finding) {
	d.t.Helper()
	ctx := d.t.Context()
	im, err := d.store.NewImport(ctx)
	d.must(err)
	for i := range findings {
		d.must(im.Add(ctx, &findings[i]))
	}
	report := &model.Report{Format: "trivy", Scanner: "trivy", Artifact: product, Entries: len(findings)}
	_, err = im.Commit(ctx, report, storage.ImportOptions{File: product + ".json", Product: product, Version: version, Resource: "image", Actor: analyst})
	d.must(err)
	d.must(im.Close())
}

// connects makes a verified connection and a profile on it.
func (d *desk) connects() {
	d.t.Helper()
	ctx := d.t.Context()
	c, err := d.store.AddConnection(ctx, analyst, model.Connection{Name: "acme-cloud", Type: model.Cloud, Auth: model.AuthBasic,
		URL: "https://acme.example.net", User: "bot@acme.example.net"}, []byte("token"))
	d.must(err)
	d.must(d.store.SetVerified(ctx, analyst, c, "https://acme.example.net"))
	_, err = d.store.AddProfile(ctx, analyst, model.Profile{Name: "security", Connection: "acme-cloud", Project: "SEC", IssueType: "Task",
		Labels: []string{"security", "vexdesk"}})
	d.must(err)
}

func finding(id string, s model.Severity, component, version, fix string) model.Finding {
	score := map[model.Severity]float64{model.SeverityCritical: 9.8, model.SeverityHigh: 7.5, model.SeverityMedium: 5.3, model.SeverityLow: 3.1}[s]
	f := model.Finding{ID: id, Severity: s, Title: component + ": something in it can be misused (" + id + ")",
		Component:   model.Component{PURL: "pkg:deb/debian/" + component + "@" + version, Type: "deb", Name: component, Version: version},
		Description: "A flaw was found in " + component + ". It may let a remote person read memory that is not theirs, or stop the service. The fixed version checks the length of what it is given.",
		References:  []string{"https://example.net/advisories/" + id},
		Ratings:     []model.Rating{{Source: "nvd", Method: "CVSSv3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Score: &score, Severity: s}}}
	if fix != "" {
		f.FixVersions = []string{fix}
	}
	return f
}

// sample is a small workspace as an analyst might have it.
func sample(d *desk) {
	d.connects()
	kev, epss, low := true, 0.8512, 0.0004
	xz := finding("CVE-2024-3094", model.SeverityCritical, "xz-utils", "5.6.1", "5.6.2")
	xz.KEV, xz.EPSS = &kev, &epss
	rapid := finding("CVE-2023-44487", model.SeverityHigh, "golang.org/x/net", "0.15.0", "0.17.0")
	rapid.EPSS = &low
	wide := finding("GHSA-jfh8-c2jp-5v3q", model.SeverityHigh, "日志框架-log4j", "2.14.1", "")
	d.imports("payments-api", "4.2", xz, rapid, wide,
		finding("CVE-2022-37434", model.SeverityCritical, "zlib1g", "1:1.2.11.dfsg-2", "1:1.2.11.dfsg-2+deb11u2"),
		finding("CVE-2011-3374", model.SeverityLow, "apt", "2.2.4", ""),
		finding("CVE-2023-4911", model.SeverityHigh, "glibc", "2.31-13", "2.31-13+deb11u7"),
		finding("CVE-2016-2781", model.SeverityUnknown, "coreutils", "8.32-4", ""))
	var many []model.Finding
	for i := range 60 {
		s := []model.Severity{model.SeverityMedium, model.SeverityMedium, model.SeverityLow, model.SeverityHigh}[i%4]
		many = append(many, finding(fmt.Sprintf("CVE-2025-%04d", 1000+i), s, fmt.Sprintf("libsample%02d", i%7), "1.0."+fmt.Sprint(i%5), "1.1.0"))
	}
	d.imports("gateway", "1.9", many...)
	d.keepsViews(model.View{Name: "needs ticket", Query: "severity:>=high ticket:none", Sort: "severity"}, model.View{Name: "fixable", Query: "fix:yes"})
}

// keepsViews leaves these views alone.
func (d *desk) keepsViews(views ...model.View) {
	d.t.Helper()
	ctx := d.t.Context()
	old, err := d.store.Views(ctx)
	d.must(err)
	for _, v := range old {
		d.must(d.store.RemoveView(ctx, analyst, v.Name))
	}
	for _, v := range views {
		d.must(d.store.AddView(ctx, analyst, v))
	}
}

// TestEveryActionHasAHandler keeps the key table and the screens together.
func TestEveryActionHasAHandler(t *testing.T) {
	d := sit(t, 120, 40, sample, importing(&reports{all: []string{"a.json"}}))
	screens := map[keys.Scope][]keys.Handlers{}
	add := func(h keys.Handlers, scopes ...keys.Scope) {
		for _, s := range scopes {
			screens[s] = append(screens[s], h)
		}
	}
	all := []keys.Scope{keys.List, keys.Detail, keys.Filter, keys.Move, keys.Global, keys.Always}
	add(d.root.list.Handlers(), all...)
	add(d.root.handlers, all...)
	for _, open := range []string{"c", "C", "e", "A", "X", "J", "D", "V", "?", "P", "W", "T", "i"} {
		d.press(open)
		top := d.root.focus()
		add(top.Handlers(), top.Scopes()...)
		d.press("esc")
	}
	d.press("i", "all", "enter")
	add(d.root.focus().Handlers(), d.root.focus().Scopes()...)
	d.press("esc", "b", "enter")
	add(d.root.focus().Handlers(), d.root.focus().Scopes()...)
	d.press("esc")
	for _, way := range [][]string{{"W", "tab"}, {"W", "enter"}} {
		for _, key := range way {
			d.press(key)
		}
		top := d.root.focus()
		add(top.Handlers(), top.Scopes()...)
		d.press("esc", "esc")
	}
	d.press("T", "p")
	add(d.root.focus().Handlers(), d.root.focus().Scopes()...)
	d.press("esc", "esc")
	consent := connection.Desk{Env: d.root.env}.Consent(model.Connection{})
	add(consent.Handlers(), consent.Scopes()...)
	d.press("c", "enter").later(time.Second).press("enter")
	add(d.root.focus().Handlers(), d.root.focus().Scopes()...)
	for _, a := range keys.Table() {
		found := false
		for _, h := range screens[a.Scope] {
			_, ok := h[a.ID]
			found = found || ok
		}
		if !found {
			t.Errorf("%s (%s) is bound to keys and nobody does it", a.ID, a.Scope)
		}
	}
}

// TestAChangeThatWaitsSaysSo: while an import is written.
func TestAChangeThatWaitsSaysSo(t *testing.T) {
	d := sit(t, 80, 24, nil)
	d.send(changeWaits{})
	d.sees("A large change is being written")
}
