package write

import (
	"bytes"
	"context"
	"path"
	"strings"
	"testing"

	"example.com/vexdesk/formats"
	"example.com/vexdesk/model"
)

// TestScannersKnowTheImage matches an OpenVEX document as scanners do with
// --vex (docs/vex-tools.md): an image is known to Grype by its tag and by its
// digest, to Trivy by its digest alone, and both ask go-vex.
func TestScannersKnowTheImage(t *testing.T) {
	const repository = "bakery.example%2Fshop%2Foven"
	const digest = "sha256:72c42ed48c3a2db31b7dafe17d275b634664a708d901ec9fd57b1529280f01fb"
	const tagged = "pkg:oci/oven?repository_url=" + repository + "&tag=2.1"
	const bySum = "pkg:oci/oven@" + digest + "?arch=amd64&repository_url=" + repository
	for _, c := range []struct {
		version, scanned, component string
		want                        int
	}{
		{"2.1", tagged, "pkg:npm/bread@1.2.3", 1},
		{digest, bySum, "pkg:npm/bread@1.2.3", 1},
		{"2.1", "pkg:oci/oven?repository_url=" + repository + "&tag=2.2", "pkg:npm/bread@1.2.3", 0},
		{"2.1", tagged, "pkg:npm/bread@1.2.4", 0},
		{"2.1", "pkg:oci/oven?repository_url=elsewhere.example%2Foven&tag=2.1", "pkg:npm/bread@1.2.3", 0},
		{digest, tagged, "pkg:npm/bread@1.2.3", 0},
	} {
		v := violation(1, "CVE-2030-1001", "bread", model.Assessment{Status: model.VEXNotAffected, Justification: "code_not_reachable"})
		v.ProductVersion = c.version
		text, _ := write(t, FormatOpenVEX, meta(), []*model.Violation{v})
		if got := judgeOpenVEX(t, text).Matches("CVE-2030-1001", c.scanned, []string{c.component}); len(got) != c.want {
			t.Errorf("version %s, scanned %s with %s: %d statements match, want %d\n%s", c.version, c.scanned, c.component, len(got), c.want, text)
		}
	}
}

// TestScannersKnowTheComponent: what a report of one scanner says about the
// place of a package is no obstacle to another's.
func TestScannersKnowTheComponent(t *testing.T) {
	v := violation(1, "CVE-2030-1001", "bread", model.Assessment{Status: model.VEXFixed})
	v.PURL = "pkg:rpm/redhat/bread@1.2.3?arch=x86_64&distro=redhat-9.1&epoch=1&upstream=bread-1.2.3.src.rpm"
	text, _ := write(t, FormatOpenVEX, meta(), []*model.Violation{v})
	doc := judgeOpenVEX(t, text)
	product := doc.Statements[0].Products[0].ID
	for scanned, want := range map[string]int{
		"pkg:rpm/redhat/bread@1.2.3?arch=x86_64&distro=rhel-9.1&epoch=1": 1,
		"pkg:rpm/redhat/bread@1.2.3?epoch=1":                             1,
		"pkg:rpm/redhat/bread@1.2.3?epoch=2":                             0,
	} {
		if got := doc.Matches("CVE-2030-1001", product, []string{scanned}); len(got) != want {
			t.Errorf("%s: %d statements match, want %d\n%s", scanned, len(got), want, text)
		}
	}
}

// TestScannersOfFolders match the package itself, since they know no product:
// Trivy as a component on the way to the root, Grype in a second pass.
func TestScannersOfFolders(t *testing.T) {
	m := meta()
	m.Components = true
	all := decided()[:9]
	text, r := write(t, FormatOpenVEX, m, all)
	doc := judgeOpenVEX(t, text)
	for id, want := range map[string]int{"CVE-2030-1001": 1, "CVE-2030-1002": 1, "CVE-2030-9999": 0} {
		if got := doc.Matches(id, "pkg:npm/bread@1.2.3", nil); len(got) != want {
			t.Errorf("%s: %d statements match, want %d\n%s", id, len(got), want, text)
		}
		if got := doc.Matches(id, "pkg:npm/bread@1.2.4", nil); len(got) != 0 {
			t.Errorf("%s matches another version", id)
		}
	}
	if len(r.Warnings) != 1 || !strings.Contains(r.Warnings[0], "whatever product") {
		t.Errorf("warnings %q", r.Warnings)
	}
	text, _ = write(t, FormatCSAF, m, all)
	advisory := judgeCSAF(t, text)
	if advisory.ProductTree.RelationShips != nil || len(*advisory.ProductTree.FullProductNames) != 2 {
		t.Errorf("the products are\n%s", text)
	}
	id := products(advisory.Vulnerabilities[0].ProductStatus.KnownNotAffected)[0]
	if helpers := advisory.ProductTree.CollectProductIdentificationHelpers(id); len(helpers) != 1 || string(*helpers[0].PURL) != "pkg:npm/bread@1.2.3" {
		t.Errorf("%s is known by %v", id, helpers)
	}
}

// TestScannersKnowTheSBOM: Grype makes a package URL of the name and version of
// an SBOM's subject; our reader takes all of them back.
func TestScannersKnowTheSBOM(t *testing.T) {
	for _, name := range []string{"oven", "Oven", "shop/Oven", "bakery.example/shop/oven", "/src/oven", "a//b", "../oven", "oven/"} {
		v := violation(1, "CVE-2030-1001", "bread", model.Assessment{Status: model.VEXFixed})
		v.Product, v.Resource = name, "sbom"
		text, _ := write(t, FormatOpenVEX, meta(), []*model.Violation{v})
		scanned := "pkg:generic/" + strings.ToLower(name) + "@2.1"
		if got := judgeOpenVEX(t, text).Matches("CVE-2030-1001", scanned, []string{"pkg:npm/bread@1.2.3"}); len(got) != 1 && path.Clean("/"+name) == "/"+name {
			t.Errorf("%s does not match\n%s", scanned, text)
		}
		_, err := formats.Read(context.Background(), bytes.NewReader(text), formats.Options{Statement: func(s *model.Statement) error {
			if !strings.EqualFold(s.Product.Name, name) || s.Product.Version != "2.1" {
				t.Errorf("%s comes back as %+v", name, s.Product)
			}
			return nil
		}}, func(*model.Finding) error { return nil })
		if err != nil {
			t.Error(err)
		}
	}
}

// TestImagesOfDockerHub: scanners name the registry that nobody writes.
func TestImagesOfDockerHub(t *testing.T) {
	for name, want := range map[string]string{
		"nginx":                  "pkg:oci/nginx?tag=1",
		"acme/oven":              "pkg:oci/oven?repository_url=index.docker.io%2Facme%2Foven&tag=1",
		"docker.io/library/oven": "pkg:oci/oven?repository_url=index.docker.io%2Flibrary%2Foven&tag=1",
		"ghcr.io/acme/Oven":      "pkg:oci/oven?repository_url=ghcr.io%2Facme%2FOven&tag=1",
	} {
		if got := imagePURL(name, "1"); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
}
