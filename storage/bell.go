package storage

import (
	"context"
	"sync"
	"time"
)

// bell tells that the database changed, by this process at once, by another
// one within the time between two looks at SQLite's data_version. Notices are
// coalesced: a listener that is slow sees one.
type bell struct {
	mu        sync.Mutex
	listeners map[chan struct{}]bool
	store     *Store
	cancel    context.CancelFunc
	done      chan struct{}
}

// lookEvery is how often other processes' changes are looked for, and only
// while somebody listens. One look reads a few bytes of shared memory.
const lookEvery = time.Second

func newBell(s *Store) *bell {
	return &bell{store: s, listeners: map[chan struct{}]bool{}}
}

// ring tells all listeners.
func (b *bell) ring() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for c := range b.listeners {
		select {
		case c <- struct{}{}:
		default:
		}
	}
}

// listen adds a listener and starts looking for other processes' changes.
func (b *bell) listen() chan struct{} {
	b.mu.Lock()
	defer b.mu.Unlock()
	c := make(chan struct{}, 1)
	b.listeners[c] = true
	if b.cancel == nil {
		ctx, cancel := context.WithCancel(context.Background())
		b.cancel, b.done = cancel, make(chan struct{})
		go b.look(ctx, b.done)
	}
	return c
}

func (b *bell) forget(c chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.listeners, c)
}

// look watches data_version on a connection of its own: the value changes
// when any other connection has committed (sqlite.org, PRAGMA data_version).
func (b *bell) look(ctx context.Context, done chan struct{}) {
	defer close(done)
	conn, err := b.store.read.Conn(ctx)
	if err != nil {
		return
	}
	defer conn.Close() //nolint:errcheck // it returns to the pool
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	var last int64
	for {
		var version int64
		if err := conn.QueryRowContext(ctx, `PRAGMA data_version`).Scan(&version); err == nil && version != last {
			if last != 0 {
				b.ring()
			}
			last = version
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func (b *bell) stop() {
	b.mu.Lock()
	cancel, done := b.cancel, b.done
	b.mu.Unlock()
	if cancel != nil {
		cancel()
		<-done
	}
}

// Changed returns a channel that receives after the database changed, here or
// in another process, for as long as the store is open. Changes that come
// quickly are told once. The channel is never closed.
func (s *Store) Changed() <-chan struct{} { return s.bell.listen() }

// Listen is Changed for a while: stop ends it.
func (s *Store) Listen() (changed <-chan struct{}, stop func()) {
	c := s.bell.listen()
	return c, func() { s.bell.forget(c) }
}

// Wake tells this process's listeners to look again although nothing was
// written: what they wait for may depend on more than the database.
func (s *Store) Wake() { s.bell.ring() }

// AwaitChange is for loops that read, wait and read again: check is called
// once, and again after every change, until it reports true, fails or ctx is
// done.
func (s *Store) AwaitChange(ctx context.Context, check func() (bool, error)) error {
	changed, stop := s.Listen()
	defer stop()
	for {
		if done, err := check(); done || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-changed:
		}
	}
}
