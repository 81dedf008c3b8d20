package ui

import (
	"context"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// administers adds connections of an administrator and of an ordinary account.
func (d *desk) administers(kind model.ConnectionType) *desk {
	d.t.Helper()
	for name, account := range map[string][2]string{"acme-admin": {jiratest.AdminEmail, jiratest.AdminToken}, "acme-bot": {jiratest.AnalystEmail, jiratest.AnalystToken}} {
		_, err := d.store.AddConnection(d.t.Context(), analyst, model.Connection{Name: name, Type: kind, Auth: model.AuthBasic, URL: "https://acme.example.net", User: account[0]}, []byte(account[1]))
		d.must(err)
	}
	if d.root == nil {
		return d
	}
	return d.changed()
}

// carriesOut lets sync do what was asked for, against a simulated Jira.
func (d *desk) carriesOut(jira *jiratest.Server) *desk {
	d.t.Helper()
	d.provisions(jira)
	return d.changed()
}

// provisions carries out the oldest wish for a change of Jira's set-up.
func (d *desk) provisions(jira *jiratest.Server) {
	d.t.Helper()
	engine := vexsync.New(vexsync.Options{Store: d.store.Store, Connect: func(_ context.Context, c model.Connection, secret []byte) (*jiraclient.Client, error) {
		return jiraclient.New(jiraclient.Config{BaseURL: jira.URL, Auth: jiraclient.Basic(c.User, string(secret))})
	}})
	asked, err := d.store.ProvisionRequests(d.t.Context(), d.adminConnection())
	d.must(err)
	if len(asked) == 0 {
		d.t.Fatal("nothing was asked for")
	}
	_, err = engine.AwaitProvision(d.t.Context(), asked[0].ID, func(model.ProvisionStep) {})
	d.must(err)
}

func (d *desk) adminConnection() int64 {
	c, err := d.store.Connection(d.t.Context(), "acme-admin")
	d.must(err)
	return c.ID
}

func TestAnAdministratorSetsJiraUpFromTheConsole(t *testing.T) {
	jira := jiratest.NewServer(jiratest.Options{})
	t.Cleanup(func() {
		if err := jira.Close(); err != nil {
			t.Error(err)
		}
	})
	d := sit(t, 120, 40, nil).administers(model.Cloud)
	d.press("J").later(time.Second)
	d.sees("Set Jira up   acme-admin", "connection 1 of 2", "Administer Jira", "touch no project", "1  issue type", "8  issue type screen scheme", "pending", "p runs the steps", "a brings the issue type into a project")
	d.press("enter").sees("No project was looked at")
	// One press says what it would make; a press that was typed ahead does not count.
	d.press("p").sees("Press again to make what is missing of 1 issue type, 14 fields").press("p")
	if asked, err := d.store.ProvisionRequests(t.Context(), d.adminConnection()); err != nil || len(asked) != 0 {
		t.Fatalf("asked for by keys typed ahead: %v %v", asked, err)
	}
	d.later(time.Second).press("p").changed().sees("at work", "you may leave").press("p").sees("Sync is at work on this connection already")
	d.carriesOut(jira).sees("✓ completed", "done, now, asked for by ana").seesNot("pending", "failed")

	// A project: first what would change and who shares it.
	d.press("a").sees("Bring VexdeskVuln into a project", "add the issue type to them", "the account of acme-bot", "nothing is changed yet")
	d.press("enter").sees("Name a project by its key").press("sec", "enter").changed().sees("SEC", "at work")
	before := jira.AdminThings()
	d.carriesOut(jira).sees("looked at now", "SHARED WITH", "Default Issue Type Scheme", "append", "PAY", "This changes 3 schemes of SEC and 1 other project, PAY.")
	if after := jira.AdminThings(); len(after) != len(before) {
		t.Error("looking changed something")
	}
	d.press("enter").sees("Press again: this changes 3 schemes of SEC and 1 other project, PAY.").later(time.Second).press("enter").changed()
	d.carriesOut(jira).sees("proved: the account of acme-bot can create VexdeskVuln in SEC, with all 14 fields")
	d.press("enter").sees("No project was looked at").press("c").changed().carriesOut(jira).sees("checked now", "proved")
	d.press("a", "sec", "enter").changed().carriesOut(jira).sees("Nothing is left to change")

	d.press("tab").later(time.Second).sees("acme-bot", "connection 2 of 2", "pending")
	d.press("esc").seesNot("Set Jira up")
}

func TestWhySettingUpFailedIsSaidAndItGoesOnThere(t *testing.T) {
	jira := jiratest.NewServer(jiratest.Options{})
	t.Cleanup(func() {
		if err := jira.Close(); err != nil {
			t.Error(err)
		}
	})
	d := sit(t, 120, 40, nil).administers(model.Cloud)
	jira.Revoke(jiratest.AdminEmail, "ADMINISTER", "")
	d.press("J").later(time.Second).press("p").later(time.Second).press("p").carriesOut(jira)
	d.sees("stopped, now", "does not hold the global permission Administer Jira", "p goes on where it stopped")
	jira.Grant(jiratest.AdminEmail, "ADMINISTER", "")
	jira.FailNext("POST", "/screens", 1, 400)
	d.press("p").later(time.Second).press("p").carriesOut(jira)
	d.sees("5  workflow scheme           ✓ completed", "6  screen with fields        ✗ failed", "7  screen scheme             · pending", "stopped, now", "screen with fields:")
	d.press("p").later(time.Second).press("p").carriesOut(jira).sees("8  issue type screen scheme  ✓ completed", "done, now")
}

func TestDataCenterShowsWhatIsDoneByHand(t *testing.T) {
	d := sit(t, 100, 50, nil).administers(model.DataCenter)
	d.must(d.store.Record(t.Context(), d.adminConnection(), storage.LedgerEntry{Step: model.StepIssueType, State: model.StepCompleted}))
	d.press("J").later(time.Second).sees("By hand", "1. Done: the issue type VexdeskVuln is there", "VEX Status: Select List", "p runs the steps")
	d.press("p").sees("1 issue type and 14 fields").press("G").sees("looks whether a project's create screen")
	d.press("a").sees("the proof that all is there").seesNot("Shared schemes")
}

func TestAConsoleThatChangesNothingOffersNoSettingUp(t *testing.T) {
	d := sit(t, 100, 40, nil, func(o *Options) { o.ReadOnly = true }).administers(model.Cloud)
	d.press("J").later(time.Second).sees("issue type", "pending").seesNot("runs the steps", "brings the issue type").press("p").seesNot("Press again")
}

func TestGoldenProvisioning(t *testing.T) {
	for _, size := range []struct {
		name          string
		width, height int
	}{{"80x24", 80, 24}, {"120x40", 120, 40}} {
		d := sit(t, size.width, size.height, nil).administers(model.Cloud)
		id := d.adminConnection()
		for i, step := range model.ProvisionSteps() {
			entry := storage.LedgerEntry{Step: step, State: model.StepCompleted}
			if i == 5 {
				entry.State, entry.Error = model.StepFailed, "field customfield_10012: jira answered 500 to POST /screens/{screenId}/tabs/{tabId}/fields"
			}
			if i < 6 {
				d.must(d.store.Record(t.Context(), id, entry))
			}
		}
		plan := &model.Association{Project: "SEC", ProjectID: "10000", Changes: []model.SchemeChange{
			{Kind: model.StepTypeScheme, Scheme: "Default Issue Type Scheme", SchemeID: "1", Action: model.SchemeAppend, Reason: "the issue type is added", SharedWith: []string{"BANK", "MOBILE", "OPS", "PAYMENTS", "PLATFORM"}},
			{Kind: model.StepTypeScreenScheme, Scheme: "SEC: Software Default Issue Type Screen Scheme", SchemeID: "2", Action: model.SchemeAppend, Reason: "the issue type is added", SharedWith: []string{}},
			{Kind: model.StepWorkflowScheme, Action: model.SchemeNone, Reason: "jira's default scheme cannot be changed; the issue type follows the project's default workflow", SharedWith: []string{}}}}
		for _, r := range []model.ProvisionRequest{{Kind: model.ProvisionSetUp}, {Kind: model.ProvisionLook, Project: "SEC"}} {
			r.ConnectionID = id
			var err error
			r.ID, err = d.store.AskProvision(t.Context(), analyst, r)
			d.must(err)
			r.Plan = map[model.ProvisionKind]*model.Association{model.ProvisionLook: plan}[r.Kind]
			r.Error = map[model.ProvisionKind]string{model.ProvisionSetUp: "screen with fields: jira answered 500"}[r.Kind]
			d.must(d.store.EndProvision(t.Context(), r))
		}
		d.press("J").later(2 * time.Minute)
		golden(t, d, "provision-"+size.name+"-none")
	}
}
