package write

import "example.com/vexdesk/model"

// Particulars are what is known of a violation beyond its Row, as the command
// "show" and the JSON export print it.
type Particulars struct {
	Description    *string       `json:"description"`
	CVEs           []string      `json:"cves"`
	Ecosystem      *string       `json:"ecosystem"`
	Licenses       []string      `json:"licenses"`
	References     []string      `json:"references"`
	Ratings        []RowRating   `json:"ratings"`
	CVSSVector     *string       `json:"cvss_vector"`
	EPSSPercentile *float64      `json:"epss_percentile"`
	EPSSDate       *string       `json:"epss_date"`
	EPSSBefore     *float64      `json:"epss_before"`
	EPSSBeforeDate *string       `json:"epss_before_date"`
	KEVDue         *string       `json:"kev_due"`
	KEVAdded       *string       `json:"kev_added"`
	KEVRansomware  bool          `json:"kev_ransomware"`
	Applicable     *string       `json:"applicable"`
	IgnoreReason   *string       `json:"ignore_reason"`
	Sightings      []RowSighting `json:"sightings"`
}

// RowRating is one judgement of an issue's severity.
type RowRating struct {
	Source   *string  `json:"source"`
	Method   *string  `json:"method"`
	Vector   *string  `json:"vector"`
	Score    *float64 `json:"score"`
	Severity string   `json:"severity"`
}

// RowSighting is the violation as one source sees it.
type RowSighting struct {
	Format     string   `json:"format"`
	Scanner    *string  `json:"scanner"`
	Artifact   *string  `json:"artifact"`
	ReportedID string   `json:"reported_id"`
	Severity   string   `json:"severity"`
	Suppressed bool     `json:"suppressed"`
	Reason     *string  `json:"reason"`
	Locations  []string `json:"locations"`
	URL        *string  `json:"url"`
	File       string   `json:"file"`
	At         *string  `json:"at"`
}

// ParticularsOf puts them into words.
func ParticularsOf(v *model.Violation) Particulars {
	out := Particulars{Description: orNull(v.Description), CVEs: orEmpty(v.CVEs), Ecosystem: orNull(v.Ecosystem),
		Licenses: orEmpty(v.Licenses), References: orEmpty(v.References), Ratings: []RowRating{}, CVSSVector: orNull(v.CVSSVector),
		EPSSPercentile: known(v.EPSSPercentile), EPSSDate: orNull(v.EPSSDate), EPSSBefore: known(v.EPSSBefore), EPSSBeforeDate: orNull(v.EPSSBeforeDate),
		KEVDue: orNull(v.KEVDue), KEVAdded: orNull(v.KEVAdded), KEVRansomware: v.KEVRansomware, Applicable: orNull(v.Applicable),
		IgnoreReason: orNull(v.IgnoreReason), Sightings: []RowSighting{}}
	for _, r := range v.Ratings {
		out.Ratings = append(out.Ratings, RowRating{orNull(r.Source), orNull(r.Method), orNull(r.Vector), r.Score, r.Severity.String()})
	}
	for _, s := range v.Sightings {
		out.Sightings = append(out.Sightings, RowSighting{Format: s.Format, Scanner: orNull(s.Scanner), Artifact: orNull(s.Artifact),
			ReportedID: s.ReportedID, Severity: s.Severity.String(), Suppressed: s.Suppressed, Reason: orNull(s.Reason),
			Locations: orEmpty(s.Locations), URL: orNull(s.URL), File: s.File, At: orNull(instant(s.At))})
	}
	return out
}
