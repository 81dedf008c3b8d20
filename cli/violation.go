package cli

import (
	"strconv"

	"example.com/vexdesk/formats/write"
	"example.com/vexdesk/model"
	"example.com/vexdesk/storage"
)

// violationJSON is a violation as `list --json` prints it (docs: commands): as
// exports do, with the notes and its place in the list.
type violationJSON struct {
	write.Row
	VEX    vexJSON `json:"vex"`
	Cursor string  `json:"cursor,omitempty"`
}

type vexJSON struct {
	write.RowVEX
	Notes *string `json:"notes"`
}

func toJSON(v *model.Violation, cursor storage.Cursor) violationJSON {
	row := write.RowOf(v)
	return violationJSON{Row: row, VEX: vexJSON{RowVEX: row.VEX, Notes: orNull(v.Assessment.Notes)}, Cursor: string(cursor)}
}

// known is nil for a number that is negative because nobody stated it.
func known(n float64) *float64 {
	if n < 0 {
		return nil
	}
	return &n
}

// violationDetail is what `show --json` says beyond a list's line.
type violationDetail struct {
	violationJSON
	Description    *string        `json:"description"`
	CVEs           []string       `json:"cves"`
	Ecosystem      *string        `json:"ecosystem"`
	Licenses       []string       `json:"licenses"`
	References     []string       `json:"references"`
	Ratings        []model.Rating `json:"ratings"`
	CVSSVector     *string        `json:"cvss_vector"`
	EPSSPercentile *float64       `json:"epss_percentile"`
	EPSSDate       *string        `json:"epss_date"`
	EPSSBefore     *float64       `json:"epss_before"`
	EPSSBeforeDate *string        `json:"epss_before_date"`
	KEVDue         *string        `json:"kev_due"`
	KEVAdded       *string        `json:"kev_added"`
	KEVRansomware  bool           `json:"kev_ransomware"`
	Applicable     *string        `json:"applicable"`
	Priority       int            `json:"priority"`
	WhyHere        string         `json:"why_here"`
	IgnoreReason   *string        `json:"ignore_reason"`
	Sightings      []sightingJSON `json:"sightings"`
	History        []historyJSON  `json:"history"`
}

type sightingJSON struct {
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

type historyJSON struct {
	At     *string `json:"at"`
	By     *string `json:"by"`
	Source string  `json:"source"`
	Field  string  `json:"field"`
	Before *string `json:"before"`
	After  *string `json:"after"`
}

func toDetail(v *model.Violation, history []model.AuditEntry) violationDetail {
	urgency := v.Urgency()
	out := violationDetail{
		violationJSON: toJSON(v, ""), Description: orNull(v.Description), CVEs: orEmpty(v.CVEs), Ecosystem: orNull(v.Ecosystem),
		Licenses: orEmpty(v.Licenses), References: orEmpty(v.References), Ratings: orEmpty(v.Ratings), CVSSVector: orNull(v.CVSSVector),
		EPSSPercentile: known(v.EPSSPercentile), EPSSDate: orNull(v.EPSSDate), EPSSBefore: known(v.EPSSBefore), EPSSBeforeDate: orNull(v.EPSSBeforeDate),
		KEVDue: orNull(v.KEVDue), KEVAdded: orNull(v.KEVAdded), KEVRansomware: v.KEVRansomware, Applicable: orNull(v.Applicable), Priority: urgency.Priority(), WhyHere: v.WhyHere(),
		IgnoreReason: orNull(v.IgnoreReason), Sightings: []sightingJSON{}, History: []historyJSON{},
	}
	for _, s := range v.Sightings {
		out.Sightings = append(out.Sightings, sightingJSON{Format: s.Format, Scanner: orNull(s.Scanner), Artifact: orNull(s.Artifact),
			ReportedID: s.ReportedID, Severity: s.Severity.String(), Suppressed: s.Suppressed, Reason: orNull(s.Reason),
			Locations: orEmpty(s.Locations), URL: orNull(s.URL), File: s.File, At: timeOrNull(s.At)})
	}
	for _, e := range history {
		out.History = append(out.History, historyJSON{At: timeOrNull(e.At), By: orNull(e.By), Source: e.Source, Field: e.Field,
			Before: orNull(e.Before), After: orNull(e.After)})
	}
	return out
}

// The words of a row for people.

func percent(n float64) string {
	switch {
	case n < 0:
		return ""
	case n > 0 && n < 0.005:
		return "<1%"
	}
	return strconv.Itoa(int(n*100+0.5)) + "%"
}

func score(n float64) string {
	if n < 0 {
		return ""
	}
	return strconv.FormatFloat(n, 'f', 1, 64)
}

func ticketText(t *model.Ticket) string {
	if t == nil {
		return ""
	}
	status := t.ShownStatus()
	switch {
	case t.Key == "":
		return status
	case status == "":
		return t.Key
	}
	return t.Key + " " + status
}
