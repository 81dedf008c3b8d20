package formats

import (
	"fmt"
	"path"
	"strings"

	"example.com/vexdesk/model"
)

// npm's audit reports (docs.npmjs.com, "npm-audit"): a map of advisories up to
// npm 6 and in pnpm, a map of vulnerable packages since npm 7, and an error
// instead of either.

func npmReader() reader {
	return reader{name: "npm-audit", json: isNPM, readJSON: readNPM}
}

func isNPM(s *shape) bool {
	if !s.isObject() {
		return false
	}
	return s.has("auditReportVersion") && s.at("vulnerabilities").isObject() ||
		s.at("advisories").isObject() && s.hasAny("actions", "muted", "metadata") ||
		isNPMError(s)
}

func isNPMError(s *shape) bool {
	e := s.at("error")
	return e.isObject() && e.has("summary") && e.hasAny("code", "detail") && !s.hasAny("advisories", "vulnerabilities")
}

// npm is one reading of an audit report.
type npm struct{ *parser }

func readNPM(p *parser) error {
	n := npm{p}
	p.report.Scanner = "npm audit"
	if isNPMError(p.shape) {
		e := p.shape.at("error")
		return scanFailed(strings.Join(nonEmpty(e.at("code").value(), e.at("summary").value(), e.at("detail").value()), ": "))
	}
	return p.json.object(func(name string) error {
		switch name {
		case "advisories":
			p.report.Variant = "advisories (npm 6, pnpm)"
			return p.json.object(func(string) error { return n.each(n.advisory) })
		case "vulnerabilities":
			p.report.Variant = "vulnerable packages (npm 7)"
			return p.json.object(func(name string) error {
				return n.each(func(v value) error { return n.vulnerable(name, v) })
			})
		}
		return p.json.skip()
	})
}

// each reads one member of the map of entries.
func (n npm) each(read func(value) error) error {
	v, err := n.json.entry()
	if err != nil {
		return err
	}
	n.count()
	return read(v)
}

// advisory reads one advisory with the versions that are installed.
func (n npm) advisory(v value) error {
	template := model.Finding{
		ID:          v.field("github_advisory_id").text(),
		Title:       v.field("title").text(),
		Description: strings.Join(nonEmpty(v.field("overview").text(), v.field("recommendation").text()), "\n\n"),
		Severity:    model.ReportSeverity(v.field("severity").text()),
		URL:         webAddress(v.field("url").text()),
		ExternalID:  v.field("id").text(),
	}
	if template.ID == "" {
		template.ID = template.ExternalID // the number of the old registry
	}
	if fix := v.field("patched_versions").text(); fix != "<0.0.0" { // no version has the fix
		template.FixVersions = nonEmpty(fix)
	}
	name := v.field("module_name").text()
	cvss := v.field("cvss")
	for installed := range v.field("findings").items() {
		f := template
		f.Component = npmComponent(name, installed.field("version").text())
		f.Ratings = npmRatings(cvss)
		f.References = webAddresses(addressesIn(v.field("references").text())...)
		f.Locations = nonEmpty(installed.field("paths").texts()...)
		f.Locations = f.Locations[:min(len(f.Locations), maxLocations)]
		relate(&f, v.field("cves").texts()...)
		if err := n.add(&f); err != nil {
			return err
		}
	}
	return nil
}

// vulnerable reads a vulnerable package of npm 7. What it has by way of its
// dependencies is named there and no finding of its own.
func (n npm) vulnerable(name string, v value) error {
	fix := npmFix(v.field("fixAvailable"))
	for via := range v.field("via").items() {
		if via.kind() != '{' {
			continue
		}
		f := &model.Finding{
			ID:        path.Base(via.field("url").text()),
			Title:     via.field("title").text(),
			Severity:  model.ReportSeverity(via.field("severity").text()),
			URL:       webAddress(via.field("url").text()),
			Ratings:   npmRatings(via.field("cvss")),
			Component: npmComponent(name, ""),
			Locations: nonEmpty(v.field("nodes").texts()...),
		}
		f.ExternalID = via.field("source").text()
		if !isGHSA(f.ID) {
			f.ID = f.ExternalID
		}
		f.Locations = f.Locations[:min(len(f.Locations), maxLocations)]
		f.Description = strings.Join(nonEmpty("Affected versions: "+via.field("range").text()+".", fix), "\n\n")
		if err := n.add(f); err != nil {
			return err
		}
	}
	return nil
}

// npmFix puts fixAvailable into words. It names the dependency to upgrade,
// which is not a version with the fix.
func npmFix(v value) string {
	if name := v.field("name").text(); name != "" {
		advice := fmt.Sprintf("npm can fix it by an upgrade of %s to %s", name, v.field("version").text())
		if major := v.field("isSemVerMajor").truth(); major != nil && *major {
			advice += ", which is a major version"
		}
		return advice + "."
	}
	switch available := v.truth(); {
	case available == nil:
		return ""
	case *available:
		return "npm can fix it by an upgrade (npm audit fix)."
	}
	return "npm knows no fix."
}

func npmComponent(name, version string) model.Component {
	return model.Component{Type: "npm", Name: name, Version: version, PURL: buildPURL("npm", name, version)}
}

// npmRatings reads the CVSS object; a score of 0 without a vector stands for
// none.
func npmRatings(v value) []model.Rating {
	vector := v.field("vectorString").text()
	if vector == "" {
		return nil
	}
	return appendRating(nil, "ghsa", "", vector, v.field("score").number())
}

// addressesIn finds the web addresses in a Markdown list.
func addressesIn(text string) []string {
	var all []string
	for _, word := range strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \n\r\t()<>[]", r) }) {
		if isWeb(word) {
			all = append(all, word)
		}
	}
	return all
}
