package sync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
)

// ErrPlanChanged means: the schemes are no longer as they were when somebody agreed
// to change them.
var ErrPlanChanged = errors.New("the project's schemes, or who shares them, have changed since they were shown: nothing was changed; look again")

// Words for why a request of provisioning failed.
const (
	CodeNotAdmin    = "not_admin"
	CodeUnreachable = "unreachable"
	CodeChanged     = "changed"
	CodeTeamManaged = "team_managed"
	CodeFailed      = "failed"
)

// keepProvisioning carries out what administrators ask for, one request after
// another, until ctx ends. What is cut off stays begun, and the next process
// that is the syncer goes on with it: the ledger and the names in Jira tell
// what is there.
func (e *Engine) keepProvisioning(ctx context.Context) {
	changed, stop := e.store.Listen()
	defer stop()
	for ctx.Err() == nil {
		r, ok, err := e.store.BeginProvision(ctx)
		switch {
		case err != nil:
			e.log.Error("what is asked of provisioning cannot be read", "error", err)
			_ = awaitWork(ctx, changed, time.Now().Add(lockEvery)) // ctx tells
		case !ok:
			_ = awaitWork(ctx, changed, time.Time{}) // ctx tells
		default:
			e.carryOut(ctx, r)
		}
	}
}

func (e *Engine) carryOut(ctx context.Context, r model.ProvisionRequest) {
	err := e.provisionOne(ctx, &r)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		r.Code, r.Error = codeOfProvisioning(err), Sentence(err)
		e.log.Warn("provisioning failed", "kind", r.Kind, "error", err)
	}
	if err := e.store.EndProvision(ctx, r); err != nil {
		e.log.Error("what came of provisioning cannot be stored", "error", err)
		_ = pause(ctx, lockEvery) // ctx tells
	}
}

func codeOfProvisioning(err error) string {
	for _, known := range []struct {
		err  error
		code string
	}{{ErrNotAdmin, CodeNotAdmin}, {ErrPlanChanged, CodeChanged}, {ErrTeamManaged, CodeTeamManaged}, {jiraclient.ErrUnreachable, CodeUnreachable}} {
		if errors.Is(err, known.err) {
			return known.code
		}
	}
	return CodeFailed
}

// provisionOne does what a request asks and puts what it found into it.
func (e *Engine) provisionOne(ctx context.Context, r *model.ProvisionRequest) error {
	c, err := e.store.ConnectionByID(ctx, r.ConnectionID)
	if err != nil {
		return err
	}
	client, err := e.connect(ctx, c)
	if err != nil {
		return err
	}
	defer client.Close()
	switch r.Kind {
	case model.ProvisionSetUp:
		return Provision(ctx, e.store, c.ID, client)
	case model.ProvisionLook:
		plan, err := PlanAssociate(ctx, e.store, c.ID, client, r.Project, r.Clone)
		if err == nil {
			r.Plan = &plan
		}
		return err
	case model.ProvisionAssociate:
		if err := e.associate(ctx, client, r); err != nil {
			return err
		}
	}
	return e.prove(ctx, client, r)
}

// associate changes what was agreed to, and nothing else.
func (e *Engine) associate(ctx context.Context, client *jiraclient.Client, r *model.ProvisionRequest) error {
	plan, err := PlanAssociate(ctx, e.store, r.ConnectionID, client, r.Project, r.Clone)
	if err != nil {
		return err
	}
	if r.Plan == nil || !r.Plan.Covers(&plan) {
		return fmt.Errorf("project %s: %w", plan.Project, ErrPlanChanged)
	}
	return Associate(ctx, e.store, r.ConnectionID, client, plan)
}

// prove looks at the create screen as the account that is to create tickets.
func (e *Engine) prove(ctx context.Context, client *jiraclient.Client, r *model.ProvisionRequest) error {
	if r.CheckAs != "" {
		c, err := e.store.Connection(ctx, r.CheckAs)
		if err != nil {
			return err
		}
		if client, err = e.connect(ctx, c); err != nil {
			return err
		}
		defer client.Close()
	}
	proof, err := Prove(ctx, e.store, r.ConnectionID, client, r.Project)
	if err == nil {
		r.Proof = &proof
	}
	return err
}

// AwaitProvision waits until a request is over, doing the work itself where no
// other process is the syncer. progress is told each step that ended. There is
// no time limit: ctx ends the wait, and what is left goes on with the next
// sync.
func (e *Engine) AwaitProvision(ctx context.Context, id int64, progress func(model.ProvisionStep)) (model.ProvisionRequest, error) {
	r, err := e.store.ProvisionRequest(ctx, id)
	if err != nil {
		return r, err
	}
	before, err := e.store.ProvisionSteps(ctx, r.ConnectionID)
	if err != nil {
		return r, err
	}
	told := map[string]model.ProvisionStep{}
	for _, step := range before {
		told[step.Name] = step
	}
	err = e.meanwhile(ctx, jobs{provision: true}, func() (bool, error) {
		steps, err := e.store.ProvisionSteps(ctx, r.ConnectionID)
		if err != nil {
			return true, err
		}
		if r, err = e.store.ProvisionRequest(ctx, id); err != nil {
			return true, err
		}
		for _, step := range steps {
			if r.Kind == model.ProvisionSetUp && step != told[step.Name] {
				told[step.Name] = step
				progress(step)
			}
		}
		return r.State.Over(), nil
	})
	return r, err
}
