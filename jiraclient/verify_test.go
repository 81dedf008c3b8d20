package jiraclient_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"example.com/vexdesk/jiraclient"
	"example.com/vexdesk/jiraclient/jiratest"
)

func TestMetadata(t *testing.T) {
	b := newBench(t)
	ctx := t.Context()
	projects, err := b.Projects(ctx)
	if err != nil || len(projects) != 3 || projects[2].Key != "SEC" || projects[2].Name != "Security" || projects[2].TeamManaged() {
		t.Fatalf("projects %+v, %v", projects, err)
	}
	types, err := b.IssueTypes(ctx, "SEC")
	if err != nil || len(types) != 5 {
		t.Fatalf("issue types %+v, %v", types, err)
	}
	fields, err := b.CreateFields(ctx, "SEC", "10004")
	if err != nil {
		t.Fatal(err)
	}
	var inTheWay []string
	for _, f := range fields {
		if f.NeedsValue() {
			inTheWay = append(inTheWay, f.Name)
		}
		if f.ID == "priority" {
			if v, ok := f.Option("highest"); !ok || v.ID != "1" {
				t.Errorf("priority Highest is %+v", v)
			}
		}
		if f.ID == jiratest.FieldSeverity {
			if v, ok := f.Option("Critical"); !ok || v.ID != "14100" {
				t.Errorf("severity Critical is %+v", v)
			}
		}
	}
	if fmt.Sprint(inTheWay) != "[Audit Reference Risk Category]" {
		t.Errorf("fields in the way: %v", inTheWay)
	}
	labels, err := b.Labels(ctx)
	if err != nil || fmt.Sprint(labels) != "[backlog security third-party]" {
		t.Errorf("labels %v, %v", labels, err)
	}
	users, err := b.AssignableUsers(ctx, "SEC", "robin")
	if err != nil || len(users) != 1 || users[0].Name != "Robin Reviewer" {
		t.Errorf("users %v, %v", users, err)
	}
	_, err = b.Project(ctx, "NOPE")
	assertIs(t, err, jiraclient.ErrNotFound)
}

func TestVerify(t *testing.T) {
	b := newBench(t)
	v, err := b.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !v.OK || v.Account.Name != "Dana Analyst" || v.Account.Type != "atlassian" || v.Server.DeploymentType != "Cloud" || len(v.Permissions) != 7 {
		t.Errorf("verification %+v", v)
	}
	if last := v.Permissions[6]; last.Name != jiraclient.PermissionAdminister || last.OK {
		t.Errorf("administer: %+v", last)
	}
	data, err := json.Marshal(v)
	if err != nil || !strings.Contains(string(data), `"problems":[]`) || !strings.Contains(string(data), `"deployment_type":"Cloud"`) {
		t.Errorf("json %s, %v", data, err)
	}
}

func TestVerifyNamesWhatIsMissing(t *testing.T) {
	b := newBench(t, as(jiratest.ViewerEmail, jiratest.ViewerToken))
	v, err := b.Verify(t.Context())
	assertIs(t, err, jiraclient.ErrNotUsable)
	if v.OK || len(v.Problems) != 3 || !strings.Contains(v.Problems[0].Message, "CREATE_ISSUES") || v.Problems[0].Hint == "" {
		t.Errorf("problems %+v", v.Problems)
	}
}

func TestVerifyWithABadToken(t *testing.T) {
	b := newBench(t, as(jiratest.AnalystEmail, "s3cr3t-and-wrong"))
	v, err := b.Verify(t.Context())
	assertIs(t, err, jiraclient.ErrUnauthorized)
	if v.OK || v.Account != nil || v.Server == nil || len(v.Problems) != 1 || !strings.Contains(v.Problems[0].Hint, "token") {
		t.Errorf("verification %+v", v)
	}
	if strings.Contains(fmt.Sprintf("%v %+v %#v", err, v, b.Client), "s3cr3t") {
		t.Error("the token shows")
	}
}

func TestSecretsDoNotPrint(t *testing.T) {
	auth := jiraclient.Basic("a@example.com", "s3cr3t")
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		for _, v := range []any{auth, &auth, jiraclient.Config{Auth: auth}} {
			if got := fmt.Sprintf(verb, v); strings.Contains(got, "s3cr3t") || strings.Contains(got, fmt.Sprintf("%x", "s3cr3t")) {
				t.Errorf("%s of %T prints %s", verb, v, got)
			}
		}
	}
	if data, err := json.Marshal(auth); err != nil || strings.Contains(string(data), "s3cr3t") {
		t.Errorf("json %s, %v", data, err)
	}
}

func TestMissingRights(t *testing.T) {
	b := newBench(t, as(jiratest.ViewerEmail, jiratest.ViewerToken))
	admin := jiraclient.IssueCreate{ProjectKey: "SEC", IssueTypeID: "10002", Summary: "x"}
	r, err := b.CreateIssues(t.Context(), []jiraclient.IssueCreate{admin})
	if err != nil || r.Elements[0].Err == nil || r.Elements[0].Err.Status != http.StatusForbidden {
		t.Errorf("%+v, %v", r, err)
	}
	_, err = b.Project(t.Context(), "PAY")
	assertIs(t, err, jiraclient.ErrNotFound)
}
