package cli

import (
	"context"
	"encoding/csv"
	"io"
	"strings"

	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// csvPrinter prints a list as CSV (RFC 4180) with a line of heads.
func csvPrinter(out io.Writer) (listPrinter, error) {
	w := csv.NewWriter(out)
	err := w.Write([]string{"id", "type", "severity", "issue", "aliases", "title", "component", "component_version", "purl", "product", "product_version",
		"resource", "fix", "cvss", "epss", "kev", "vex_status", "vex_justification", "vex_response", "vex_impact", "vex_action", "tickets", "ticket_statuses",
		"state", "first_seen", "updated"})
	page := func(ctx context.Context, s *storage.Store, rows []storage.Listed) error {
		return whole(ctx, s, rows, func(v *model.Violation, _ storage.Cursor) error {
			cells := csvCells(v)
			for i := range cells {
				cells[i] = noFormula(cells[i])
			}
			return w.Write(cells)
		})
	}
	end := func() error {
		w.Flush()
		return w.Error()
	}
	return listPrinter{page, end}, err
}

func csvCells(v *model.Violation) []string {
	var keys, statuses []string
	for i := range v.AllTickets {
		keys = append(keys, v.AllTickets[i].Key)
		statuses = append(statuses, v.AllTickets[i].ShownStatus())
	}
	epss := ""
	if n := known(v.EPSS); n != nil {
		epss = trimZeros(*n)
	}
	kev := "no"
	if v.KEV {
		kev = "yes"
	}
	return []string{v.ID.String(), v.Type.String(), v.Severity.String(), v.Issue, strings.Join(v.Aliases, " "), v.Title, v.Component, v.ComponentVersion, v.PURL,
		v.Product, v.ProductVersion, v.Resource, v.Fix, score(v.CVSS), epss, kev, string(v.Assessment.Status), v.Assessment.Justification,
		v.Assessment.Response, v.Assessment.Impact, v.Assessment.Action, strings.Join(keys, " "), strings.Join(statuses, "; "),
		v.State.String(), text(timeOrNull(v.FirstSeen)), text(timeOrNull(v.Updated))}
}

// noFormula keeps a spreadsheet from taking a cell for a formula (B9; OWASP,
// CSV Injection): one that begins like a formula gets an apostrophe in front.
func noFormula(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r\n|", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
