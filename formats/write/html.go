package write

import (
	"bufio"
	"context"
	_ "embed" // the template
	"errors"
	"fmt"
	"html/template"
	"io"
	"os"
	"strings"

	"example.com/vexdesk/model"
)

//go:embed report.html
var reportHTML string

// writeHTML writes the violations report (X12): one file without scripts and
// without anything from elsewhere, so that it can be mailed, kept and printed.
// The charts stand before the rows and need to have seen them: rows go to a
// temporary file first, and any number of them costs no memory.
func writeHTML(ctx context.Context, out io.Writer, meta Meta, r *Report, violations Violations) (err error) {
	page, err := template.New("report").Parse(reportHTML)
	if err != nil {
		return fmt.Errorf("the template of the report is broken: %w", err)
	}
	rows, err := os.CreateTemp("", "vexdesk-report-*.html")
	if err != nil {
		return fmt.Errorf("the report needs a temporary file: %w", err)
	}
	defer func() { err = errors.Join(err, rows.Close(), os.Remove(rows.Name())) }()
	about := &reportAbout{Meta: meta, Made: meta.Now.UTC().Format("2006-01-02 15:04 MST")}
	buffered := bufio.NewWriter(rows)
	err = r.each(ctx, violations, func(v *model.Violation) error {
		about.count(v)
		return page.ExecuteTemplate(buffered, "row", reportRowOf(v))
	})
	if err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return err
	}
	if _, err := rows.Seek(0, io.SeekStart); err != nil {
		return err
	}
	w := bufio.NewWriter(out)
	about.nameSubject()
	if err := page.ExecuteTemplate(w, "head", about); err != nil {
		return err
	}
	if _, err := io.Copy(w, rows); err != nil {
		return err
	}
	if err := page.ExecuteTemplate(w, "foot", about); err != nil {
		return err
	}
	return w.Flush()
}

// reportRow is a violation as the template shows it.
type reportRow struct {
	*model.Violation
	// Link is a page about the issue, Package the component with its version,
	// In the product, Said what goes with the decision.
	Link, Package, In, Score, Probability, Status, Said string
	Since                                               string
	Links                                               []reportTicket
}

type reportTicket struct{ Key, URL, Status, Category string }

func reportRowOf(v *model.Violation) reportRow {
	a := current(v.Assessment)
	out := reportRow{Violation: v, Score: decimal(v.CVSS, 1), Probability: percent(v.EPSS), Status: words(string(a.Status)),
		Package: part{name: v.Component, version: v.ComponentVersion}.title(), In: part{name: v.Product, version: v.ProductVersion}.title()}
	if _, url := source(v.Issue); v.Type == model.Security {
		out.Link = url
	}
	if !v.FirstSeen.IsZero() {
		out.Since = v.FirstSeen.UTC().Format("2006-01-02")
	}
	var said []string
	for _, word := range [...]string{words(a.Qualifier), words(a.Justification), words(a.Response), a.Impact, a.Action} {
		if word != "" {
			said = append(said, word)
		}
	}
	out.Said = strings.Join(said, ". ")
	for i := range v.AllTickets {
		t := &v.AllTickets[i]
		out.Links = append(out.Links, reportTicket{Key: t.Key, URL: t.URL, Status: t.ShownStatus(), Category: t.Category})
	}
	return out
}

// words turns a word of the vocabulary into plain text.
func words(s string) string { return strings.ReplaceAll(s, "_", " ") }

// percent writes a probability for people.
func percent(n float64) string {
	switch {
	case n < 0:
		return ""
	case n > 0 && n < 0.005:
		return "<1%"
	}
	return fmt.Sprintf("%.0f%%", n*100)
}
