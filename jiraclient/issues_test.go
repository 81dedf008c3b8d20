package jiraclient_test

import (
	"fmt"
	"strings"
	"testing"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/adf"
	"example.com/vexdesk/jiraclient/jiratest"
)

func TestCreateIssuesFull(t *testing.T) {
	b := newBench(t)
	r, err := b.CreateIssues(t.Context(), tasks(50))
	if err != nil {
		t.Fatal(err)
	}
	if r.Confirm || len(r.Elements) != 50 {
		t.Fatalf("a full answer: confirm=%v, %d elements", r.Confirm, len(r.Elements))
	}
	for i, e := range r.Elements {
		issue, err := b.jira.Issue(e.Created.Key)
		if err != nil {
			t.Fatal(err)
		}
		if want := fmt.Sprintf(`"op-%d"`, i); string(issue.Properties[jiraclient.OperationProperty]) != want {
			t.Errorf("%s carries operation %s, want %s", issue.Key, issue.Properties[jiraclient.OperationProperty], want)
		}
		if issue.Summary != task(i).Summary || issue.Priority != "High" || issue.Description != "Bad thing, see it." {
			t.Errorf("%s arrived as %+v", issue.Key, issue)
		}
	}
	if n, err := b.HighestKey(t.Context(), "SEC"); err != nil || n != 50 {
		t.Errorf("highest key %d, %v; want 50", n, err)
	}
}

func TestCreateIssuesPartly(t *testing.T) {
	b := newBench(t)
	list := tasks(4)
	list[0].Summary = ""
	list[2].Labels = []string{"two words"}
	r, err := b.CreateIssues(t.Context(), list)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Confirm {
		t.Error("an answer with failures must be confirmed by property")
	}
	if e := r.Elements[0].Err; e == nil || e.Fields["summary"] != "You must specify a summary of the issue." {
		t.Errorf("element 0: %v", e)
	}
	if e := r.Elements[2].Err; e == nil || !strings.Contains(e.Error(), "contains spaces") {
		t.Errorf("element 2: %v", e)
	}
	for _, i := range []int{1, 3} {
		issue, err := b.jira.Issue(r.Elements[i].Created.Key)
		if err != nil || issue.Summary != list[i].Summary {
			t.Errorf("element %d became %q (%v)", i, issue.Summary, err)
		}
	}
}

func TestCreateIssuesAllRefused(t *testing.T) {
	b := newBench(t)
	list := tasks(2)
	list[0].IssueTypeID, list[1].IssueTypeID = "99", "10004"
	r, err := b.CreateIssues(t.Context(), list)
	if err != nil {
		t.Fatalf("refused elements are no error of the request: %v", err)
	}
	if e := r.Elements[0].Err; e == nil || e.Fields["issuetype"] == "" {
		t.Errorf("element 0: %v", e)
	}
	if e := r.Elements[1].Err; e == nil || e.Fields[jiratest.FieldAuditReference] != "Audit Reference is required." {
		t.Errorf("element 1: %v", e)
	}
	if len(b.jira.Issues()) != 0 {
		t.Error("something was created")
	}
}

func TestCreateIssuesWithCustomFields(t *testing.T) {
	b := newBench(t)
	list := tasks(1)
	list[0].Custom = map[string]any{
		jiratest.FieldSeverity: jiraclient.Option{ID: "14100"},
		jiratest.FieldCVSS:     9.8,
		jiratest.FieldImpact:   adf.FromText("none\nyet").JSON(),
		jiratest.FieldTeams:    []jiraclient.Option{{ID: "14500"}, {ID: "14502"}},
	}
	key := mustCreate(t, b, list...)[0].Key
	issue, err := b.GetIssue(t.Context(), key, []string{"summary", jiratest.FieldSeverity, jiratest.FieldCVSS, jiratest.FieldImpact, jiratest.FieldTeams, jiratest.FieldPackage}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for field, want := range map[string]string{
		jiratest.FieldSeverity: "Critical", jiratest.FieldCVSS: "9.8", jiratest.FieldImpact: "none\nyet",
		jiratest.FieldTeams: "Payments, Operations", jiratest.FieldPackage: "",
	} {
		if got := issue.Text(field); got != want {
			t.Errorf("%s reads %q, want %q", field, got, want)
		}
	}
	if !issue.Empty(jiratest.FieldPackage) || issue.Has("labels") {
		t.Error("an empty field is not a missing one")
	}
}

func TestTooManyIssuesAreNotSent(t *testing.T) {
	b := newBench(t)
	_, err := b.CreateIssues(t.Context(), tasks(51))
	if jiraclient.OutcomeOf(err) != jiraclient.NotSent || b.jira.Count("", "") != 0 {
		t.Errorf("%v, %d requests", err, b.jira.Count("", ""))
	}
}

// TestAnElementAtWhichJiraFailedMayHaveBeenMade: only what was refused (4xx) is
// known not to be there.
func TestAnElementAtWhichJiraFailedMayHaveBeenMade(t *testing.T) {
	b := newFaultyBench(t)
	for status, refused := range map[int]bool{400: true, 500: false, 503: false} {
		b.jira.Heal()
		b.jira.Inject(jiratest.Fault{Route: "/issue/bulk", Reply: &jiratest.Reply{Status: 201,
			Body: fmt.Sprintf(`{"issues":[{"id":"7","key":"SEC-7"}],"errors":[{"status":%d,"elementErrors":{"errorMessages":["no"]},"failedElementNumber":0}]}`, status)}})
		got, err := b.CreateIssues(t.Context(), tasks(2))
		if err != nil || !got.Confirm || (got.Elements[0].Err != nil) != refused || refused == (len(got.Unassigned) > 0) {
			t.Errorf("%d: %+v, %v", status, got, err)
		}
	}
}

func TestAnIssueWithoutATimeHasNone(t *testing.T) {
	if n := (jiraclient.Issue{}).Created().UnixMilli(); n != 0 {
		t.Errorf("none is stored as %d", n)
	}
}

func TestBulkFetch(t *testing.T) {
	b := newBench(t)
	var keys []string
	for range 5 {
		for _, c := range mustCreate(t, b, tasks(50)...) {
			keys = append(keys, c.Key)
		}
	}
	b.jira.ResetLog()
	f, err := b.BulkFetch(t.Context(), jiraclient.Fetch{
		IDsOrKeys: append(keys, "SEC-9999"), Fields: []string{"status", "created"}, Properties: []string{jiraclient.OperationProperty},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Issues) != 250 || b.jira.Count("POST", "/issue/bulkfetch") != 3 {
		t.Fatalf("%d issues by %d requests, want 250 by 3", len(f.Issues), b.jira.Count("POST", "/issue/bulkfetch"))
	}
	first := f.Issues[0]
	if first.Operation() != "op-0" || first.Status().Name != "To Do" || first.Status().Category.Key != "new" || first.Created().IsZero() {
		t.Errorf("first issue: %+v", first)
	}
}

// TestAnIssueThatTheBulkCannotGiveIsReadByItself: it is there, and must not look
// like one that was deleted.
func TestAnIssueThatTheBulkCannotGiveIsReadByItself(t *testing.T) {
	b := newFaultyBench(t)
	keys := mustCreate(t, b, tasks(2)...)
	b.jira.Inject(jiratest.Fault{Route: "/issue/bulkfetch", Reply: &jiratest.Reply{Status: 200,
		Body: `{"issues":[],"issueErrors":[{"id":"` + keys[0].ID + `","errorMessage":"try again"},{"id":"9999","errorMessage":"try again"}]}`}})
	fetch := jiraclient.Fetch{IDsOrKeys: []string{keys[0].ID, "9999"}, Fields: []string{"status"}, Properties: []string{jiraclient.OperationProperty}}
	f, err := b.BulkFetch(t.Context(), fetch)
	if err != nil || len(f.Issues) != 1 || f.Issues[0].Key != keys[0].Key || f.Issues[0].Operation() != "op-0" {
		t.Errorf("%+v, %v", f, err)
	}
	b.jira.FailNext("GET", "/issue/{issueIdOrKey}", 0, 500)
	if f, err := b.BulkFetch(t.Context(), fetch); err == nil {
		t.Errorf("what cannot be read passes for missing: %+v", f)
	}
}

func TestSearchPagesToTheLast(t *testing.T) {
	b := newBench(t)
	for range 3 {
		mustCreate(t, b, tasks(50)...)
	}
	seen := map[string]bool{}
	for issue, err := range b.SearchJQL(t.Context(), jiraclient.Search{JQL: `project = SEC AND labels = "security"`, Fields: []string{"status"}, PageSize: 40}) {
		if err != nil {
			t.Fatal(err)
		}
		seen[issue.Key] = true
	}
	if len(seen) != 150 || b.jira.Count("POST", "/search/jql") != 4 {
		t.Errorf("%d issues in %d pages", len(seen), b.jira.Count("POST", "/search/jql"))
	}
}

func TestSearchStopsAtARepeatedToken(t *testing.T) {
	b := newBench(t)
	b.jira.Inject(jiratest.Fault{Route: "/search/jql", Reply: &jiratest.Reply{Status: 200, Body: `{"issues":[{"id":"1"}],"nextPageToken":"again","isLast":false}`}})
	var last error
	for _, err := range b.SearchJQL(t.Context(), jiraclient.Search{JQL: "project = SEC"}) {
		last = err
	}
	assertIs(t, last, jiraclient.ErrRepeatedToken)
}

func TestUnboundedSearchIsRefused(t *testing.T) {
	b := newBench(t)
	for _, err := range b.SearchJQL(t.Context(), jiraclient.Search{JQL: "ORDER BY created"}) {
		if jiraclient.OutcomeOf(err) != jiraclient.Refused || !strings.Contains(err.Error(), "Unbounded") {
			t.Errorf("got %v", err)
		}
	}
}

func TestEditCommentTransition(t *testing.T) {
	b := newBench(t)
	ctx := t.Context()
	key := mustCreate(t, b, task(1))[0].Key
	err := b.EditIssue(ctx, key, jiraclient.Edit{
		Fields:     map[string]any{"summary": "new words"},
		Update:     map[string][]jiraclient.FieldOperation{"labels": {{Add: "urgent"}, {Remove: "security"}}},
		Properties: map[string]any{"vexdesk.state": map[string]int{"n": 1}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.AddComment(ctx, key, adf.FromText("hello").JSON()); err != nil {
		t.Fatal(err)
	}
	comments, err := b.Comments(ctx, key, 10)
	if err != nil || len(comments) != 1 || comments[0].Author.Name != "Dana Analyst" {
		t.Fatalf("comments %+v, %v", comments, err)
	}
	steps, err := b.Transitions(ctx, key)
	if err != nil || len(steps) != 1 || steps[0].To.Name != "In Progress" {
		t.Fatalf("transitions %+v, %v", steps, err)
	}
	if err := b.DoTransition(ctx, key, steps[0].ID); err != nil {
		t.Fatal(err)
	}
	issue, err := b.jira.Issue(key)
	if err != nil {
		t.Fatal(err)
	}
	if issue.Summary != "new words" || fmt.Sprint(issue.Labels) != "[urgent]" || issue.Status != "In Progress" || fmt.Sprint(issue.Comments) != "[hello]" {
		t.Errorf("the issue is now %+v", issue)
	}
	err = b.DoTransition(ctx, key, "41")
	if jiraclient.OutcomeOf(err) != jiraclient.Refused {
		t.Errorf("a step that is not open: %v", err)
	}
}

func TestMovedAndDeletedIssues(t *testing.T) {
	b := newBench(t)
	created := mustCreate(t, b, tasks(2)...)
	moved, err := b.jira.Move(created[0].Key, "PAY")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{created[0].Key, created[0].ID} {
		issue, err := b.GetIssue(t.Context(), name, []string{"summary"}, nil)
		if err != nil || issue.Key != moved || issue.ID != created[0].ID {
			t.Errorf("%s leads to %s (%v), want %s", name, issue.Key, err, moved)
		}
	}
	if err := b.jira.Delete(created[1].Key); err != nil {
		t.Fatal(err)
	}
	_, err = b.GetIssue(t.Context(), created[1].ID, nil, nil)
	assertIs(t, err, jiraclient.ErrNotFound)
}
