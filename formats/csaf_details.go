package formats

import (
	"slices"
	"strings"

	"example.com/vexdesk/model"
)

// csafDetails are the parts of a vulnerability that are addressed to products.
type csafDetails struct {
	severity      map[string]model.Severity
	justification map[string]string
	impact        map[string]string
	remedies      map[string][]csafRemedy
}

type csafRemedy struct{ category, details string }

// readCSAFDetails indexes scores, flags, threats and remediations by product
// and group id (CSAF 2.0, 3.2.3).
func readCSAFDetails(v value) *csafDetails {
	d := &csafDetails{severity: make(map[string]model.Severity), justification: make(map[string]string),
		impact: make(map[string]string), remedies: make(map[string][]csafRemedy)}
	for name, each := range v.fields() {
		switch string(name) {
		case "scores": // 2.0
			for s := range each.items() {
				d.rate(s, s.field("products"))
			}
		case "metrics": // 2.1
			for m := range each.items() {
				d.rate(m.field("content"), m.field("products"))
			}
		case "flags":
			for f := range each.items() {
				for _, id := range addressees(f) {
					d.justification[id] = f.field("label").text()
				}
			}
		case "threats":
			for t := range each.items() {
				for _, id := range addressees(t) {
					if t.field("category").text() == "impact" {
						d.impact[id] = t.field("details").text()
					}
				}
			}
		case "remediations":
			for r := range each.items() {
				for _, id := range addressees(r) {
					d.remedies[id] = append(d.remedies[id], csafRemedy{r.field("category").text(), r.field("details").text()})
				}
			}
		}
	}
	return d
}

func addressees(v value) []string {
	return append(v.field("product_ids").texts(), v.field("group_ids").texts()...)
}

// rate keeps the rating of the newest CVSS version for the products.
func (d *csafDetails) rate(v, products value) {
	for _, version := range [...]string{"cvss_v4", "cvss_v3", "cvss_v2"} {
		cvss := v.field(version)
		if cvss.kind() == 0 {
			continue
		}
		severity := model.ReportSeverity(cvss.field("baseSeverity").text())
		if score := cvss.field("baseScore").number(); severity == model.SeverityUnknown && score != nil {
			severity = model.SeverityOfScore(*score)
		}
		for _, id := range products.texts() {
			if d.severity[id] == model.SeverityUnknown {
				d.severity[id] = severity
			}
		}
		return
	}
}

// complete fills in what is addressed to the product or a group of it; what
// does not go with the status is left out.
func (d *csafDetails) complete(s *model.Statement, status model.VEXStatus, addressed []string) {
	a := &s.Assessment
	a.Status = status
	for _, id := range addressed {
		switch {
		case status == model.VEXNotAffected:
			if word := d.justification[id]; word != "" {
				s.Justification, a.Justification = word, justificationOf(word)
			}
			if a.Impact == "" {
				a.Impact = d.impact[id]
			}
		case status == model.VEXAffected && a.Response == "":
			a.Response, a.Action = respond(d.remedies[id])
		}
	}
}

// respond chooses the remedy that helps most. A mitigation is a workaround;
// only a roll-back has no word in CSAF.
func respond(all []csafRemedy) (response, action string) {
	for _, each := range [...]struct {
		response   string
		categories []string
	}{
		{"update", []string{"vendor_fix", "optional_patch", "fix_planned"}},
		{"workaround_available", []string{"workaround", "mitigation"}},
		{"will_not_fix", []string{"no_fix_planned"}},
		{"can_not_fix", []string{"none_available"}},
	} {
		var texts []string
		for _, r := range all {
			if slices.Contains(each.categories, r.category) {
				response = each.response
				texts = append(texts, r.details)
			}
		}
		if response != "" {
			return response, strings.Join(nonEmpty(texts...), "\n\n")
		}
	}
	return "", ""
}
