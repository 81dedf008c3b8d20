// Package ticket is the way from chosen violations to tickets: the form, the
// plan that it comes to, and the progress while sync carries it out.
package ticket

import (
	"context"
	"time"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/form"
	"example.com/vexdesk/ui/widget"
)

// Store is what the screens of this package read and ask for.
type Store interface {
	Violations(ctx context.Context, ids []model.ViolationID) ([]model.Violation, error)
	RowsByID(ctx context.Context, ids []model.ViolationID) ([]model.Row, error)
	Profiles(ctx context.Context) ([]model.Profile, error)
	WatchRequest(ctx context.Context, watch string) (model.PlanRequest, error)
	PlanTickets(ctx context.Context, req model.PlanRequest) (model.Plan, error)
	Tickets(ctx context.Context, f storage.TicketFilter) ([]model.Ticket, error)
	PlanUpdates(ctx context.Context, req storage.UpdateRequest) (model.Plan, error)
	RequestTickets(ctx context.Context, actor model.Actor, plan model.Plan) ([]model.Operation, error)
	Operations(ctx context.Context, f storage.OperationFilter) ([]model.Operation, error)
	RetryOperation(ctx context.Context, actor model.Actor, id string) error
	AmendOperation(ctx context.Context, actor model.Actor, id string, draft model.TicketDraft) error
}

// Jira answers what the forms ask while a person types.
type Jira interface {
	form.People
	// Priorities lists the names of the site's priorities, and when Jira told
	// them; what is older than oldest is asked again.
	Priorities(ctx context.Context, connection string, oldest time.Duration) ([]string, time.Time, error)
}

// planMsg is a plan for a screen; only the newest question's answer counts.
type planMsg struct {
	owner any
	asked int
	plan  model.Plan
	err   error
}

// planning makes a plan; it waits for the database.
type planning func(ctx context.Context) (model.Plan, error)

// planner asks for plans, one at a time, and drops answers to old questions.
type planner struct {
	env   *widget.Env
	owner any
	asked int
	busy  bool
	next  planning
}

// ask plans as soon as the plan under way is done.
func (p *planner) ask(plan planning) tea.Cmd {
	p.asked++
	if p.busy {
		p.next = plan
		return nil
	}
	p.busy = true
	asked, owner := p.asked, p.owner
	return p.env.Go(func(ctx context.Context) tea.Msg {
		made, err := plan(ctx)
		return planMsg{owner, asked, made, err}
	})
}

// got reports whether a message is the newest answer; where another request
// has been waiting, more plans it.
func (p *planner) got(m planMsg) (mine bool, more tea.Cmd) {
	if m.owner != p.owner {
		return false, nil
	}
	p.busy = false
	if p.next != nil {
		next := p.next
		p.next = nil
		p.asked-- // ask counts it again
		return false, p.ask(next)
	}
	return m.asked == p.asked, nil
}

// tickets is a plan for violations.
func tickets(store Store, req model.PlanRequest) planning {
	return func(ctx context.Context) (model.Plan, error) { return store.PlanTickets(ctx, req) }
}
