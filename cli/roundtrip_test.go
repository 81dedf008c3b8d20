package cli_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"testing"
)

// decide gives every violation a decision of its own sort: all that can be
// exported.
func decide(w *workspace) {
	for i, v := range w.run(0, "list", "--where", "version:*") {
		id := v["id"].(string)
		switch i % 5 {
		case 0:
			w.run(0, "vex", "set", id, "--status", "not_affected", "--justification", "code_not_reachable", "--impact", "Nobody calls it.")
		case 1:
			w.run(0, "vex", "set", id, "--status", "affected", "--action", "Update it.")
		case 2:
			w.run(0, "vex", "set", id, "--status", "fixed")
		case 3:
			w.run(0, "vex", "set", id, "--status", "in_triage")
		default:
			w.run(0, "vex", "set", id, "--status", "not_affected", "--justification", "code_not_present")
		}
	}
}

// subject is what a violation is about.
func subject(v map[string]any) string {
	return fmt.Sprint(v["product"], " ", v["product_version"], " ", v["issue"], " ", v["purl"])
}

// decisions are the statuses by what they are about.
func decisions(w *workspace) map[string]string {
	out := map[string]string{}
	for _, v := range w.run(0, "list", "--where", "version:*") {
		vex := v["vex"].(map[string]any)
		out[subject(v)] = fmt.Sprint(vex["status"], " ", vex["justification"])
	}
	return out
}

// TestExportedDecisionsComeBack is the differential test of writers and
// readers: what one workspace exports, another that has seen the same reports
// takes in, for the same violations and no others.
func TestExportedDecisionsComeBack(t *testing.T) {
	reports := []string{filepath.Join("testdata", "reports", "shop-1.0.json"), filepath.Join("testdata", "reports", "shop-1.1.json"), filepath.Join("testdata", "reports", "depot-7.json")}
	from := newWorkspace(t)
	from.run(0, append([]string{"import"}, reports...)...)
	decide(from)
	want := decisions(from)
	for format, where := range map[string]string{"openvex": "version:*", "csaf-vex": "version:*", "cyclonedx-vex": "version:*"} {
		t.Run(format, func(t *testing.T) {
			to := newWorkspace(t)
			to.run(0, append([]string{"import"}, reports...)...)
			for _, product := range []string{"shop", "depot"} {
				file := filepath.Join(t.TempDir(), product+".json")
				exported := from.run(0, "export", "--format", format, "--product", product, "--where", where, "--author", "Security", "-o", file)[0]
				if exported["written"].(float64) == 0 || len(exported["left_out"].([]any)) > 0 {
					t.Fatalf("the export left out %v", exported["left_out"])
				}
				read := to.run(0, "import", file)[0]["files"].([]any)[0].(map[string]any)
				if read["new"].(float64) != 0 {
					t.Errorf("reading %s of %s back made %v violations", format, product, read["new"])
				}
				if read["applied"] != read["statements"] {
					t.Errorf("of %v statements %v hold: %v", read["statements"], read["applied"], read["not_applied"])
				}
			}
			got := decisions(to)
			for _, v := range from.run(0, "list", "--where", where) {
				key := subject(v)
				if decision := want[key]; got[key] != decision {
					t.Errorf("%s: exported %q, came back as %q", key, decision, got[key])
				}
			}
			if len(got) != len(want) {
				t.Errorf("%d violations became %d", len(want), len(got))
			}
		})
	}
}

// TestFeedsComeFromAnAddress fetches over the loopback, where http is allowed.
func TestFeedsComeFromAnAddress(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/epss.csv":
			_, _ = w.Write([]byte("#score_date:2026-11-20T00:00:00Z\ncve,epss,percentile\nCVE-2024-0001,0.5,0.9\n"))
		case "/moved":
			http.Redirect(w, r, "/epss.csv", http.StatusFound)
		case "/away":
			http.Redirect(w, r, "http://feeds.example.com/epss.csv", http.StatusFound)
		case "/short":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("cve,epss,percentile\nCVE-2024-0001,0.5"))
		default:
			http.NotFound(w, r)
		}
	}))
	defer server.Close()
	w := newWorkspace(t)
	w.run(0, "import", filepath.Join("testdata", "reports", "shop-1.0.json"))
	if got := w.run(0, "enrich", "--epss", server.URL+"/moved")[0]["epss"].(map[string]any); got["changed"] != 1.0 || got["date"] != "2026-11-20" {
		t.Errorf("the scores came to %v", got)
	}
	for path, status := range map[string]int{"/absent": 1, "/away": 4, "/short": 1} {
		w.run(status, "enrich", "--epss", server.URL+path)
	}
	if n := len(w.run(0, "list", "--where", "epss:>0")); n != 1 {
		t.Errorf("%d violations have a score after fetches that failed, not 1", n)
	}
}
