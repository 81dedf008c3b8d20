package formats

import (
	"strings"

	"github.com/package-url/packageurl-go"
)

// ecosystems maps the words that scanners use for kinds of packages to purl
// types (package-url/purl-spec, PURL-TYPES). For packages of operating systems
// the namespace is the distribution.
var ecosystems = map[string]struct{ purl, namespace string }{
	// operating systems
	"alpine": {"apk", "alpine"}, "wolfi": {"apk", "wolfi"}, "chainguard": {"apk", "chainguard"}, "apk": {"apk", ""},
	"debian": {"deb", "debian"}, "ubuntu": {"deb", "ubuntu"}, "deb": {"deb", ""}, "dpkg": {"deb", ""},
	"redhat": {"rpm", "redhat"}, "centos": {"rpm", "centos"}, "rocky": {"rpm", "rocky"}, "alma": {"rpm", "alma"},
	"fedora": {"rpm", "fedora"}, "oracle": {"rpm", "oracle"}, "amazon": {"rpm", "amazon"}, "photon": {"rpm", "photon"},
	"opensuse": {"rpm", "opensuse"}, "opensuse.leap": {"rpm", "opensuse"}, "opensuse.tumbleweed": {"rpm", "opensuse"},
	"suse linux enterprise server": {"rpm", "suse"}, "cbl-mariner": {"rpm", "cbl-mariner"}, "azurelinux": {"rpm", "azurelinux"},
	"rhel": {"rpm", "redhat"}, "amzn": {"rpm", "amazon"}, "sles": {"rpm", "suse"}, "rpm": {"rpm", ""},
	// languages
	"npm": {"npm", ""}, "node-pkg": {"npm", ""}, "yarn": {"npm", ""}, "pnpm": {"npm", ""}, "bun": {"npm", ""}, "js": {"npm", ""},
	"pypi": {"pypi", ""}, "pip": {"pypi", ""}, "pipenv": {"pypi", ""}, "poetry": {"pypi", ""}, "uv": {"pypi", ""},
	"python-pkg": {"pypi", ""}, "python": {"pypi", ""},
	"gav": {"maven", ""}, "maven": {"maven", ""}, "gradle": {"maven", ""}, "ivy": {"maven", ""}, "sbt": {"maven", ""},
	"jar": {"maven", ""}, "pom": {"maven", ""}, "java-archive": {"maven", ""}, "java": {"maven", ""},
	"go": {"golang", ""}, "golang": {"golang", ""}, "gomod": {"golang", ""}, "gobinary": {"golang", ""}, "go-module": {"golang", ""},
	"gomodules": {"golang", ""}, "golangdep": {"golang", ""}, "govendor": {"golang", ""},
	"gem": {"gem", ""}, "rubygems": {"gem", ""}, "bundler": {"gem", ""}, "gemspec": {"gem", ""}, "ruby": {"gem", ""},
	"crates.io": {"cargo", ""}, "cargo": {"cargo", ""}, "rustbinary": {"cargo", ""}, "rust-crate": {"cargo", ""}, "rust": {"cargo", ""},
	"packagist": {"composer", ""}, "composer": {"composer", ""}, "composer-vendor": {"composer", ""}, "php-composer": {"composer", ""}, "php": {"composer", ""},
	"nuget": {"nuget", ""}, "dotnet-core": {"nuget", ""}, "dotnet": {"nuget", ""}, "packages-props": {"nuget", ""}, "paket": {"nuget", ""},
	"conan": {"conan", ""}, "conda": {"conda", ""}, "conda-pkg": {"conda", ""}, "conda-environment": {"conda", ""},
	"hex": {"hex", ""}, "mix": {"hex", ""}, "pub": {"pub", ""}, "swift": {"swift", ""}, "cocoapods": {"cocoapods", ""},
	"cran": {"cran", ""}, "julia": {"julia", ""}, "bitnami": {"bitnami", ""}, "huggingfaceml": {"huggingface", ""},
	"docker": {"docker", ""}, "generic": {"generic", ""}, "github-action": {"githubactions", ""}, "actions": {"githubactions", ""},
}

// buildPURL makes a package URL for a package of which a report gives only
// kind, name and version. It returns "" where the kind is unknown: a guess
// would join packages that are not the same.
func buildPURL(kind, name, version string, qualifiers ...string) string {
	e, known := ecosystems[strings.ToLower(kind)]
	if !known || name == "" {
		return ""
	}
	namespace := e.namespace
	switch e.purl {
	case "maven":
		group, artifact, ok := cutLast(name, ":")
		if !ok {
			if group, artifact, ok = cutLast(name, "/"); !ok {
				return ""
			}
		}
		namespace, name = group, artifact
	case "npm", "golang", "composer", "docker", "huggingface", "swift", "githubactions":
		if front, last, ok := cutLast(name, "/"); ok {
			namespace, name = front, last
		}
	case "rpm":
		if epoch, rest, ok := strings.Cut(version, ":"); ok {
			version = rest
			if epoch != "0" {
				qualifiers = append(qualifiers, "epoch", epoch)
			}
		}
	}
	var q packageurl.Qualifiers
	for i := 0; i+1 < len(qualifiers); i += 2 {
		if qualifiers[i+1] != "" {
			q = append(q, packageurl.Qualifier{Key: qualifiers[i], Value: qualifiers[i+1]})
		}
	}
	p := packageurl.NewPackageURL(e.purl, namespace, name, version, q, "")
	if err := p.Normalize(); err != nil {
		return ""
	}
	return p.ToString()
}

// ecosystemType returns the purl type of a scanner's word, "" if unknown.
func ecosystemType(kind string) string { return ecosystems[strings.ToLower(kind)].purl }

// purlType returns the type of a package URL.
func purlType(purl string) string {
	rest, ok := strings.CutPrefix(purl, "pkg:")
	if !ok {
		return ""
	}
	t, _, ok := strings.Cut(strings.TrimLeft(rest, "/"), "/")
	if !ok {
		return ""
	}
	return strings.ToLower(t)
}

// cutLast cuts s around the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}
