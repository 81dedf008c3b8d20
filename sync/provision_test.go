package sync_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/jiraclient/jiratest/contract"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// adminDesk is a workspace with a connection of Jira's administrator.
type adminDesk struct {
	t          *testing.T
	store      *storage.Store
	jira       *jiratest.Server
	connection int64
	url        string
}

func newAdminDesk(t *testing.T, options jiratest.Options) *adminDesk {
	t.Helper()
	d := &adminDesk{t: t, jira: jiratest.NewServer(options)}
	d.url = d.jira.URL
	var err error
	d.store, err = storage.Open(t.Context(), workspace(t), storage.Options{})
	d.must(err)
	t.Cleanup(func() {
		if err := errors.Join(d.store.Close(), d.jira.Close()); err != nil {
			t.Error(err)
		}
	})
	c, err := d.store.AddConnection(t.Context(), analyst, model.Connection{Name: "admin", Type: model.Cloud, Auth: model.AuthBasic, URL: d.jira.URL, User: jiratest.AdminEmail}, []byte(jiratest.AdminToken))
	d.must(err)
	d.connection = c.ID
	return d
}

func (d *adminDesk) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}

func (d *adminDesk) client(user, token string) *jiraclient.Client {
	d.t.Helper()
	c, err := jiraclient.New(jiraclient.Config{BaseURL: d.url, Auth: jiraclient.Basic(user, token), Clock: hurried{}})
	d.must(err)
	d.t.Cleanup(c.Close)
	return c
}

// hurried is a clock that does not wait between tries.
type hurried struct{}

func (hurried) Now() time.Time { return time.Now() }

func (hurried) Sleep(ctx context.Context, _ time.Duration) error { return ctx.Err() }

func (d *adminDesk) admin() *jiraclient.Client {
	return d.client(jiratest.AdminEmail, jiratest.AdminToken)
}

func (d *adminDesk) provision() error {
	return vexsync.Provision(d.t.Context(), d.store, d.connection, d.admin())
}

// writes counts the requests that may have changed something.
func (d *adminDesk) writes() int { return len(d.writesAt()) }

// writesAt are the places of those requests among all.
func (d *adminDesk) writesAt() (at []int) {
	for i, r := range d.jira.Requests() {
		if (r.Method == "POST" || r.Method == "PUT") && r.Route != "/workflowscheme/read" {
			at = append(at, i)
		}
	}
	return at
}

func TestProvisioningMakesEverythingOnceAndThenNothing(t *testing.T) {
	d := newAdminDesk(t, jiratest.Options{})
	before := d.jira.AdminThings()
	d.must(d.provision())
	steps, err := d.store.ProvisionSteps(t.Context(), d.connection)
	d.must(err)
	if len(steps) != 8 || slices.ContainsFunc(steps, func(s model.ProvisionStep) bool { return s.State != model.StepCompleted }) {
		t.Errorf("%+v", steps)
	}
	things := d.jira.AdminThings()
	if things["issue type VexdeskVuln"] != 1 || things["field VEX Status"] != 1 || things["option VEX Justification: code_not_reachable"] != 1 || things["workflow Vexdesk workflow"] != 1 {
		t.Errorf("made: %v", things)
	}
	// Somebody else's fields of the same name stay as they are.
	if things["field Severity"] != before["field Severity"]+1 || things["option Severity: Critical"] != before["option Severity: Critical"] {
		t.Errorf("the namesake was touched: %v", things)
	}
	d.jira.ResetLog()
	d.must(d.provision())
	if n := d.writes(); n != 0 || !maps.Equal(things, d.jira.AdminThings()) {
		t.Errorf("%d writes at the second run", n)
	}
}

func TestProvisioningKeepsToJirasDescription(t *testing.T) {
	t.Parallel()
	d := newAdminDesk(t, jiratest.Options{})
	server := httptest.NewServer(contract.Wrap(t, d.jira))
	defer server.Close()
	d.url = server.URL
	d.must(d.provision())
	for _, project := range []string{"SEC", "OPS"} {
		plan, err := vexsync.PlanAssociate(t.Context(), d.store, d.connection, d.admin(), project, project == "SEC")
		d.must(err)
		d.must(vexsync.Associate(t.Context(), d.store, d.connection, d.admin(), plan))
	}
}

func TestProvisioningKilledAtEveryStepGoesOnAndMakesNoTwins(t *testing.T) {
	t.Parallel()
	reference := newAdminDesk(t, jiratest.Options{})
	reference.must(reference.provision())
	want, writes := reference.jira.AdminThings(), reference.writesAt()
	if len(writes) < 35 {
		t.Fatalf("only %d writes", len(writes))
	}
	// A kill while reading leaves what the write before it left.
	for _, at := range writes {
		for _, acted := range []bool{false, true} {
			d := newAdminDesk(t, jiratest.Options{})
			ctx, kill := context.WithCancel(t.Context())
			d.jira.Inject(jiratest.Fault{Skip: at, Times: 1, Act: acted, HangUp: true})
			err := vexsync.Provision(ctx, d.store, d.connection, d.admin())
			kill()
			d.jira.Heal()
			d.must(d.provision())
			if got := d.jira.AdminThings(); !maps.Equal(got, want) {
				t.Fatalf("killed at request %d (acted %v, %v): %s", at, acted, err, difference(got, want))
			}
		}
	}
}

func difference(got, want map[string]int) string {
	var out []string
	for name, n := range got {
		if want[name] != n {
			out = append(out, fmt.Sprintf("%s: %d, want %d", name, n, want[name]))
		}
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func TestProvisioningWithoutTheRightChangesNothing(t *testing.T) {
	d := newAdminDesk(t, jiratest.Options{})
	err := vexsync.Provision(t.Context(), d.store, d.connection, d.client(jiratest.AnalystEmail, jiratest.AnalystToken))
	if !errors.Is(err, vexsync.ErrNotAdmin) || d.writes() != 0 {
		t.Errorf("%v, %d writes", err, d.writes())
	}
}

func TestAssociatingAppendsToSharedSchemesOrMakesCopies(t *testing.T) {
	for _, clone := range []bool{false, true} {
		d := newAdminDesk(t, jiratest.Options{})
		if _, err := vexsync.PlanAssociate(t.Context(), d.store, d.connection, d.admin(), "SEC", clone); err == nil {
			t.Error("a connection that is not provisioned was associated")
		}
		d.must(d.provision())
		before := d.jira.AdminThings()
		plan, err := vexsync.PlanAssociate(t.Context(), d.store, d.connection, d.admin(), "SEC", clone)
		d.must(err)
		if len(plan.Changes) != 3 || !slices.Equal(plan.Changes[0].SharedWith, []string{"PAY"}) || !maps.Equal(before, d.jira.AdminThings()) {
			t.Fatalf("%+v", plan)
		}
		d.must(vexsync.Associate(t.Context(), d.store, d.connection, d.admin(), plan))
		proofs := map[string]bool{"SEC": true, "PAY": !clone, "OPS": false}
		for project, want := range proofs {
			proof, err := vexsync.Prove(t.Context(), d.store, d.connection, d.client(jiratest.AnalystEmail, jiratest.AnalystToken), project)
			d.must(err)
			if proof.OK() != want {
				t.Errorf("clone %v: %s: %+v", clone, project, proof)
			}
		}
		again, err := vexsync.PlanAssociate(t.Context(), d.store, d.connection, d.admin(), "SEC", clone)
		d.must(err)
		if again.Count() > 0 {
			t.Errorf("associating again would change %+v", again.Changes)
		}
	}
}

func TestAssociatingKilledAnywhereGoesOn(t *testing.T) {
	t.Parallel()
	associate := func(d *adminDesk, clone bool) error {
		plan, err := vexsync.PlanAssociate(t.Context(), d.store, d.connection, d.admin(), "SEC", clone)
		if err != nil {
			return err
		}
		return vexsync.Associate(t.Context(), d.store, d.connection, d.admin(), plan)
	}
	for _, clone := range []bool{false, true} {
		reference := newAdminDesk(t, jiratest.Options{})
		reference.must(reference.provision())
		reference.jira.ResetLog()
		reference.must(associate(reference, clone))
		for i, at := range reference.writesAt() {
			d := newAdminDesk(t, jiratest.Options{})
			d.must(d.provision())
			d.jira.Inject(jiratest.Fault{Skip: at, Times: 1, Act: i%2 == 0, HangUp: true})
			first := associate(d, clone)
			d.jira.Heal()
			d.must(associate(d, clone))
			proof, err := vexsync.Prove(t.Context(), d.store, d.connection, d.admin(), "SEC")
			d.must(err)
			for name, n := range d.jira.AdminThings() {
				if n > 1 && strings.Contains(name, "scheme") {
					t.Errorf("%d of %s", n, name)
				}
			}
			if !proof.OK() {
				t.Fatalf("clone %v, killed at %d (%v): %+v", clone, at, first, proof)
			}
		}
	}
}
