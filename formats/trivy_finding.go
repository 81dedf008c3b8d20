package formats

import (
	"slices"
	"strings"

	"example.com/vexdesk/model"
)

// finding reads one vulnerability.
func (t *trivy) finding(v value, r trivyResult) *model.Finding {
	f := &model.Finding{Component: model.Component{Type: ecosystemType(r.kind)}}
	var vendorIDs []string
	var fixed, path, layer, primary string
	var cvss, severities value
	for name, each := range v.fields() {
		switch string(name) {
		case "VulnerabilityID":
			f.ID = t.text(each)
		case "VendorIDs":
			vendorIDs = each.texts()
		case "PkgName":
			f.Component.Name = t.text(each)
		case "PkgPath":
			path = t.text(each)
		case "PkgIdentifier":
			f.Component.PURL = t.text(each.field("PURL"))
		case "InstalledVersion":
			f.Component.Version = t.text(each)
		case "FixedVersion":
			fixed = t.text(each)
		case "Layer":
			layer = t.layer(each)
		case "SeveritySource":
			f.SeveritySource = t.text(each)
		case "Severity":
			f.Severity = model.ReportSeverity(each.text())
		case "VendorSeverity":
			severities = each
		case "CVSS":
			cvss = each
		case "PrimaryURL":
			primary = t.text(each)
		case "Fingerprint":
			f.ExternalID = each.text()
		case "Title":
			f.Title = t.text(each)
		case "Description":
			f.Description = t.text(each)
		case "References":
			f.References = t.addresses(each)
		}
	}
	// Other vendors' ids are those of advisories, which cover several issues.
	relate(f, slices.DeleteFunc(vendorIDs, func(id string) bool { return !isCVE(id) && !isGHSA(id) })...)
	f.FixVersions = splitVersions(fixed)
	f.Ratings = t.ratings(cvss, severities)
	f.URL = webAddress(primary)
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

// layer names the layer of an image.
func (t *trivy) layer(v value) string {
	for _, name := range [...]string{"Digest", "DiffID"} {
		if s := t.text(v.field(name)); s != "" {
			return s
		}
	}
	return ""
}

// trivySeverity reads a number of VendorSeverity (trivy-db pkg/types).
func trivySeverity(v value) model.Severity {
	switch string(v.raw()) {
	case "1":
		return model.SeverityLow
	case "2":
		return model.SeverityMedium
	case "3":
		return model.SeverityHigh
	case "4":
		return model.SeverityCritical
	}
	return model.SeverityUnknown
}

// ratings joins the scores and the severities of each source. A source's
// severity goes with its newest vector.
func (t *trivy) ratings(cvss, severities value) []model.Rating {
	if cvss.kind() == 0 && severities.kind() == 0 {
		return nil
	}
	all := t.rated[:0]
	for name, each := range cvss.fields() {
		var v2, v3, v4 struct {
			vector string
			score  *float64
		}
		for kind, part := range each.fields() {
			switch string(kind) {
			case "V2Vector":
				v2.vector = t.text(part)
			case "V2Score":
				v2.score = part.number()
			case "V3Vector":
				v3.vector = t.text(part)
			case "V3Score":
				v3.score = part.number()
			case "V40Vector":
				v4.vector = t.text(part)
			case "V40Score":
				v4.score = part.number()
			}
		}
		source := t.name(name)
		all = appendRating(all, source, "CVSSv4", v4.vector, v4.score)
		all = appendRating(all, source, "CVSSv3", v3.vector, v3.score)
		all = appendRating(all, source, "CVSSv2", v2.vector, v2.score)
	}
	scored := len(all)
	for name, each := range severities.fields() {
		severity := trivySeverity(each)
		first := slices.IndexFunc(all[:scored], func(r model.Rating) bool { return r.Source == string(name) })
		if first >= 0 {
			all[first].Severity = severity
		} else if severity != model.SeverityUnknown && len(all) < maxRatings {
			all = append(all, model.Rating{Source: t.name(name), Severity: severity})
		}
	}
	t.rated = all
	return slices.Clone(all)
}

// splitVersions splits a list such as "11.0.14, 10.1.49"; in an expression
// such as ">= 1.2, < 2" the comma means and, so that stays whole.
func splitVersions(s string) []string {
	if s == "" {
		return nil
	}
	if !strings.Contains(s, ", ") {
		return []string{s}
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
