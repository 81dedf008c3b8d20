// Package provision is the screen on which an administrator sets Jira up: the
// eight steps, the projects, and the proof. It writes intentions; sync carries
// them out, whether the screen is open or not.
package provision

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Store is what the screen reads and asks for.
type Store interface {
	Connections(ctx context.Context) ([]model.Connection, error)
	ProvisionSteps(ctx context.Context, connection int64) ([]model.ProvisionStep, error)
	ProvisionRequests(ctx context.Context, connection int64) ([]model.ProvisionRequest, error)
	AskProvision(ctx context.Context, actor model.Actor, r model.ProvisionRequest) (int64, error)
}

// Provision is the screen.
type Provision struct {
	env   *widget.Env
	store Store
	// name is the connection that is shown; empty until one is chosen.
	name string

	state   state
	loaded  bool
	reading bool
	stale   bool
	problem error
	// sure keeps Jira from being changed by one slip.
	sure widget.Twice

	scroll widget.Scroll
	// follow is set while a project was asked about: what comes of it is at the
	// end, and toEnd goes there once.
	follow, toEnd bool
	width, height int
	handlers      keys.Handlers
}

// state is what was read.
type state struct {
	connections []model.Connection
	at          int // the one that is shown, of connections
	steps       []model.ProvisionStep
	requests    []model.ProvisionRequest // the newest first
}

type stateMsg struct {
	owner *Provision
	state state
	err   error
}

// New makes the screen for a connection by name, or for the one that fits best
// where the name is empty.
func New(env *widget.Env, store Store, connection string) *Provision {
	p := &Provision{env: env, store: store, name: connection}
	p.handlers = p.scroll.Handlers()
	p.handlers["provision.run"] = keys.Handler{Run: p.run, Disabled: p.busy}
	p.handlers["provision.look"] = keys.Handler{Run: p.look, Disabled: p.busy}
	p.handlers["provision.accept"] = keys.Handler{Run: p.accept, Disabled: p.cannotAccept}
	p.handlers["provision.prove"] = keys.Handler{Run: p.prove, Disabled: p.cannotProve}
	p.handlers["provision.next"] = keys.Handler{Run: p.next, Disabled: p.alone}
	return p
}

// Start reads where things stand.
func (p *Provision) Start() tea.Cmd {
	if p.reading {
		p.stale = true
		return nil
	}
	p.reading, p.stale = true, false
	name := p.name
	return p.env.Go(func(ctx context.Context) tea.Msg {
		s, err := p.read(ctx, name)
		return stateMsg{p, s, err}
	})
}

func (p *Provision) read(ctx context.Context, name string) (s state, err error) {
	if s.connections, err = p.store.Connections(ctx); err != nil || len(s.connections) == 0 {
		return s, err
	}
	for i, c := range s.connections {
		requests, err := p.store.ProvisionRequests(ctx, c.ID)
		if err != nil {
			return s, err
		}
		// Without a name, the one that was worked on.
		if i == 0 || c.Name == name || name == "" && len(requests) > 0 && len(s.requests) == 0 {
			s.at, s.requests = i, requests
		}
	}
	s.steps, err = p.store.ProvisionSteps(ctx, s.connections[s.at].ID)
	return s, err
}

// Update implements [widget.Screen].
func (p *Provision) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case widget.Changed:
		return p.Start()
	case stateMsg:
		if msg.owner != p {
			return nil
		}
		p.reading, p.loaded, p.problem = false, true, msg.err
		if msg.err == nil {
			p.state, p.toEnd = msg.state, p.follow
			p.follow = p.follow && p.working() != nil
			if c := p.connection(); c != nil {
				p.name = c.Name
			}
		}
		if p.stale {
			return p.Start()
		}
	}
	return nil
}

// connection is the one that is shown, nil where there is none.
func (p *Provision) connection() *model.Connection {
	if p.state.at < len(p.state.connections) {
		return &p.state.connections[p.state.at]
	}
	return nil
}

// latest is the newest request of a kind, nil where there is none.
func (p *Provision) latest(kinds ...model.ProvisionKind) *model.ProvisionRequest {
	for i := range p.state.requests {
		if slices.Contains(kinds, p.state.requests[i].Kind) {
			return &p.state.requests[i]
		}
	}
	return nil
}

// working is the request under way, nil where there is none.
func (p *Provision) working() *model.ProvisionRequest {
	for i := range p.state.requests {
		if !p.state.requests[i].State.Over() {
			return &p.state.requests[i]
		}
	}
	return nil
}

func (p *Provision) busy() string {
	switch {
	case p.connection() == nil:
		return "there is no connection to Jira yet"
	case p.working() != nil:
		return "sync is at work on this connection already"
	}
	return ""
}

// plan is what was found and not carried out yet.
func (p *Provision) plan() *model.ProvisionRequest {
	r := p.latest(model.ProvisionLook, model.ProvisionAssociate)
	if r == nil || r.Kind != model.ProvisionLook || r.Plan == nil {
		return nil
	}
	return r
}

func (p *Provision) cannotAccept() string {
	switch r := p.plan(); {
	case p.busy() != "":
		return p.busy()
	case r == nil:
		return "no project was looked at: " + p.env.Keys.Key("provision.look") + " does"
	case r.Plan.Count() == 0:
		return "project " + r.Plan.Project + " needs no change"
	}
	return ""
}

// project is the request that was about a project last.
func (p *Provision) project() *model.ProvisionRequest {
	return p.latest(model.ProvisionLook, model.ProvisionAssociate, model.ProvisionProve)
}

func (p *Provision) cannotProve() string {
	switch {
	case p.busy() != "":
		return p.busy()
	case p.project() == nil:
		return "no project was looked at: " + p.env.Keys.Key("provision.look") + " does"
	}
	return ""
}

func (p *Provision) alone() string {
	if len(p.state.connections) < 2 {
		return "there is no other connection"
	}
	return ""
}

func (p *Provision) next() tea.Cmd {
	p.name = p.state.connections[(p.state.at+1)%len(p.state.connections)].Name
	p.sure.Forget()
	p.scroll.Set(0)
	return p.Start()
}

// run asks for the eight steps, after saying what they make.
func (p *Provision) run() tea.Cmd {
	c := p.connection()
	makes := fmt.Sprintf("1 issue type, %d fields, 1 screen, 1 workflow, 4 schemes", len(model.JiraFields()))
	if c.Type == model.DataCenter {
		makes = fmt.Sprintf("1 issue type and %d fields", len(model.JiraFields()))
	}
	if !p.sure.Sure("run", p.env.Now()) {
		return toast.Say(toast.Warn, "Press again to make what is missing of "+makes+".")
	}
	return p.ask(model.ProvisionRequest{Kind: model.ProvisionSetUp}, "Jira is being set up; it goes on when you leave.")
}

// accept carries the plan out, after naming what it touches.
func (p *Provision) accept() tea.Cmd {
	r := p.plan()
	if !p.sure.Sure("accept "+r.Asked.String(), p.env.Now()) {
		return toast.Say(toast.Warn, "Press again: "+lower(touches(r.Plan))+".")
	}
	return p.ask(model.ProvisionRequest{Kind: model.ProvisionAssociate, Project: r.Plan.Project, Clone: r.Clone, CheckAs: r.CheckAs, Plan: r.Plan},
		model.VexdeskType+" is being brought into "+r.Plan.Project+".")
}

// lower is a sentence in the middle of another one.
func lower(s string) string { return strings.ToLower(s[:1]) + s[1:] }

// touches says how much a plan changes.
func touches(a *model.Association) string {
	text := "This changes " + widget.Plural(a.Count(), "scheme") + " of " + a.Project
	switch shared := a.Touched(); len(shared) {
	case 0:
		return text + " and no other project"
	case 1:
		return text + " and 1 other project, " + shared[0]
	default:
		return text + " and " + widget.Plural(len(shared), "other project") + ", " + strings.Join(shared, " ")
	}
}

func (p *Provision) prove() tea.Cmd {
	r := p.project()
	return p.ask(model.ProvisionRequest{Kind: model.ProvisionProve, Project: r.Project, CheckAs: r.CheckAs}, "Looking at the create screen of "+r.Project+".")
}

// look asks which project, and finds out what bringing the type into it would
// change.
func (p *Provision) look() tea.Cmd {
	p.sure.Forget()
	c := *p.connection()
	return widget.Send(widget.Push{Screen: newLook(p.env, c, p.state.connections, func(r model.ProvisionRequest) tea.Cmd {
		said := "Looking at the schemes of " + r.Project + "; nothing is changed yet."
		if r.Kind == model.ProvisionProve {
			said = "Looking at the create screen of " + r.Project + "."
		}
		return p.ask(r, said)
	})})
}

// ask stores the intention.
func (p *Provision) ask(r model.ProvisionRequest, said string) tea.Cmd {
	r.ConnectionID = p.connection().ID
	p.follow = r.Kind != model.ProvisionSetUp
	return p.env.Go(func(ctx context.Context) tea.Msg {
		if _, err := p.store.AskProvision(ctx, p.env.Actor, r); err != nil {
			if errors.Is(err, storage.ErrProvisioning) {
				return toast.Msg{Level: toast.Info, Text: "Somebody was faster: " + err.Error()}
			}
			return toast.Msg{Level: toast.Error, Text: "Nothing was asked for: " + err.Error()}
		}
		return toast.Msg{Level: toast.Info, Text: said}
	})
}

// Scopes implements [widget.Screen].
func (p *Provision) Scopes() []keys.Scope {
	return []keys.Scope{keys.Provision, keys.Move, keys.Global, keys.Always}
}

// Handlers implements [widget.Screen].
func (p *Provision) Handlers() keys.Handlers { return p.handlers }

// Deadline implements [widget.Screen]: ages are shown.
func (p *Provision) Deadline() (at time.Time) {
	now := p.env.Now()
	for _, r := range p.state.requests {
		at = widget.Earliest(at, widget.AgoChanges(r.Asked, now))
	}
	return at
}

// Resize implements [widget.Screen].
func (p *Provision) Resize(width, height int) { p.width, p.height = width, height }
