package write

import (
	"path"
	"slices"
	"strings"

	"github.com/package-url/packageurl-go"

	"example.com/vexdesk/model"
)

// componentOf is the violation's component. Where its report gave no package
// URL, the coordinate is one.
func componentOf(v *model.Violation) part {
	p := part{purl: withoutPlace(v.PURL), name: v.Component, version: v.ComponentVersion}
	if p.purl == "" && strings.HasPrefix(v.Coordinate, "pkg:") {
		p.purl = spellPURL(v.Coordinate, v.ComponentVersion)
	}
	return p
}

// withoutPlace drops the qualifiers by which scanners say for what system a
// package was made, each in its own way ("distro=3.10.2", "distro=alpine-3.10.2"):
// consumers demand every qualifier that a document names, and the decision is
// about the package in the product, which is named beside it.
func withoutPlace(purl string) string {
	p, err := packageurl.FromString(purl)
	if err != nil || p.Type != "apk" && p.Type != "deb" && p.Type != "rpm" {
		return purl
	}
	p.Qualifiers = slices.DeleteFunc(p.Qualifiers, func(q packageurl.Qualifier) bool {
		return q.Key == "arch" || q.Key == "distro" || q.Key == "upstream"
	})
	return p.ToString()
}

// spellPURL encodes a coordinate, which is a key and no address, as a package
// URL.
func spellPURL(coordinate, version string) string {
	kind, rest, ok := strings.Cut(strings.TrimPrefix(coordinate, "pkg:"), "/")
	if !ok {
		return ""
	}
	namespace, name := "", rest
	if slash := strings.LastIndexByte(rest, '/'); slash >= 0 {
		namespace, name = rest[:slash], rest[slash+1:]
	}
	return packageurl.NewPackageURL(kind, namespace, name, version, nil, "").ToString()
}

// productOf is the violation's product with the package URL that consumers
// know it by: images as oci (purl-spec, PURL-TYPES: the version is a digest,
// the tag a qualifier), everything else as generic.
func productOf(v *model.Violation) part {
	p := part{name: v.Product, version: v.ProductVersion, resource: v.Resource}
	switch {
	case strings.HasPrefix(v.Product, "pkg:"):
		p.purl = v.Product
	case v.Resource == "image":
		p.purl = imagePURL(v.Product, v.ProductVersion)
	default:
		p.purl = genericPURL(v.Product, v.ProductVersion)
	}
	return p
}

// genericPURL spells a name as Grype does that of an SBOM's subject: in lower
// case, with what stands before the last slash as the namespace. A path, which
// is not the same without its first slash, is a name as a whole.
func genericPURL(name, version string) string {
	namespace, last := "", strings.ToLower(name)
	if slash := strings.LastIndexByte(last, '/'); slash >= 0 && path.Clean("/"+name) == "/"+name {
		namespace, last = last[:slash], last[slash+1:]
	}
	return packageurl.NewPackageURL("generic", namespace, last, version, nil, "").ToString()
}

func imagePURL(name, version string) string {
	var q packageurl.Qualifiers
	digest := ""
	if strings.HasPrefix(version, "sha256:") {
		digest = version
	}
	if strings.Contains(name, "/") {
		q = append(q, packageurl.Qualifier{Key: "repository_url", Value: model.ImageRepository(name)})
	}
	if digest == "" && version != "" {
		q = append(q, packageurl.Qualifier{Key: "tag", Value: version})
	}
	last := name[strings.LastIndexByte(name, '/')+1:]
	return packageurl.NewPackageURL("oci", "", strings.ToLower(last), digest, q, "").ToString()
}
