package formats

import (
	"slices"
	"strings"

	"example.com/vexdesk/model"
)

// issueKind is what an issue is about.
type issueKind = model.ViolationType

const (
	issueSecurity        = model.Security
	issueLicense         = model.License
	issueOperationalRisk = model.OperationalRisk
)

// maxLocations is how many places of a finding are kept: an image can hold a
// file a thousand times.
const maxLocations = 100

// xrayIssue is an issue of any layout.
type xrayIssue struct {
	kind                     issueKind
	id, summary, description string
	severity                 model.Severity
	severitySource           string
	cves                     []string
	ratings                  []model.Rating
	fixes, references        []string
	watches, policies        []string
	license                  string
	applicable               string
	violationID, url         string
	suppressed               bool
	reason                   string
	risk                     *model.ComponentRisk
	artifacts                []xrayArtifact
	components               []xrayPart
}

// xrayPart is a component of an issue with what is said about it alone.
type xrayPart struct {
	component model.Component
	fixes     []string
	locations []string
}

// allComponents returns the issue's components, each once with all of its
// locations, in the order of the report.
func (i *xrayIssue) allComponents() []xrayPart {
	index := make(map[[2]string]int, len(i.components))
	var all []xrayPart
	for _, p := range i.components {
		key := [2]string{p.component.Name, p.component.Version}
		if n, ok := index[key]; ok {
			all[n].locations = append(all[n].locations, p.locations...)
			continue
		}
		index[key] = len(all)
		all = append(all, p)
	}
	return all
}

// finding makes the finding for one component.
func (i *xrayIssue) finding(p xrayPart) *model.Finding {
	f := &model.Finding{
		Type: i.kind, ID: i.id, Component: p.component,
		Severity: i.severity, SeveritySource: i.severitySource, Ratings: slices.Clone(i.ratings),
		Title: i.summary, Description: i.description, References: slices.Clone(i.references),
		FixVersions: slices.Clone(p.fixes), Applicable: i.applicable,
		Watches: slices.Clone(i.watches), Policies: slices.Clone(i.policies),
		Suppressed: i.suppressed, SuppressReason: i.reason,
		ExternalID: i.violationID, URL: i.url, Risk: i.risk,
	}
	if len(f.FixVersions) == 0 {
		f.FixVersions = slices.Clone(i.fixes)
	}
	f.Locations = nonEmpty(p.locations...)
	f.Locations = f.Locations[:min(len(f.Locations), maxLocations)]
	switch i.kind {
	case model.License:
		if i.license != "" {
			f.ID = i.license
		}
		f.Component.Licenses = nonEmpty(f.ID)
		return f
	case model.OperationalRisk:
		// Its id is a checksum that changes with the details; one component
		// has one operational risk.
		f.ID, f.Key = "", "operational_risk"
		return f
	}
	switch {
	case f.ID != "":
		relate(f, i.cves...)
	case len(i.cves) > 0:
		f.ID = i.cves[0]
		relate(f, i.cves...)
	case i.summary != "":
		f.Key = "summary:" + firstRunes(i.summary, 60)
	}
	return f
}

// firstRunes returns the first n characters.
func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// readXrayIssue reads an issue under all the names that layouts use.
func readXrayIssue(v value, kind issueKind) *xrayIssue {
	i := &xrayIssue{kind: kind}
	var cves []value
	var maxScores [2]*float64
	for name, each := range v.fields() {
		switch string(name) {
		case "issue_id", "issueId", "id":
			if s := each.text(); s != "" {
				i.id = s
			}
		case "issue_type", "type", "violation_type":
			i.setKind(each.text())
		case "severity":
			i.severity = model.ReportSeverity(each.text())
		case "severity_source":
			i.severitySource = each.text()
		case "summary":
			i.summary = each.text()
		case "description":
			i.description = each.text()
		case "cves", "properties":
			for c := range each.items() {
				cves = append(cves, c)
			}
		case "cve":
			i.cves = nonEmpty(each.text())
		case "cvss2_max_score":
			maxScores[0] = each.number()
		case "cvss3_max_score":
			maxScores[1] = each.number()
		case "fixed_versions", "fix_versions", "fixedVersions":
			i.fixes = nonEmpty(each.texts()...)
		case "references":
			i.references = webAddresses(each.texts()...)
		case "license_key", "licenseKey", "license":
			i.license = each.text()
		case "license_name", "licenseName":
			if i.license == "" {
				i.license = each.text()
			}
		case "violation_id":
			i.violationID = each.text()
		case "violation_details_url":
			i.url = webAddress(each.text())
		default:
			i.setMore(string(name), each)
		}
	}
	i.rate(cves, maxScores)
	i.readComponents(v)
	return i
}

// setKind reads Xray's word for the type of an issue.
func (i *xrayIssue) setKind(word string) {
	switch strings.ToLower(word) {
	case "security":
		i.kind = model.Security
	case "license", "licence":
		i.kind = model.License
	case "operational_risk", "operational risk", "operationalrisk":
		i.kind = model.OperationalRisk
	}
}

// setMore reads what stands in structures: watches, policies, analysis.
func (i *xrayIssue) setMore(name string, v value) {
	switch name {
	case "watch_name", "watch":
		i.watches = nonEmpty(v.text())
	case "policies", "policy_names", "matched_policies":
		i.setPolicies(v)
	case "ignore_rule_info":
		if v.kind() == '{' {
			i.suppressed = true
			i.reason = strings.Join(nonEmpty("ignored in Xray", v.field("notes").text()), ": ")
		}
	case "applicable", "applicability_result":
		i.applicable = applicability(v.text())
	case "applicability_details":
		i.applicable = applicabilityOf(v)
	case "extended_information", "jfrogResearchInformation":
		i.setResearch(v)
	case "operational_risk":
		if reason := v.field("risk_reason").text(); reason != "" && i.summary == "" {
			i.summary = reason
		}
		for name, each := range v.fields() {
			i.setRisk(string(name), each)
		}
	case "riskReason":
		if i.summary == "" {
			i.summary = v.text()
		}
	default:
		if i.kind == model.OperationalRisk {
			i.setRisk(name, v)
		}
	}
}

// setPolicies reads the policies that matched. The violation is ignored when
// all of them ignore it.
func (i *xrayIssue) setPolicies(v value) {
	matched, ignored := 0, 0
	var names []string
	for p := range v.items() {
		matched++
		if p.kind() == '"' {
			names = append(names, p.text())
			continue
		}
		names = append(names, p.field("policy").text())
		if yes := p.field("is_ignored").truth(); yes != nil && *yes {
			ignored++
		}
	}
	i.policies = nonEmpty(names...)
	if matched > 0 && ignored == matched {
		i.suppressed = true
		if i.reason == "" {
			i.reason = "ignored in Xray"
		}
	}
}

// setResearch reads JFrog's own judgement, which is one of the ratings.
func (i *xrayIssue) setResearch(v value) {
	for _, name := range [...]string{"jfrog_research_severity", "severity"} {
		if s := model.ReportSeverity(v.field(name).text()); s != model.SeverityUnknown {
			i.ratings = append(i.ratings, model.Rating{Source: "jfrog", Severity: s})
			break
		}
	}
	for _, name := range [...]string{"full_description", "details", "short_description"} {
		if s := v.field(name).text(); s != "" && i.description == "" {
			i.description = s
			break
		}
	}
}

// applicability reads the result of contextual analysis; only two of its
// words decide anything.
func applicability(word string) string {
	switch strings.ReplaceAll(strings.ToLower(word), " ", "_") {
	case "applicable":
		return "applicable"
	case "not_applicable":
		return "not_applicable"
	}
	return ""
}

// applicabilityOf joins the results of several CVEs: one that is applicable is
// enough, and all have to be not applicable.
func applicabilityOf(v value) string {
	result, seen := "", false
	for each := range v.items() {
		switch one := applicability(each.field("result").text()); {
		case one == "applicable":
			return one
		case !seen:
			result, seen = one, true
		case one != result:
			result = ""
		}
	}
	return result
}

// rate reads the CVEs with their scores.
func (i *xrayIssue) rate(cves []value, maxScores [2]*float64) {
	for _, c := range cves {
		for _, name := range [...]string{"cve", "id"} {
			if id := c.field(name).text(); id != "" {
				i.cves = append(i.cves, id)
				break
			}
		}
	}
	i.cves = nonEmpty(i.cves...)
	for _, c := range cves {
		source := "xray"
		if id := c.field("cve").text(); id != "" && len(i.cves) > 1 {
			source = id // which of the CVEs the score is about
		}
		i.ratings = appendXrayRatings(i.ratings, source, c)
	}
	if len(i.ratings) == 0 {
		i.ratings = appendRating(i.ratings, "xray", "CVSSv3", "", maxScores[1])
		i.ratings = appendRating(i.ratings, "xray", "CVSSv2", "", maxScores[0])
	}
}

// appendXrayRatings reads the scores of one CVE: "9.8/CVSS:3.0/AV:…" in one
// field, or score and vector apart, with numbers as numbers or texts.
func appendXrayRatings(to []model.Rating, source string, c value) []model.Rating {
	for _, n := range [...]struct{ method, glued, score, vector, plain, plainVector string }{
		{"CVSSv4", "cvss_v4", "cvss_v4_score", "cvss_v4_vector", "cvssV4", "cvssV4Vector"},
		{"CVSSv3", "cvss_v3", "cvss_v3_score", "cvss_v3_vector", "cvssV3", "cvssV3Vector"},
		{"CVSSv2", "cvss_v2", "cvss_v2_score", "cvss_v2_vector", "cvssV2", "cvssV2Vector"},
	} {
		vector, score := c.field(n.vector).text(), c.field(n.score).number()
		if glued := c.field(n.glued).text(); glued != "" {
			vector = glued
		}
		if s := c.field(n.plain).number(); s != nil {
			score = s
		}
		if s := c.field(n.plainVector).text(); s != "" {
			vector = s
		}
		to = appendRating(to, source, n.method, vector, score)
	}
	return to
}
