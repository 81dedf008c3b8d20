package connection

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/sync"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Page says how one connection stands, verifies it, and leads to whatever changes
// it.
type Page struct {
	Desk
	id       int64
	now      *Standing // nil until it was read, and once it is removed
	read     bool
	problem  error
	key      string // the public key, of OAuth 1
	atOnce   bool   // it is to be verified as soon as it was read
	verify   bool   // a verification is under way
	result   *sync.Verification
	failure  error
	sure     widget.Twice
	scroll   widget.Scroll
	handlers keys.Handlers

	width, height int
}

type standingMsg struct {
	owner *Page
	all   []Standing
	key   string
	err   error
}

type verifiedMsg struct {
	owner  *Page
	result sync.Verification
	err    error
}

func (d Desk) page(c model.Connection) *Page {
	p := &Page{Desk: d, id: c.ID}
	p.handlers = p.scroll.Handlers()
	for id, h := range map[string]keys.Handler{
		"setup.verify":    {Run: p.check, Disabled: p.cannotVerify},
		"setup.edit":      {Run: p.edit, Disabled: p.gone},
		"setup.authorize": {Run: p.authorize, Disabled: p.cannotAuthorize},
		"setup.retrieve":  {Run: func() tea.Cmd { return p.SwitchRetrieval(p.now.Connection) }, Disabled: p.gone},
		"setup.key":       {Run: func() tea.Cmd { return widget.Send(widget.Copy{Text: p.key, What: "the public key"}) }, Disabled: p.noKey},
		"setup.profile":   {Run: func() tea.Cmd { return p.AddProfile(p.now.Connection) }, Disabled: p.gone},
		"setup.jira":      {Run: func() tea.Cmd { return Provision(p.now.Connection) }, Disabled: p.gone},
		"setup.remove":    {Run: p.remove, Disabled: p.cannotRemove},
	} {
		p.handlers[id] = h
	}
	return p
}

// Start reads the connection.
func (p *Page) Start() tea.Cmd {
	return p.Env.Go(func(ctx context.Context) tea.Msg {
		m := standingMsg{owner: p}
		if m.all, m.err = Standings(ctx, p.Store); m.err != nil {
			return m
		}
		for i := range m.all {
			if c := &m.all[i]; c.ID == p.id && c.Auth == model.AuthOAuth1 && c.Signed && p.Jira != nil {
				m.key, m.err = p.Jira.PublicKey(ctx, c.Connection)
			}
		}
		return m
	})
}

func (p *Page) gone() string {
	if p.now == nil {
		return "the connection is not there"
	}
	return ""
}

func (p *Page) cannotVerify() string {
	switch {
	case p.gone() != "":
		return p.gone()
	case p.verify:
		return "it is being verified"
	}
	return p.CannotAsk()
}

func (p *Page) cannotAuthorize() string {
	if p.now == nil {
		return p.gone()
	}
	return p.CannotAuthorize(p.now)
}

func (p *Page) cannotRemove() string {
	if p.now == nil {
		return p.gone()
	}
	return p.now.CannotRemove()
}

func (p *Page) noKey() string {
	if p.key == "" {
		return "only a connection with OAuth 1 has a public key"
	}
	return ""
}

func (p *Page) edit() tea.Cmd {
	f := p.Form(*p.now)
	f.from = p
	return widget.Send(widget.Push{Screen: f})
}

func (p *Page) authorize() tea.Cmd {
	k := p.Consent(p.now.Connection)
	k.from = p
	return widget.Send(widget.Push{Screen: k})
}

// enter closes what is over the page where it is open already, else takes its
// place.
func (p *Page) enter(open bool) tea.Cmd {
	if open {
		return widget.Send(widget.Pop{Then: p.Start()})
	}
	return widget.Send(widget.Replace{Screen: p})
}

func (p *Page) remove() tea.Cmd {
	what := p.now.Removal()
	if !p.sure.Sure(what, p.Env.Now()) {
		return toast.Say(toast.Warn, what+"; press again to do it.")
	}
	return widget.Send(widget.Pop{Then: p.Remove(p.now.Connection)})
}

// check signs in and checks the rights.
func (p *Page) check() tea.Cmd {
	c := p.now.Connection
	p.verify, p.result, p.failure = true, nil, nil
	return p.Env.Go(func(ctx context.Context) tea.Msg {
		v, err := p.Jira.Verify(ctx, p.Env.Actor, c)
		return verifiedMsg{p, v, err}
	})
}

// Update implements [widget.Screen].
func (p *Page) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case widget.Changed:
		return p.Start()
	case standingMsg:
		if msg.owner == p {
			return p.got(msg)
		}
	case verifiedMsg:
		if msg.owner == p {
			p.verify, p.result, p.failure = false, &msg.result, msg.err
			p.scroll.Set(0)
			return p.Start()
		}
	}
	return nil
}

func (p *Page) got(m standingMsg) tea.Cmd {
	p.read, p.problem, p.now = true, m.err, nil
	for i := range m.all {
		if m.all[i].ID == p.id {
			p.now, p.key = &m.all[i], m.key
		}
	}
	if p.atOnce && p.now != nil && p.Jira != nil {
		p.atOnce = false
		return p.check()
	}
	return nil
}

// Scopes implements [widget.Screen].
func (p *Page) Scopes() []keys.Scope {
	return []keys.Scope{keys.Setup, keys.Move, keys.Global, keys.Always}
}

// Handlers implements [widget.Screen].
func (p *Page) Handlers() keys.Handlers { return p.handlers }

// Deadline implements [widget.Screen].
func (p *Page) Deadline() time.Time { return time.Time{} }

// Resize implements [widget.Screen].
func (p *Page) Resize(width, height int) { p.width, p.height = width, height }
