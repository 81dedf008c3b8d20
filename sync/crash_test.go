package sync_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// killsInTest is how many kills the ordinary tests do; `make soak` does 200
// and 1,000 (ruling 35).
const killsInTest = 20

func TestKilledAtRandomMomentsEveryViolationHasItsOneTicket(t *testing.T) {
	t.Parallel()
	killAndCount(t, killsInTest, 1)
}

// ticketsAtATime are created between kills.
const ticketsAtATime = 100

// killAndCount lets real processes create tickets, so many at a time, kills them
// with SIGKILL at random moments, with several processes on the one database,
// and checks that in the end every violation has exactly one ticket.
func killAndCount(t *testing.T, kills, processes int) {
	binary := build(t)
	d := newDesk(t, ticketsAtATime)
	d.must(d.store.SetSetting(t.Context(), analyst, "settling", "700ms"))
	// The answers take their time, so that kills fall before, between and
	// after a request's arrival and its commit.
	d.jira.SetLatency(20*time.Millisecond, 120*time.Millisecond)
	violations := ticketsAtATime
	d.request()
	unknown := 0
	for killed := 0; killed < kills; {
		if len(d.left()) == 0 {
			violations += ticketsAtATime
			d.take(violations)
			d.request()
		}
		running := make([]*exec.Cmd, processes)
		for i := range running {
			running[i] = d.syncer(binary)
			d.must(running[i].Start())
		}
		// Every other time while a request is on its way, else at any moment.
		if killed%2 == 0 {
			d.awaitSent()
			<-time.After(time.Duration(rand.IntN(120)) * time.Millisecond)
		} else {
			<-time.After(time.Duration(10+rand.IntN(500)) * time.Millisecond)
		}
		for _, p := range running {
			d.must(p.Process.Kill())
			_ = p.Wait() // it was killed
			killed++
		}
		sent, err := d.store.Operations(t.Context(), storage.OperationFilter{States: []model.OperationState{model.OpSent, model.OpUnknown}})
		d.must(err)
		if len(sent) > 0 {
			unknown++
		}
	}
	last := d.syncer(binary)
	last.Args = append(last.Args, "--once", "--timeout", "60s")
	if out, err := last.CombinedOutput(); err != nil {
		t.Fatalf("the last sync: %v\n%s", err, out)
	}
	if left := d.left(); len(left) != 0 {
		t.Fatalf("%d operations are left: %+v", len(left), left[0])
	}
	d.eachHasItsOne(violations)
	t.Logf("%d kills over %d tickets; %d left requests on their way; %d requests in all", kills, violations, unknown, len(d.jira.Requests()))
	if unknown == 0 {
		t.Error("no kill fell between a request and its answer: the test proves nothing")
	}
}

// awaitSent waits until an operation is being sent, or nothing is left to send.
func (d *desk) awaitSent() {
	d.t.Helper()
	look := time.NewTicker(2 * time.Millisecond)
	defer look.Stop()
	for {
		ops, err := d.store.Operations(d.t.Context(), storage.OperationFilter{States: []model.OperationState{model.OpPending, model.OpClaimed, model.OpSent, model.OpUnknown}})
		d.must(err)
		if len(ops) == 0 {
			return
		}
		for _, op := range ops {
			if op.State == model.OpSent {
				return
			}
		}
		select {
		case <-look.C:
		case <-d.t.Context().Done():
			d.must(d.t.Context().Err())
		}
	}
}

// left are the operations that are not final.
func (d *desk) left() []model.Operation {
	d.t.Helper()
	ops, err := d.store.Operations(d.t.Context(), storage.OperationFilter{States: []model.OperationState{model.OpPending, model.OpClaimed, model.OpSent, model.OpUnknown, model.OpFailed}})
	d.must(err)
	return ops
}

// syncer is `vexdesk sync` on the desk's workspace.
func (d *desk) syncer(binary string) *exec.Cmd {
	return exec.CommandContext(d.t.Context(), binary, "--home", filepath.Dir(d.path), "sync")
}

// build makes the program as it is shipped: without CGO, and without the race
// detector, which would change the moments.
func build(t *testing.T) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "vexdesk")
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", name, "example.com/vexdesk")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatal(fmt.Errorf("the program cannot be built: %w\n%s", err, out))
	}
	return name
}
