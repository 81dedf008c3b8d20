package model

import (
	"net/url"
	"strings"
)

// ComponentKey is the identity of a component: its package URL without
// qualifiers and subpath, in one spelling whatever tool wrote it, or one built
// of type, name and version where the component has none. Equal keys mean the
// same package in the same version. It is a key, not an address: it is not
// percent-encoded.
func ComponentKey(c Component) string {
	p := parsePURL(c)
	if p.version == "" {
		return p.coordinate()
	}
	return p.coordinate() + "@" + p.version
}

// Coordinate is ComponentKey without the version: what stays the same from
// version to version (domain: component).
func Coordinate(c Component) string { return parsePURL(c).coordinate() }

// purl is a package URL in its parts (package-url/purl-spec), spelled
// canonically.
type purl struct{ kind, namespace, name, version string }

func (p purl) coordinate() string {
	if p.namespace == "" {
		return "pkg:" + p.kind + "/" + p.name
	}
	return "pkg:" + p.kind + "/" + p.namespace + "/" + p.name
}

// parsePURL takes a component's package URL apart, or makes its parts from
// the other fields where it has none that can be read.
func parsePURL(c Component) purl {
	p, epoch, ok := splitPURL(c.PURL)
	if !ok {
		p, epoch = purl{kind: strings.ToLower(c.Type), name: c.Name, version: c.Version}, ""
		if p.kind == "" {
			p.kind = "generic"
		}
		if p.kind == "maven" {
			p.name = strings.ReplaceAll(p.name, ":", "/")
		}
	}
	if p.version == "" {
		p.version = c.Version
	}
	p.canonical(epoch)
	return p
}

// splitPURL splits the text of a package URL. Tools write the epoch of a
// Debian or RPM version as a qualifier or before the version: it is returned
// when it is a qualifier.
func splitPURL(s string) (p purl, epoch string, ok bool) {
	rest, ok := strings.CutPrefix(s, "pkg:")
	if !ok {
		return purl{}, "", false
	}
	rest, _, _ = strings.Cut(strings.TrimLeft(rest, "/"), "#")
	rest, qualifiers, _ := strings.Cut(rest, "?")
	p.kind, rest, ok = strings.Cut(rest, "/")
	if !ok || p.kind == "" {
		return purl{}, "", false
	}
	// The version follows the last @, unless that one begins an npm scope
	// that was left unencoded.
	if at := strings.LastIndexByte(rest, '@'); at > 0 && rest[at-1] != '/' {
		p.version, rest = unescape(rest[at+1:]), rest[:at]
	}
	rest = strings.Trim(rest, "/")
	if slash := strings.LastIndexByte(rest, '/'); slash >= 0 {
		p.namespace, p.name = unescape(rest[:slash]), unescape(rest[slash+1:])
	} else {
		p.name = unescape(rest)
	}
	for q := range strings.SplitSeq(qualifiers, "&") {
		if value, found := strings.CutPrefix(q, "epoch="); found {
			epoch = value
		}
	}
	return p, epoch, p.name != ""
}

func unescape(s string) string {
	if strings.IndexByte(s, '%') < 0 {
		return s
	}
	plain, err := url.PathUnescape(s)
	if err != nil {
		return s
	}
	return plain
}

// canonical applies the rules of the type (purl-spec, PURL-TYPES), and a few
// that scanners need to agree: Go versions are written with and without their
// v, Red Hat is called rhel and redhat, and PyPI names are compared as PEP 503
// says.
func (p *purl) canonical(epoch string) {
	p.kind = strings.ToLower(p.kind)
	switch p.kind {
	case "golang":
		p.lower()
		p.version = strings.TrimPrefix(p.version, "v")
	case "pypi":
		p.lower()
		p.name = normalizePyPI(p.name)
	case "rpm":
		p.namespace = strings.ToLower(p.namespace)
		if p.namespace == "rhel" {
			p.namespace = "redhat"
		}
		p.addEpoch(epoch)
	case "deb":
		p.lower()
		p.addEpoch(epoch)
	case "apk", "alpm", "npm", "composer", "github", "gitlab", "bitbucket", "hex", "nuget", "oci", "pub", "githubactions", "bitnami":
		p.lower()
	}
}

func (p *purl) lower() {
	p.namespace, p.name = strings.ToLower(p.namespace), strings.ToLower(p.name)
}

// addEpoch writes the epoch before the version; 0 is the same as none.
func (p *purl) addEpoch(epoch string) {
	p.version = strings.TrimPrefix(p.version, "0:")
	if epoch != "" && epoch != "0" && p.version != "" && !strings.Contains(p.version, ":") {
		p.version = epoch + ":" + p.version
	}
}

// normalizePyPI makes runs of -, _ and . one - (PEP 503, normalized names).
func normalizePyPI(name string) string {
	if !strings.ContainsAny(name, "_.") && !strings.Contains(name, "--") {
		return name
	}
	var b strings.Builder
	b.Grow(len(name))
	for i := 0; i < len(name); i++ {
		switch c := name[i]; c {
		case '-', '_', '.':
			if i == 0 || !strings.ContainsRune("-_.", rune(name[i-1])) {
				b.WriteByte('-')
			}
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}
