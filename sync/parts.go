package sync

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"

	"example.com/vexdesk/jiraclient"
)

// fetchers is how many requests of one connection that read by id are under way
// at once. Atlassian advises 5 to 10; with answers after 50 ms and our own work in
// between, 6 keep Jira's pace of 100 requests a second.
const fetchers = 6

// errEnough ends sideBySide.
var errEnough = errors.New("no more is wanted")

// sideBySide asks Jira about items in parts of 100, some at once, and gives the
// answers to take in this goroutine, together where several came while it was
// at work: Jira is not kept waiting for the store, nor the store for Jira. The
// first error of either ends it, and is returned once all that was begun has
// ended.
func sideBySide[T, A any](ctx context.Context, items []T, ask func(context.Context, []T) (A, error), take func([]A) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	parts := slices.Collect(slices.Chunk(items, jiraclient.MaxBulkFetch))
	answers := make(chan A, fetchers)
	var next atomic.Int64
	var workers sync.WaitGroup
	var once sync.Once
	var failure error
	for range min(fetchers, len(parts)) {
		workers.Go(func() {
			for i := next.Add(1); int(i) <= len(parts) && ctx.Err() == nil; i = next.Add(1) {
				answer, err := ask(ctx, parts[i-1])
				if err != nil {
					once.Do(func() { failure = err })
					stop()
					return
				}
				answers <- answer
			}
		})
	}
	go func() { workers.Wait(); close(answers) }() // ends before the loop below does
	var err error
	for answer := range answers {
		batch := []A{answer}
		for len(answers) > 0 && len(batch) < fetchers {
			batch = append(batch, <-answers)
		}
		if err != nil {
			continue // the workers must not be left waiting
		}
		if err = take(batch); err != nil {
			stop()
		}
	}
	if failure != nil && (err == nil || errors.Is(err, errEnough)) {
		err = failure
	}
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}
