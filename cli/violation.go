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

// violationDetail is what `show --json` says beyond a list's line.
type violationDetail struct {
	violationJSON
	write.Particulars
	Priority int    `json:"priority"`
	WhyHere  string `json:"why_here"`
	// Provenance says of each VEX field that is set where its value comes from.
	Provenance map[model.VEXField]originJSON `json:"provenance"`
	History    []historyJSON                 `json:"history"`
}

type originJSON struct {
	Source string  `json:"source"`
	By     *string `json:"by"`
	At     *string `json:"at"`
	// Ref names the thing behind it: a ticket's key, a document, a version.
	Ref *string `json:"ref"`
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
	out := violationDetail{violationJSON: toJSON(v, ""), Particulars: write.ParticularsOf(v), Priority: urgency.Priority(), WhyHere: v.WhyHere(),
		Provenance: map[model.VEXField]originJSON{}, History: []historyJSON{}}
	for field, from := range v.Provenance {
		if v.Assessment.Get(field) != "" {
			out.Provenance[field] = originJSON{Source: from.Source, By: orNull(from.By), At: timeOrNull(from.At), Ref: orNull(from.Ref)}
		}
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
