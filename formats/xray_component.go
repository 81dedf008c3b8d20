package formats

import (
	"strings"

	"example.com/vexdesk/model"
)

// Xray's component identifiers (JFrog documentation, "Xray REST APIs",
// component id): type://name:version, where the name of a Debian package
// holds distribution and release, that of an RPM or Alpine package the
// release, and a version may have an epoch, all with colons.

// xrayComponent makes a component of an identifier.
func xrayComponent(id string) model.Component {
	scheme, rest, found := strings.Cut(id, "://")
	if !found {
		scheme, rest = guessScheme(id), id
	}
	scheme = strings.ToLower(scheme)
	c := model.Component{Type: ecosystemType(scheme)}
	c.Name, c.Version = splitXrayID(scheme, rest)
	c.PURL = xrayPURL(scheme, c.Name, c.Version)
	return c
}

// splitXrayID splits what follows the scheme into name and version.
func splitXrayID(scheme, rest string) (name, version string) {
	parts := strings.Split(rest, ":")
	switch scheme {
	case "deb":
		if len(parts) >= 3 && isDebianFamily(parts[0]) {
			return strings.Join(parts[:3], ":"), strings.Join(parts[3:], ":")
		}
		return parts[0], strings.Join(parts[1:], ":")
	case "rpm", "alpine":
		if len(parts) >= 3 {
			return parts[0] + ":" + parts[1], strings.Join(parts[2:], ":")
		}
	case "generic":
		// generic://sha256:<checksum>/<file>: the file is named by its
		// checksum, which serves as its version.
		if strings.HasPrefix(rest, "sha256:") {
			checksum, file, ok := strings.Cut(rest, "/")
			if ok {
				return file, checksum
			}
			return rest, ""
		}
	}
	if name, version, ok := cutLast(rest, ":"); ok && !strings.Contains(version, "/") {
		return name, version
	}
	return rest, ""
}

func isDebianFamily(word string) bool { return word == "debian" || word == "ubuntu" }

// guessScheme finds the type of an identifier without one, as the last part of
// an impact path is: only the distributions' names can be told for certain.
func guessScheme(id string) string {
	parts := strings.Split(id, ":")
	switch {
	case len(parts) >= 3 && isDebianFamily(parts[0]):
		return "deb"
	case len(parts) == 3 && isRelease(parts[0]) && strings.Contains(parts[2], "-r"):
		return "alpine"
	case len(parts) >= 3 && isRelease(parts[0]):
		return "rpm"
	}
	return ""
}

// isRelease reports whether the word can be the release of a distribution.
func isRelease(word string) bool {
	return word != "" && strings.Trim(word, "0123456789.") == "" || word == "edge"
}

// xrayPURL makes a package URL. The release of a distribution becomes the
// qualifier distro, as other scanners write it.
func xrayPURL(scheme, name, version string) string {
	parts := strings.Split(name, ":")
	switch scheme {
	case "deb":
		if len(parts) == 3 {
			return buildPURL(parts[0], parts[2], version, "distro", parts[1])
		}
	case "alpine":
		if len(parts) == 2 {
			return buildPURL("alpine", parts[1], version, "distro", parts[0])
		}
	case "rpm":
		if len(parts) == 2 {
			return buildPURL("rpm", parts[1], version, "distro", parts[0])
		}
	case "generic":
		if strings.HasPrefix(version, "sha256:") {
			return buildPURL("generic", name, "", "checksum", version)
		}
	}
	return buildPURL(scheme, name, version)
}

// lastSegment returns what follows the last slash of an impact path; the slash
// in the scope of an npm package belongs to its name.
func lastSegment(path string) string {
	if _, rest, found := strings.Cut(path, "://"); found {
		path = rest
	}
	front, last, ok := cutLast(path, "/")
	if !ok {
		return path
	}
	if scope := front[strings.LastIndexByte(front, '/')+1:]; strings.HasPrefix(scope, "@") {
		return scope + "/" + last
	}
	return last
}
