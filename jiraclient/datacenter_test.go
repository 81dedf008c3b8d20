package jiraclient_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
)

// newDataCenter is a bench with a Data Center below /jira, signed in by
// personal access token unless changed.
func newDataCenter(t *testing.T, opts jiratest.Options, change ...func(*jiraclient.Config)) bench {
	t.Helper()
	clock := newFakeClock()
	opts.Now, opts.Deployment, opts.ContextPath = clock.Now, jiraclient.DataCenter, "/jira"
	jira, err := jiratest.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(jira)
	cfg := jiraclient.Config{
		BaseURL: server.URL + "/jira/", Deployment: jiraclient.DataCenter, Auth: jiraclient.PAT(jiratest.AnalystPAT),
		Clock: clock, Random: func() float64 { return 0.5 }, Timeout: 5 * time.Second,
	}
	for _, f := range change {
		f(&cfg)
	}
	client, err := jiraclient.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close()
		server.Close()
		if err := jira.Close(); err != nil {
			t.Error(err)
		}
	})
	return bench{client, jira, clock}
}

func wikiTask(b bench, n int) jiraclient.IssueCreate {
	issue := task(n)
	issue.Description = b.Document("**Bad** thing in `{lib}`, see [it](https://example.com/a).", "")
	return issue
}

func TestDataCenterWholeWay(t *testing.T) {
	b := newDataCenter(t, jiratest.Options{})
	ctx := t.Context()
	me, err := b.Myself(ctx)
	if err != nil || me.ID != jiratest.AnalystUser || me.Name != "Dana Analyst" || me.Type != "" {
		t.Fatalf("myself %+v, %v", me, err)
	}
	issue := wikiTask(b, 1)
	issue.AssigneeID = me.ID
	issue.Custom = map[string]any{
		jiratest.FieldImpact: b.TextDocument("*none* {yet}", ""), jiratest.FieldChampion: b.UserValue("robin"), jiratest.FieldSeverity: jiraclient.Option{ID: "14100"},
	}
	key := mustCreate(t, b, issue)[0].Key
	there, err := b.jira.Issue(key)
	if err != nil {
		t.Fatal(err)
	}
	if there.Fields["description"] != `*Bad* thing in {{\{lib\}}}, see [it|https://example.com/a].` || there.Assignee != "Dana Analyst" || there.Priority != "High" {
		t.Errorf("it arrived as %+v", there)
	}
	got, err := b.GetIssue(ctx, key, []string{"summary", "description", "assignee", jiratest.FieldImpact, jiratest.FieldSeverity}, []string{jiraclient.OperationProperty})
	if err != nil {
		t.Fatal(err)
	}
	if b.DocumentText(got.Fields["description"]) != "Bad thing in {lib}, see it." || b.DocumentText(got.Fields[jiratest.FieldImpact]) != "*none* {yet}" ||
		got.Assignee().ID != jiratest.AnalystUser || got.Operation() != "op-1" || got.Text(jiratest.FieldSeverity) != "Critical" {
		t.Errorf("it reads back as %+v", got)
	}
	err = b.EditIssue(ctx, key, jiraclient.Edit{
		Fields: map[string]any{"description": b.TextDocument("new", ""), "assignee": b.UserValue("robin")},
		Update: map[string][]jiraclient.FieldOperation{"labels": {{Add: "extra"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.AddComment(ctx, key, b.Document("**done**", "")); err != nil {
		t.Fatal(err)
	}
	comments, err := b.Comments(ctx, key, 5)
	if err != nil || len(comments) != 1 || b.DocumentText(comments[0].Body) != "done" || comments[0].Author.ID != jiratest.AnalystUser {
		t.Errorf("comments %+v, %v", comments, err)
	}
	steps, err := b.Transitions(ctx, key)
	if err != nil || len(steps) != 1 {
		t.Fatalf("steps %+v, %v", steps, err)
	}
	if err := b.DoTransition(ctx, key, steps[0].ID); err != nil {
		t.Fatal(err)
	}
	there, err = b.jira.Issue(key)
	if err != nil || there.Status != "In Progress" || there.Description != "new" || there.Assignee != "Robin Reviewer" || fmt.Sprint(there.Labels) != "[security extra]" {
		t.Errorf("in the end %+v, %v", there, err)
	}
}

func TestDataCenterSearch(t *testing.T) {
	b := newDataCenter(t, jiratest.Options{})
	var list []jiraclient.IssueCreate
	for i := range 45 {
		list = append(list, wikiTask(b, i))
	}
	mustCreate(t, b, list...)
	var keys []string
	for issue, err := range b.SearchJQL(t.Context(), jiraclient.Search{JQL: "project = SEC ORDER BY key ASC", Fields: []string{"summary"}, PageSize: 20}) {
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, issue.Key)
	}
	if len(keys) != 45 || keys[0] != "SEC-1" || keys[44] != "SEC-45" || b.jira.Count("POST", "/search") != 3 {
		t.Errorf("%d keys in %d requests: %v", len(keys), b.jira.Count("POST", "/search"), keys)
	}
	if n, err := b.HighestKey(t.Context(), "SEC"); err != nil || n != 45 {
		t.Errorf("highest key %d, %v", n, err)
	}
	known, err := b.KnownLabels(t.Context(), []string{"security", "nowhere"})
	if err != nil || !known["security"] || known["nowhere"] {
		t.Errorf("labels %v, %v", known, err)
	}
	if _, err := b.Labels(t.Context()); !errors.Is(err, errors.ErrUnsupported) {
		t.Errorf("labels: %v", err)
	}
}

// TestDataCenterFetch: an issue that search does not show yet is not missing, a
// deleted one is, and a moved one comes once.
func TestDataCenterFetch(t *testing.T) {
	b := newDataCenter(t, jiratest.Options{IndexLag: time.Minute})
	var list []jiraclient.IssueCreate
	for i := range 4 {
		list = append(list, wikiTask(b, i))
	}
	made := mustCreate(t, b, list...)
	b.clock.pass(2 * time.Minute)
	mustCreate(t, b, wikiTask(b, 4))
	if err := b.jira.Delete("SEC-2"); err != nil {
		t.Fatal(err)
	}
	if _, err := b.jira.Move("SEC-3", "PAY"); err != nil {
		t.Fatal(err)
	}
	b.clock.pass(time.Second)
	for name, c := range map[string]struct {
		ids  []string
		want string
	}{
		"by key": {[]string{"SEC-1", "sec-2", "SEC-3", "SEC-4", "SEC-5", "SEC-6"}, "[SEC-1 PAY-1 SEC-4 SEC-5]"},
		"by id":  {[]string{made[0].ID, made[1].ID, made[2].ID, made[3].ID}, "[SEC-1 PAY-1 SEC-4]"},
	} {
		for _, properties := range [][]string{nil, {jiraclient.OperationProperty}} {
			got, err := b.BulkFetch(t.Context(), jiraclient.Fetch{IDsOrKeys: c.ids, Fields: []string{"status"}, Properties: properties})
			if err != nil {
				t.Fatal(err)
			}
			found := map[string]int{}
			for _, issue := range got.Issues {
				found[issue.ID]++
				if issue.Status().Name != "To Do" || len(properties) > 0 && issue.Operation() == "" {
					t.Errorf("%s, properties %v: %+v", name, properties, issue)
				}
			}
			if n := strings.Count(c.want, "-"); len(got.Issues) != n || len(found) != n {
				t.Errorf("%s, properties %v: %d issues, want %s", name, properties, len(got.Issues), c.want)
			}
		}
	}
}

func TestDataCenterMetadata(t *testing.T) {
	for _, version := range []string{"8.3.0", "8.20.1", "9.12.0", "11.3.1"} {
		t.Run(version, func(t *testing.T) {
			b := newDataCenter(t, jiratest.Options{Version: version})
			ctx := t.Context()
			projects, err := b.Projects(ctx)
			if err != nil || len(projects) != 3 || projects[2].Key != "SEC" {
				t.Fatalf("projects %+v, %v", projects, err)
			}
			types, err := b.IssueTypes(ctx, "SEC")
			if err != nil || len(types) != 5 || types[2].Name != "Task" {
				t.Fatalf("issue types %+v, %v", types, err)
			}
			fields, err := b.CreateFields(ctx, "SEC", "10004")
			if err != nil {
				t.Fatal(err)
			}
			needed := 0
			for _, f := range fields {
				if f.NeedsValue() {
					needed++
				}
				if f.ID == jiratest.FieldSeverity {
					if v, ok := f.Option("critical"); !ok || v.ID != "14100" {
						t.Errorf("severity critical is %+v", v)
					}
				}
			}
			if needed != 2 {
				t.Errorf("%d fields in the way of %d", needed, len(fields))
			}
			if _, err := b.IssueTypes(ctx, "NOPE"); err == nil || jiraclient.HintOf(err) == "" {
				t.Errorf("an unknown project: %v", err)
			}
			users, err := b.AssignableUsers(ctx, "SEC", "robin")
			if err != nil || len(users) != 1 || users[0].ID != "robin" {
				t.Errorf("users %v, %v", users, err)
			}
			held, err := b.MyPermissions(ctx, "SEC", jiraclient.PermissionCreate, jiraclient.PermissionAdminister)
			if err != nil || !held[jiraclient.PermissionCreate] || held[jiraclient.PermissionAdminister] {
				t.Errorf("permissions %v, %v", held, err)
			}
		})
	}
}

func TestSiteMetadata(t *testing.T) {
	for name, b := range map[string]bench{"cloud": newBench(t), "data center": newDataCenter(t, jiratest.Options{})} {
		t.Run(name, func(t *testing.T) {
			priorities, err := b.Priorities(t.Context())
			if err != nil || len(priorities) != 5 || priorities[0].Name != "Highest" {
				t.Errorf("priorities %v, %v", priorities, err)
			}
			statuses, err := b.Statuses(t.Context(), "SEC")
			if err != nil || len(statuses) != 5 || len(statuses[0].Statuses) != 4 || !statuses[0].Statuses[3].Done() {
				t.Errorf("statuses %v, %v", statuses, err)
			}
			known, err := b.KnownLabels(t.Context(), []string{"nowhere"})
			if err != nil || known["nowhere"] {
				t.Errorf("labels %v, %v", known, err)
			}
		})
	}
}

// TestEpics: the same member puts an issue below an epic on both.
func TestEpics(t *testing.T) {
	for name, b := range map[string]bench{"cloud": newBench(t), "data center": newDataCenter(t, jiratest.Options{})} {
		t.Run(name, func(t *testing.T) {
			epic := mustCreate(t, b, jiraclient.IssueCreate{ProjectKey: "SEC", IssueTypeID: "10000", Summary: "Epic"})[0]
			child := jiraclient.IssueCreate{ProjectKey: "SEC", IssueTypeID: "10002", Summary: "Child", ParentKey: epic.Key}
			key := mustCreate(t, b, child)[0].Key
			issue, err := b.jira.Issue(key)
			if err != nil || issue.Fields["parent"] != epic.ID && issue.Fields[jiratest.FieldEpicLink] != epic.Key {
				t.Errorf("%+v, %v", issue, err)
			}
		})
	}
}

// TestAQuestionBeforeACreationDoesNotMakeItUnknown: the Epic Link field must be
// known first; when that fails nothing was sent.
func TestAQuestionBeforeACreationDoesNotMakeItUnknown(t *testing.T) {
	b := newDataCenter(t, jiratest.Options{})
	b.jira.FailNext("GET", "/field", 10, http.StatusBadGateway)
	_, err := b.CreateIssues(t.Context(), []jiraclient.IssueCreate{{ProjectKey: "SEC", IssueTypeID: "10002", Summary: "x", ParentKey: "SEC-1"}})
	if jiraclient.OutcomeOf(err) != jiraclient.NotSent || !errors.Is(err, jiraclient.ErrServer) || jiraclient.HintOf(err) == "" || b.jira.Count("POST", bulk) != 0 {
		t.Errorf("outcome %s: %v", jiraclient.OutcomeOf(err), err)
	}
}

func TestSigningInToDataCenter(t *testing.T) {
	ctx := t.Context()
	basic := newDataCenter(t, jiratest.Options{}, as(jiratest.AnalystUser, jiratest.AnalystToken))
	if _, err := basic.Myself(ctx); err != nil {
		t.Fatal(err)
	}
	wrong := newDataCenter(t, jiratest.Options{}, as(jiratest.AnalystUser, "wr0ng"))
	for range 3 {
		_, err := wrong.Myself(ctx)
		assertIs(t, err, jiraclient.ErrUnauthorized)
	}
	_, err := wrong.Myself(ctx)
	assertIs(t, err, jiraclient.ErrCaptcha)
	wrong.jira.PassCaptcha(jiratest.AnalystEmail)
	_, err = wrong.Myself(ctx)
	assertIs(t, err, jiraclient.ErrUnauthorized)

	pat := newDataCenter(t, jiratest.Options{}, func(cfg *jiraclient.Config) { cfg.Auth = jiraclient.PAT("n0ne") })
	_, err = pat.Myself(ctx)
	assertIs(t, err, jiraclient.ErrUnauthorized)
	if !strings.Contains(jiraclient.HintOf(err), "personal access token") {
		t.Errorf("hint %q", jiraclient.HintOf(err))
	}
	if text := fmt.Sprintf("%v %+v %#v %v", err, err, pat.Client, jiraclient.PAT("n0ne")); strings.Contains(text, "n0ne") {
		t.Errorf("the token shows in %s", text)
	}
}

func TestUnknownDeployment(t *testing.T) {
	_, err := jiraclient.New(jiraclient.Config{BaseURL: "https://jira.example.com", Auth: jiraclient.PAT("x"), Deployment: "mainframe"})
	assertIs(t, err, jiraclient.ErrBadRequest)
}
