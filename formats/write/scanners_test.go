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
