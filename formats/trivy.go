package formats

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"example.com/vexdesk/model"
)

// Trivy's JSON (trivy.dev, "JSON schema"; aquasecurity/trivy pkg/types): a
// report with Results since schema version 2, a bare list of results before
// it, null for no results at all, and reports of clusters, in which resources
// hold the results.

func trivyReader() reader {
	return reader{name: "trivy", json: isTrivy, readJSON: readTrivy}
}

func isTrivy(s *shape) bool {
	switch s.kind {
	case jsontext.KindNull:
		return true // what old versions wrote for no results
	case jsontext.KindBeginArray:
		return s.has("Target") && s.hasAny("Type", "Class", "Vulnerabilities")
	case jsontext.KindBeginObject:
		if s.has("ClusterName") {
			return s.hasAny("Vulnerabilities", "Misconfigurations", "Resources", "Findings")
		}
		return s.has("SchemaVersion") && s.hasAny("ArtifactName", "ArtifactType", "Results") ||
			s.isList("Results") && (s.at("Results").has("Target") || s.hasAny("ArtifactName", "ArtifactType"))
	}
	return false
}

// trivy is one reading of a Trivy report.
type trivy struct {
	*parser
	// resource is the cluster's resource that is being read, "" elsewhere.
	resource string
	artifact trivyArtifact
	// rated is where ratings are gathered.
	rated []model.Rating
}

// trivyArtifact is what was scanned.
type trivyArtifact struct {
	name, kind, reference, imageID string
	repoTags, repoDigests          []string
}

func readTrivy(p *parser) error {
	t := &trivy{parser: p}
	p.report.Scanner = "trivy"
	if p.json.kind() != jsontext.KindBeginObject {
		p.report.Variant = "list of results"
		t.artifact.kind = "list"
		err := p.json.list(t.result)
		t.describe()
		return err
	}
	p.report.Variant = "report"
	err := p.json.object(t.member)
	t.describe()
	return err
}

// member reads a member of the report.
func (t *trivy) member(name string) error {
	switch name {
	case "Results":
		return t.json.list(t.result)
	case "Resources", "Vulnerabilities", "Misconfigurations", "Findings":
		t.report.Variant = "cluster"
		return t.json.list(t.clusterResource)
	case "ArtifactName", "ArtifactType", "ClusterName", "CreatedAt", "Metadata":
		v, err := t.json.value()
		if err != nil {
			return err
		}
		t.about(name, v)
		return nil
	}
	return t.json.skip()
}

// about reads what the report says about itself.
func (t *trivy) about(name string, v value) {
	switch name {
	case "ArtifactName":
		t.artifact.name = v.text()
	case "ArtifactType":
		t.artifact.kind = v.text()
	case "ClusterName":
		t.artifact.name, t.artifact.kind = v.text(), "cluster"
	case "CreatedAt":
		t.report.Created = v.time()
	case "Metadata":
		for n, each := range v.fields() {
			switch string(n) {
			case "RepoTags":
				t.artifact.repoTags = each.texts()
			case "RepoDigests":
				t.artifact.repoDigests = each.texts()
			case "Reference":
				t.artifact.reference = each.text()
			case "ImageID":
				t.artifact.imageID = each.text()
			}
		}
	}
}

// describe proposes product and version (ruling 5).
func (t *trivy) describe() {
	a, r := t.artifact, t.report
	r.Artifact = a.name
	switch a.kind {
	case "container_image":
		reference := a.name
		if isArchive(reference) {
			// An image in a file: its own name says more than the file's.
			if named := nonEmpty(append([]string{a.reference}, a.repoTags...)...); len(named) > 0 {
				reference = named[0]
			}
		}
		r.Resource = resourceImage
		r.Product, r.Version = splitImage(reference)
		if isArchive(reference) {
			r.Product, r.Version = baseName(reference), ""
		}
		if r.Version == "" && len(a.repoDigests) > 0 {
			_, r.Version = splitImage(a.repoDigests[0])
		}
		if r.Version == "" {
			r.Version = a.imageID
		}
	case "repository":
		r.Product, r.Resource = baseName(a.name), resourceRepository
	case "cluster":
		r.Product = a.name
	case "list":
		// Old reports are lists of results: the target of an image's system
		// packages is "name (family version)".
		name, system, ok := strings.Cut(a.name, " (")
		if ok && strings.HasSuffix(system, ")") {
			r.Artifact, r.Resource = name, resourceImage
			r.Product, r.Version = splitImage(name)
		}
	case "cyclonedx", "spdx":
		r.Product, r.Resource = baseName(a.name), resourceSBOM
	default:
		r.Product, r.Resource = baseName(a.name), resourceArtifact
		if r.Product == "" {
			r.Resource = ""
		}
	}
}

// clusterResource reads a resource of a cluster report.
func (t *trivy) clusterResource() error {
	var namespace, kind, name string
	t.resource = ""
	defer func() { t.resource = "" }()
	return t.json.object(func(member string) error {
		switch member {
		case "Namespace", "Kind", "Name":
			v, err := t.json.value()
			if err != nil {
				return err
			}
			switch member {
			case "Namespace":
				namespace = v.text()
			case "Kind":
				kind = v.text()
			case "Name":
				name = v.text()
			}
			t.resource = strings.Join(nonEmpty(namespace, kind, name), "/")
			return nil
		case "Results":
			return t.json.list(t.result)
		}
		return t.json.skip()
	})
}

// trivyResult is what a result says before its vulnerabilities.
type trivyResult struct{ target, kind string }

// result reads one result. Trivy writes Target, Class and Type before the
// lists of findings.
func (t *trivy) result() error {
	var r trivyResult
	return t.json.object(func(member string) error {
		switch member {
		case "Target", "Type":
			v, err := t.json.value()
			if member == "Target" {
				r.target = v.text()
				if t.artifact.kind == "list" && t.artifact.name == "" {
					t.artifact.name = r.target
				}
			} else {
				r.kind = v.text()
			}
			return err
		case "Vulnerabilities":
			return t.json.entries(func(v value) error {
				f := t.finding(v, r)
				if f.ID == "" {
					t.note("skipped entries without an id")
					return nil
				}
				t.count()
				return t.add(f)
			})
		case "Licenses":
			return t.json.entries(func(v value) error { return t.license(v, r) })
		case "ExperimentalModifiedFindings":
			return t.json.entries(func(v value) error { return t.modified(v, r) })
		case "Misconfigurations":
			return t.json.entries(func(v value) error {
				if strings.EqualFold(v.field("Status").text(), "FAIL") {
					t.note("skipped misconfigurations (only vulnerable packages and licences are imported)")
				}
				return nil
			})
		case "Secrets":
			return t.json.entries(func(value) error {
				t.note("skipped secrets (only vulnerable packages and licences are imported)")
				return nil
			})
		}
		return t.json.skip()
	})
}
