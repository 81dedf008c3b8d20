package formats

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// JFrog Xray writes its issues in many layouts: what the console exports, what
// its REST API answers (artifact summary, reports, violations, scans of graphs
// and builds), and what its command line prints. They differ in the lists that
// hold the issues and in the names of fields, so one walk finds the lists and
// one reader of issues knows all names.

func xrayReader() reader {
	return reader{name: "xray", json: isXray, readJSON: readXray}
}

func isXray(s *shape) bool { return xrayLayout(s) != "" }

// xrayLayout names the layout, "" where it is none of Xray's.
func xrayLayout(s *shape) string {
	switch {
	case s.kind == jsontext.KindBeginArray:
		if s.has("scan_id") || s.hasAny("vulnerabilities", "violations") && s.hasAny("component_id", "package_type") {
			return "scans"
		}
	case !s.isObject():
	case s.isList("data") && (s.at("data").hasAny("source_comp_id", "component_versions") || s.has("total_count")):
		return "export"
	case s.isList("artifacts") && (s.at("artifacts").hasAny("general", "issues") || s.has("errors")):
		return "artifact summary"
	case s.isList("rows") && (s.at("rows").hasAny("vulnerable_component", "impacted_artifact") || s.has("total_rows")):
		return "report"
	case s.isList("alerts") && (s.at("alerts").has("issues") || s.at("summary").has("total_alerts")):
		return "build scan (alerts)"
	case s.isList("violations") && (s.hasAny("total_violations", "violations_count") || s.at("violations").has("infected_components")):
		return "violations"
	case s.has("scan_id"), s.has("more_details_url") && s.hasAny("violations", "vulnerabilities"),
		s.at("vulnerabilities").has("issue_id"), s.at("violations").has("issue_id"):
		return "scan"
	case s.hasAny("securityViolations", "licensesViolations", "operationalRiskViolations"), s.at("vulnerabilities").has("impactedPackageName"):
		return "simple-json"
	}
	return ""
}

// xray is one reading of an Xray document.
type xray struct {
	*parser
	// artifacts are those that entries name; subject is the artifact around
	// the issues being read, in layouts that nest them.
	artifacts artifacts
	subject   xrayArtifact
	// ignored: all violations of the document are ignored ones.
	ignored bool
}

func readXray(p *parser) error {
	x := &xray{parser: p}
	p.report.Scanner = "xray"
	p.report.Variant = xrayLayout(p.shape)
	var err error
	if p.json.kind() == jsontext.KindBeginArray {
		err = p.json.list(x.document)
	} else {
		err = x.document()
	}
	if err != nil {
		return err
	}
	x.artifacts.describe(p)
	return nil
}

// document reads a whole answer, or one scan of a list.
func (x *xray) document() error {
	x.subject = xrayArtifact{}
	err := x.json.object(func(name string) error {
		switch name {
		case "data", "rows", "vulnerabilities", "violations", "securityViolations":
			return x.issues(issueSecurity, true)
		case "licensesViolations", "licenseViolations":
			return x.issues(issueLicense, false)
		case "operationalRiskViolations":
			return x.issues(issueOperationalRisk, false)
		case "artifacts", "alerts":
			return x.json.list(x.nested)
		case "violations_count":
			x.ignored = true
		case "component_id", "package_type":
			v, err := x.json.value()
			x.subject.set(name, v)
			return err
		case "secrets", "iac", "sast", "secretsViolations", "iacViolations", "sastViolations", "maliciousCode":
			return x.json.entries(func(value) error {
				x.note("skipped results of other scanners (secrets, infrastructure as code, source code)")
				return nil
			})
		}
		return x.json.skip()
	})
	x.artifacts.add(x.subject.split())
	return err
}

// nested reads an element of artifacts or alerts, which holds issues.
func (x *xray) nested() error {
	x.subject = xrayArtifact{}
	err := x.json.object(func(name string) error {
		switch name {
		case "general":
			v, err := x.json.value()
			for n, each := range v.fields() {
				x.subject.set(string(n), each)
			}
			return err
		case "issues":
			return x.issues(issueSecurity, true)
		}
		return x.json.skip()
	})
	x.artifacts.add(x.subject.split())
	return err
}

// issues reads a list of issues. kind is what they are where they do not say;
// entries tells whether they count as entries (corpus: rules per format).
func (x *xray) issues(kind issueKind, entries bool) error {
	return x.json.entries(func(v value) error {
		if entries {
			x.count()
		}
		return x.issue(readXrayIssue(v, kind))
	})
}

// issue hands on one finding per component of an issue.
func (x *xray) issue(i *xrayIssue) error {
	for _, a := range i.artifacts {
		x.artifacts.add(a.split())
	}
	components := i.allComponents()
	if len(components) == 0 {
		x.note("skipped issues without a component")
		return nil
	}
	for _, c := range components {
		f := i.finding(c)
		if x.ignored && !f.Suppressed {
			f.Suppressed, f.SuppressReason = true, "ignored in Xray"
		}
		if err := x.add(f); err != nil {
			return err
		}
	}
	return nil
}

// xrayArtifact is what was scanned, in Xray's own words.
type xrayArtifact struct{ name, componentID, packageType string }

func (a *xrayArtifact) set(name string, v value) {
	switch name {
	case "name", "display_name":
		a.name = v.text()
	case "component_id":
		a.componentID = v.text()
	case "package_type", "pkg_type":
		a.packageType = v.text()
	}
}

// split returns the artifact's name, version and resource; the name is empty
// where Xray only has a stand-in ("root", or the checksum of a file).
func (a xrayArtifact) split() (name, version, resource string) {
	id := a.componentID
	if a.name != "" && !strings.Contains(id, "://") {
		id = a.name
	}
	scheme, rest, found := strings.Cut(id, "://")
	if !found {
		scheme, rest = strings.ToLower(a.packageType), id
	}
	switch strings.ToLower(scheme) {
	case "docker", "oci":
		resource = resourceImage
	case "build":
		resource = resourceBuild
	case "releasebundle", "release-bundle", "release_bundle", "releasebundlev2":
		resource = resourceReleaseBundle
	default:
		resource = resourceArtifact
	}
	if rest == "" || rest == "root" || rest == "root:" {
		return "", "", ""
	}
	name, version = splitXrayID(strings.ToLower(scheme), rest)
	if strings.HasPrefix(version, "sha256:") {
		version = ""
	}
	return name, version, resource
}
