package storage

import (
	"net/url"
	"strings"
)

// productName is a product as a VEX document names it.
type productName struct{ purl, name, version string }

// told reports whether a product is named at all; govulncheck writes "Unknown
// Product" where it does not know (golang.org/x/vuln, internal/openvex).
func (p productName) told() bool {
	return p.purl != "" || p.name != "" && !strings.EqualFold(p.name, "Unknown Product")
}

// is reports whether a version of a product of ours is meant: by its name, or
// the repository of an image, and by its version, or the tag of an image,
// where the document tells one. A digest is a version of its own.
func (p productName) is(product, version string) bool {
	names, versions := []string{p.name}, p.version
	kind, _, _ := strings.Cut(strings.TrimPrefix(p.purl, "pkg:"), "/")
	if p.purl != "" && (kind == "oci" || kind == "docker") {
		repository, tag := qualifier(p.purl, "repository_url"), qualifier(p.purl, "tag")
		if repository != "" {
			names = append(names, repository)
		} else {
			names = append(names, product[:strings.LastIndexByte(product, '/')+1]+p.name)
		}
		if versions == "" {
			versions = tag
		}
	}
	for _, name := range names {
		if strings.EqualFold(name, product) && (versions == "" || strings.EqualFold(versions, version)) {
			return true
		}
		if versions == "" && strings.EqualFold(name, product+" "+version) {
			return true
		}
	}
	return p.purl != "" && p.purl == product
}

// isPackage reports whether the name is that of a package, which statements
// may name where others name the product that holds it.
func (p productName) isPackage() bool {
	kind, _, _ := strings.Cut(strings.TrimPrefix(p.purl, "pkg:"), "/")
	return p.purl != "" && kind != "oci" && kind != "docker" && kind != "generic"
}

// qualifier reads a qualifier of a package URL, "" where it has none.
func qualifier(purl, key string) string {
	_, after, _ := strings.Cut(purl, "?")
	after, _, _ = strings.Cut(after, "#")
	values, err := url.ParseQuery(after)
	if err != nil {
		return ""
	}
	return values.Get(key)
}
