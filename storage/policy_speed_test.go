package storage_test

import (
	"context"
	"fmt"
	"strconv"
	"testing"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	"example.com/vexdesk/storage/storagetest"
)

// benchPolicies ask own columns, issues, components, sightings and words.
func benchPolicies() []model.Policy {
	queries := []string{"severity:critical fix:yes", "epss:>=0.9", "component.version:>=2 component.version:<3", "license.besides:MIT", "source:trivy path:app/http* severity:high", "remote"}
	out := make([]model.Policy, len(queries))
	for i, q := range queries {
		out[i] = model.Policy{Name: fmt.Sprintf("bench %d", i), Rules: []model.Rule{{Query: q, CreateTicket: true}}}
	}
	return out
}

// BenchmarkPolicies measures an import of a thousand findings with no policy
// and with six, over a small workspace and over the large one: what policies
// add must follow the thousand and not the workspace. The edit that first
// evaluates them over everything is logged.
func BenchmarkPolicies(b *testing.B) {
	s := benchStore(b)
	size := benchSize(b)
	ctx := context.Background()
	actor := model.Actor{Name: "bench", Source: "bench"}
	thousand := func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			header, findings, err := storagetest.Report(storagetest.ShapeOf(max(size, 100_000)), 1, 0, 1000)
			if err != nil {
				b.Fatal(err)
			}
			header.Product = "policies-" + strconv.FormatInt(time.Now().UnixNano(), 36)
			b.StartTimer()
			importReport(b, s, header, findings)
		}
	}
	b.Run("import=1000/policies=0", thousand)
	w := model.Watch{Name: "bench", Scope: "product:*"}
	for _, p := range benchPolicies() {
		if _, err := s.AddPolicy(ctx, actor, p); err != nil {
			b.Fatal(err)
		}
		w.Policies = append(w.Policies, p.Name)
	}
	began := time.Now()
	b.Cleanup(func() { removePolicies(b, s, w, actor) })
	waited := waits(b, s, actor)
	if _, err := s.AddWatch(ctx, actor, w); err != nil {
		b.Fatal(err)
	}
	took := time.Since(began).Round(time.Millisecond)
	longest, writes := waited()
	b.Logf("six policies over %d violations evaluated in %v; of %d writes meanwhile the longest took %v", size, took, writes, longest.Round(time.Millisecond))
	b.Run("import=1000/policies=6", thousand)
}

// waits makes small writes until the result is called, which tells how long
// the longest took and how many there were.
func waits(b *testing.B, s *storage.Store, actor model.Actor) func() (longest time.Duration, writes int) {
	b.Helper()
	stop, done := make(chan struct{}), make(chan struct{})
	var longest time.Duration
	writes := 0
	go func() {
		defer close(done)
		for {
			select {
			case <-stop:
				return
			case <-time.After(20 * time.Millisecond):
			}
			began := time.Now()
			if err := s.SetSetting(context.Background(), actor, "settling", fmt.Sprintf("%dms", 15000+writes%2)); err != nil {
				b.Error(err)
				return
			}
			longest = max(longest, time.Since(began))
			writes++
		}
	}()
	return func() (time.Duration, int) {
		close(stop)
		<-done
		return longest, writes
	}
}

func removePolicies(b *testing.B, s *storage.Store, w model.Watch, actor model.Actor) {
	b.Helper()
	if err := s.RemoveWatch(context.Background(), actor, w.Name); err != nil {
		b.Error(err)
	}
	for _, name := range w.Policies {
		if err := s.RemovePolicy(context.Background(), actor, name); err != nil {
			b.Error(err)
		}
	}
}
