package jiratest_test

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/vexdesk/jiraclient/jiratest"
)

// jiraJS is the version of another people's client that must be able to work
// with the simulation.
const jiraJS = "jira.js@5.4.0"

// install puts jira.js into a folder that lives as long as the test.
func install(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("SHORT: jira.js is not installed and not run")
	}
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skipf("NOT RUN: %s is not here, so that jira.js cannot work with the simulation: %v", tool, err)
		}
	}
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, "npm", "install", "--prefix", dir, "--no-audit", "--no-fund", "--ignore-scripts", "--no-save", jiraJS)
	if said, err := cmd.CombinedOutput(); err != nil {
		t.Skipf("NOT RUN: %s cannot be installed, so that it cannot work with the simulation: %v\n%s", jiraJS, err, said)
	}
	return dir
}

// runJS runs a script of testdata where jira.js is installed, and reads what it
// prints.
func runJS(t *testing.T, dir, script string, args ...string) map[string]any {
	t.Helper()
	source, err := os.ReadFile(filepath.Join("testdata", script))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, script)
	if err := os.WriteFile(file, source, 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", append([]string{file}, args...)...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	printed, err := cmd.Output()
	if err != nil {
		t.Fatalf("jira.js failed: %v\n%s", err, stderr.String())
	}
	var out map[string]any
	if err := json.Unmarshal(printed, &out); err != nil {
		t.Fatalf("%v\n%s", err, printed)
	}
	return out
}

func assertJSON(t *testing.T, out map[string]any, want map[string]string) {
	t.Helper()
	for name, text := range want {
		got, err := json.Marshal(out[name])
		if err != nil || string(got) != text {
			t.Errorf("%s is %s, want %s (%v)", name, got, text, err)
		}
	}
}

// TestJiraJS: a client that knows nothing of us reads, searches, creates, edits
// and moves, on Cloud under the contract check.
func TestJiraJS(t *testing.T) {
	dir := install(t)
	t.Run("cloud", func(t *testing.T) { worksWithTheCloud(t, dir) })
	t.Run("data center", func(t *testing.T) { worksWithADataCenter(t, dir) })
}

func worksWithTheCloud(t *testing.T, dir string) {
	s := newSite(t, jiratest.Options{})
	out := runJS(t, dir, "cloud.mjs", s.url, s.email, s.code)
	assertJSON(t, out, map[string]string{
		"me": `"Dana Analyst"`, "deployment": `"Cloud"`, "projects": `["OPS","PAY","SEC"]`,
		"bulk":  `{"failed":[1],"made":["SEC-2","SEC-3"]}`,
		"one":   `{"comments":1,"labels":["security","extra"],"mark":{"n":1},"status":"In Progress","summary":"one, edited"}`,
		"found": `["SEC-1","SEC-2","SEC-3"]`, "got": `["one, edited"]`, "fetched": `["SEC-1","SEC-3"]`, "people": `["Robin Reviewer"]`,
		"mayNotDelete": `403`,
	})
	for name, says := range map[string]string{"offScreen": "not on the appropriate screen", "unbounded": "Unbounded JQL"} {
		if got, err := json.Marshal(out[name]); err != nil || !strings.Contains(string(got), says) {
			t.Errorf("%s: %s, want %q", name, got, says)
		}
	}
	issue, err := s.Issue("SEC-1")
	if err != nil || issue.Description != "plain words" || issue.Comments[0] != "a remark" || issue.Priority != "High" {
		t.Errorf("%+v, %v", issue, err)
	}
}

func worksWithADataCenter(t *testing.T, dir string) {
	s := newDataCenter(t, jiratest.Options{ContextPath: "/jira"})
	out := runJS(t, dir, "datacenter.mjs", s.url+"/jira", jiratest.AnalystPAT)
	assertJSON(t, out, map[string]string{
		"me": `"analyst"`, "deployment": `"Server"`, "found": `{"keys":["SEC-1"],"total":1}`,
		"one": `{"assignee":"robin","description":"h1. *words*","status":"In Progress","summary":"one, edited"}`,
	})
	issue, err := s.Issue("SEC-1")
	if err != nil || issue.Comments[0] != "a remark" {
		t.Errorf("%+v, %v", issue, err)
	}
}
