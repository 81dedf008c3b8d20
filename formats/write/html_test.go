package write

import (
	"bytes"
	"context"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"example.com/vexdesk/model"
)

// TestHTMLIsSafe: whatever a report says, the page runs nothing, loads nothing
// and links to the web only.
func TestHTMLIsSafe(t *testing.T) {
	evil := `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	v := decided()[5]
	v.Title, v.Component, v.Product, v.Issue, v.Fix, v.Assessment.Action = evil, evil, evil, evil, evil, evil
	v.AllTickets = []model.Ticket{{Key: evil, URL: "javascript:alert(1)", State: model.TicketOpen, Status: evil}}
	m := meta()
	m.Product, m.Author, m.Scope, m.Tool = evil, evil, evil, evil
	text, _ := write(t, FormatHTML, m, []*model.Violation{v})
	page := string(text)
	for _, bad := range []string{"<script", "<img", "<iframe", "<link", "<object", "javascript:", "url(", "@import", "<foreignObject"} {
		if strings.Contains(page, bad) {
			t.Errorf("the page holds %q", bad)
		}
	}
	if handlers := regexp.MustCompile(`<[^>]*\s(on\w+|src)=`).FindAllString(page, -1); len(handlers) > 0 {
		t.Errorf("the page holds handlers: %q", handlers)
	}
	if !strings.Contains(page, "&lt;script&gt;alert(1)") {
		t.Error("the text is gone instead of escaped")
	}
}

// TestHTMLShowsTickets: each violation carries its tickets (X12).
func TestHTMLShowsTickets(t *testing.T) {
	all := decided()
	all[0].AllTickets = []model.Ticket{{Key: "SEC-1", URL: "https://jira.example/browse/SEC-1", State: model.TicketOpen, Status: "In Review", Category: model.CategoryInProgress, Leading: true},
		{Key: "SEC-2", State: model.TicketDeleted}}
	all[1].KEV = true
	text, r := write(t, FormatHTML, meta(), all)
	page := string(text)
	for _, want := range []string{
		`<a class="whole" href="https://jira.example/browse/SEC-1">SEC-1</a><small>In Review</small>`, `SEC-2<small>Unknown</small>`,
		"Violations of oven 2.1", "<b>14</b>violations", "<b>13</b>without a ticket", "<b>1</b>known to be exploited",
		`aria-label="Ticket: no ticket 13, in progress 1"`, "known exploited", "fixed in 2.0.0", `<a class="whole" href="https://nvd.nist.gov/vuln/detail/CVE-2030-1001">`, "EPSS 1%",
	} {
		if !strings.Contains(page, want) {
			t.Errorf("the page does not hold %s", want)
		}
	}
	if strings.Contains(page, "a leftover") {
		t.Error("the page shows what belongs to an earlier status")
	}
	if rows := strings.Count(page, "<tr>"); rows != r.Written+1 {
		t.Errorf("%d rows, want %d", rows, r.Written+1)
	}
	unnamed := meta()
	unnamed.Product, unnamed.Version = "", ""
	if only, _ := write(t, FormatHTML, unnamed, all[:2]); !bytes.Contains(only, []byte("<h1>Violations of "+all[0].Product+"</h1>")) {
		t.Error("the title does not name the only product")
	}
	empty, _ := write(t, FormatHTML, meta(), nil)
	if !bytes.Contains(empty, []byte("There are no violations to show.")) {
		t.Error("an empty report says nothing")
	}
}

// BenchmarkHTML writes a report of many rows.
func BenchmarkHTML(b *testing.B) {
	all := decided()
	const rows = 5000
	many := func(yield func(*model.Violation, error) bool) {
		for i := range rows {
			v := *all[i%len(all)]
			v.Issue = fmt.Sprint("CVE-2030-", i)
			if !yield(&v, nil) {
				return
			}
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		var out bytes.Buffer
		if _, err := Document(context.Background(), &out, FormatHTML, meta(), many); err != nil {
			b.Fatal(err)
		}
		b.SetBytes(int64(out.Len()))
	}
}
