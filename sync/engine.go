package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// Engine is the syncer of a workspace. It works only while it holds the lock.
type Engine struct {
	store   *storage.Store
	lock    string
	log     *slog.Logger
	connect func(ctx context.Context, c model.Connection) (*jiraclient.Client, error)
	holder  string
	part    int

	mu    sync.Mutex
	sites map[int64]*site
	tally Report
}

// Connector makes a client for a connection from its password or token.
type Connector func(ctx context.Context, c model.Connection, secret []byte) (*jiraclient.Client, error)

// Options say what an engine works on.
type Options struct {
	Store *storage.Store
	// Lock is the path of the file whose lock makes a process the syncer;
	// empty: beside the database.
	Lock string
	// Log receives what happens in the background; nil is silence.
	Log *slog.Logger
	// Connect makes clients; nil is Connect.
	Connect Connector
	// Holder names this process in the lease; empty: its process id.
	Holder string
	// Part is how many tickets a status round or a sweep takes up before it
	// looks for what is to be sent; 0: 5000.
	Part int
}

// New makes an engine. It does nothing until Run, Once or Await.
func New(o Options) *Engine {
	e := &Engine{store: o.Store, lock: o.Lock, log: o.Log, holder: o.Holder, part: cmp.Or(o.Part, 5000), sites: map[int64]*site{}}
	if e.lock == "" {
		e.lock = o.Store.Path() + ".sync"
	}
	if e.log == nil {
		e.log = slog.New(slog.DiscardHandler)
	}
	e.connect = func(ctx context.Context, c model.Connection) (*jiraclient.Client, error) {
		if o.Connect == nil {
			return Connect(ctx, o.Store, c)
		}
		secret, err := o.Store.ConnectionSecret(ctx, c)
		if err != nil {
			return nil, err
		}
		return o.Connect(ctx, c, secret)
	}
	if e.holder == "" {
		e.holder = fmt.Sprintf("process %d", os.Getpid())
	}
	return e
}

// Which jobs a round does.
type jobs struct {
	create, status, vex, auto bool
	// provision carries out what administrators ask for, beside the rest.
	provision bool
	// fields sends the writes of VEX fields that wait, without the rest of the
	// VEX job: what a ticket is waited for may stand behind one.
	fields bool
	// schedule tells the status job and the VEX job to follow it; else they
	// fetch only what was asked for or what a broken connection left open.
	schedule bool
}

// sends reports whether operations of the kind are among the jobs. What VEX
// fields were given is documented by comments.
func (j jobs) sends(kind model.OperationKind) bool {
	switch kind {
	case model.OpFields:
		return j.vex || j.fields
	case model.OpComment:
		return j.create || j.vex
	}
	return j.create
}

// lockEvery is how often a process that is not the syncer tries to become it:
// a killed syncer is replaced within about this time.
const lockEvery = time.Second

// Run becomes the syncer as soon as no other process is, and works until ctx
// ends: at once on what is intended, by schedule on the rest.
func (e *Engine) Run(ctx context.Context) error {
	return e.run(ctx, jobs{create: true, status: true, vex: true, auto: true, provision: true, schedule: true})
}

func (e *Engine) run(ctx context.Context, which jobs) error {
	defer e.closeSites()
	lock := flock.New(e.lock, flock.SetPermissions(0o600))
	for {
		ok, err := lock.TryLockContext(ctx, lockEvery)
		if ctx.Err() != nil {
			return lock.Unlock() // it may have been taken in that moment
		}
		if err != nil || !ok {
			return fmt.Errorf("the lock of the sync %s cannot be taken: %w", e.lock, err)
		}
		err = e.hold(ctx, which)
		if uerr := lock.Unlock(); uerr != nil {
			err = errors.Join(err, uerr)
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil && !errors.Is(err, storage.ErrLostLease) {
			e.log.Error("the sync stopped and begins again", "error", err)
		}
		if err := pause(ctx, lockEvery); err != nil {
			return nil
		}
	}
}

// hold works under a fresh generation until ctx ends or the lease is lost.
func (e *Engine) hold(ctx context.Context, which jobs) error {
	generation, err := e.store.TakeLease(ctx, e.holder)
	if err != nil {
		return err
	}
	e.log.Info("this process is the syncer", "generation", generation)
	if which.provision {
		beside, cancel := context.WithCancel(ctx)
		var wg sync.WaitGroup
		wg.Go(func() { e.keepProvisioning(beside) })
		defer wg.Wait()
		defer cancel()
	}
	changed, stop := e.store.Listen()
	defer stop()
	for {
		next, err := e.round(ctx, generation, which)
		if err != nil {
			return err
		}
		if err := awaitWork(ctx, changed, next); err != nil {
			return err
		}
	}
}

// awaitWork waits for a change of the workspace or the time of the next work,
// if there is one.
func awaitWork(ctx context.Context, changed <-chan struct{}, next time.Time) error {
	var due <-chan time.Time
	if !next.IsZero() {
		timer := time.NewTimer(max(time.Until(next), 0))
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-changed:
	case <-due:
	}
	return nil
}

// round does all that is due and returns when something will be due next;
// the zero time when nothing is foreseen.
func (e *Engine) round(ctx context.Context, generation int64, which jobs) (next time.Time, err error) {
	if err := e.refreshSites(ctx); err != nil {
		return next, err
	}
	if err := e.wakeIfAsked(ctx); err != nil {
		return next, err
	}
	var all []time.Time
	if which.auto {
		at, err := e.automate(ctx)
		if err != nil {
			return next, err
		}
		all = append(all, at)
	}
	work := []func(context.Context, int64, jobs) (time.Time, error){e.send}
	if which.status {
		work = append(work, e.fetchStatuses)
	}
	if which.vex {
		work = append(work, e.keepVEX)
	}
	for _, job := range work {
		at, err := job(ctx, generation, which)
		if err != nil {
			return next, err
		}
		all = append(all, at)
	}
	return earliest(all...), nil
}

// send carries out what is intended. Jobs over many tickets call it between
// their parts: nobody's ticket waits for the statuses of a hundred thousand.
func (e *Engine) send(ctx context.Context, generation int64, which jobs) (next time.Time, err error) {
	if !which.create && !which.vex {
		return next, nil
	}
	again, err := e.resolveUnknown(ctx, generation, which)
	if err != nil {
		return next, err
	}
	next, err = e.sendOutbox(ctx, generation, which)
	return earliest(again, next), err
}

// wakeIfAsked ends the rest of all connections when a person asks to sync now.
func (e *Engine) wakeIfAsked(ctx context.Context) error {
	job, err := e.store.Job(ctx, "status")
	if err != nil || !job.Asked.After(job.Finished) {
		return err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, s := range e.sites {
		s.mu.Lock()
		s.retryAt = time.Time{}
		s.mu.Unlock()
	}
	return nil
}

func earliest(times ...time.Time) (first time.Time) {
	for _, t := range times {
		if !t.IsZero() && (first.IsZero() || t.Before(first)) {
			first = t
		}
	}
	return first
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
