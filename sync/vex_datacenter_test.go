package sync_test

import (
	"testing"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/model"
	vexsync "example.com/vexdesk/sync"
)

func TestDataCenterKeepsDecisionsInStep(t *testing.T) {
	d := &vexDesk{desk: &desk{t: t, jira: jiratest.NewServer(jiratest.Options{Deployment: jiraclient.DataCenter}), path: workspace(t)}}
	d.store = d.open()
	t.Cleanup(func() { d.must(d.jira.Close()) })
	d.setUpWith(model.Connection{Name: "dc", Type: model.DataCenter, Auth: model.AuthBasic, URL: d.jira.URL, User: jiratest.AnalystUser}, 1)
	d.addFields()
	sync := func() vexsync.Report {
		t.Helper()
		r, err := d.engine().Once(t.Context(), vexsync.Once{Timeout: 10 * time.Second})
		d.must(err)
		return r
	}
	id := d.rows()[0].ID
	d.decide(id, "status", "in_triage", "impact", "Looks {bad}\n\nreally *bad*.")
	d.request()
	sync()
	row := d.rows()[0]
	if got := d.jiraHolds(row.Ticket.Key, model.FieldStatus); got != "in_triage" {
		t.Fatalf("Jira holds %q", got)
	}
	d.decide(id, "status", "affected", "action", "Update to [2.0|now].")
	if r := sync(); r.Pushed != 1 || len(r.Failed) > 0 || d.jiraHolds(row.Ticket.Key, model.FieldStatus) != "affected" {
		t.Errorf("%+v", r)
	}
	d.inJira(row.Ticket.Key, model.FieldStatus, "fixed")
	if r := sync(); r.Pulled != 1 || d.violation(id).Assessment.Status != model.VEXFixed || d.violation(id).Assessment.Impact != "Looks {bad}\n\nreally *bad*." {
		t.Errorf("%+v, %+v", r, d.violation(id).Assessment)
	}
	for range 2 {
		if r := sync(); r.Pulled+r.Pushed+r.Conflicts+r.Sent > 0 {
			t.Errorf("not quiet: %+v", r)
		}
	}
}
