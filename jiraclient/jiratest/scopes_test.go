package jiratest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestScopesFollowTheAPIDescription: what the simulation demands is what
// Atlassian says.
func TestScopesFollowTheAPIDescription(t *testing.T) {
	shared := os.Getenv("VEXDESK_SHARED")
	if shared == "" {
		shared = filepath.Join("..", "..", "..", "shared")
	}
	data, err := os.ReadFile(filepath.Join(shared, "jira", "openapi-v3-subset.json"))
	if err != nil {
		t.Skip("SHARED FOLDER MISSING: scopes are not checked against Jira's API description: ", err)
	}
	var doc struct {
		Paths map[string]map[string]json.RawMessage
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	for call, ours := range scopesOf {
		method, route, _ := strings.Cut(call, " ")
		var operation struct {
			Scopes []struct {
				State  string   `json:"state"`
				Scopes []string `json:"scopes"`
			} `json:"x-atlassian-oauth2-scopes"`
		}
		raw, ok := doc.Paths["/rest/api/3"+route][strings.ToLower(method)]
		if !ok {
			t.Errorf("%s is not in the description", call)
			continue
		}
		if err := json.Unmarshal(raw, &operation); err != nil {
			t.Fatal(err)
		}
		classic, granular, _ := strings.Cut(ours, "|")
		want := map[string][]string{"Current": strings.Fields(classic)}
		for scope := range strings.FieldsSeq(granular) {
			want["Beta"] = append(want["Beta"], scope+":jira")
		}
		for _, s := range operation.Scopes {
			slices.Sort(s.Scopes)
			slices.Sort(want[s.State])
			if !slices.Equal(s.Scopes, want[s.State]) {
				t.Errorf("%s: %s scopes are %v, the simulation wants %v", call, s.State, s.Scopes, want[s.State])
			}
		}
	}
}
