package formats

import (
	"strconv"
	"strings"

	gocvss20 "github.com/pandatix/go-cvss/20"
	gocvss30 "github.com/pandatix/go-cvss/30"
	gocvss31 "github.com/pandatix/go-cvss/31"
	gocvss40 "github.com/pandatix/go-cvss/40"

	"example.com/vexdesk/model"
)

// rating makes a Rating of a CVSS vector and score as scanners write them.
// Where the vector has the standard prefix, the method follows from it, else
// method is taken. ok is false where there is neither vector nor score. Where
// there is a vector alone, the score is computed from it.
//
// Repaired are the prefix "CVSS:2.0/", which CVSS v2 does not have (CVSS v2
// guide, section 2.4), and a score glued to the front ("9.8/CVSS:3.0/AV:…"),
// both written by Xray.
func rating(source, method, vector string, score *float64) (r model.Rating, ok bool) {
	vector = strings.TrimSpace(vector)
	if vector != "" && vector[0] >= '0' && vector[0] <= '9' {
		front, rest, _ := strings.Cut(vector, "/")
		if n, err := strconv.ParseFloat(front, 64); err == nil {
			vector = rest
			if score == nil {
				score = &n
			}
		}
	}
	vector = strings.TrimPrefix(vector, "CVSS:2.0/")
	switch {
	case strings.HasPrefix(vector, "CVSS:4"):
		method = "CVSSv4"
	case strings.HasPrefix(vector, "CVSS:3.1"):
		method = "CVSSv3.1"
	case strings.HasPrefix(vector, "CVSS:3"):
		method = "CVSSv3"
	case strings.HasPrefix(vector, "AV:") && strings.Contains(vector, "/Au:"):
		method = "CVSSv2"
	}
	if score != nil && (*score < 0 || *score > 10) {
		score = nil
	}
	if score == nil {
		score = baseScore(vector)
	}
	r = model.Rating{Source: source, Method: method, Vector: vector, Score: score}
	if score != nil {
		r.Severity = model.SeverityOfScore(*score)
		if method == "CVSSv2" && r.Severity == model.SeverityCritical {
			r.Severity = model.SeverityHigh // v2 has no critical (NVD, "CVSS v2.0 Ratings")
		}
	}
	return r, vector != "" || score != nil
}

// maxRatings is how many ratings of a finding are kept; real ones have up to
// some twenty.
const maxRatings = 100

// appendRating appends what rating makes, if anything.
func appendRating(to []model.Rating, source, method, vector string, score *float64) []model.Rating {
	if len(to) >= maxRatings {
		return to
	}
	if r, ok := rating(source, method, vector, score); ok {
		return append(to, r)
	}
	return to
}

// cvssMethod names the method of a version such as "3.1"; "" for none.
func cvssMethod(version string) string {
	if version == "" {
		return ""
	}
	return "CVSSv" + strings.TrimSuffix(version, ".0")
}

// baseScore computes the base score of a vector (FIRST, CVSS v2 guide and v3.x
// and v4.0 specifications); nil where it is not a valid one.
func baseScore(vector string) *float64 {
	var scored interface{ BaseScore() float64 }
	var err error
	switch {
	case strings.HasPrefix(vector, "CVSS:4.0/"):
		var v *gocvss40.CVSS40
		if v, err = gocvss40.ParseVector(vector); err == nil {
			score := v.Score()
			return &score
		}
	case strings.HasPrefix(vector, "CVSS:3.1/"):
		scored, err = gocvss31.ParseVector(vector)
	case strings.HasPrefix(vector, "CVSS:3.0/"):
		scored, err = gocvss30.ParseVector(vector)
	case strings.Contains(vector, "/Au:"):
		scored, err = gocvss20.ParseVector(vector)
	}
	if err != nil || scored == nil {
		return nil
	}
	score := scored.BaseScore()
	return &score
}
