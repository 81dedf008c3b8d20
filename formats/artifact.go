package formats

import (
	"path"
	"strings"

	"example.com/vexdesk/model"
)

// The resources that a report can be about (domain: product).
const (
	resourceBuild         = "build"
	resourceArtifact      = "artifact"
	resourceRepository    = "repository"
	resourceReleaseBundle = "release_bundle"
	resourceImage         = "image"
	resourceSBOM          = "sbom"
)

// splitImage splits an image reference (registry/repository:tag@digest, see
// the OCI distribution specification) into its name and a version: the tag,
// else the digest, else "".
func splitImage(reference string) (name, version string) {
	name, digest, _ := strings.Cut(reference, "@")
	if front, tag, ok := cutLast(name, ":"); ok && !strings.Contains(tag, "/") {
		return front, tag
	}
	return name, digest
}

// isArchive reports whether the name of an image is the name of a file.
func isArchive(name string) bool {
	for _, suffix := range [...]string{".tar", ".tar.gz", ".tgz", ".tar.zst"} {
		if strings.HasSuffix(strings.ToLower(name), suffix) {
			return true
		}
	}
	return false
}

// baseName is what a user would call a folder, file or repository: its last
// element, "" where it has none.
func baseName(location string) string {
	location = strings.TrimSuffix(strings.ReplaceAll(location, `\`, "/"), ".git")
	base := path.Base(strings.TrimRight(location, "/"))
	if base == "." || base == "/" || base == ".." {
		return ""
	}
	return base
}

// artifacts collects the artifacts that a report covers, for formats in which
// every entry names its own. It keeps what is needed to tell one from several.
type artifacts struct {
	name, version, resource string
	several, severalNames   bool
	seen                    bool
}

func (a *artifacts) add(name, version, resource string) {
	switch {
	case name == "":
	case !a.seen:
		*a = artifacts{name: name, version: version, resource: resource, seen: true}
	case a.name != name:
		a.severalNames = true
	case a.version != version:
		a.several = true
	}
}

// describe gives the report its product, as far as all artifacts agree.
func (a *artifacts) describe(p *parser) {
	r := p.report
	switch {
	case !a.seen:
	case a.severalNames:
		p.warn("the report covers several artifacts, which count as one product")
	case a.several:
		p.warn("the report covers several versions of %s, which count as one", model.Clean(a.name))
		r.Product, r.Resource, r.Artifact = a.name, a.resource, a.name
	default:
		r.Product, r.Version, r.Resource = a.name, a.version, a.resource
		r.Artifact = a.name
		if a.version != "" {
			r.Artifact += ":" + a.version
		}
	}
}
