package formats

import (
	"strings"

	"example.com/vexdesk/model"
)

// Dependency-Track's File Packaging Format (docs.dependencytrack.org, "File
// formats"): a project and its findings, each with component, vulnerability
// and the analysis made there. The analysis is a decision; "suppressed" hides
// a finding there and makes it an ignored one here.

func dependencyTrackReader() reader {
	return reader{name: "dependency-track", json: isDependencyTrack, readJSON: readDependencyTrack}
}

func isDependencyTrack(s *shape) bool {
	if !s.isObject() {
		return false
	}
	if application := s.at("meta", "application"); application != nil {
		return strings.EqualFold(application.text, "Dependency-Track")
	}
	return s.at("findings").has("matrix") && s.at("findings").has("component")
}

// dependencyTrack is one reading of an export.
type dependencyTrack struct{ *parser }

func readDependencyTrack(p *parser) error {
	d := dependencyTrack{p}
	p.report.Scanner, p.report.Variant = "dependency-track", "findings"
	return p.json.object(func(name string) error {
		switch name {
		case "findings":
			return p.json.entries(d.finding)
		case "project", "meta":
			v, err := p.json.value()
			if name == "meta" {
				p.report.Created = v.field("timestamp").time()
				return err
			}
			r := p.report
			r.Product, r.Version, r.Resource = v.field("name").text(), v.field("version").text(), resourceSBOM
			r.Artifact = strings.Join(nonEmpty(r.Product, r.Version), "@")
			return err
		}
		return p.json.skip()
	})
}

// finding reads one finding.
func (d dependencyTrack) finding(v value) error {
	d.count()
	c := v.field("component")
	f := &model.Finding{ExternalID: v.field("matrix").text(), Component: model.Component{
		PURL: c.field("purl").text(), Version: c.field("version").text(),
		Name: strings.Join(nonEmpty(c.field("group").text(), c.field("name").text()), "/"),
	}}
	issue := v.field("vulnerability")
	dtIssue(f, issue)
	d.tell(f.Severity, f.ID, f.Component.Name, f.Component.Version)
	analysis := v.field("analysis")
	f.Analysis = dtAnalysis(analysis)
	if suppressed := analysis.field("isSuppressed").truth(); suppressed != nil && *suppressed {
		f.Suppressed = true
		f.SuppressReason = "suppressed in Dependency-Track"
		if state := analysis.field("state").text(); state != "" && state != "NOT_SET" {
			f.SuppressReason += " as " + strings.ToLower(state)
		}
	}
	return d.add(f)
}

// dtIssue reads the vulnerability.
func dtIssue(f *model.Finding, v value) {
	var ids []string
	var recommendation string
	for name, each := range v.fields() {
		switch string(name) {
		case "vulnId":
			f.ID = each.text()
		case "title":
			f.Title = each.text()
		case "description":
			f.Description = each.text()
		case "recommendation":
			recommendation = each.text()
		case "severity":
			f.Severity = model.ReportSeverity(each.text())
		case "source":
			f.SeveritySource = strings.ToLower(each.text())
		case "references":
			f.References = webAddresses(addressesIn(each.text())...)
		case "epssScore":
			f.EPSS = each.number()
		case "epssPercentile":
			f.EPSSPercentile = each.number()
		case "aliases":
			// Ids of distributions' advisories cover several issues.
			for a := range each.items() {
				ids = append(ids, a.field("cveId").text(), a.field("ghsaId").text(), a.field("snykId").text())
			}
		}
	}
	if recommendation != "" {
		f.Description = strings.Join(nonEmpty(f.Description, "Recommendation: "+recommendation), "\n\n")
	}
	relate(f, ids...)
	for _, cvss := range [...]struct{ method, vector, score string }{
		{"CVSSv4", "cvssV4Vector", "cvssV4Score"},
		{"CVSSv3", "cvssV3Vector", "cvssV3BaseScore"},
		{"CVSSv2", "cvssV2Vector", "cvssV2BaseScore"},
	} {
		vector := strings.Trim(v.field(cvss.vector).text(), "()")
		f.Ratings = appendRating(f.Ratings, f.SeveritySource, cvss.method, vector, v.field(cvss.score).number())
	}
}

// dtAnalysis translates the decision (domain: VEX); nil where there is none.
// Dependency-Track's words are CycloneDX's in capitals.
func dtAnalysis(v value) *model.Assessment {
	return cdxAnalysis(strings.ToLower(v.field("state").text()), strings.ToLower(v.field("justification").text()),
		v.field("detail").text(), strings.ToLower(v.field("response").text()))
}
