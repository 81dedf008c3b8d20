package cli_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"testing"

	"example.com/vexdesk/cli"
	"example.com/vexdesk/jiraclient/jiratest"
)

// workspace runs commands in this process on a home of its own.
type workspace struct {
	t   *testing.T
	env map[string]string
}

func newWorkspace(t *testing.T) *workspace {
	return &workspace{t, map[string]string{"VEXDESK_HOME": filepath.Join(t.TempDir(), "home"), "VEXDESK_USER": "ana", "JIRA_TOKEN": jiratest.AnalystToken}}
}

// run wants an exit status and returns the JSON documents on stdout.
func (w *workspace) run(status int, args ...string) []map[string]any {
	w.t.Helper()
	var out, errs bytes.Buffer
	got := cli.Main(append(args, "--json"), bytes.NewReader(nil), &out, &errs, func(name string) string { return w.env[name] })
	if got != status {
		w.t.Fatalf("vexdesk %q ends with %d, not %d\n%s%s", args, got, status, &out, &errs)
	}
	var docs []map[string]any
	for dec := json.NewDecoder(&out); ; {
		var d map[string]any
		if err := dec.Decode(&d); errors.Is(err, io.EOF) {
			return docs
		} else if err != nil {
			w.t.Fatalf("vexdesk %q: %v", args, err)
		}
		docs = append(docs, d)
	}
}

// shared finds the folder of real reports.
func shared(t *testing.T) string {
	dir := os.Getenv("VEXDESK_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared")
	}
	corpus := filepath.Join(dir, "corpus")
	if _, err := os.Stat(corpus); err != nil {
		t.Skipf("SHARED FOLDER MISSING: the way from real reports to tickets is not tested: %v", err)
	}
	return corpus
}

// TestRealReportsBecomeTickets is the main path on real input: reports in, 60
// violations chosen by a query, two bulk requests, keys and statuses on the
// rows, a change in Jira on its row.
func TestRealReportsBecomeTickets(t *testing.T) {
	corpus := shared(t)
	sim := jiratest.NewServer(jiratest.Options{})
	t.Cleanup(func() {
		if err := sim.Close(); err != nil {
			t.Error(err)
		}
	})
	w := newWorkspace(t)
	files := w.run(0, "import", filepath.Join(corpus, "grype"), filepath.Join(corpus, "xray", "summary-artifact_many_vulns.json"), filepath.Join(corpus, "trivy", "alpine-310.json"))
	t.Logf("%d real reports are in", len(files[0]["files"].([]any)))
	w.run(0, "connection", "add", "acme", "--type", "cloud", "--auth", "basic", "--url", sim.URL, "--user", jiratest.AnalystEmail, "--token-env", "JIRA_TOKEN")
	w.run(0, "profile", "add", "security", "--connection", "acme", "--project", "SEC", "--issue-type", "Bug", "--label", "vexdesk")

	rows := w.run(0, "list", "--where", "product:python severity:>=medium", "--sort", "issue", "--limit", "60")
	if len(rows) != 60 {
		t.Fatalf("the query matches %d violations, not 60", len(rows))
	}
	create := []string{"ticket", "create", "--yes", "--wait"}
	for _, row := range rows {
		create = append(create, row["id"].(string))
	}
	done := w.run(0, create...)[0]
	keys := map[string]bool{}
	for _, each := range done["operations"].([]any) {
		op := each.(map[string]any)
		if op["state"] != "done" || op["key"] == nil {
			t.Errorf("%v", op)
			continue
		}
		keys[op["key"].(string)] = true
	}
	if got := sim.Count("POST", "/issue/bulk"); got != 2 || len(keys) != 60 || len(sim.Issues()) != 60 {
		t.Errorf("%d bulk requests, %d keys, %d issues in Jira; want 2, 60, 60", got, len(keys), len(sim.Issues()))
	}

	if err := sim.SetStatus("SEC-30", "In Review"); err != nil {
		t.Fatal(err)
	}
	w.run(0, "ticket", "refresh", "--all")
	statuses := map[string]int{}
	for _, row := range w.run(0, "list", "--where", "ticket:any") {
		for _, each := range row["tickets"].([]any) {
			ticket := each.(map[string]any)
			statuses[ticket["status"].(string)]++
			if !keys[ticket["key"].(string)] || ticket["state"] != "open" {
				t.Errorf("row %s: %v", row["id"], ticket)
			}
		}
	}
	if statuses["To Do"] != 59 || statuses["In Review"] != 1 {
		t.Errorf("the rows show %v", statuses)
	}
}
