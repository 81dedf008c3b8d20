package storage

import (
	"net/url"
	"strings"

	"example.com/vexdesk/model"
)

// productName is a product as a VEX document names it.
type productName struct{ purl, name, version string }

// String is the product for people.
func (p productName) String() string {
	if p.purl != "" {
		return p.purl
	}
	return strings.TrimSpace(p.name + " " + p.version)
}

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
	if p.ofImage(product) {
		names = append(names, product)
	}
	if p.isImage() && versions == "" {
		versions = qualifier(p.purl, "tag")
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

// ofImage reports whether an image of ours is meant, by its repository, or by
// the last part of its name where the document tells no more.
func (p productName) ofImage(product string) bool {
	if !p.isImage() {
		return false
	}
	if repository := qualifier(p.purl, "repository_url"); repository != "" {
		return strings.EqualFold(model.ImageRepository(repository), model.ImageRepository(product))
	}
	return strings.EqualFold(p.name, product[strings.LastIndexByte(product, '/')+1:])
}

// kind is the type of the package URL, "" where there is none.
func (p productName) kind() string {
	kind, _, _ := strings.Cut(strings.TrimPrefix(p.purl, "pkg:"), "/")
	return kind
}

func (p productName) isImage() bool { return p.kind() == "oci" || p.kind() == "docker" }

// isPackage reports whether the name is that of a package, which statements
// may name where others name the product that holds it.
func (p productName) isPackage() bool {
	return p.purl != "" && !p.isImage() && p.kind() != "generic"
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
