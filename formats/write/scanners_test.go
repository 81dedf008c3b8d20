package write

import (
	"testing"

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
