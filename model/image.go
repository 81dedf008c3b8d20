package model

import "strings"

// dockerHub is the registry that an image's name without one means, as tools
// that follow go-containerregistry write it.
const dockerHub = "index.docker.io"

// ImageRepository spells the repository of an image in full, so that all the
// names of one repository are the same: "nginx", "library/nginx" and
// "docker.io/library/nginx" are index.docker.io/library/nginx.
func ImageRepository(name string) string {
	host, path, ok := strings.Cut(name, "/")
	if !ok || !strings.ContainsAny(host, ".:") && host != "localhost" {
		host, path = dockerHub, name
	}
	switch strings.ToLower(host) {
	case "docker.io", dockerHub, "registry-1.docker.io":
		host = dockerHub
		if !strings.Contains(path, "/") {
			path = "library/" + path
		}
	}
	return host + "/" + path
}
