package sync_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
	vexsync "example.com/vexdesk/sync"
)

// vexDesk is a desk whose Jira has the VEX fields on its bugs.
type vexDesk struct {
	*desk
	field map[model.VEXField]string // ids in Jira
}

func newVEXDesk(t *testing.T, n int) *vexDesk {
	t.Helper()
	d := &vexDesk{desk: newDesk(t, n)}
	d.addFields()
	return d
}

func (d *vexDesk) addFields() {
	d.t.Helper()
	d.field = map[model.VEXField]string{}
	for _, f := range model.JiraFields() {
		id, err := d.jira.AddField("SEC", "Bug", f.Name, string(f.Kind), f.Options...)
		d.must(err)
		if f.VEX != "" {
			d.field[f.VEX] = id
		}
	}
}

// sync does everything once and fails the test where something is left.
func (d *vexDesk) sync() vexsync.Report {
	d.t.Helper()
	r, err := d.engine().Once(d.t.Context(), vexsync.Once{Timeout: 20 * time.Second})
	d.must(err)
	return r
}

func (d *vexDesk) rows() []storage.Listed {
	d.t.Helper()
	rows, err := d.store.Page(d.t.Context(), storage.Window{}, storage.Page{})
	d.must(err)
	return rows
}

func (d *vexDesk) violation(id model.ViolationID) model.Violation {
	d.t.Helper()
	all, err := d.store.Violations(d.t.Context(), []model.ViolationID{id})
	d.must(err)
	return all[0]
}

// decide sets fields here: pairs of field and value.
func (d *vexDesk) decide(id model.ViolationID, pairs ...string) {
	d.t.Helper()
	changes := map[model.VEXField]string{}
	for i := 0; i < len(pairs); i += 2 {
		changes[model.VEXField(pairs[i])] = pairs[i+1]
	}
	_, err := d.store.SetVEX(d.t.Context(), analyst, []model.ViolationID{id}, changes)
	d.must(err)
}

// inJira sets a field in Jira, as a person there does.
func (d *vexDesk) inJira(key string, f model.VEXField, value string) {
	d.t.Helper()
	var v any = value
	if !f.IsText() {
		v = map[string]any{"id": d.jira.Option(d.field[f], value)}
		if value == "" {
			v = nil
		}
	}
	d.must(d.jira.SetField(key, d.field[f], v))
}

// jiraHolds reads a field in Jira in our words.
func (d *vexDesk) jiraHolds(key string, f model.VEXField) string {
	d.t.Helper()
	issue, err := d.jira.Issue(key)
	d.must(err)
	v := issue.Fields[d.field[f]]
	if v == nil {
		return ""
	}
	if f.IsText() {
		return jiratest.DocumentText(v)
	}
	for _, def := range model.JiraFields() {
		for _, word := range def.Options {
			if def.VEX == f && d.jira.Option(d.field[f], word) == v {
				return word
			}
		}
	}
	return fmt.Sprint(v)
}

func TestANewTicketCarriesTheDecisionAndTheFacts(t *testing.T) {
	d := newVEXDesk(t, 1)
	id := d.rows()[0].ID
	d.decide(id, "status", "not_affected", "justification", "code_not_reachable", "impact", "Never called.", "notes", "psst")
	d.request()
	d.sync()
	key := d.rows()[0].Ticket.Key
	for f, want := range map[model.VEXField]string{model.FieldStatus: "not_affected", model.FieldJustification: "code_not_reachable", model.FieldImpact: "Never called.", model.FieldNotes: "psst", model.FieldResponse: ""} {
		if got := d.jiraHolds(key, f); got != want {
			t.Errorf("%s in Jira is %q, want %q", f, got, want)
		}
	}
	issue, err := d.jira.Issue(key)
	d.must(err)
	if found := fmt.Sprint(issue.Fields); !strings.Contains(found, "CVE-2024-00000") || !strings.Contains(found, "lib0") {
		t.Errorf("the facts are missing: %s", found)
	}
	d.jira.ResetLog()
	d.sync()
	d.sync()
	if n := d.jira.Count("PUT", "/issue/{issueIdOrKey}"); n != 0 {
		t.Errorf("%d writes after creation: there was nothing to write", n)
	}
}

func TestADecisionHereGoesToItsTicketWithOneCommentThatDocumentsIt(t *testing.T) {
	d := newVEXDesk(t, 2)
	d.request()
	d.sync()
	row := d.rows()[0]
	d.decide(row.ID, "status", "affected")
	d.decide(row.ID, "response", "update", "action", "Update to *2.0*.", "notes", "internal")
	d.jira.ResetLog()
	r := d.sync()
	if r.Pushed != 1 || d.jira.Count("PUT", "/issue/{issueIdOrKey}") != 1 || d.jira.Count("POST", "/issue/{issueIdOrKey}/comment") != 1 {
		t.Errorf("%+v, %d PUTs, %d comments", r, d.jira.Count("PUT", "/issue/{issueIdOrKey}"), d.jira.Count("POST", "/issue/{issueIdOrKey}/comment"))
	}
	issue, err := d.jira.Issue(row.Ticket.Key)
	d.must(err)
	if d.jiraHolds(row.Ticket.Key, model.FieldStatus) != "affected" || d.jiraHolds(row.Ticket.Key, model.FieldAction) != "Update to *2.0*." {
		t.Errorf("Jira holds %v", issue.Fields)
	}
	if d.jiraHolds(row.Ticket.Key, model.FieldNotes) != "" {
		t.Error("internal notes were pushed without being allowed to")
	}
	comment := strings.Join(issue.Comments, "\n")
	for _, want := range []string{"by ana", "(none) → affected", "(none) → update", "“Update to *2.0*.”"} {
		if !strings.Contains(comment, want) {
			t.Errorf("the comment lacks %q:\n%s", want, comment)
		}
	}
	if strings.Contains(comment, "internal") {
		t.Errorf("the comment shows internal notes:\n%s", comment)
	}
	d.quiet()
}

// quiet checks that two more syncs write nothing.
func (d *vexDesk) quiet() {
	d.t.Helper()
	d.jira.ResetLog()
	for range 2 {
		if r := d.sync(); r.Pulled+r.Pushed+r.Conflicts+r.Sent > 0 {
			d.t.Errorf("not quiet: %+v", r)
		}
	}
	for _, r := range d.jira.Requests() {
		if r.Method != "GET" && !strings.HasSuffix(r.Route, "/bulkfetch") && !strings.HasPrefix(r.Route, "/search") {
			d.t.Errorf("a write after quiet: %s %s", r.Method, r.Path)
		}
	}
}

func TestAChangeInJiraComesToTheRecordWithProvenanceAndHistory(t *testing.T) {
	d := newVEXDesk(t, 3)
	d.request()
	d.sync()
	row := d.rows()[1]
	d.inJira(row.Ticket.Key, model.FieldStatus, "not_affected")
	d.inJira(row.Ticket.Key, model.FieldImpact, "Not used.")
	d.jira.ResetLog()
	r := d.sync()
	if r.Pulled != 2 || r.Conflicts != 0 {
		t.Errorf("%+v", r)
	}
	if n := d.jira.Count("POST", "/search/jql"); n != 1 {
		t.Errorf("%d searches for one change", n)
	}
	v := d.violation(row.ID)
	if v.Assessment.Status != model.VEXNotAffected || v.Assessment.Impact != "Not used." {
		t.Fatalf("%+v", v.Assessment)
	}
	if p := v.Provenance[model.FieldStatus]; p.Source != "jira" || p.Ref != row.Ticket.Key {
		t.Errorf("provenance %+v", p)
	}
	d.inJira(row.Ticket.Key, model.FieldImpact, "")
	d.sync()
	if v := d.violation(row.ID); v.Assessment.Impact != "" {
		t.Errorf("a field emptied in Jira is a change: %q", v.Assessment.Impact)
	}
	d.quiet()
}

func TestBothSidesApartIsAConflictUntilSomebodyChooses(t *testing.T) {
	t.Parallel()
	for _, take := range []storage.Take{storage.TakeLocal, storage.TakeJira, "fixed"} {
		d := newVEXDesk(t, 1)
		d.request()
		d.sync()
		row := d.rows()[0]
		d.decide(row.ID, "status", "affected", "response", "update")
		d.inJira(row.Ticket.Key, model.FieldStatus, "not_affected")
		r := d.sync()
		if r.Conflicts != 1 || d.violation(row.ID).Assessment.Status != model.VEXAffected || d.jiraHolds(row.Ticket.Key, model.FieldStatus) != "not_affected" {
			t.Fatalf("%+v", r)
		}
		if d.jiraHolds(row.Ticket.Key, model.FieldResponse) != "update" {
			t.Error("a field that is not in dispute waited")
		}
		open, err := d.store.Conflicts(t.Context(), nil)
		d.must(err)
		if len(open) != 1 || open[0].Base != "" || open[0].Local != "affected" || open[0].Jira != "not_affected" || open[0].Ticket != row.Ticket.Key || open[0].LocalBy != "ana" || open[0].JiraBy != "Robin Reviewer" {
			t.Fatalf("%+v", open)
		}
		d.quiet()
		_, err = d.store.ResolveConflicts(t.Context(), analyst, []model.ViolationID{row.ID}, model.FieldStatus, take)
		d.must(err)
		d.sync()
		want := map[storage.Take]string{storage.TakeLocal: "affected", storage.TakeJira: "not_affected", "fixed": "fixed"}[take]
		if here, there := d.violation(row.ID).Assessment.Get(model.FieldStatus), d.jiraHolds(row.Ticket.Key, model.FieldStatus); here != want || there != want {
			t.Errorf("take %s: here %q, Jira %q", take, here, there)
		}
		d.quiet()
	}
}

func TestARenamedOptionIsAnErrorOfItsFieldAndNoBlank(t *testing.T) {
	d := newVEXDesk(t, 1)
	d.request()
	d.sync()
	row := d.rows()[0]
	d.decide(row.ID, "status", "affected", "response", "update")
	d.sync()
	d.must(d.jira.RenameOption(d.field[model.FieldStatus], "affected", "Exploitable"))
	d.must(d.jira.Comment(row.Ticket.Key, "seen"))
	d.sync()
	problems, err := d.store.VEXProblems(t.Context(), row.ID)
	d.must(err)
	if len(problems) != 1 || problems[0].Field != model.FieldStatus || !strings.Contains(problems[0].Problem, "Exploitable") {
		t.Fatalf("%+v", problems)
	}
	if v := d.violation(row.ID); v.Assessment.Status != model.VEXAffected {
		t.Errorf("the status became %q", v.Assessment.Status)
	}
	d.must(d.jira.RenameOption(d.field[model.FieldStatus], "Exploitable", "affected"))
	d.must(d.jira.Comment(row.Ticket.Key, "mended"))
	d.sync()
	if problems, err = d.store.VEXProblems(t.Context(), row.ID); err != nil || len(problems) != 0 {
		t.Errorf("the problem stays: %+v, %v", problems, err)
	}
}

func TestALostAnswerIsRecognisedAndNotReadBackAsNews(t *testing.T) {
	for name, inject := range map[string]func(*jiratest.Server){
		"acted and hung up":  func(j *jiratest.Server) { j.CommitThenHangUp("PUT", "/issue/{issueIdOrKey}", 1) },
		"hung up":            func(j *jiratest.Server) { j.HangUpNext("PUT", "/issue/{issueIdOrKey}", 1) },
		"acted and said 502": func(j *jiratest.Server) { j.CommitThenFail("PUT", "/issue/{issueIdOrKey}", 1, 502) },
		"conflict":           func(j *jiratest.Server) { j.FailNext("PUT", "/issue/{issueIdOrKey}", 1, 409) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newVEXDesk(t, 1)
			d.request()
			d.sync()
			row := d.rows()[0]
			d.decide(row.ID, "status", "affected")
			inject(d.jira)
			d.sync()
			issue, err := d.jira.Issue(row.Ticket.Key)
			d.must(err)
			if d.jiraHolds(row.Ticket.Key, model.FieldStatus) != "affected" || len(issue.Comments) != 1 {
				t.Errorf("Jira holds %q with %d comments", d.jiraHolds(row.Ticket.Key, model.FieldStatus), len(issue.Comments))
			}
			if open, err := d.store.Conflicts(t.Context(), nil); err != nil || len(open) > 0 {
				t.Errorf("%+v, %v", open, err)
			}
			d.quiet()
		})
	}
}

func TestAStaleIndexUndoesNothing(t *testing.T) {
	t.Parallel()
	d := newVEXDesk(t, 1)
	d.request()
	d.sync()
	row := d.rows()[0]
	d.jira.SetIndexLag(time.Hour)
	d.must(d.jira.Comment(row.Ticket.Key, "the index stops here"))
	d.decide(row.ID, "status", "affected")
	d.sync()
	for range 2 {
		d.sync()
	}
	if v := d.violation(row.ID); v.Assessment.Status != model.VEXAffected || d.jiraHolds(row.Ticket.Key, model.FieldStatus) != "affected" {
		t.Errorf("here %q, Jira %q", v.Assessment.Status, d.jiraHolds(row.Ticket.Key, model.FieldStatus))
	}
}

func TestSyncOffWritesNothingAndOnComparesOnce(t *testing.T) {
	t.Parallel()
	d := newVEXDesk(t, 2)
	d.request()
	d.sync()
	rows := d.rows()
	off, on := false, true
	_, err := d.store.SetProduct(t.Context(), analyst, "app", storage.ProductChange{Sync: &off})
	d.must(err)
	d.decide(rows[0].ID, "status", "affected")
	d.inJira(rows[1].Ticket.Key, model.FieldStatus, "fixed")
	d.jira.ResetLog()
	d.sync()
	if n := d.jira.Count("PUT", "/issue/{issueIdOrKey}") + d.jira.Count("POST", "/search/jql"); n != 0 {
		t.Errorf("%d requests while off", n)
	}
	if v := d.violation(rows[1].ID); v.Assessment.Status != "" {
		t.Errorf("%q came while off", v.Assessment.Status)
	}
	_, err = d.store.SetProduct(t.Context(), analyst, "app", storage.ProductChange{Sync: &on})
	d.must(err)
	d.sync()
	if d.jiraHolds(rows[0].Ticket.Key, model.FieldStatus) != "affected" || d.violation(rows[1].ID).Assessment.Status != model.VEXFixed {
		t.Errorf("Jira %q, here %q", d.jiraHolds(rows[0].Ticket.Key, model.FieldStatus), d.violation(rows[1].ID).Assessment.Status)
	}
	syncs, err := d.store.ProductSyncs(t.Context())
	d.must(err)
	if len(syncs) != 1 || syncs[0].Status != "ok" || syncs[0].At.IsZero() || syncs[0].Tickets != 2 {
		t.Errorf("%+v", syncs)
	}
}

func TestUndoOfASentDecisionGoesToJiraAsANewChange(t *testing.T) {
	d := newVEXDesk(t, 1)
	d.request()
	d.sync()
	row := d.rows()[0]
	d.decide(row.ID, "status", "affected")
	d.sync()
	_, err := d.store.UndoVEX(t.Context(), analyst)
	d.must(err)
	d.sync()
	if got := d.jiraHolds(row.Ticket.Key, model.FieldStatus); got != "" {
		t.Errorf("Jira holds %q", got)
	}
	d.quiet()
}

func TestFieldsOnWhichTheViolationsOfATicketDifferWait(t *testing.T) {
	d := newVEXDesk(t, 0)
	d.takePairs(1)
	ids, err := d.store.MatchingIDs(t.Context(), storage.Window{})
	d.must(err)
	plan, err := d.store.PlanTickets(t.Context(), model.PlanRequest{IDs: ids, Group: model.GroupVulnerability})
	d.must(err)
	_, err = d.store.RequestTickets(t.Context(), analyst, plan)
	d.must(err)
	d.sync()
	key := d.rows()[0].Ticket.Key
	d.decide(ids[0], "status", "affected")
	d.sync()
	mixed, err := d.store.MixedVEX(t.Context(), ids[1])
	d.must(err)
	if d.jiraHolds(key, model.FieldStatus) != "" || len(mixed) != 1 || mixed[0] != model.FieldStatus {
		t.Errorf("Jira holds %q, mixed are %v", d.jiraHolds(key, model.FieldStatus), mixed)
	}
	d.quiet()
	d.decide(ids[1], "status", "affected")
	d.sync()
	if d.jiraHolds(key, model.FieldStatus) != "affected" {
		t.Errorf("Jira holds %q when they agree", d.jiraHolds(key, model.FieldStatus))
	}
	d.inJira(key, model.FieldStatus, "fixed")
	if r := d.sync(); r.Pulled != 2 {
		t.Errorf("Jira's value did not apply to both: %+v", r)
	}
}
