package formats

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/vexdesk/model"
)

// The reports of the Trivy operator (aquasecurity.github.io/trivy-operator,
// "VulnerabilityReport"): Kubernetes resources, one for each container, alone
// or in a list.

func trivyOperatorReader() reader {
	return reader{name: "trivy-operator", json: isTrivyOperator, readJSON: readTrivyOperator}
}

func isTrivyOperator(s *shape) bool {
	if strings.HasPrefix(s.at("apiVersion").value(), "aquasecurity.github.io/") {
		return true
	}
	return s.isObject() && s.isList("items") && strings.HasPrefix(s.at("items", "apiVersion").value(), "aquasecurity.github.io/")
}

// trivyOperator is one reading of such resources.
type trivyOperator struct {
	*parser
	artifacts artifacts
	kind      string
	// place is the resource and container that the report is about.
	place string
}

func readTrivyOperator(p *parser) error {
	t := &trivyOperator{parser: p}
	p.report.Scanner, p.report.Variant = "trivy-operator", "report"
	var err error
	switch {
	case p.json.kind() == jsontext.KindBeginArray:
		p.report.Variant = "list of reports"
		err = p.json.list(t.resource)
	default:
		err = t.resource()
	}
	if err != nil {
		return err
	}
	t.artifacts.describe(p)
	return nil
}

// resource reads a report, or a list of Kubernetes with reports in items.
func (t *trivyOperator) resource() error {
	t.kind, t.place = "", ""
	return t.json.object(func(name string) error {
		switch name {
		case "items":
			t.report.Variant = "list of reports"
			return t.json.list(t.resource)
		case "kind", "metadata":
			v, err := t.json.value()
			if name == "kind" {
				t.kind = v.text()
			} else {
				t.place = operatorPlace(v)
			}
			return err
		case "report":
			return t.json.object(t.member)
		}
		return t.json.skip()
	})
}

// operatorPlace names namespace, kind, name and container as the labels of the
// resource tell them.
func operatorPlace(metadata value) string {
	labels := metadata.field("labels")
	var parts []string
	for _, part := range [...]string{"resource.namespace", "resource.kind", "resource.name", "container.name"} {
		parts = append(parts, labels.field("trivy-operator."+part).text())
	}
	return strings.Join(nonEmpty(parts...), "/")
}

// member reads a member of a report.
func (t *trivyOperator) member(name string) error {
	switch name {
	case "artifact":
		v, err := t.json.value()
		version := v.field("tag").text()
		if version == "" {
			version = v.field("digest").text()
		}
		t.artifacts.add(v.field("repository").text(), version, resourceImage)
		return err
	case "updateTimestamp":
		v, err := t.json.value()
		t.report.Created = v.time()
		return err
	case "vulnerabilities":
		return t.json.entries(t.vulnerability)
	case "checks":
		return t.json.entries(func(value) error {
			t.note("skipped configuration checks (only vulnerable packages are imported)")
			return nil
		})
	case "secrets":
		return t.json.entries(func(value) error {
			t.note("skipped secrets (only vulnerable packages are imported)")
			return nil
		})
	}
	return t.json.skip()
}

// vulnerability reads one vulnerability.
func (t *trivyOperator) vulnerability(v value) error {
	t.count()
	f := &model.Finding{}
	var kind, target, class string
	var score *float64
	var cvss value
	for name, each := range v.fields() {
		switch string(name) {
		case "vulnerabilityID":
			f.ID = t.text(each)
		case "resource":
			f.Component.Name = t.text(each)
		case "installedVersion":
			f.Component.Version = t.text(each)
		case "packagePURL":
			f.Component.PURL = t.text(each)
		case "packageType":
			kind = t.text(each)
		case "class":
			class = t.text(each)
		case "target", "packagePath":
			if target == "" {
				target = t.text(each)
			}
		case "fixedVersion":
			f.FixVersions = splitVersions(each.text())
		case "severity":
			f.Severity = model.ReportSeverity(each.text())
		case "title":
			f.Title = each.text()
		case "description":
			f.Description = t.text(each)
		case "primaryLink":
			f.URL = webAddress(each.text())
		case "links":
			f.References = webAddresses(each.texts()...)
		case "score":
			score = each.number()
		case "cvss":
			cvss = each
		}
	}
	f.Ratings = (&trivy{parser: t.parser}).ratings(cvss, value{})
	if len(f.Ratings) == 0 {
		f.Ratings = appendRating(nil, "", "", "", score)
	}
	if f.Component.PURL == "" && class != "os-pkgs" {
		f.Component.PURL = buildPURL(kind, f.Component.Name, f.Component.Version)
		f.Component.Type = ecosystemType(kind)
	}
	f.Locations = nonEmpty(t.place, target)
	return t.add(f)
}
