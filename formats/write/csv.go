package write

import (
	"context"
	"encoding/csv"
	"io"
	"strings"

	"example.com/vexdesk/model"
)

// csvHead names the columns, which are those of "list --csv".
func csvHead() []string {
	return []string{"id", "type", "severity", "issue", "aliases", "title", "component", "component_version", "purl", "product", "product_version",
		"resource", "fix", "cvss", "epss", "kev", "vex_status", "vex_justification", "vex_response", "vex_impact", "vex_action", "tickets", "ticket_statuses",
		"state", "first_seen", "updated", "vex_qualifier", "review_by",
		"cves", "cvss_vector", "epss_percentile", "epss_date", "kev_due", "applicable", "ignore_reason", "licenses", "watches", "policies", "references"}
}

// writeCSV writes RFC 4180 with a line of heads.
func writeCSV(ctx context.Context, out io.Writer, r *Report, violations Violations) error {
	w := csv.NewWriter(out)
	if err := w.Write(csvHead()); err != nil {
		return err
	}
	err := r.each(ctx, violations, func(v *model.Violation) error {
		cells := csvCells(v)
		for i := range cells {
			cells[i] = noFormula(cells[i])
		}
		return w.Write(cells)
	})
	if err != nil {
		return err
	}
	w.Flush()
	return w.Error()
}

func csvCells(v *model.Violation) []string {
	keys, statuses := keysOf(v)
	kev := "no"
	if v.KEV {
		kev = "yes"
	}
	a := v.Assessment
	return []string{v.ID.String(), v.Type.String(), v.Severity.String(), v.Issue, strings.Join(v.Aliases, " "), v.Title, v.Component, v.ComponentVersion, v.PURL,
		v.Product, v.ProductVersion, v.Resource, v.Fix, decimal(v.CVSS, 1), decimal(v.EPSS, 5), kev, string(a.Status), a.Justification, a.Response,
		a.Impact, a.Action, keys, statuses, v.State.String(), instant(v.FirstSeen), instant(v.Updated), a.Qualifier, a.Get(model.FieldReviewBy),
		strings.Join(v.CVEs, " "), v.CVSSVector, decimal(v.EPSSPercentile, 5), v.EPSSDate, v.KEVDue, v.Applicable, v.IgnoreReason,
		strings.Join(v.Licenses, "; "), strings.Join(v.Watches, "; "), strings.Join(v.Policies, "; "), strings.Join(v.References, " ")}
}

// noFormula keeps a spreadsheet from taking a cell for a formula (B9; OWASP,
// CSV Injection): one that begins like a formula gets an apostrophe in front.
func noFormula(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n|", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}
