package jiratest_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"example.com/vexdesk/jiraclient/jiratest"
)

func TestCreationIsStrict(t *testing.T) {
	s := newSite(t, jiratest.Options{})
	long := strings.Repeat("x", 256)
	doc := func(content string) string { return `{"type":"doc","version":1,"content":[` + content + `]}` }
	for name, c := range map[string]struct{ fields, says string }{
		"unknown field":        {`"nonsense":1`, "Field 'nonsense' cannot be set. It is not on the appropriate screen, or unknown."},
		"not on the screen":    {`"customfield_10053":"x"`, "Field 'customfield_10053' cannot be set."},
		"server's own field":   {`"status":{"id":"1"}`, "Field 'status' cannot be set."},
		"empty summary":        {`"summary":" "`, "You must specify a summary of the issue."},
		"null summary":         {`"summary":null`, "You must specify a summary of the issue."},
		"summary of two lines": {`"summary":"a\nb"`, "The summary is invalid because it contains newline characters."},
		"long summary":         {`"summary":"` + long + `"`, "Summary can't exceed 255 characters."},
		"summary no string":    {`"summary":5`, "Operation value must be a string"},
		"text for a document":  {`"description":"plain"`, "Operation value must be an Atlassian Document (see the Atlassian Document Format)"},
		"empty text node":      {`"description":` + doc(`{"type":"paragraph","content":[{"type":"text","text":""}]}`), "INVALID_INPUT"},
		"text without block":   {`"description":` + doc(`{"type":"text","text":"x"}`), "INVALID_INPUT"},
		"unknown node":         {`"description":` + doc(`{"type":"marquee"}`), "INVALID_INPUT"},
		"bold code":            {`"description":` + doc(`{"type":"paragraph","content":[{"type":"text","text":"x","marks":[{"type":"code"},{"type":"strong"}]}]}`), "INVALID_INPUT"},
		"marked code block":    {`"description":` + doc(`{"type":"codeBlock","content":[{"type":"text","text":"x","marks":[{"type":"em"}]}]}`), "INVALID_INPUT"},
		"version 2":            {`"description":{"type":"doc","version":2,"content":[]}`, "Atlassian Document"},
		"long description":     {`"description":` + doc(`{"type":"paragraph","content":[{"type":"text","text":"`+strings.Repeat("x", 32768)+`"}]}`), "32,767"},
		"priority by name":     {`"priority":{"name":"High"}`, "Could not find valid 'id'"},
		"unknown priority":     {`"priority":{"id":"77"}`, "The priority selected is invalid."},
		"label with a blank":   {`"labels":["a b"]`, "The label 'a b' contains spaces which is invalid."},
		"labels no list":       {`"labels":"a"`, "Operation value must be an array"},
		"user by name":         {`"assignee":{"name":"dana"}`, "accountId"},
		"unassignable user":    {`"assignee":{"accountId":"712020:5e1f0000-0000-4000-8000-000000000003"}`, "cannot be assigned issues"},
		"option by value":      {`"customfield_10041":{"value":"High"}`, "Could not find valid 'id'"},
		"option of another":    {`"customfield_10041":{"id":"14500"}`, "Option id '14500' is not valid"},
		"number as text":       {`"customfield_10042":"9.8"`, "Operation value must be a number"},
		"no address":           {`"customfield_10046":"nowhere"`, "is not a valid URL"},
		"no date":              {`"customfield_10048":"22.11.2026"`, "Error parsing date string"},
		"unknown project":      {`"project":{"key":"NOPE"}`, "valid project is required"},
		"unknown type":         {`"issuetype":{"id":"1"}`, "Specify a valid issue type"},
		"required fields":      {`"issuetype":{"id":"10004"}`, "Risk Category is required."},
		"labels hidden in OPS": {`"project":{"key":"OPS"},"labels":["a"]`, "Field 'labels' cannot be set."},
		"parent is no epic":    {`"parent":{"key":"SEC-1"}`, "Could not find issue"},
	} {
		t.Run(name, func(t *testing.T) {
			fields := map[string]json.RawMessage{"project": []byte(`{"key":"SEC"}`), "issuetype": []byte(`{"id":"10002"}`), "summary": []byte(`"S"`)}
			if err := json.Unmarshal([]byte("{"+c.fields+"}"), &fields); err != nil {
				t.Fatal(err)
			}
			body, err := json.Marshal(map[string]any{"fields": fields})
			if err != nil {
				t.Fatal(err)
			}
			status, answer := s.send("POST", api+"/issue", string(body))
			if status != http.StatusBadRequest || !strings.Contains(answer, c.says) {
				t.Errorf("%d %s, want %q", status, answer, c.says)
			}
		})
	}
	if n := len(s.Issues()); n != 0 {
		t.Errorf("%d issues were created", n)
	}
}

func TestRequestsAreStrict(t *testing.T) {
	s := newSite(t, jiratest.Options{})
	s.create("")
	many := strings.TrimSuffix(strings.Repeat(`{"fields":{}},`, 51), ",")
	ids := strings.TrimSuffix(strings.Repeat(`"SEC-1",`, 101), ",")
	for name, c := range map[string]struct {
		method, path, body string
		status             int
		says               string
	}{
		"51 in bulk":           {"POST", "/issue/bulk", `{"issueUpdates":[` + many + `]}`, 400, "at most 50"},
		"nothing in bulk":      {"POST", "/issue/bulk", `{"issueUpdates":[]}`, 400, "must not be empty"},
		"101 in a fetch":       {"POST", "/issue/bulkfetch", `{"issueIdsOrKeys":[` + ids + `]}`, 400, "at most 100"},
		"unbounded search":     {"POST", "/search/jql", `{"jql":""}`, 400, "Unbounded JQL"},
		"order only":           {"POST", "/search/jql", `{"jql":"ORDER BY created"}`, 400, "Unbounded JQL"},
		"page of none":         {"POST", "/search/jql", `{"jql":"project=SEC","maxResults":0}`, 400, "between 1 and 5000"},
		"page of 5001":         {"POST", "/search/jql", `{"jql":"project=SEC","maxResults":5001}`, 400, "between 1 and 5000"},
		"stale token":          {"POST", "/search/jql", `{"jql":"project=SEC","nextPageToken":"x"}`, 400, "nextPageToken"},
		"unknown permission":   {"GET", "/mypermissions?permissions=FLY", "", 400, "Unrecognized permission"},
		"no permissions asked": {"GET", "/mypermissions", "", 400, "required"},
		"missing issue":        {"GET", "/issue/SEC-99", "", 404, "Issue does not exist or you do not have permission to see it."},
		"status by edit":       {"PUT", "/issue/SEC-1", `{"fields":{"status":{"id":"10003"}}}`, 400, "cannot be set"},
		"field twice":          {"PUT", "/issue/SEC-1", `{"fields":{"labels":[]},"update":{"labels":[{"add":"x"}]}}`, 400, "both fields and update"},
		"closed step":          {"POST", "/issue/SEC-1/transitions", `{"transition":{"id":"41"}}`, 400, "Transition id '41' is not valid for this issue."},
		"named step":           {"POST", "/issue/SEC-1/transitions", `{"transition":{"id":"Done"}}`, 400, "must be an integer"},
		"comment of text":      {"POST", "/issue/SEC-1/comment", `{"body":"text"}`, 400, "Atlassian Document"},
		"empty comment":        {"POST", "/issue/SEC-1/comment", `{"body":{"type":"doc","version":1,"content":[]}}`, 400, "can not be empty"},
		"missing property":     {"GET", "/issue/SEC-1/properties/none", "", 404, "does not exist"},
	} {
		t.Run(name, func(t *testing.T) {
			if status, answer := s.send(c.method, api+c.path, c.body); status != c.status || !strings.Contains(answer, c.says) {
				t.Errorf("%d %s, want %d %q", status, answer, c.status, c.says)
			}
		})
	}
}

// TestRefusedOutsideTheContract has requests that break the description itself,
// so that they pass by the check.
func TestRefusedOutsideTheContract(t *testing.T) {
	server := jiratest.NewServer(jiratest.Options{})
	defer closeServer(t, server)
	s := site{server, t, server.URL, jiratest.AnalystEmail, jiratest.AnalystToken}
	s.create("")
	for name, c := range map[string]struct {
		method, path, body string
		header             []string
		status             int
		says               string
	}{
		"broken JSON":           {"POST", "/issue", `{`, nil, 400, "Invalid request payload"},
		"two documents":         {"POST", "/issue", `{} {}`, nil, 400, "Invalid request payload"},
		"wrong top key":         {"POST", "/issue/bulk", `{"issues":[]}`, nil, 400, "Invalid request payload"},
		"unknown search member": {"POST", "/search/jql", `{"jql":"project=SEC","validateQuery":true}`, nil, 400, "Invalid request payload"},
		"expand as a list":      {"POST", "/search/jql", `{"jql":"project=SEC","expand":["names"]}`, nil, 400, "Invalid request payload"},
		"null page":             {"POST", "/search/jql", `{"jql":"project=SEC","maxResults":null}`, nil, 400, "between 1 and 5000"},
		"no JSON":               {"POST", "/search/jql", `{}`, []string{"Content-Type", "text/plain"}, 415, "Unsupported Media Type"},
		"old search":            {"GET", "/search?jql=project=SEC", "", nil, 410, "Please migrate to the /rest/api/3/search/jql API."},
		"unknown call":          {"GET", "/nonsense", "", nil, 404, "null for uri"},
		"numeric step":          {"POST", "/issue/SEC-1/transitions", `{"transition":{"id":21}}`, nil, 400, "Missing 'transition' identifier"},
		"silent edit":           {"PUT", "/issue/SEC-1?notifyUsers=false", `{"fields":{}}`, nil, 400, "notifyUsers"},
	} {
		t.Run(name, func(t *testing.T) {
			if status, answer := s.send(c.method, api+c.path, c.body, c.header...); status != c.status || !strings.Contains(answer, c.says) {
				t.Errorf("%d %s, want %d %q", status, answer, c.status, c.says)
			}
		})
	}
}

func TestAccountsSeeWhatTheyMay(t *testing.T) {
	s := newSite(t, jiratest.Options{})
	key := s.create("")
	viewer := s.as(jiratest.ViewerEmail, jiratest.ViewerToken)
	stranger := s.as(jiratest.AnalystEmail, "wrong")
	edit := `{"fields":{"summary":"x"}}`
	for _, c := range []struct {
		who          site
		method, path string
		body         string
		status       int
	}{
		{stranger, "GET", "/myself", "", 401},
		{s.as("", ""), "GET", "/myself", "", 401},
		{s.as("", ""), "GET", "/serverInfo", "", 200},
		{viewer, "GET", "/issue/" + key, "", 200},
		{viewer, "PUT", "/issue/" + key, edit, 403},
		{viewer, "DELETE", "/issue/" + key, "", 403},
		{viewer, "GET", "/project/PAY", "", 404},
		{viewer, "GET", "/issue/createmeta/SEC/issuetypes", "", 400},
		{s, "PUT", "/issue/" + key, edit, 204},
	} {
		if status, body := c.who.send(c.method, api+c.path, c.body); status != c.status {
			t.Errorf("%s %s by %s: %d %s, want %d", c.method, c.path, c.who.email, status, body, c.status)
		}
	}
	s.Revoke(jiratest.AnalystEmail, "BROWSE_PROJECTS", "SEC")
	if status, _ := s.send("GET", api+"/issue/"+key, ""); status != 404 {
		t.Errorf("without the right to browse: %d", status)
	}
	s.Grant(jiratest.AnalystEmail, "BROWSE_PROJECTS", "SEC")
	if status, _ := s.send("GET", api+"/issue/"+key, ""); status != 200 {
		t.Errorf("with the right to browse again: %d", status)
	}
	s.SetToken(jiratest.AnalystEmail, "")
	if status, _ := s.send("GET", api+"/myself", ""); status != 401 {
		t.Errorf("without a token: %d", status)
	}
}
