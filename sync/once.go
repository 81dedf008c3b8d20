package sync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// Errors of waiting.
var (
	// ErrLeft: the time was up before all was done.
	ErrLeft = errors.New("not all was done in the time given")
	// ErrOffline: no connection that is needed can be reached; what is
	// intended stays in the outbox.
	ErrOffline = errors.New("jira cannot be reached: what is intended stays in the outbox")
)

// DefaultTimeout is how long commands wait for results (ruling 18).
const DefaultTimeout = 45 * time.Second

// Once says which jobs `sync --once` does and how long it may take.
type Once struct {
	// Only names jobs: create, status, vex, auto. Empty is all.
	Only    []string
	Timeout time.Duration
}

// Report counts what a sync came to, in the shape that commands print.
type Report struct {
	Sent      int       `json:"sent"`
	Created   int       `json:"created"`
	Updated   int       `json:"updated"`
	Pulled    int       `json:"pulled"`
	Pushed    int       `json:"pushed"`
	Statuses  int       `json:"statuses"`
	Conflicts int       `json:"conflicts"`
	Failed    []Failure `json:"failed"`
	// Left are operations that are not final yet.
	Left    []Failure `json:"left"`
	Seconds float64   `json:"seconds"`
}

// Failure is an operation that did not get done, and why.
type Failure struct {
	Operation string `json:"operation"`
	Message   string `json:"message"`
}

// Jobs are the names that Once.Only takes.
func Jobs() []string { return []string{"create", "status", "vex", "auto"} }

func (e *Engine) count(outcomes []storage.Outcome) {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, o := range outcomes {
		switch {
		case o.State == model.OpDone && o.JiraID != "" && !o.Linked:
			e.tally.Sent++
			e.tally.Created++
		case o.State == model.OpDone:
			e.tally.Sent++
			e.tally.Updated++
		case o.State == model.OpFailed:
			e.tally.Failed = append(e.tally.Failed, Failure{o.ID, o.Error})
		}
	}
}

func (e *Engine) countStatuses(n int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.tally.Statuses += n
}

// Once runs the chosen jobs once, whatever the schedule, and waits out
// back-off, Jira's pace and settling up to the timeout (ruling 18). Where
// another process is the syncer, it waits for its work. The report is good
// with ErrLeft and ErrOffline too.
func (e *Engine) Once(ctx context.Context, o Once) (Report, error) {
	started := time.Now()
	chosen := func(job string) bool { return len(o.Only) == 0 || slices.Contains(o.Only, job) }
	// What policies ask for is sent as well: a ticket in the outbox is none yet.
	which := jobs{create: chosen("create") || chosen("auto"), status: chosen("status"), vex: chosen("vex"), auto: chosen("auto")}
	for _, name := range o.Only {
		if !slices.Contains(Jobs(), name) {
			return Report{}, fmt.Errorf("there is no job %q: there are %v", name, Jobs())
		}
	}
	if which.vex {
		if err := e.store.AskVEX(ctx); err != nil {
			return Report{}, err
		}
	}
	e.mu.Lock()
	e.tally = Report{}
	e.mu.Unlock()
	err := e.until(ctx, which, o.Timeout, func(ctx context.Context) ([]model.Operation, bool, error) {
		left, due, err := e.leftOf(ctx, which)
		return inTurn(left, which), due, err
	})
	e.mu.Lock()
	report := e.tally
	e.mu.Unlock()
	report.Seconds = time.Since(started).Seconds()
	if which.create || which.vex {
		left, _, lerr := e.leftOf(context.WithoutCancel(ctx), jobs{create: which.create, vex: which.vex})
		err = errors.Join(err, lerr)
		for _, op := range left {
			if which.sends(op.Kind) {
				report.Left = append(report.Left, Failure{op.ID, firstOf(op.Error, string(op.State))})
			}
		}
	}
	return report, err
}

// inTurn are those of the operations, in their order, that some jobs can send:
// not those of other jobs, nor those that wait behind one of these.
func inTurn(left []model.Operation, which jobs) (mine []model.Operation) {
	held := map[int64]bool{}
	for _, op := range left {
		switch {
		case !which.sends(op.Kind):
			held[op.TicketID] = true
		case op.TicketID == 0 || !held[op.TicketID]:
			mine = append(mine, op)
		}
	}
	return mine
}

// leftOf lists the operations on active connections that are not final, of
// whatever kind, and whether statuses are still due.
func (e *Engine) leftOf(ctx context.Context, which jobs) (left []model.Operation, due bool, err error) {
	// First, because what it comes to are operations.
	if which.auto {
		if due, err = e.store.AutomationDue(ctx); err != nil {
			return nil, false, err
		}
	}
	if which.create || which.vex {
		all, err := e.store.Operations(ctx, storage.OperationFilter{Moving: true})
		if err != nil {
			return nil, false, err
		}
		active, err := e.active(ctx)
		if err != nil {
			return nil, false, err
		}
		for _, op := range all {
			if active[op.Connection] {
				left = append(left, op)
			}
		}
	}
	if which.status && !due {
		interval, err := e.store.DurationSetting(ctx, "status.interval")
		if err != nil {
			return nil, false, err
		}
		tickets, err := e.store.DueTickets(ctx, e.store.Now().Add(-interval), 1, nil)
		if err != nil {
			return nil, false, err
		}
		due = len(tickets) > 0
	}
	if which.vex {
		job, err := e.store.Job(ctx, "vex")
		if err != nil {
			return nil, false, err
		}
		due = due || job.Asked.After(job.Finished)
	}
	return left, due, nil
}

func (e *Engine) active(ctx context.Context) (map[string]bool, error) {
	connections, err := e.store.Connections(ctx)
	if err != nil {
		return nil, err
	}
	active := map[string]bool{}
	for _, c := range connections {
		active[c.Name] = c.State == model.ConnectionActive
	}
	return active, nil
}

// Await waits until the operations are final or wait for a person, doing the work itself where no
// other process is the syncer, and returns them. With ErrLeft and ErrOffline
// they are as far as they came.
func (e *Engine) Await(ctx context.Context, ids []string, timeout time.Duration) ([]model.Operation, error) {
	werr := e.until(ctx, jobs{create: true, fields: true}, timeout, func(ctx context.Context) ([]model.Operation, bool, error) {
		ops, err := e.store.Operations(ctx, storage.OperationFilter{IDs: ids, Moving: true})
		return ops, false, err
	})
	ops, err := e.store.Operations(context.WithoutCancel(ctx), storage.OperationFilter{IDs: ids})
	return ops, errors.Join(werr, err)
}

// AwaitRefresh waits until the statuses that were asked for are fetched, and
// returns how many were by this process.
func (e *Engine) AwaitRefresh(ctx context.Context, timeout time.Duration) (int, error) {
	e.mu.Lock()
	e.tally = Report{}
	e.mu.Unlock()
	err := e.until(ctx, jobs{status: true}, timeout, func(ctx context.Context) ([]model.Operation, bool, error) {
		due, err := e.store.AskedTickets(ctx)
		return nil, due > 0, err
	})
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.tally.Statuses, err
}

// until runs the engine, or lets the present syncer work, until left reports
// nothing more, the time is up, or nothing that is left can be reached.
func (e *Engine) until(ctx context.Context, which jobs, timeout time.Duration, left func(context.Context) ([]model.Operation, bool, error)) error {
	if timeout <= 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	offline := false
	err := e.meanwhile(ctx, which, func() (bool, error) {
		ops, due, err := left(ctx)
		if err != nil || len(ops) == 0 && !due {
			return true, err
		}
		offline, err = e.allUnreachable(ctx, which, ops)
		return offline, err
	})
	switch {
	case offline:
		return ErrOffline
	case errors.Is(err, context.DeadlineExceeded):
		return ErrLeft
	}
	return err
}

// meanwhile runs the engine, or lets the present syncer work, until over reports
// the end, looking at every change. Where this process can do neither there is
// nothing to wait for.
func (e *Engine) meanwhile(ctx context.Context, which jobs, over func() (bool, error)) error {
	waiting, giveUp := context.WithCancel(ctx)
	defer giveUp()
	working, stop := context.WithCancel(ctx)
	var wg sync.WaitGroup
	var rerr error
	wg.Go(func() {
		if rerr = e.run(working, which); rerr != nil {
			giveUp()
		}
	})
	err := e.store.AwaitChange(waiting, over)
	stop()
	wg.Wait()
	if rerr != nil {
		return rerr
	}
	return err
}

// allUnreachable reports whether this process found every connection that is
// needed out of reach. One that has nothing to do is not needed.
func (e *Engine) allUnreachable(ctx context.Context, which jobs, ops []model.Operation) (bool, error) {
	needed := map[string]bool{}
	for _, op := range ops {
		if op.State == model.OpClaimed || op.State == model.OpSent {
			return false, nil
		}
		needed[op.Connection] = true
	}
	e.mu.Lock()
	sites := slices.Collect(maps.Values(e.sites))
	e.mu.Unlock()
	found := false
	for _, s := range sites {
		s.mu.Lock()
		unreachable, c := s.unreachable, s.connection
		s.mu.Unlock()
		if unreachable {
			found = true
			delete(needed, c.Name)
			continue
		}
		if need, err := e.needs(ctx, which, c.ID); err != nil || need || needed[c.Name] {
			return false, err
		}
	}
	return found && len(needed) == 0, nil
}

// needs tells whether a connection has tickets that the jobs ask it about.
func (e *Engine) needs(ctx context.Context, which jobs, connection int64) (bool, error) {
	if which.vex {
		return e.store.HasTickets(ctx, connection)
	}
	if !which.status {
		return false, nil
	}
	interval, err := e.store.DurationSetting(ctx, "status.interval")
	if err != nil {
		return false, err
	}
	due, err := e.store.DueTickets(ctx, e.store.Now().Add(-interval), 1, []int64{connection})
	return len(due) > 0, err
}

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
