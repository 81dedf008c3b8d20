package write

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"example.com/vexdesk/model"
)

var now = time.Date(2030, 5, 6, 7, 8, 9, 0, time.UTC)

func meta() Meta {
	return Meta{Product: "oven", Version: "2.1", Author: "The Bakers", Namespace: "https://bakery.example", Tool: "vexdesk 1.0", Now: now}
}

// secret is what no document may hold.
const secret = "INTERNAL-NOTE-7f3a"

func violation(id int64, issue, component string, a model.Assessment) *model.Violation {
	a.Notes = secret
	score := 7.5
	v := &model.Violation{PURL: "pkg:npm/" + component + "@1.2.3", Coordinate: "pkg:npm/" + component, Resource: "image",
		Aliases: []string{"GHSA-aaaa-bbbb-cccc"}, Description: "It is stale.", Assessment: a, EPSSPercentile: -1,
		Ratings:    []model.Rating{{Source: "nvd", Method: "CVSSv3.1", Vector: "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H", Score: &score, Severity: model.SeverityHigh}},
		Provenance: map[model.VEXField]model.Provenance{model.FieldStatus: {Source: "analyst", At: now.Add(-time.Hour)}}}
	v.Row = model.Row{ID: model.ViolationID(id), Severity: model.SeverityHigh, Issue: issue, Title: "Stale bread", Component: component, ComponentVersion: "1.2.3",
		Product: "bakery.example/shop/oven", ProductVersion: "2.1", Fix: "2.0.0", CVSS: 7.5, EPSS: 0.01, FirstSeen: now.Add(-48 * time.Hour)}
	return v
}

// decided are violations with all kinds of decisions, valid and not.
func decided() []*model.Violation {
	all := []*model.Violation{
		violation(1, "CVE-2030-1001", "bread", model.Assessment{Status: model.VEXNotAffected, Justification: "code_not_reachable", Action: "a leftover"}),
		violation(2, "CVE-2030-1001", "crumb", model.Assessment{Status: model.VEXNotAffected, Justification: "code_not_reachable"}),
		violation(3, "CVE-2030-1002", "bread", model.Assessment{Status: model.VEXNotAffected, Justification: "protected_at_perimeter"}),
		violation(4, "CVE-2030-1003", "bread", model.Assessment{Status: model.VEXNotAffected, Justification: "protected_by_compiler", Impact: "Built with -Wall."}),
		violation(5, "CVE-2030-1004", "bread", model.Assessment{Status: model.VEXNotAffected, Impact: "Not this one.", Qualifier: model.QualifierFalsePositive}),
		violation(6, "CVE-2030-1005", "bread", model.Assessment{Status: model.VEXAffected, Response: "update"}),
		violation(7, "CVE-2030-1006", "bread", model.Assessment{Status: model.VEXAffected, Action: "Bake anew.", Response: "rollback", Justification: "code_not_present"}),
		violation(8, "CVE-2030-1007", "bread", model.Assessment{Status: model.VEXFixed, Qualifier: model.QualifierPedigree}),
		violation(9, "CVE-2030-1008", "bread", model.Assessment{Status: model.VEXInTriage, Impact: "a leftover"}),
		violation(10, "CVE-2030-1009", "bread", model.Assessment{Status: model.VEXNotAffected}),
		violation(11, "CVE-2030-1010", "bread", model.Assessment{}),
		violation(12, "GPL-3.0", "bread", model.Assessment{Status: model.VEXFixed}),
		violation(13, "XRAY-1", "bread", model.Assessment{Status: model.VEXFixed}),
		violation(14, "CVE-2030-1005", "bread", model.Assessment{Status: model.VEXFixed}),
	}
	all[11].Type = model.License
	all[12].CVEs, all[12].Aliases = []string{"CVE-2030-2001", "CVE-2030-2002"}, nil
	return all
}

func sequence(all []*model.Violation) iter.Seq2[*model.Violation, error] {
	return func(yield func(*model.Violation, error) bool) {
		for _, v := range all {
			if !yield(v, nil) {
				return
			}
		}
	}
}

func write(t testing.TB, format string, m Meta, all []*model.Violation) ([]byte, *Report) {
	t.Helper()
	var out bytes.Buffer
	r, err := Document(context.Background(), &out, format, m, sequence(all))
	if err != nil {
		t.Fatalf("%s: %v", format, err)
	}
	if bytes.Contains(out.Bytes(), []byte(secret)) {
		t.Errorf("%s: internal notes are in the document", format)
	}
	return out.Bytes(), r
}

// TestWhatIsLeftOut: everything that is not written is told, with the reason.
func TestWhatIsLeftOut(t *testing.T) {
	for _, format := range Formats() {
		_, r := write(t, format, meta(), decided())
		want := "[]"
		written := 14
		if IsVEX(format) {
			written = 11
			want = "[{not_affected needs a justification or an impact statement 1 [10]} {nothing was decided 1 [11]} {a licence violation is no vulnerability 1 [12]}]"
		}
		if got := fmt.Sprint(r.Left); got != want || r.Written != written {
			t.Errorf("%s: %d written, left %s; want %d and %s", format, r.Written, got, written, want)
		}
	}
}

// TestCSVHoldsTheWholeDecision: what a cell has no column for would be lost.
func TestCSVHoldsTheWholeDecision(t *testing.T) {
	v := violation(1, "CVE-2030-1001", "bread", model.Assessment{Status: model.VEXNotAffected, Qualifier: model.QualifierFalsePositive,
		Justification: "code_not_present", Response: "update", Impact: "No bread.", Action: "Bake.", ReviewBy: now})
	text, _ := write(t, FormatCSV, meta(), []*model.Violation{v})
	for _, word := range []string{"not_affected", "false_positive", "code_not_present", "update", "No bread.", "Bake.", v.Assessment.Get(model.FieldReviewBy)} {
		if !strings.Contains(string(text), word) {
			t.Errorf("%q is not in\n%s", word, text)
		}
	}
}

// TestLossesAreCountedOnce: an issue of two CVEs is one violation.
func TestLossesAreCountedOnce(t *testing.T) {
	v := violation(1, "XRAY-1", "bread", model.Assessment{Status: model.VEXFixed, Qualifier: model.QualifierPedigree})
	v.CVEs, v.Aliases = []string{"CVE-2030-2001", "CVE-2030-2002"}, nil
	for _, format := range []string{FormatOpenVEX, FormatCSAF} {
		_, r := write(t, format, meta(), []*model.Violation{v})
		if len(r.Lost) < 3 {
			t.Errorf("%s: lost %+v", format, r.Lost)
		}
		for _, l := range r.Lost {
			if l.Count != 1 {
				t.Errorf("%s: lost %+v", format, l)
			}
		}
	}
}

// TestWhatIsLost pins what a user is told about each format.
func TestWhatIsLost(t *testing.T) {
	const several = "the issue covers several CVEs and is stated for each: its own ids are left out [13]"
	const epss = "EPSS is left out: it changes from day to day, and so would the document [1 2 3 4 5 6 7 8 9 13]"
	for format, want := range map[string][]string{
		FormatOpenVEX: {
			"left out what belongs to an earlier status [1 7 9]",
			"another decision about the same vulnerability, product and component holds [14]",
			"the justification protected_at_perimeter has no word in OpenVEX and is an impact statement there; our word stands in status_notes [3]",
			"the justification protected_by_compiler is inline_mitigations_already_exist in OpenVEX; our word stands in status_notes [4]",
			"OpenVEX has no word for false_positive: it stands in status_notes [5]",
			"OpenVEX has no responses: it is said in the action statement, and our word stands in status_notes [6 7]",
			"OpenVEX has no word for with_pedigree: it stands in status_notes [8]",
			"of a vulnerability OpenVEX has ids and title: severity, scores, KEV, fixes, description and references are left out [1 2 3 4 5 6 7 8 9 13]",
			epss, several,
		},
		FormatCycloneDX: {
			"left out what belongs to an earlier status [1 7 9]",
			"another decision about the same vulnerability, product and component holds [14]",
			"CycloneDX has no place for an action statement in the analysis: it is the vulnerability's recommendation [7]",
			epss, several,
		},
		FormatCSAF: {
			"left out what belongs to an earlier status [1 7 9]",
			"another decision about the same vulnerability, product and component holds [14]",
			"the justification protected_at_perimeter has no word in CSAF and is an impact statement there [3]",
			"the justification protected_by_compiler is inline_mitigations_already_exist in CSAF [4]",
			"CSAF has no word for false_positive [5]",
			"CSAF has no roll-back: it is a mitigation there [7]",
			"CSAF has no word for with_pedigree [8]",
			"CSAF gives no score to what is fixed [8]",
			"the scores of an issue of several CVEs are left out: CSAF has them for each CVE alone [13]",
			epss, several,
		},
	} {
		_, r := write(t, format, meta(), decided())
		var got []string
		for _, l := range r.Lost {
			got = append(got, fmt.Sprint(l.Reason, " ", l.IDs))
		}
		if a, b := strings.Join(got, "\n"), strings.Join(want, "\n"); a != b {
			t.Errorf("%s: lost\n%s\nwant\n%s", format, a, b)
		}
	}
}

// TestVersions: the version goes up when the content changes and only then.
func TestVersions(t *testing.T) {
	for _, format := range []string{FormatOpenVEX, FormatCycloneDX, FormatCSAF} {
		var digests []string
		var ids []string
		m := meta()
		m.Revise = func(id, digest string) (Revision, error) {
			ids, digests = append(ids, id), append(digests, digest)
			return Revision{Made: []time.Time{now.Add(-time.Hour), m.Now}}, nil
		}
		first, r := write(t, format, m, decided())
		if r.Revised != 2 || r.ID != ids[0] {
			t.Errorf("%s: report %+v", format, r)
		}
		m.Now = now.Add(24 * time.Hour)
		second, _ := write(t, format, m, decided())
		if bytes.Equal(first, second) {
			t.Errorf("%s: the time of the document does not show", format)
		}
		all := decided()
		all[0].Assessment.Justification = "code_not_present"
		write(t, format, m, all)
		if digests[0] != digests[1] || digests[1] == digests[2] || ids[0] != ids[2] {
			t.Errorf("%s: digests %q, ids %q", format, digests, ids)
		}
	}
}

func TestErrors(t *testing.T) {
	boom := errors.New("boom")
	broken := func(yield func(*model.Violation, error) bool) { yield(nil, boom) }
	canceled, cancel := context.WithCancel(context.Background())
	cancel()
	for _, format := range Formats() {
		var out bytes.Buffer
		if _, err := Document(context.Background(), &out, format, meta(), broken); !errors.Is(err, boom) || out.Len() > 0 && IsVEX(format) {
			t.Errorf("%s: a broken source: %v, %d bytes", format, err, out.Len())
		}
		if _, err := Document(canceled, &out, format, meta(), sequence(decided())); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: canceled: %v", format, err)
		}
		if _, err := Document(context.Background(), fullDisk{boom}, format, meta(), sequence(decided())); !errors.Is(err, boom) {
			t.Errorf("%s: full disk: %v", format, err)
		}
		r, err := Document(context.Background(), &out, format, meta(), sequence(decided()[10:11]))
		if IsVEX(format) && (!errors.Is(err, ErrNothing) || len(r.Left) != 1) || !IsVEX(format) && err != nil {
			t.Errorf("%s: nothing to state: %v, %+v", format, err, r)
		}
	}
	if _, err := Document(context.Background(), &bytes.Buffer{}, "pdf", meta(), sequence(nil)); !errors.Is(err, ErrUnknownFormat) {
		t.Errorf("pdf: %v", err)
	}
}

type fullDisk struct{ err error }

func (d fullDisk) Write([]byte) (int, error) { return 0, d.err }

// TestCSV: the cells arrive, and none of them is a formula.
func TestCSV(t *testing.T) {
	v := decided()[5]
	v.Title, v.Component, v.Product = "=HYPERLINK(\"http://evil.example\")", "@sum", "\tcmd"
	v.Assessment.Action = "-1+1"
	v.AllTickets = []model.Ticket{{Key: "SEC-1", State: model.TicketOpen, Status: "To Do"}, {Key: "SEC-2", State: model.TicketDeleted}}
	text, _ := write(t, FormatCSV, meta(), []*model.Violation{v})
	rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
	if err != nil || len(rows) != 2 {
		t.Fatal(rows, err)
	}
	for i, cell := range rows[1] {
		if cell != "" && strings.ContainsRune("=+-@\t\r\n|", rune(cell[0])) {
			t.Errorf("column %s begins like a formula: %q", rows[0][i], cell)
		}
		want, checked := map[string]string{"title": "'=HYPERLINK(\"http://evil.example\")", "component": "'@sum", "epss": "0.01", "cvss": "7.5", "kev": "no",
			"tickets": "SEC-1 SEC-2", "ticket_statuses": "To Do; Unknown", "vex_status": "affected", "first_seen": "2030-05-04T07:08:09Z"}[rows[0][i]]
		if checked && cell != want {
			t.Errorf("column %s: %q, want %q", rows[0][i], cell, want)
		}
	}
}

// TestJSON: one document, in the names of the list.
func TestJSON(t *testing.T) {
	all := decided()
	all[0].AllTickets = []model.Ticket{{Key: "SEC-1", State: model.TicketOpen, Status: "To Do", Category: model.CategoryNew, URL: "https://jira.example/browse/SEC-1", Leading: true}}
	text, _ := write(t, FormatJSON, meta(), all)
	var got struct {
		Product, Author, Made string
		Violations            []map[string]any
	}
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if got.Product != "oven" || got.Author != "The Bakers" || got.Made != "2030-05-06T07:08:09Z" || len(got.Violations) != len(all) {
		t.Errorf("%+v", got)
	}
	first := got.Violations[0]
	ticket := first["tickets"].([]any)[0].(map[string]any)
	if first["id"] != "1" || first["epss"] != 0.01 || first["vex"].(map[string]any)["justification"] != "code_not_reachable" || ticket["key"] != "SEC-1" {
		t.Errorf("%v", first)
	}
	if _, there := first["vex"].(map[string]any)["notes"]; there {
		t.Error("notes are a member")
	}
	empty, _ := write(t, FormatJSON, Meta{Author: "a", Now: now}, nil)
	if err := json.Unmarshal(empty, &got); err != nil || len(got.Violations) != 0 {
		t.Errorf("%s: %v", empty, err)
	}
}

// arbitrary draws an assessment, valid or not.
func arbitrary(t *rapid.T) model.Assessment {
	pick := func(name string, all []string) string {
		return rapid.SampledFrom(append([]string{""}, all...)).Draw(t, name)
	}
	status := pick("status", []string{"in_triage", "affected", "not_affected", "fixed"})
	return model.Assessment{Status: model.VEXStatus(status), Qualifier: pick("qualifier", []string{model.QualifierFalsePositive, model.QualifierPedigree}),
		Justification: pick("justification", model.Justifications()), Response: pick("response", model.Responses()),
		Impact: pick("impact", []string{"Impact <&> \"x\""}), Action: pick("action", []string{"Act.\nNow."})}
}
