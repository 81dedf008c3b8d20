package formats

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/vexdesk/model"
)

// Snyk's command line (docs.snyk.io, "snyk test --json") writes one project or
// a list of projects, each with its vulnerabilities once for every path that
// leads to the package; images nest the projects found in them. Licence issues
// stand among the vulnerabilities. The REST API's issues are in snyk_rest.go.

func snykReader() reader {
	return reader{name: "snyk", json: isSnyk, readJSON: readSnyk}
}

func isSnyk(s *shape) bool {
	if isSnykREST(s) || isSnykError(s) {
		return true
	}
	// The list comes first and may be long: its elements tell, too.
	return s.isList("vulnerabilities") && (s.hasAny("packageManager", "dependencyCount", "licensesPolicy") ||
		s.at("vulnerabilities").has("semver") && s.at("vulnerabilities").has("from"))
}

// isSnykError: what is printed where the test itself failed.
func isSnykError(s *shape) bool {
	return s.isObject() && s.has("ok") && s.has("error") && !s.has("vulnerabilities")
}

// snyk is one reading of a Snyk report.
type snyk struct {
	*parser
	artifacts artifacts
	project   snykProject
}

// snykProject is what a project says about itself, behind its vulnerabilities.
type snykProject struct {
	name, path string
	// root is the beginning of all dependency paths: "project@version".
	root  string
	image bool
	// part: an application inside of an image, which is the product.
	part bool
}

func readSnyk(p *parser) error {
	s := &snyk{parser: p}
	p.report.Scanner, p.report.Variant = "snyk", "project"
	switch {
	case isSnykREST(p.shape):
		return s.readREST()
	case isSnykError(p.shape):
		return scanFailed(p.shape.at("error").value())
	}
	var err error
	if p.json.kind() == jsontext.KindBeginArray {
		p.report.Variant = "list of projects"
		err = p.json.list(s.document)
	} else {
		err = s.document()
	}
	if err != nil {
		return err
	}
	s.artifacts.describe(p)
	return nil
}

// document reads a project.
func (s *snyk) document() error {
	around := s.project
	s.project = snykProject{part: around.part}
	err := s.json.object(func(name string) error {
		switch name {
		case "vulnerabilities":
			return s.json.entries(s.issue)
		case "applications":
			s.project.part = true
			err := s.json.list(s.document)
			s.project.part = around.part
			return err
		case "projectName", "path", "docker":
			v, err := s.json.value()
			switch name {
			case "projectName":
				s.project.name = v.text()
			case "path":
				s.project.path = v.text()
			default:
				s.project.image = true
			}
			return err
		case "error":
			v, err := s.json.value()
			if text := v.text(); text != "" {
				s.warn("Snyk reports an error: %s", model.CutRunes(model.Clean(text), 200))
			}
			return err
		}
		return s.json.skip()
	})
	if !s.project.part {
		s.artifacts.add(s.project.split())
	}
	s.project = around
	return err
}

// imagePrefix begins the names of projects that are images.
const imagePrefix = "docker-image|"

// split proposes product and version (ruling 5).
func (p snykProject) split() (name, version, resource string) {
	if image, ok := strings.CutPrefix(p.name, imagePrefix); ok || p.image {
		name, version = splitImage(image)
		if _, tag := splitImage(p.path); version == "" && !isArchive(p.path) {
			version = tag
		}
		return name, version, resourceImage
	}
	if root, ok := strings.CutPrefix(p.root, p.name+"@"); ok && root != "0.0.0" && root != "*" {
		version = root // 0.0.0 stands for a project without a version
	}
	return p.name, version, resourceArtifact
}

// issue reads an element of vulnerabilities.
func (s *snyk) issue(v value) error {
	s.count()
	f := &model.Finding{}
	var name, manager, critical, license, nearest string
	var isLicense bool
	var ids []string
	for member, each := range v.fields() {
		switch string(member) {
		case "id":
			f.ID = s.text(each)
		case "type":
			isLicense = each.text() == "license"
		case "license":
			license = each.text()
		case "packageName":
			f.Component.Name = s.text(each)
		case "name":
			name = s.text(each)
		case "version":
			f.Component.Version = s.text(each)
		case "packageManager":
			manager = s.text(each)
		case "severity":
			f.Severity = model.ReportSeverity(each.text())
		case "severityWithCritical":
			critical = each.text()
		case "identifiers":
			ids = append(each.field("CVE").texts(), each.field("GHSA").texts()...)
		case "fixedIn":
			f.FixVersions = nonEmpty(each.texts()...)
		case "nearestFixedInVersion":
			nearest = each.text()
		case "from":
			s.path(f, each.texts())
		default:
			snykDetail(f, string(member), each)
		}
	}
	if f.Severity == model.SeverityUnknown {
		f.Severity = model.ReportSeverity(critical)
	}
	if len(f.FixVersions) == 0 {
		f.FixVersions = nonEmpty(nearest)
	}
	if f.Component.Name == "" {
		f.Component.Name = name
	}
	s.tell(f.Severity, f.ID, f.Component.Name, f.Component.Version)
	relate(f, ids...)
	f.Ratings = snykRatings(v)
	snykPURL(&f.Component, manager, name)
	if f.URL = "https://security.snyk.io/vuln/" + f.ID; !strings.HasPrefix(f.ID, "SNYK-") {
		f.URL = ""
	}
	if isLicense {
		f.Type, f.ExternalID, f.ID = model.License, f.ID, license
		f.Component.Licenses = nonEmpty(license)
	}
	return s.add(f)
}

// snykDetail reads the members that need no second look.
func snykDetail(f *model.Finding, member string, v value) {
	switch member {
	case "title":
		f.Title = v.text()
	case "description":
		f.Description = v.text()
	case "references":
		var addresses []string
		for r := range v.items() {
			addresses = append(addresses, r.field("url").text())
		}
		f.References = webAddresses(addresses...)
	case "epssDetails":
		f.EPSS, f.EPSSPercentile = v.field("probability").number(), v.field("percentile").number()
	case "reachability":
		// docs.snyk.io, "Reachability analysis"
		switch v.text() {
		case "reachable":
			f.Applicable = "applicable"
		case "not-reachable":
			f.Applicable = "not_applicable"
		}
	}
}

// path keeps the dependency path, which begins with the project.
func (s *snyk) path(f *model.Finding, from []string) {
	if len(from) == 0 {
		return
	}
	s.project.root = from[0]
	f.Locations = []string{strings.Join(from, " > ")}
}

// snykRatings reads the ratings of all layouts: today's list, the list before
// it, and the single vector that old reports have alone.
func snykRatings(v value) []model.Rating {
	var all []model.Rating
	for each := range v.field("cvssSources").items() {
		all = appendRating(all, strings.ToLower(each.field("assigner").text()), "", each.field("vector").text(), each.field("baseScore").number())
	}
	if len(all) > 0 {
		return all
	}
	all = appendRating(all, "snyk", "", v.field("CVSSv3").text(), v.field("cvssScore").number())
	for each := range v.field("cvssDetails").items() {
		all = appendRating(all, strings.ToLower(each.field("assigner").text()), "", each.field("cvssV3Vector").text(), each.field("cvssV3BaseScore").number())
	}
	return all
}

// snykPURL builds the package URL. In distributions name is "source/binary":
// other scanners name the binary package.
func snykPURL(c *model.Component, manager, name string) {
	kind, release, linux := strings.Cut(manager, ":") // "debian:10"
	if linux {
		if _, binary, ok := cutLast(name, "/"); ok {
			name = binary
		}
		c.PURL = buildPURL(kind, name, c.Version)
	} else if !strings.HasPrefix(c.Version, "#") { // Go modules at a commit
		c.PURL = buildPURL(kind, c.Name, c.Version)
	}
	c.Type = ecosystemType(kind)
	if c.PURL != "" && release != "" {
		c.PURL += "?distro=" + kind + "-" + release
	}
}
