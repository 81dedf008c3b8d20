package model

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestComponentKey(t *testing.T) {
	for _, each := range []struct {
		name      string
		component Component
		key, crd  string
	}{
		{"plain", Component{PURL: "pkg:npm/lodash@4.17.4"}, "pkg:npm/lodash@4.17.4", "pkg:npm/lodash"},
		{"qualifiers and subpath go", Component{PURL: "pkg:apk/alpine/musl@1.2-r0?arch=x86_64&distro=3.10#lib"}, "pkg:apk/alpine/musl@1.2-r0", "pkg:apk/alpine/musl"},
		{"encoded and plain scope", Component{PURL: "pkg:npm/%40angular/core@1.0"}, "pkg:npm/@angular/core@1.0", "pkg:npm/@angular/core"},
		{"scope without version", Component{PURL: "pkg:npm/@angular/core"}, "pkg:npm/@angular/core", "pkg:npm/@angular/core"},
		{"encoded version", Component{PURL: "pkg:deb/debian/tar@1.30%2Bdfsg-6?arch=amd64"}, "pkg:deb/debian/tar@1.30+dfsg-6", "pkg:deb/debian/tar"},
		{"epoch as qualifier", Component{PURL: "pkg:deb/ubuntu/passwd@4.8.1-2?epoch=1"}, "pkg:deb/ubuntu/passwd@1:4.8.1-2", "pkg:deb/ubuntu/passwd"},
		{"epoch in the version", Component{PURL: "pkg:deb/ubuntu/passwd@1%3A4.8.1-2"}, "pkg:deb/ubuntu/passwd@1:4.8.1-2", "pkg:deb/ubuntu/passwd"},
		{"zero epoch", Component{PURL: "pkg:rpm/rhel/nspr@0:4.34?epoch=0"}, "pkg:rpm/redhat/nspr@4.34", "pkg:rpm/redhat/nspr"},
		{"pypi", Component{PURL: "pkg:PyPI/Zope.Interface_x@1"}, "pkg:pypi/zope-interface-x@1", "pkg:pypi/zope-interface-x"},
		{"go", Component{PURL: "pkg:golang/golang.org/x/Text@v0.3.6"}, "pkg:golang/golang.org/x/text@0.3.6", "pkg:golang/golang.org/x/text"},
		{"maven keeps its case", Component{PURL: "pkg:maven/org.Foo/Bar@1.Final"}, "pkg:maven/org.Foo/Bar@1.Final", "pkg:maven/org.Foo/Bar"},
		{"built", Component{Name: "thing", Version: "2"}, "pkg:generic/thing@2", "pkg:generic/thing"},
		{"built with type", Component{Type: "maven", Name: "org.yaml:snakeyaml", Version: "1.16"}, "pkg:maven/org.yaml/snakeyaml@1.16", "pkg:maven/org.yaml/snakeyaml"},
		{"version beside the purl", Component{PURL: "pkg:npm/a", Version: "3"}, "pkg:npm/a@3", "pkg:npm/a"},
		{"not a purl", Component{PURL: "cpe:2.3:a:b", Name: "b"}, "pkg:generic/b", "pkg:generic/b"},
		{"nothing after the type", Component{PURL: "pkg:npm/", Name: "b"}, "pkg:generic/b", "pkg:generic/b"},
	} {
		t.Run(each.name, func(t *testing.T) {
			if got := ComponentKey(each.component); got != each.key {
				t.Errorf("key %q, want %q", got, each.key)
			}
			if got := Coordinate(each.component); got != each.crd {
				t.Errorf("coordinate %q, want %q", got, each.crd)
			}
		})
	}
}

func TestComponentKeyOfAnyText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c := Component{PURL: "pkg:" + rapid.String().Draw(t, "purl"), Name: rapid.String().Draw(t, "name"), Version: rapid.String().Draw(t, "version")}
		key, coordinate := ComponentKey(c), Coordinate(c)
		if !strings.HasPrefix(key, coordinate) || coordinate == "" {
			t.Fatalf("key %q does not begin with the coordinate %q", key, coordinate)
		}
	})
}

func BenchmarkComponentKey(b *testing.B) {
	c := Component{PURL: "pkg:deb/debian/libgssapi-krb5-2@1.17-3%2Bdeb10u3?arch=amd64&distro=debian-10"}
	b.ReportAllocs()
	for b.Loop() {
		ComponentKey(c)
	}
}
