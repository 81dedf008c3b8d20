package write

import (
	"fmt"
	"strings"
	"testing"

	"github.com/gocsaf/csaf/v3/csaf"
	"pgregory.net/rapid"

	"example.com/vexdesk/model"
)

const (
	nvdVector   = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H"
	olderVector = "CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H"
	v2Vector    = "AV:N/AC:L/Au:N/C:P/I:P/A:P"
	v4Vector    = "CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H/SC:N/SI:N/SA:N"
)

// scored lists what an advisory says: version, score, severity and products.
func scored(advisory *csaf.Advisory) []string {
	var all []string
	for _, v := range advisory.Vulnerabilities {
		for _, s := range v.Scores {
			if c := s.CVSS3; c != nil {
				all = append(all, fmt.Sprint(*c.Version, " ", *c.BaseScore, " ", *c.BaseSeverity, " ", products(s.Products)))
			}
			if c := s.CVSS2; c != nil {
				all = append(all, fmt.Sprint(*c.Version, " ", *c.BaseScore, " ", products(s.Products)))
			}
		}
	}
	return all
}

// TestCSAFScores: one score of each version that CSAF 2.0 knows, as its vector
// says, for products that are not fixed; what has no place is told.
func TestCSAFScores(t *testing.T) {
	wrong := 3.0
	affected := model.Assessment{Status: model.VEXAffected, Response: "update"}
	for _, tc := range []struct {
		name    string
		ratings []model.Rating
		a       model.Assessment
		want    []string
		lost    string
	}{
		{"v3 and v2, the score from the vector", []model.Rating{{Vector: nvdVector, Score: &wrong}, {Vector: v2Vector}}, affected, []string{"3.1 9.8 CRITICAL [P1:C2]", "2.0 7.5 [P1:C2]"}, ""},
		{"what is shown first", []model.Rating{{Source: "nvd", Vector: nvdVector}, {Source: "redhat", Vector: olderVector}}, affected, []string{"3.1 9.8 CRITICAL [P1:C2]"},
			"CSAF has one score of each CVSS version for a product: those of other sources are left out"},
		{"two who say the same", []model.Rating{{Source: "nvd", Vector: nvdVector}, {Source: "ghsa", Vector: nvdVector}}, affected, []string{"3.1 9.8 CRITICAL [P1:C2]"}, ""},
		{"v3.0", []model.Rating{{Vector: olderVector}}, affected, []string{"3.0 7.5 HIGH [P1:C2]"}, ""},
		{"v4 has no place", []model.Rating{{Vector: v4Vector}}, affected, nil, "CSAF 2.0 has no place for scores of CVSS v4"},
		{"a number without a vector", []model.Rating{{Method: "CVSSv3", Score: &wrong}}, affected, nil, "CSAF has no place for a severity or score without its vector"},
		{"a broken vector", []model.Rating{{Vector: "CVSS:3.1/AV:N"}}, affected, nil, "CSAF has one score of each CVSS version for a product: those of other sources are left out"},
		{"fixed", []model.Rating{{Vector: nvdVector}}, model.Assessment{Status: model.VEXFixed}, nil, "CSAF gives no score to what is fixed"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := violation(1, "CVE-2030-1001", "bread", tc.a)
			v.Ratings = tc.ratings
			text, r := write(t, FormatCSAF, meta(), []*model.Violation{v})
			if got := scored(judgeCSAF(t, text)); fmt.Sprint(got) != fmt.Sprint(tc.want) {
				t.Errorf("says %v, want %v\n%s", got, tc.want, text)
			}
			var lost []string
			for _, l := range r.Lost {
				if strings.HasPrefix(l.Reason, "CSAF") {
					lost = append(lost, l.Reason)
				}
			}
			if got := strings.Join(lost, "; "); got != tc.lost {
				t.Errorf("lost %q, want %q", got, tc.lost)
			}
		})
	}
}

// TestCSAFScoresAreShared: products with the same scores stand together, and
// each has one score of a version at most.
func TestCSAFScoresAreShared(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		var all []*model.Violation
		for i := range rapid.IntRange(1, 8).Draw(rt, "violations") {
			v := violation(int64(i+1), fmt.Sprintf("CVE-2030-%d", 1000+i/3), fmt.Sprint("part", i), model.Assessment{Status: model.VEXInTriage})
			v.Ratings = nil
			for _, vector := range rapid.SliceOfN(rapid.SampledFrom([]string{nvdVector, olderVector, v2Vector, v4Vector, "", "nonsense"}), 0, 4).Draw(rt, "vectors") {
				v.Ratings = append(v.Ratings, model.Rating{Vector: vector})
			}
			all = append(all, v)
		}
		text, _ := write(t, FormatCSAF, meta(), all)
		for _, v := range judgeCSAF(t, text).Vulnerabilities {
			seen := map[string]bool{}
			for _, s := range v.Scores {
				for _, id := range products(s.Products) {
					for version, there := range map[string]bool{"3": s.CVSS3 != nil, "2": s.CVSS2 != nil} {
						if key := version + string(id); there && seen[key] {
							rt.Fatalf("several scores for %s\n%s", key, text)
						} else if there {
							seen[key] = true
						}
					}
				}
			}
		}
	})
}

// TestWhatIsKnownOfAVulnerability: what a format has a place for is there.
func TestWhatIsKnownOfAVulnerability(t *testing.T) {
	v := violation(1, "CVE-2030-1001", "bread", model.Assessment{Status: model.VEXAffected, Response: "workaround_available", Action: "Toast it."})
	v.References = []string{"https://bakery.example/advisory", "javascript:alert(1)", "not a page"}
	v.KEV, v.KEVDue, v.Licenses, v.Applicable = true, "2030-06-01", []string{"MIT"}, "applicable"
	for format, words := range map[string][]string{
		FormatCSAF:      {"https://bakery.example/advisory", "exploit_status", "due 2030-06-01", "bread: 2.0.0", "It is stale."},
		FormatCycloneDX: {"https://bakery.example/advisory", "vexdesk:kev", "due 2030-06-01", "bread: 2.0.0", "It is stale.", `"MIT"`, "bread: applicable"},
		FormatOpenVEX:   {"Stale bread", "https://nvd.nist.gov/vuln/detail/CVE-2030-1001"},
		FormatJSON:      {"https://bakery.example/advisory", "It is stale.", `"kev_due":"2030-06-01"`, `"licenses":["MIT"]`, `"severity":"high"`},
		FormatCSV:       {"https://bakery.example/advisory", "2030-06-01", "MIT", "applicable"},
		FormatHTML:      {"due 2030-06-01"},
	} {
		text, _ := write(t, format, meta(), []*model.Violation{v})
		for _, word := range words {
			if !strings.Contains(string(text), word) {
				t.Errorf("%s: %q is not in\n%s", format, word, text)
			}
		}
		if IsVEX(format) && strings.Contains(string(text), "javascript") {
			t.Errorf("%s: a script is a reference\n%s", format, text)
		}
	}
}
