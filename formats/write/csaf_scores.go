package write

import (
	"slices"
	"strings"

	gocvss20 "github.com/pandatix/go-cvss/20"
	gocvss30 "github.com/pandatix/go-cvss/30"
	gocvss31 "github.com/pandatix/go-cvss/31"

	"example.com/vexdesk/model"
)

// score states the CVSS scores of a part's vulnerability. CSAF 2.0 knows CVSS v2
// and v3 (3.2.3.13), of each version one for a product (6.1.7), with a score that
// follows from the vector (6.1.9), and none for what is fixed (6.2.19).
func (v *csafVulnerability) score(d *decision, id string) {
	if d.assessment.Status == model.VEXFixed || d.ofSeveral() {
		return
	}
	v2, v3 := chosenScores(d.violation.Ratings)
	if v2 == nil && v3 == nil {
		return
	}
	for i := range v.Scores {
		if same(v.Scores[i].CVSS2, v2) && same(v.Scores[i].CVSS3, v3) {
			v.Scores[i].Products = append(v.Scores[i].Products, id)
			return
		}
	}
	v.Scores = append(v.Scores, csafScore{CVSS2: v2, CVSS3: v3, Products: []string{id}})
}

func same[T comparable](a, b *T) bool { return a == b || a != nil && b != nil && *a == *b }

// chosenScores are the first of each version that can be stated; ratings are in
// the order in which they are shown.
func chosenScores(ratings []model.Rating) (v2 *csafCVSS2, v3 *csafCVSS3) {
	for _, r := range ratings {
		switch {
		case strings.HasPrefix(r.Vector, "CVSS:3."):
			if v3 == nil {
				v3 = cvss3(r.Vector)
			}
		case v2 == nil:
			if vector, err := gocvss20.ParseVector(r.Vector); err == nil {
				v2 = &csafCVSS2{BaseScore: vector.BaseScore(), VectorString: vector.Vector(), Version: "2.0"}
			}
		}
	}
	return v2, v3
}

// cvss3 is nil for what is no vector of CVSS v3.0 or v3.1.
func cvss3(text string) *csafCVSS3 {
	var out csafCVSS3
	if vector, err := gocvss31.ParseVector(text); err == nil {
		out = csafCVSS3{BaseScore: vector.BaseScore(), VectorString: vector.Vector(), Version: "3.1"}
	} else if vector, err := gocvss30.ParseVector(text); err == nil {
		out = csafCVSS3{BaseScore: vector.BaseScore(), VectorString: vector.Vector(), Version: "3.0"}
	} else {
		return nil
	}
	severity, err := gocvss31.Rating(out.BaseScore) // of 3.0 alike
	if err != nil {
		return nil
	}
	out.BaseSeverity = severity
	return &out
}

// scoreLosses tells which ratings have no place.
func scoreLosses(d *decision, r *Report) {
	ratings, id := d.violation.Ratings, d.violation.ID
	switch {
	case len(ratings) == 0:
		return
	case d.ofSeveral():
		r.lose(id, "the scores of an issue of several CVEs are left out: CSAF has them for each CVE alone")
		return
	case d.assessment.Status == model.VEXFixed:
		r.lose(id, "CSAF gives no score to what is fixed")
		return
	}
	v2, v3 := chosenScores(ratings)
	for _, each := range ratings {
		switch {
		case strings.HasPrefix(each.Vector, "CVSS:4"):
			r.lose(id, "CSAF 2.0 has no place for scores of CVSS v4")
		case each.Vector == "":
			r.lose(id, "CSAF has no place for a severity or score without its vector")
		case !slices.Contains(vectorsOf(v2, v3), canonical(each.Vector)):
			r.lose(id, "CSAF has one score of each CVSS version for a product: those of other sources are left out")
		}
	}
}

func vectorsOf(v2 *csafCVSS2, v3 *csafCVSS3) (all []string) {
	if v2 != nil {
		all = append(all, v2.VectorString)
	}
	if v3 != nil {
		all = append(all, v3.VectorString)
	}
	return all
}

// canonical spells a vector as it is written.
func canonical(vector string) string {
	if v2, v3 := chosenScores([]model.Rating{{Vector: vector}}); v2 != nil || v3 != nil {
		return vectorsOf(v2, v3)[0]
	}
	return vector
}
