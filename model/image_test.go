package model

import "testing"

func TestImageRepository(t *testing.T) {
	for name, want := range map[string]string{
		"nginx":                        "index.docker.io/library/nginx",
		"library/nginx":                "index.docker.io/library/nginx",
		"docker.io/nginx":              "index.docker.io/library/nginx",
		"registry-1.docker.io/acme/it": "index.docker.io/acme/it",
		"acme/shop/oven":               "index.docker.io/acme/shop/oven",
		"ghcr.io/acme/oven":            "ghcr.io/acme/oven",
		"localhost/oven":               "localhost/oven",
		"registry:5000/oven":           "registry:5000/oven",
	} {
		if got := ImageRepository(name); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}
