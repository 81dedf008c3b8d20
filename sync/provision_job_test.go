package sync_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// engine is a syncer whose clients do not wait between tries.
func (d *adminDesk) engine() *vexsync.Engine {
	return vexsync.New(vexsync.Options{Store: d.store, Connect: func(_ context.Context, c model.Connection, secret []byte) (*jiraclient.Client, error) {
		return jiraclient.New(jiraclient.Config{BaseURL: d.url, Auth: jiraclient.Basic(c.User, string(secret)), Clock: hurried{}})
	}})
}

// asks has the sync carry out a request and waits for it.
func (d *adminDesk) asks(r model.ProvisionRequest) model.ProvisionRequest {
	d.t.Helper()
	if r.ConnectionID == 0 {
		r.ConnectionID = d.connection
	}
	id, err := d.store.AskProvision(d.t.Context(), analyst, r)
	d.must(err)
	done, err := d.engine().AwaitProvision(d.t.Context(), id, func(model.ProvisionStep) {})
	d.must(err)
	return done
}

// connects adds the connection of the ordinary account.
func (d *adminDesk) connects(name string) model.Connection {
	d.t.Helper()
	c, err := d.store.AddConnection(d.t.Context(), analyst, model.Connection{Name: name, Type: model.Cloud, Auth: model.AuthBasic, URL: d.url, User: jiratest.AnalystEmail}, []byte(jiratest.AnalystToken))
	d.must(err)
	return c
}

func TestSyncCarriesOutWhatAnAdministratorAsksFor(t *testing.T) {
	d := newAdminDesk(t, jiratest.Options{})
	d.connects("ordinary")
	if r := d.asks(model.ProvisionRequest{Kind: model.ProvisionSetUp}); r.State != model.ProvisionDone {
		t.Fatalf("%+v", r)
	}
	before := d.jira.AdminThings()
	look := d.asks(model.ProvisionRequest{Kind: model.ProvisionLook, Project: "SEC"})
	if look.Plan == nil || look.Plan.Count() != 3 || !slices.Equal(look.Plan.Touched(), []string{"PAY"}) || !maps.Equal(before, d.jira.AdminThings()) {
		t.Fatalf("%+v %+v", look, look.Plan)
	}
	// What was agreed to is not what it would be with copies.
	other := d.asks(model.ProvisionRequest{Kind: model.ProvisionAssociate, Project: "SEC", Clone: true, Plan: look.Plan})
	if other.State != model.ProvisionFailed || other.Code != vexsync.CodeChanged || !maps.Equal(before, d.jira.AdminThings()) {
		t.Errorf("%+v", other)
	}
	done := d.asks(model.ProvisionRequest{Kind: model.ProvisionAssociate, Project: "SEC", CheckAs: "ordinary", Plan: look.Plan})
	if done.State != model.ProvisionDone || done.Proof == nil || !done.Proof.OK() {
		t.Errorf("%+v %+v", done, done.Proof)
	}
	// Agreed to once more: there is nothing left to do.
	if again := d.asks(model.ProvisionRequest{Kind: model.ProvisionAssociate, Project: "SEC", Plan: look.Plan}); again.State != model.ProvisionDone {
		t.Errorf("%+v", again)
	}
	proof := d.asks(model.ProvisionRequest{Kind: model.ProvisionProve, Project: "OPS", CheckAs: "ordinary"})
	if proof.State != model.ProvisionDone || proof.Proof.OK() {
		t.Errorf("%+v", proof)
	}
}

func TestProvisioningThatWasCutOffGoesOnWithTheNextSyncer(t *testing.T) {
	reference := newAdminDesk(t, jiratest.Options{})
	reference.must(reference.provision())
	want := reference.jira.AdminThings()

	d := newAdminDesk(t, jiratest.Options{})
	id, err := d.store.AskProvision(t.Context(), analyst, model.ProvisionRequest{ConnectionID: d.connection, Kind: model.ProvisionSetUp})
	d.must(err)
	if _, err := d.store.AskProvision(t.Context(), analyst, model.ProvisionRequest{ConnectionID: d.connection, Kind: model.ProvisionSetUp}); !errors.Is(err, storage.ErrProvisioning) {
		t.Errorf("two at a time: %v", err)
	}
	// The console is closed in the middle of the third step.
	ctx, leave := context.WithCancel(t.Context())
	var once sync.Once
	r, err := d.engine().AwaitProvision(ctx, id, func(step model.ProvisionStep) {
		if step.Name == model.StepFields {
			once.Do(leave)
		}
	})
	if !errors.Is(err, context.Canceled) || r.State.Over() {
		t.Fatalf("%+v %v", r, err)
	}
	steps, err := d.store.ProvisionSteps(t.Context(), d.connection)
	d.must(err)
	if slices.ContainsFunc(steps, func(s model.ProvisionStep) bool { return s.State == model.StepFailed }) {
		t.Errorf("cut off counts as failed: %+v", steps)
	}
	r, err = d.engine().AwaitProvision(t.Context(), id, func(model.ProvisionStep) {})
	d.must(err)
	if got := d.jira.AdminThings(); r.State != model.ProvisionDone || !maps.Equal(got, want) {
		t.Errorf("%+v: %s", r, difference(got, want))
	}
}

func TestARequestWithoutTheRightSaysSoAndChangesNothing(t *testing.T) {
	d := newAdminDesk(t, jiratest.Options{})
	c := d.connects("ordinary")
	for _, kind := range []model.ProvisionKind{model.ProvisionSetUp, model.ProvisionLook, model.ProvisionAssociate} {
		r := d.asks(model.ProvisionRequest{ConnectionID: c.ID, Kind: kind, Project: "SEC", Plan: &model.Association{}})
		if r.State != model.ProvisionFailed || r.Code != vexsync.CodeNotAdmin || !strings.Contains(r.Error, "Administer Jira") || d.writes() != 0 {
			t.Errorf("%s: %+v, %d writes", kind, r, d.writes())
		}
	}
}

func TestATeamManagedProjectIsRefusedWithWhatToDoInstead(t *testing.T) {
	d := newAdminDesk(t, jiratest.Options{})
	d.must(d.provision())
	d.jira.SetTeamManaged("OPS")
	before := d.jira.AdminThings()
	r := d.asks(model.ProvisionRequest{Kind: model.ProvisionLook, Project: "OPS"})
	if r.Code != vexsync.CodeTeamManaged || !strings.Contains(r.Error, "issue types in a profile") || !maps.Equal(before, d.jira.AdminThings()) {
		t.Errorf("%+v", r)
	}
}

// dataCenterDesk is a workspace with the administrator of a Data Center.
func dataCenterDesk(t *testing.T) (*adminDesk, func(pat string) *jiraclient.Client) {
	t.Helper()
	d := newAdminDesk(t, jiratest.Options{Deployment: jiraclient.DataCenter})
	return d, func(pat string) *jiraclient.Client {
		c, err := jiraclient.New(jiraclient.Config{BaseURL: d.url, Deployment: jiraclient.DataCenter, Auth: jiraclient.PAT(pat), Clock: hurried{}})
		d.must(err)
		t.Cleanup(c.Close)
		return c
	}
}

func TestDataCenterIsSetUpAsFarAsItsAPIGoes(t *testing.T) {
	d, client := dataCenterDesk(t)
	err := vexsync.Provision(t.Context(), d.store, d.connection, client(jiratest.AnalystPAT))
	if !errors.Is(err, vexsync.ErrNotAdmin) || d.writes() != 0 {
		t.Errorf("without the right: %v, %d writes", err, d.writes())
	}
	d.must(vexsync.Provision(t.Context(), d.store, d.connection, client(jiratest.AdminPAT)))
	things := d.jira.AdminThings()
	if things["issue type VexdeskVuln"] != 1 || things["field VEX Status"] != 1 || things["field Vexdesk Link"] != 1 {
		t.Errorf("made: %v", things)
	}
	steps, err := d.store.ProvisionSteps(t.Context(), d.connection)
	d.must(err)
	for _, step := range steps {
		over := step.Name == model.StepIssueType || step.Name == model.StepFields
		if over && step.State != model.StepCompleted || !over && (step.State != model.StepPending || !strings.Contains(step.Error, "by hand")) {
			t.Errorf("%+v", step)
		}
	}
	d.jira.ResetLog()
	d.must(vexsync.Provision(t.Context(), d.store, d.connection, client(jiratest.AdminPAT)))
	if d.writes() != 0 {
		t.Errorf("%d writes at the second run", d.writes())
	}
	proof, err := vexsync.Prove(t.Context(), d.store, d.connection, client(jiratest.AnalystPAT), "SEC")
	d.must(err)
	if proof.OK() {
		t.Error("proved before the administrator did the rest")
	}
}

func TestDataCenterKilledAnywhereMakesNoTwins(t *testing.T) {
	t.Parallel()
	reference, client := dataCenterDesk(t)
	reference.must(vexsync.Provision(t.Context(), reference.store, reference.connection, client(jiratest.AdminPAT)))
	want := reference.jira.AdminThings()
	for i, at := range reference.writesAt() {
		d, client := dataCenterDesk(t)
		d.jira.Inject(jiratest.Fault{Skip: at, Times: 1, Act: i%2 == 0, HangUp: true})
		first := vexsync.Provision(t.Context(), d.store, d.connection, client(jiratest.AdminPAT))
		d.jira.Heal()
		d.must(vexsync.Provision(t.Context(), d.store, d.connection, client(jiratest.AdminPAT)))
		if got := d.jira.AdminThings(); !maps.Equal(got, want) {
			t.Fatalf("killed at request %d (%v): %s", at, first, difference(got, want))
		}
	}
}
