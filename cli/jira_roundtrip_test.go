package cli_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/vexdesk/formats"
	"example.com/vexdesk/jiraclient/jiratest"
	"example.com/vexdesk/model"
)

// stated reads the decisions of a VEX document: the latest for each issue and
// package.
func stated(t *testing.T, file string) map[string]*model.Statement {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it is read
	out := map[string]*model.Statement{}
	_, err = formats.Read(context.Background(), f, formats.Options{Name: filepath.Base(file), Statement: func(s *model.Statement) error {
		key := s.IDs[0] + " " + model.ComponentKey(part(s))
		if old := out[key]; old == nil || !old.At.After(s.At) {
			copied := *s
			out[key] = &copied
		}
		return nil
	}}, func(*model.Finding) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// part is the package that a statement is about; one about a whole product that
// is none is tried on a part of it.
func part(s *model.Statement) model.Component {
	if c := s.Subject(); c.PURL != "" && !strings.HasPrefix(c.PURL, "pkg:oci/") {
		return c
	}
	return model.Component{PURL: "pkg:generic/part@1.0"}
}

// scanOf writes a report that finds what the statements are about.
func scanOf(t *testing.T, all map[string]*model.Statement) string {
	t.Helper()
	type object = map[string]any
	var components, vulnerabilities []object
	seen := map[string]bool{}
	for _, s := range all {
		purl := part(s).PURL
		if !strings.Contains(purl, "@") {
			purl += "@1.0"
		}
		if !seen[purl] {
			seen[purl] = true
			components = append(components, object{"type": "library", "bom-ref": purl, "purl": purl, "name": purl})
		}
		vulnerabilities = append(vulnerabilities, object{"id": s.IDs[0], "affects": []object{{"ref": purl}}})
	}
	text, err := json.Marshal(object{"bomFormat": "CycloneDX", "specVersion": "1.5", "components": components, "vulnerabilities": vulnerabilities})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "scan.json")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// at gives a workspace a connection to the simulated Jira, and a profile.
func (w *workspace) at(sim *jiratest.Server) {
	w.t.Helper()
	w.run(0, "connection", "add", "acme", "--type", "cloud", "--auth", "basic", "--url", sim.URL, "--user", jiratest.AnalystEmail, "--token-env", "JIRA_TOKEN")
	w.run(0, "profile", "add", "security", "--connection", "acme", "--project", "SEC", "--issue-type", "Bug")
}

// records are the decisions that can go to Jira, by what they are about.
func records(w *workspace) map[string]string {
	out := map[string]string{}
	for _, v := range w.run(0, "list", "--where", "version:*") {
		vex := v["vex"].(map[string]any)
		if vex["status"] != nil {
			out[subject(v)] = fmt.Sprint(vex["status"], " | ", vex["justification"], " | ", vex["response"], " | ", vex["impact"], " | ", vex["action"])
		}
	}
	return out
}

// TestDecisionsOfRealDocumentsGoThroughJira: a VEX document in, through the
// fields of tickets, into a workspace that knows nothing but the tickets, and
// out again as both kinds of document. What changes on the way is said.
func TestDecisionsOfRealDocumentsGoThroughJira(t *testing.T) {
	corpus := shared(t)
	for _, name := range []string{"openvex/confd.openvex.json", "openvex/openvex_many_vuln.json", "cyclonedx/vex_cisa_case2.json"} {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			sim := jiratest.NewServer(jiratest.Options{})
			t.Cleanup(func() {
				if err := sim.Close(); err != nil {
					t.Error(err)
				}
			})
			for _, f := range model.JiraFields() {
				if _, err := sim.AddField("SEC", "Bug", f.Name, string(f.Kind), f.Options...); err != nil {
					t.Fatal(err)
				}
			}
			document := filepath.Join(corpus, filepath.FromSlash(name))
			scan := scanOf(t, stated(t, document))
			one, other := newWorkspace(t), newWorkspace(t)
			for _, w := range []*workspace{one, other} {
				w.run(0, "import", scan, "--product", "acme", "--version", "1")
				w.at(sim)
			}
			laid := one.run(0, "import", document, "--product", "acme", "--version", "1")[0]["files"].([]any)[0].(map[string]any)
			want := records(one)
			if len(want) == 0 {
				t.Fatalf("no statement holds: %v", laid)
			}
			one.run(0, "ticket", "create", "--where", "-vex:none", "--yes", "--wait")
			one.run(0, "sync", "--once")
			tickets := map[string]string{}
			for _, v := range one.run(0, "list", "--where", "ticket:any") {
				tickets[subject(v)] = v["tickets"].([]any)[0].(map[string]any)["key"].(string)
			}
			for _, v := range other.run(0, "list") {
				if key := tickets[subject(v)]; key != "" {
					other.run(0, "ticket", "link", key, v["id"].(string))
				}
			}
			other.run(0, "sync", "--once")
			other.run(0, "sync", "--once", "--only", "vex")
			got := records(other)
			for key, decision := range want {
				if got[key] != decision {
					t.Errorf("%s\n went in as  %s\n came out as %s", key, decision, got[key])
				}
			}
			t.Logf("%s: %v of %v statements hold; %d decisions went through %d tickets", name, laid["applied"], laid["statements"], len(got), len(tickets))
			for _, format := range []string{"openvex", "cyclonedx-vex"} {
				comesBack(t, other, format, document)
			}
		})
	}
}

// comesBack exports the decisions, compares them with the document that they
// came from, and says what is not the same any more.
func comesBack(t *testing.T, w *workspace, format, document string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), format+".json")
	result := w.run(0, "export", "--format", format, "--product", "acme", "--where", "-vex:none", "--author", "Security", "-o", file)[0]
	before, after := map[string]*model.Statement{}, map[string]*model.Statement{}
	for _, each := range []struct {
		file string
		to   map[string]*model.Statement
	}{{document, before}, {file, after}} {
		for _, s := range stated(t, each.file) {
			each.to[s.IDs[0]+" "+model.Coordinate(part(s))] = s
		}
	}
	if len(after) == 0 {
		t.Fatalf("%s: nothing was exported: %v", format, result)
	}
	words := map[string]int{}
	for key, s := range after {
		was := before[key]
		if was == nil { // an issue has other names, too
			continue
		}
		if was.Assessment.Status != s.Assessment.Status {
			t.Errorf("%s: %s was %s and is %s", format, key, was.Assessment.Status, s.Assessment.Status)
		}
		if was.Assessment.Justification != s.Assessment.Justification {
			words[fmt.Sprintf("justification %q became %q", was.Justification, s.Justification)]++
		}
	}
	var lines []string
	for text, n := range words {
		lines = append(lines, fmt.Sprintf("%d times %s", n, text))
	}
	slices.Sort(lines)
	t.Logf("as %s: %d statements; said to be lost: %d; %s", format, len(after), len(result["lost"].([]any)), strings.Join(lines, ", "))
}
