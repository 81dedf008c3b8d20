package sync

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.com/vexdesk/model"
)

// keeper is who does what policies and profiles ask for by themselves.
var keeper = model.Actor{Name: "vexdesk", Source: "policy"}

// upkeepRound is how many tickets are looked after at a time.
const upkeepRound = 200

// automate evaluates what changes by itself, asks for the tickets that rules
// want, and looks after tickets whose violations came, went or were seen
// again; all of it as intentions that the outbox carries out. It returns when
// more will be due.
func (e *Engine) automate(ctx context.Context) (time.Time, error) {
	started := e.store.Now()
	// What is begun is finished: a round is short.
	work := context.WithoutCancel(ctx)
	next, err := e.store.EvaluateDue(work, keeper)
	if err != nil {
		return next, err
	}
	made, problems := 0, []string(nil)
	for more := true; more && ctx.Err() == nil; {
		result, err := e.store.CreateDue(work)
		if err != nil {
			return next, err
		}
		made += len(result.Operations)
		problems = append(problems, result.Problems...)
		more = result.More
	}
	n, troubles, err := e.keepTickets(ctx)
	if err != nil {
		return next, err
	}
	made, problems = made+n, append(problems, troubles...)
	if n, err = e.store.MoveTickets(work); err != nil {
		return next, err
	}
	made += n
	due, err := e.store.NextAutomatic(work)
	if err != nil {
		return next, err
	}
	last, err := e.store.Job(work, "auto")
	if err != nil {
		return next, err
	}
	// What could not be planned is tried again later; once nothing waits for
	// that, the trouble is over.
	if over := last.Error != "" && due.IsZero(); made > 0 || len(problems) > 0 || over {
		if err := e.noteAutomation(work, started, made, problems); err != nil {
			return next, err
		}
	}
	return earliest(next, due), nil
}

// noteAutomation tells what came of it: in the log, in the report of a sync
// that is waited for, and where the last run of jobs is kept.
func (e *Engine) noteAutomation(ctx context.Context, started time.Time, made int, problems []string) error {
	e.log.Info("policies and tickets were looked after", "operations", made, "problems", problems)
	e.mu.Lock()
	for _, p := range problems {
		e.tally.Failed = append(e.tally.Failed, Failure{"auto", p})
	}
	e.mu.Unlock()
	var problem error
	if len(problems) > 0 {
		problem = errors.New(strings.Join(problems, "; "))
	}
	return e.store.JobRan(ctx, "auto", started, problem)
}

// keepTickets decides about the tickets that are stale.
func (e *Engine) keepTickets(ctx context.Context) (made int, problems []string, err error) {
	work := context.WithoutCancel(ctx)
	for ctx.Err() == nil {
		stale, err := e.store.StaleTickets(work, upkeepRound)
		if err != nil || len(stale) == 0 {
			return made, problems, err
		}
		for i := range stale {
			t := &stale[i]
			ops, err := e.store.KeepUp(work, t, t.Decide(e.store.Now()))
			if err != nil {
				problems = append(problems, fmt.Sprintf("ticket %s: %v", t.Ticket.Key, err))
				if err := e.store.LeaveStale(work, t, err); err != nil {
					return made, problems, err
				}
			}
			made += len(ops)
		}
	}
	return made, problems, nil
}
