// Package ticket is the way from chosen violations to tickets: the form, the
// plan that it comes to, and the progress while sync carries it out.
package ticket

import (
	"context"

	tea "github.com/charmbracelet/bubbletea"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/ui/widget"
)

// Store is what the screens of this package read and ask for.
type Store interface {
	Violations(ctx context.Context, ids []model.ViolationID) ([]model.Violation, error)
	RowsByID(ctx context.Context, ids []model.ViolationID) ([]model.Row, error)
	Profiles(ctx context.Context) ([]model.Profile, error)
	WatchRequest(ctx context.Context, watch string) (model.PlanRequest, error)
	PlanTickets(ctx context.Context, req model.PlanRequest) (model.Plan, error)
	RequestTickets(ctx context.Context, actor model.Actor, plan model.Plan) ([]model.Operation, error)
	Operations(ctx context.Context, f storage.OperationFilter) ([]model.Operation, error)
	RetryOperation(ctx context.Context, actor model.Actor, id string) error
}

// planMsg is a plan for a screen; only the newest question's answer counts.
type planMsg struct {
	owner any
	asked int
	plan  model.Plan
	err   error
}

// planner asks for plans, one at a time, and drops answers to old questions.
type planner struct {
	env   *widget.Env
	store Store
	owner any
	asked int
	busy  bool
	next  *model.PlanRequest
}

// ask plans a request as soon as the plan under way is done.
func (p *planner) ask(req model.PlanRequest) tea.Cmd {
	p.asked++
	if p.busy {
		p.next = &req
		return nil
	}
	p.busy = true
	asked, owner, store := p.asked, p.owner, p.store
	return p.env.Go(func(ctx context.Context) tea.Msg {
		plan, err := store.PlanTickets(ctx, req)
		return planMsg{owner, asked, plan, err}
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
		req := *p.next
		p.next = nil
		p.asked-- // ask counts it again
		return false, p.ask(req)
	}
	return m.asked == p.asked, nil
}
