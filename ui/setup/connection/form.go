package connection

import (
	"context"
	"errors"
	"net"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/sync"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Form sets a connection up, or changes how it signs in. What was typed is kept
// as a draft when a person leaves, and is there again when they come back.
type Form struct {
	Desk
	before Standing // as it was; without an id for a new one
	from   *Page    // the page that it was opened from, where it was
	form   *form.Form
	tried  bool // it was to be saved: what is missing is told
	busy   bool

	width, height int
}

// savedMsg: the draft is stored, or the change of a connection came to this.
type savedMsg struct {
	owner     *Form
	saved     model.Connection
	verified  *sync.Verification
	unchanged bool
	now       *Standing // as it is, where another changed it meanwhile
	err       error
}

// New is the form of a new connection.
func (d Desk) New() *Form {
	return d.Form(Standing{Connection: model.Connection{Type: model.Cloud, Auth: model.AuthBasic}})
}

// Form is the form of a connection that is there already.
func (d Desk) Form(s Standing) *Form {
	f := &Form{Desk: d, before: s}
	f.form = form.New(d.Env,
		&form.Field{Name: "name", Label: "Name", Hint: "of your choice, such as acme"},
		&form.Field{Name: "type", Label: "Jira", Kind: form.Choice, Options: []form.Option{{Value: string(model.Cloud), Title: "Cloud"}, {Value: string(model.DataCenter), Title: "Data Center"}}},
		&form.Field{Name: "auth", Label: "Sign in with", Kind: form.Choice},
		&form.Field{Name: "url", Label: "Address"},
		&form.Field{Name: "user", Label: "User"},
		&form.Field{Name: "client-id", Label: "Client id", Hint: "developer.atlassian.com, the app, Settings"},
		&form.Field{Name: "secret", Label: "Secret", Kind: form.Secret},
		&form.Field{Name: "scopes", Label: "More scopes", Hint: "besides the usual ones; -SCOPE leaves one out"},
		&form.Field{Name: "consumer-key", Label: "Consumer key", Hint: "of your choice; the application link in Jira gets the same"},
		&form.Field{Name: "redirect", Label: "Callback", Hint: sync.RedirectURL(model.Connection{})},
		&form.Field{Name: "ca-file", Label: "CA file", Hint: "none: the authorities of this machine; else a PEM file"},
		&form.Field{Name: "gateway", Label: "Gateway", Hint: "of a simulated Jira; empty is Atlassian's"},
	)
	f.form.Changed = func(*form.Field) tea.Cmd { f.arrange(); return nil }
	f.form.Plain = true
	f.form.Check = f.check
	f.form.Submit = f.submit
	f.form.Cancel = f.leave
	f.fill()
	return f
}

// fill puts in what is known; the address and the way to sign in of a connection
// that was active stay, since another site is another connection.
func (f *Form) fill() {
	c := &f.before.Connection
	for name, value := range map[string]string{"name": c.Name, "type": string(c.Type), "url": c.URL, "user": c.User, "client-id": c.ClientID,
		"consumer-key": c.ConsumerKey, "redirect": c.Options.RedirectURL, "ca-file": c.CAFile, "gateway": c.Options.Gateway, "scopes": extraScopes(c)} {
		f.form.Field(name).Set(value)
	}
	f.arrange()
	f.form.Field("auth").Set(string(c.Auth))
	if f.fixed() {
		for name, value := range map[string]string{"name": c.Name, "type": string(c.Type), "auth": string(c.Auth), "url": c.URL} {
			field := f.form.Field(name)
			field.Kind = form.Locked
			field.Set(value)
		}
		f.form.Focus("user")
		for _, name := range []string{"user", "client-id", "consumer-key"} {
			if !f.form.Field(name).Hidden {
				f.form.Focus(name)
			}
		}
	}
	f.arrange()
}

// fixed reports whether only the way in can be changed.
func (f *Form) fixed() bool { return f.before.ID != 0 && f.before.State == model.ConnectionActive }

// extraScopes is what a person gave besides the usual scopes, as they gave it.
func extraScopes(c *model.Connection) string {
	if len(c.Options.Scopes) == 0 {
		return ""
	}
	has := map[string]bool{}
	var extra []string
	for _, s := range c.Options.Scopes {
		has[s] = true
	}
	for _, s := range sync.Scopes(model.Connection{}) {
		if !has[s] {
			extra = append(extra, "-"+s)
		}
		delete(has, s)
	}
	for _, s := range c.Options.Scopes {
		if has[s] {
			extra = append(extra, s)
		}
	}
	return strings.Join(extra, " ")
}

// arrange shows the fields that the way to sign in needs, under the names that
// they have there.
func (f *Form) arrange() {
	c := f.connection()
	ways := []form.Option{{Value: string(model.AuthBasic), Title: "e-mail and API token"}, {Value: string(model.AuthOAuth2), Title: "OAuth 2.0 (3LO), with an app of your own"},
		{Value: string(model.AuthPAT), Title: "personal access token"}, {Value: string(model.AuthOAuth1), Title: "OAuth 1.0a, with an application link"}}
	address, user, who := "https://acme.atlassian.net", "E-mail", "of the account; a service account is advised"
	if c.Type == model.DataCenter {
		ways[0].Title = "user name and password"
		address, user, who = "https://jira.example.com, with its path if it has one", "User name", "of the account"
	}
	if auth := f.form.Field("auth"); auth.Kind == form.Choice {
		auth.SetOptions(ways)
	}
	f.form.Field("url").Hint = address
	f.form.Field("user").Label, f.form.Field("user").Hint = user, who
	secret := f.form.Field("secret")
	secret.Label = strings.ToUpper(c.SecretWord()[:1]) + c.SecretWord()[1:]
	secret.Hint = "not shown"
	if f.before.Signed && f.before.Auth == c.Auth {
		secret.Hint = "stored; type to replace it"
	}
	for name, shown := range map[string]bool{
		"user":         c.Auth == model.AuthBasic,
		"client-id":    c.Auth == model.AuthOAuth2,
		"scopes":       c.Auth == model.AuthOAuth2,
		"consumer-key": c.Auth == model.AuthOAuth1,
		"redirect":     c.Auth.Consents(),
		"secret":       c.Auth != model.AuthOAuth1,
		"gateway":      c.Type == model.Cloud && !f.fixed() && onLoopback(c.URL),
	} {
		f.form.Field(name).Hidden = !shown
	}
}

func onLoopback(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(u.Hostname())
	return u.Hostname() == "localhost" || ip != nil && ip.IsLoopback()
}

// connection is what the form says.
func (f *Form) connection() model.Connection {
	c := f.before.Connection
	text := func(name string) string { return strings.TrimSpace(f.form.Value(name)) }
	c.Name, c.Type, c.Auth = text("name"), model.ConnectionType(text("type")), model.AuthMethod(text("auth"))
	if c.Auth == "" {
		c.Auth = f.before.Auth
	}
	c.URL, c.User, c.ClientID, c.ConsumerKey = strings.TrimRight(text("url"), "/"), text("user"), text("client-id"), text("consumer-key")
	c.CAFile, c.Options.RedirectURL, c.Options.Gateway = text("ca-file"), text("redirect"), f.before.Options.Gateway
	if gateway := f.form.Field("gateway"); !gateway.Hidden {
		c.Options.Gateway = strings.TrimRight(strings.TrimSpace(gateway.Value()), "/")
	}
	if absolute, err := filepath.Abs(c.CAFile); c.CAFile != "" && err == nil {
		c.CAFile = absolute // it is read from wherever vexdesk runs next
	}
	c.Options.Scopes = nil
	if more := strings.Fields(text("scopes")); len(more) > 0 {
		c.Options.Scopes = sync.ScopesWith(more)
	}
	return c
}

// submit stores the connection and goes on: to its verification, or to what the
// other side needs before a consent.
func (f *Form) submit() tea.Cmd {
	if f.busy {
		return nil
	}
	f.tried = true
	if problems := f.check(); len(problems) > 0 {
		name := f.firstProblem(problems)
		f.form.Focus(name)
		return toast.Say(toast.Warn, problems[name])
	}
	if reason := f.CannotAsk(); reason != "" {
		return toast.Say(toast.Warn, reason)
	}
	c := f.connection()
	f.busy = true
	return f.Env.Go(func(ctx context.Context) tea.Msg {
		m := savedMsg{owner: f}
		secrets, err := f.secrets(c)
		switch {
		case err != nil:
			m.err = err
		case f.fixed():
			var v sync.Verification
			v, m.unchanged, m.err = f.Jira.ChangeSignIn(ctx, f.Env.Actor, c, secrets)
			m.saved, m.verified = c, &v
		default:
			if m.saved, m.err = f.Store.SaveDraft(ctx, f.Env.Actor, c, secrets); m.err == nil && c.Auth.Consents() {
				m.err = f.Store.SetProblem(ctx, m.saved, "the consent of a person is needed")
			}
		}
		if errors.Is(m.err, storage.ErrChanged) {
			now, err := f.asItIs(ctx)
			if m.now = now; err != nil {
				m.err = err
			}
		}
		return m
	})
}

// leave keeps what was typed as a draft, without the secret.
func (f *Form) leave() tea.Cmd {
	c := f.connection()
	touched := false
	for _, field := range f.form.Fields {
		touched = touched || field.Touched()
	}
	if f.fixed() || !touched || c.Name == "" || model.CheckAuth(c.Type, c.Auth) != nil {
		return widget.Send(widget.Pop{})
	}
	return widget.Send(widget.Pop{Then: f.Env.Go(func(ctx context.Context) tea.Msg {
		if _, err := f.Store.SaveDraft(ctx, f.Env.Actor, c, nil); err != nil {
			return toast.Msg{Level: toast.Error, Text: "The draft was not kept: " + err.Error()}
		}
		return toast.Msg{Level: toast.Info, Text: "Kept as the draft " + c.Name + ", without a secret: enter on it goes on."}
	})})
}

// Update implements [widget.Screen].
func (f *Form) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case tea.KeyMsg:
		return f.form.Type(msg)
	case savedMsg:
		if msg.owner == f {
			return f.gotSaved(msg)
		}
	}
	return nil
}

func (f *Form) gotSaved(m savedMsg) tea.Cmd {
	f.busy = false
	if cmd, changed := f.meanwhile(m); changed {
		return cmd
	}
	switch {
	case m.unchanged:
		return toast.Say(toast.Error, m.saved.Name+" is unchanged, because what is new does not pass: "+sync.Reason(*m.verified, m.err))
	case m.verified == nil && m.err != nil:
		return toast.Say(toast.Error, "Not stored: "+m.err.Error())
	}
	p := f.from
	if p == nil {
		p = f.page(m.saved)
	}
	p.result, p.failure = nil, nil
	switch {
	case m.saved.Auth.Consents() && f.fixed():
		return tea.Batch(p.enter(f.from != nil), toast.Say(toast.Info, "What a consent depends on may have changed: "+f.Env.Keys.Key("setup.authorize")+" asks for it anew."))
	case m.saved.Auth.Consents():
	case m.verified != nil:
		p.result, p.failure = m.verified, m.err
	default:
		p.atOnce = true
	}
	return p.enter(f.from != nil)
}

// Scopes implements [widget.Screen].
func (f *Form) Scopes() []keys.Scope { return f.form.Scopes() }

// Handlers implements [widget.Screen].
func (f *Form) Handlers() keys.Handlers { return f.form.Handlers() }

// Deadline implements [widget.Screen].
func (f *Form) Deadline() time.Time { return time.Time{} }

// Resize implements [widget.Screen].
func (f *Form) Resize(width, height int) {
	f.width, f.height = width, height
	f.form.Resize(width-1, height-5)
}

// View implements [widget.Screen].
func (f *Form) View() []string {
	t := f.Env.Theme
	title := "Connect Jira"
	if f.before.ID != 0 {
		title = "Connection " + f.before.Name
	}
	lines := append([]string{" " + t.Strong.Of(title), ""}, f.form.View()...)
	for len(lines) < f.height-2 {
		lines = append(lines, "")
	}
	return append(lines[:f.height-2], " "+t.Dim.Of(strings.Repeat(t.Glyphs.Rule, max(0, f.width-2))), " "+f.next())
}

// next says what enter leads to.
func (f *Form) next() string {
	t := f.Env.Theme
	c := f.connection()
	switch {
	case f.busy:
		return t.Accent.Of("asking Jira …")
	case f.fixed() && !c.Auth.Consents():
		return t.Dim.Of("enter proves this with Jira first: what works now stays until something better does")
	case c.Auth == model.AuthOAuth1:
		return t.Dim.Of("enter makes the key pair and shows the public key for Jira; esc keeps a draft")
	case c.Auth.Consents():
		return t.Dim.Of("enter shows what the app needs before the consent; esc keeps a draft")
	}
	return t.Dim.Of("enter verifies it: what passes is active; esc keeps a draft without the secret")
}
