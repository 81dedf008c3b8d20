package model

import (
	"strconv"
	"strings"
)

// JiraFieldKind is the kind of a custom field in Jira.
type JiraFieldKind string

// The kinds of custom fields that vexdesk makes.
const (
	JiraLine      JiraFieldKind = "line"
	JiraParagraph JiraFieldKind = "paragraph"
	JiraSelect    JiraFieldKind = "select"
	JiraNumber    JiraFieldKind = "number"
	JiraURL       JiraFieldKind = "url"
)

// JiraField is one of the custom fields that a ticket about a vulnerability
// carries (I9).
type JiraField struct {
	Name    string
	Kind    JiraFieldKind
	Options []string
	// VEX is the field of the assessment that is kept in step with it, "" for
	// those that are written once, when the ticket is made.
	VEX VEXField
}

// The names of the fields that are written once.
const (
	JiraVulnerability  = "Vulnerability ID"
	JiraPackage        = "Affected Package"
	JiraPackageVersion = "Affected Package Version"
	JiraCVSS           = "CVSS Score"
	JiraSeverity       = "Severity"
	JiraEPSS           = "EPSS Score"
	JiraFix            = "Fix Available"
	JiraLink           = "Vexdesk Link"
)

// JiraFields returns the fourteen custom fields in the order of I9. Options
// are our own words, lower case (ruling 6).
func JiraFields() []JiraField {
	return []JiraField{
		{Name: JiraVulnerability, Kind: JiraLine},
		{Name: JiraPackage, Kind: JiraLine},
		{Name: JiraPackageVersion, Kind: JiraLine},
		{Name: "VEX Status", Kind: JiraSelect, Options: statusWords(), VEX: FieldStatus},
		{Name: "VEX Justification", Kind: JiraSelect, Options: Justifications(), VEX: FieldJustification},
		{Name: "VEX Action Response", Kind: JiraSelect, Options: Responses(), VEX: FieldResponse},
		{Name: "VEX Impact Statement", Kind: JiraParagraph, VEX: FieldImpact},
		{Name: "VEX Internal Notes", Kind: JiraParagraph, VEX: FieldNotes},
		{Name: "VEX Action Statement", Kind: JiraParagraph, VEX: FieldAction},
		{Name: JiraCVSS, Kind: JiraNumber},
		{Name: JiraSeverity, Kind: JiraSelect, Options: []string{"critical", "high", "medium", "low", "unknown", "info"}},
		{Name: JiraEPSS, Kind: JiraNumber},
		{Name: JiraFix, Kind: JiraSelect, Options: []string{"yes", "no"}},
		{Name: JiraLink, Kind: JiraURL},
	}
}

// JiraFacts is what the fields that are written once get for the violations of
// one ticket, by name; a field without a value is missing.
func JiraFacts(all []Violation) map[string]string {
	out := map[string]string{}
	if len(all) == 0 {
		return out
	}
	each := func(of func(*Violation) string) string {
		seen := map[string]bool{}
		var parts []string
		for i := range all {
			if s := of(&all[i]); s != "" && !seen[s] {
				seen[s] = true
				parts = append(parts, s)
			}
		}
		return strings.Join(parts, ", ")
	}
	out[JiraVulnerability] = each(func(v *Violation) string { return v.Issue })
	out[JiraPackage] = each(func(v *Violation) string { return v.Component })
	out[JiraPackageVersion] = each(func(v *Violation) string { return v.ComponentVersion })
	out[JiraFix] = "no"
	cvss, epss := -1.0, -1.0
	severities := make([]Severity, len(all))
	for i := range all {
		severities[i] = all[i].Severity
		cvss, epss = max(cvss, all[i].CVSS), max(epss, all[i].EPSS)
		if all[i].Fix != "" {
			out[JiraFix] = "yes"
		}
	}
	out[JiraSeverity] = WorstSeverity(severities...).String()
	if cvss >= 0 {
		out[JiraCVSS] = strconv.FormatFloat(cvss, 'f', -1, 64)
	}
	if epss >= 0 {
		out[JiraEPSS] = strconv.FormatFloat(epss, 'f', -1, 64)
	}
	// A console in a terminal has no address to link back to; the issue's first
	// reference is the next best.
	if refs := all[0].References; len(refs) > 0 {
		out[JiraLink] = refs[0]
	}
	for name, value := range out {
		if value == "" {
			delete(out, name)
		}
	}
	return out
}
