package formats

import (
	"slices"
	"strings"

	"example.com/vexdesk/model"
)

// finding reads one vulnerability.
func (t *trivy) finding(v value, r trivyResult) *model.Finding {
	f := &model.Finding{Component: model.Component{Type: ecosystemType(r.kind)}}
	var vendorIDs, references []string
	var fixed, path, layer, primary string
	var cvss, severities value
	for name, each := range v.fields() {
		switch string(name) {
		case "VulnerabilityID":
			f.ID = each.text()
		case "VendorIDs":
			vendorIDs = each.texts()
		case "PkgName":
			f.Component.Name = each.text()
		case "PkgPath":
			path = each.text()
		case "PkgIdentifier":
			f.Component.PURL = each.field("PURL").text()
		case "InstalledVersion":
			f.Component.Version = each.text()
		case "FixedVersion":
			fixed = each.text()
		case "Layer":
			layer = trivyLayer(each)
		case "SeveritySource":
			f.SeveritySource = each.text()
		case "Severity":
			f.Severity = model.ReportSeverity(each.text())
		case "VendorSeverity":
			severities = each
		case "CVSS":
			cvss = each
		case "PrimaryURL":
			primary = each.text()
		case "Fingerprint":
			f.ExternalID = each.text()
		case "Title":
			f.Title = each.text()
		case "Description":
			f.Description = each.text()
		case "References":
			references = each.texts()
		}
	}
	// Other vendors' ids are those of advisories, which cover several issues.
	relate(f, slices.DeleteFunc(vendorIDs, func(id string) bool { return !isCVE(id) && !isGHSA(id) })...)
	f.FixVersions = splitVersions(fixed)
	f.Ratings = trivyRatings(cvss, severities)
	f.URL = webAddress(primary)
	f.References = webAddresses(references...)
	if path == "" {
		path = r.target
	}
	if t.resource != "" {
		path = t.resource + ": " + path
	}
	f.Locations = nonEmpty(path, layer)
	if f.Component.PURL == "" {
		f.Component.PURL = buildPURL(r.kind, f.Component.Name, f.Component.Version)
	}
	return f
}

func trivyLayer(v value) string {
	for _, name := range [...]string{"Digest", "DiffID"} {
		if s := v.field(name).text(); s != "" {
			return "layer " + s
		}
	}
	return ""
}

// trivySeverities are the numbers in VendorSeverity (trivy-db pkg/types).
var trivySeverities = map[string]model.Severity{
	"1": model.SeverityLow, "2": model.SeverityMedium, "3": model.SeverityHigh, "4": model.SeverityCritical,
}

// trivyRatings joins the scores and the severities of each source. A source's
// severity goes with its newest vector.
func trivyRatings(cvss, severities value) []model.Rating {
	var all []model.Rating
	first := make(map[string]int)
	for name, each := range cvss.fields() {
		source := string(name)
		from := len(all)
		for _, kind := range [...]struct{ method, vector, score string }{
			{"CVSSv4", "V40Vector", "V40Score"}, {"CVSSv3", "V3Vector", "V3Score"}, {"CVSSv2", "V2Vector", "V2Score"},
		} {
			all = appendRating(all, source, kind.method, each.field(kind.vector).text(), each.field(kind.score).number())
		}
		if len(all) > from {
			first[source] = from
		}
	}
	for name, each := range severities.fields() {
		severity := trivySeverities[each.text()]
		if i, ok := first[string(name)]; ok {
			all[i].Severity = severity
		} else if severity != model.SeverityUnknown {
			all = append(all, model.Rating{Source: string(name), Severity: severity})
		}
	}
	return all
}

// splitVersions splits a list such as "11.0.14, 10.1.49"; in an expression
// such as ">= 1.2, < 2" the comma means and, so that stays whole.
func splitVersions(s string) []string {
	if s == "" {
		return nil
	}
	parts := strings.Split(s, ", ")
	for _, part := range parts {
		if part == "" || (part[0] < '0' || part[0] > '9') && part[0] != 'v' {
			return []string{s}
		}
	}
	return parts
}

// modified reads a finding that Trivy left out because of a VEX document or an
// ignore rule (--show-suppressed). It is no entry (corpus: suppressed_entries).
func (t *trivy) modified(v value, r trivyResult) error {
	if kind := v.field("Type").text(); kind != "vulnerability" && kind != "" {
		t.note("skipped suppressed findings that are no vulnerabilities")
		return nil
	}
	f := t.finding(v.field("Finding"), r)
	f.Suppressed = true
	f.SuppressReason = strings.Join(nonEmpty(v.field("Status").text(), v.field("Statement").text()), ": ")
	if source := v.field("Source").text(); source != "" {
		f.SuppressReason += " (" + source + ")"
	}
	return t.add(f)
}

// license reads a licence that a licence scan found. Trivy lists all licences;
// a violation is one that it classes as forbidden, restricted, reciprocal or
// unknown (trivy.dev, "License scanning").
func (t *trivy) license(v value, r trivyResult) error {
	switch category := strings.ToLower(v.field("Category").text()); category {
	case "notice", "permissive", "unencumbered":
		return nil
	}
	name, path := v.field("PkgName").text(), v.field("FilePath").text()
	f := &model.Finding{
		Type: model.License, ID: v.field("Name").text(),
		Severity:  model.ReportSeverity(v.field("Severity").text()),
		URL:       webAddress(v.field("Link").text()),
		Locations: nonEmpty(path, r.target),
		Component: model.Component{Type: ecosystemType(r.kind), Name: name},
		Title:     strings.TrimSpace(v.field("Category").text() + " licence"),
	}
	if f.Component.Name == "" {
		f.Component.Name = path
	}
	f.Component.Licenses = nonEmpty(f.ID)
	f.Component.PURL = buildPURL(r.kind, name, "")
	return t.add(f)
}
