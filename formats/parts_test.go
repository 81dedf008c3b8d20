package formats

import (
	"slices"
	"testing"

	"example.com/vexdesk/model"
)

func TestXrayComponent(t *testing.T) {
	for _, each := range []struct{ id, name, version, purl string }{
		{"npm://lodash:4.17.0", "lodash", "4.17.0", "pkg:npm/lodash@4.17.0"},
		{"npm://@angular/core:1.0.0", "@angular/core", "1.0.0", "pkg:npm/%40angular/core@1.0.0"},
		{"gav://org.yaml:snakeyaml:1.16", "org.yaml:snakeyaml", "1.16", "pkg:maven/org.yaml/snakeyaml@1.16"},
		{"gav://test", "test", "", ""},
		{"test", "test", "", ""},
		{"pypi://Jinja2:2.11.2", "Jinja2", "2.11.2", "pkg:pypi/jinja2@2.11.2"},
		{"go://github.com/a/b:v1.0.0", "github.com/a/b", "v1.0.0", "pkg:golang/github.com/a/b@v1.0.0"},
		{"deb://debian:stretch:libx11:2:1.6.4-3", "debian:stretch:libx11", "2:1.6.4-3", "pkg:deb/debian/libx11@2:1.6.4-3?distro=stretch"},
		{"deb://libx11:2:1.6", "libx11", "2:1.6", "pkg:deb/libx11@2:1.6"},
		{"rpm://7:json-c:18:0.11-4.el7_0", "7:json-c", "18:0.11-4.el7_0", "pkg:rpm/json-c@0.11-4.el7_0?distro=7&epoch=18"},
		{"rpm://el7:curl:0:7.29", "el7:curl", "0:7.29", "pkg:rpm/curl@7.29?distro=el7"},
		{"alpine://3.12:libcrypto1.1:1.1.1k-r0", "3.12:libcrypto1.1", "1.1.1k-r0", "pkg:apk/alpine/libcrypto1.1@1.1.1k-r0?distro=3.12"},
		{"3.12:openssl:1.1.1k-r0", "3.12:openssl", "1.1.1k-r0", "pkg:apk/alpine/openssl@1.1.1k-r0?distro=3.12"},
		{"docker://shop/bakery:7.0", "shop/bakery", "7.0", "pkg:docker/shop/bakery@7.0"},
		{"generic://sha256:ab/lib/x.jar", "lib/x.jar", "sha256:ab", "pkg:generic/lib%2Fx.jar?checksum=sha256:ab"},
		{"unheard://a:1", "a", "1", ""},
	} {
		got := xrayComponent(each.id)
		if got.Name != each.name || got.Version != each.version || got.PURL != each.purl {
			t.Errorf("%s: %q %q %q", each.id, got.Name, got.Version, got.PURL)
		}
	}
}

func TestSplitImage(t *testing.T) {
	for reference, want := range map[string][2]string{
		"alpine":                        {"alpine", ""},
		"alpine:3.20":                   {"alpine", "3.20"},
		"host:5000/a/b":                 {"host:5000/a/b", ""},
		"host:5000/a/b:1@sha256:ab":     {"host:5000/a/b", "1"},
		"ghcr.io/a/b@sha256:ab":         {"ghcr.io/a/b", "sha256:ab"},
		"docker.io/library/python:3-x1": {"docker.io/library/python", "3-x1"},
	} {
		if name, version := splitImage(reference); [2]string{name, version} != want {
			t.Errorf("%s: %q %q", reference, name, version)
		}
	}
}

func TestRating(t *testing.T) {
	score := 9.8
	for _, each := range []struct {
		method, vector string
		score          *float64
		want           model.Rating
		value          float64
	}{
		{"", "9.8/CVSS:3.0/AV:N", nil, model.Rating{Method: "CVSSv3", Vector: "CVSS:3.0/AV:N", Severity: model.SeverityCritical}, 9.8},
		{"", "9.3/AV:N/AC:M/Au:N", nil, model.Rating{Method: "CVSSv2", Vector: "AV:N/AC:M/Au:N", Severity: model.SeverityHigh}, 9.3},
		{"", "CVSS:2.0/AV:N/AC:M/Au:N", &score, model.Rating{Method: "CVSSv2", Vector: "AV:N/AC:M/Au:N", Severity: model.SeverityHigh}, 9.8},
		// The examples of the specifications: CVE-2002-0392 (v2 guide, 3.3.1),
		// CVE-2015-8252 (v3.0 examples), CVE-2022-41741 (v4.0 examples).
		{"", "AV:N/AC:L/Au:N/C:N/I:N/A:C", nil, model.Rating{Method: "CVSSv2", Vector: "AV:N/AC:L/Au:N/C:N/I:N/A:C", Severity: model.SeverityHigh}, 7.8},
		{"", "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", nil, model.Rating{Method: "CVSSv3", Vector: "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", Severity: model.SeverityCritical}, 9.8},
		{"", "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", nil,
			model.Rating{Method: "CVSSv4", Vector: "CVSS:4.0/AV:L/AC:L/AT:P/PR:L/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N", Severity: model.SeverityHigh}, 7.3},
		{"CVSSv3", "CVSS:4.0/AV:N", &score, model.Rating{Method: "CVSSv4", Vector: "CVSS:4.0/AV:N", Severity: model.SeverityCritical}, 9.8},
	} {
		got, ok := rating("", each.method, each.vector, each.score)
		if !ok || got.Score == nil || *got.Score != each.value {
			t.Errorf("%s: %+v", each.vector, got)
			continue
		}
		got.Score = nil
		if got != each.want {
			t.Errorf("%s: %+v", each.vector, got)
		}
	}
	if _, ok := rating("", "CVSSv3", "", nil); ok {
		t.Error("nothing is no rating")
	}
}

// TestRelate: ids join an issue unless that would make two CVEs one.
func TestRelate(t *testing.T) {
	for _, each := range []struct {
		id             string
		ids            []string
		aliases, cover []string
	}{
		{"XRAY-1", []string{"CVE-1"}, []string{"CVE-1"}, nil},
		{"XRAY-1", []string{"CVE-1", "CVE-2", "GHSA-1"}, []string{"GHSA-1"}, []string{"CVE-1", "CVE-2"}},
		{"CVE-1", []string{"CVE-1", "GHSA-1", "", "GHSA-1"}, []string{"GHSA-1"}, nil},
		{"CVE-1", []string{"CVE-2"}, nil, []string{"CVE-1", "CVE-2"}},
	} {
		f := &model.Finding{ID: each.id}
		relate(f, each.ids...)
		if !slices.Equal(f.Aliases, each.aliases) || !slices.Equal(f.CVEs, each.cover) {
			t.Errorf("%s %v: aliases %v, covers %v", each.id, each.ids, f.Aliases, f.CVEs)
		}
	}
}
