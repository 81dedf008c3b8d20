package ticket

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/ui/keys"
	"example.com/vexdesk/ui/toast"
	"example.com/vexdesk/ui/widget"
)

// Plan shows what a request comes to, line by line, before anything happens
// (B8).
type Plan struct {
	env   *widget.Env
	store Store
	req   model.PlanRequest
	watch string // whose rules ask for the tickets; empty for a person
	fixed string // why the request cannot be changed here; empty: it can
	// make is what plans the present request, in the background.
	make func() planning
	// again makes the same plan for other violations; nil where that has no
	// meaning.
	again func(ids []model.ViolationID, done func()) *Plan
	done  func()

	planner planner
	plan    model.Plan
	dropped map[int]bool // lines that the person leaves out
	names   map[model.ViolationID]model.Row
	planned bool
	sending bool
	problem error
	// readFrom is when the plan has been on the screen long enough to be
	// read: keys typed ahead confirm nothing.
	readFrom time.Time

	cursor        widget.Cursor
	width, height int
	handlers      keys.Handlers
}

// grace is how long a plan that appeared by itself takes no confirmation.
const grace = 400 * time.Millisecond

type requestedMsg struct {
	owner *Plan
	ops   []model.Operation
	err   error
}

type watchMsg struct {
	owner *Plan
	req   model.PlanRequest
	err   error
}

type namesMsg struct {
	owner *Plan
	rows  []model.Row
}

// Quick makes a plan with the profile's defaults, without the form.
func Quick(env *widget.Env, store Store, ids []model.ViolationID, done func()) *Plan {
	return newPlan(env, store, model.PlanRequest{IDs: ids, UpdateExisting: false}, done)
}

// Watch makes the plan of all that a watch's rules want tickets for.
func Watch(env *widget.Env, store Store, name string) *Plan {
	p := newPlan(env, store, model.PlanRequest{}, func() {})
	p.watch, p.again = name, nil
	return p
}

func newPlan(env *widget.Env, store Store, req model.PlanRequest, done func()) *Plan {
	p := &Plan{env: env, store: store, req: req, done: done, dropped: map[int]bool{}}
	p.planner = planner{env: env, owner: p}
	p.make = func() planning { return tickets(p.store, p.req) }
	p.again = func(ids []model.ViolationID, done func()) *Plan {
		again := p.req
		// These were chosen for the violations that they belong to.
		again.IDs, again.Summary, again.Components = ids, "", nil
		return newPlan(env, store, again, done)
	}
	p.cursor.Height = 1
	p.handlers = p.cursor.Handlers()
	p.handlers["plan.accept"] = keys.Handler{Run: p.accept, Disabled: p.cannotAccept}
	p.handlers["plan.drop"] = keys.Handler{Run: p.drop, Disabled: p.nothing}
	p.handlers["plan.group"] = keys.Handler{Run: p.regroup, Disabled: p.oneOnly}
	p.handlers["plan.update"] = keys.Handler{Run: p.toggleUpdate, Disabled: func() string { return p.fixed }}
	return p
}

// with shows a plan that the person has just asked for.
func (p *Plan) with(plan model.Plan) *Plan {
	p.plan, p.planned = plan, true
	p.cursor.Len = len(plan.Lines)
	p.readFrom = p.env.Now().Add(grace / 2)
	return p
}

// Start plans, where there is no plan yet.
func (p *Plan) Start() tea.Cmd {
	switch {
	case p.planned:
		return p.readNames()
	case p.watch != "":
		return p.env.Go(func(ctx context.Context) tea.Msg {
			req, err := p.store.WatchRequest(ctx, p.watch)
			return watchMsg{p, req, err}
		})
	}
	return p.planner.ask(p.make())
}

// readNames reads the rows that the lines are about.
func (p *Plan) readNames() tea.Cmd {
	ids := make([]model.ViolationID, 0, len(p.plan.Lines))
	for i := range p.plan.Lines {
		ids = append(ids, p.plan.Lines[i].Violations[0])
	}
	return p.env.Go(func(ctx context.Context) tea.Msg {
		rows, err := p.store.RowsByID(ctx, ids)
		if err != nil {
			return toast.Msg{Level: toast.Error, Text: "The plan's violations could not be read: " + err.Error()}
		}
		return namesMsg{p, rows}
	})
}

// Update implements [widget.Screen].
func (p *Plan) Update(msg tea.Msg) tea.Cmd {
	switch msg := msg.(type) {
	case planMsg:
		mine, more := p.planner.got(msg)
		if !mine {
			return more
		}
		p.problem, p.plan, p.planned = msg.err, msg.plan, msg.err == nil
		p.dropped = map[int]bool{}
		p.cursor.Resize(len(p.plan.Lines), p.cursor.Height)
		p.readFrom = p.env.Now().Add(grace)
		if p.planned {
			return p.readNames()
		}
	case watchMsg:
		if msg.owner == p {
			if p.req, p.problem = msg.req, msg.err; msg.err == nil {
				return p.planner.ask(p.make())
			}
		}
	case namesMsg:
		if msg.owner == p {
			p.names = make(map[model.ViolationID]model.Row, len(msg.rows))
			for _, r := range msg.rows {
				p.names[r.ID] = r
			}
		}
	case requestedMsg:
		if msg.owner == p {
			return p.requested(msg)
		}
	}
	return nil
}

func (p *Plan) requested(m requestedMsg) tea.Cmd {
	p.sending = false
	if m.err != nil {
		p.problem = m.err
		return toast.Failed("Nothing was stored", m.err)
	}
	p.done()
	var acted tea.Cmd
	if p.again != nil {
		acted = widget.Send(widget.Acted{Again: func(ids []model.ViolationID, done func()) tea.Cmd {
			return widget.Send(widget.Push{Screen: p.again(ids, done)})
		}})
	}
	if len(m.ops) == 0 {
		return tea.Batch(acted, widget.Send(widget.Pop{}), toast.Say(toast.Done, "Linked; there was nothing to send."))
	}
	return tea.Batch(acted, widget.Send(widget.Replace{Screen: newProgress(p.env, p.store, m.ops, p.names)}))
}

func (p *Plan) nothing() string {
	if len(p.plan.Lines) == 0 {
		return "the plan is empty"
	}
	return ""
}

func (p *Plan) oneOnly() string {
	if p.fixed != "" {
		return p.fixed
	}
	if len(p.req.IDs) < 2 {
		return "there is only one violation, nothing to group"
	}
	return ""
}

func (p *Plan) cannotAccept() string {
	kept := p.kept()
	switch {
	case p.sending:
		return "the plan is being stored"
	case p.problem != nil:
		return "the plan could not be made"
	case !p.planned || p.planner.busy:
		return "the plan is still being made"
	case p.env.Now().Before(p.readFrom):
		return "the plan has just appeared: read it, then accept it"
	case len(kept.Lines) == kept.Count(model.PlanSkip):
		return "the plan does nothing; esc leaves it"
	}
	return ""
}

// kept is the plan without what was left out.
func (p *Plan) kept() model.Plan {
	kept := model.Plan{Decision: p.plan.Decision}
	for i, line := range p.plan.Lines {
		if !p.dropped[i] {
			kept.Lines = append(kept.Lines, line)
		}
	}
	return kept
}

func (p *Plan) accept() tea.Cmd {
	p.sending = true
	kept := p.kept()
	return p.env.Store(func(ctx context.Context) tea.Msg {
		ops, err := p.store.RequestTickets(ctx, p.env.Actor, kept)
		return requestedMsg{p, ops, err}
	})
}

func (p *Plan) drop() tea.Cmd {
	p.dropped[p.cursor.At] = !p.dropped[p.cursor.At]
	p.cursor.Set(p.cursor.At + 1)
	return nil
}

func (p *Plan) regroup() tea.Cmd {
	next := map[model.Grouping]model.Grouping{"": model.GroupVulnerability, model.GroupViolation: model.GroupVulnerability,
		model.GroupVulnerability: model.GroupComponent, model.GroupComponent: model.GroupViolation}
	p.req.Group = next[p.req.Group]
	return p.planner.ask(p.make())
}

func (p *Plan) toggleUpdate() tea.Cmd {
	p.req.UpdateExisting = !p.req.UpdateExisting
	return p.planner.ask(p.make())
}

// Scopes implements [widget.Screen].
func (p *Plan) Scopes() []keys.Scope {
	return []keys.Scope{keys.Plan, keys.Move, keys.Global, keys.Always}
}

// Handlers implements [widget.Screen].
func (p *Plan) Handlers() keys.Handlers { return p.handlers }

// Deadline implements [widget.Screen]: the moment from which the plan can be
// accepted is to be seen.
func (p *Plan) Deadline() time.Time {
	if p.env.Now().Before(p.readFrom) {
		return p.readFrom
	}
	return time.Time{}
}
