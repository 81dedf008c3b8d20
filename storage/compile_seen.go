package storage

import (
	"strings"

	"example.com/vexdesk/model/query"
)

// What a violation's sightings say: they are as many as the violations.

// Paths stand in a sighting's JSON. For rows that are tried in their order a
// row's own sightings are looked at; for all rows those whose text holds the
// longest part of what is looked for.
var (
	pathOfRow = field{present: sqlf("EXISTS (SELECT 1 FROM sightings s WHERE s.violation_id = v.id AND json_array_length(s.detail, '$.locations') > 0)"),
		holds: func(_ query.Term, v query.Value) sqlText {
			return within("EXISTS (SELECT 1 FROM sightings s, json_each(s.detail, '$.locations') p WHERE s.violation_id = v.id AND %s)", matches("p.value", v))
		}}
	pathOfSet = field{present: sqlf("v.id IN (SELECT violation_id FROM sightings WHERE json_array_length(detail, '$.locations') > 0)"),
		holds: func(_ query.Term, v query.Value) sqlText {
			return within("v.id IN (SELECT s.violation_id FROM sightings s WHERE s.detail LIKE %s AND EXISTS (SELECT 1 FROM json_each(s.detail, '$.locations') p WHERE %s))",
				sqlf(`? ESCAPE '\'`, "%"+likeEscaper.Replace(literal(v))+"%"), matches("p.value", v))
		}}
)

// literal is the longest piece of a value that JSON writes as it is; of texts
// beyond ASCII, which SQLite does not compare without case, there is none.
func literal(v query.Value) string {
	parts := v.Parts
	if parts == nil {
		parts = []string{v.Text}
	}
	longest := ""
	for _, part := range parts {
		if !isASCII(part) {
			return ""
		}
		for _, piece := range strings.FieldsFunc(part, func(r rune) bool { return r < ' ' || r == 0x7f || strings.ContainsRune(`"\<>&`, r) }) {
			if len(piece) > len(longest) {
				longest = piece
			}
		}
	}
	return longest
}

// sourceField asks the few sources first: where all sources of a version fit,
// so do all its violations that any source shows, which are those that are not
// resolved; where some do, each violation's sightings tell.
var sourceField = field{present: sqlf("v.state <> 1"), holds: func(_ query.Term, v query.Value) sqlText {
	format, scanner := matches("o.format", v), matches("o.scanner", v)
	return within(`(v.state <> 1 AND v.version_id IN (SELECT o.version_id FROM sources o GROUP BY o.version_id HAVING max(%s OR %s))
		AND (v.version_id NOT IN (SELECT o.version_id FROM sources o GROUP BY o.version_id HAVING NOT min(%s OR %s))
			OR EXISTS (SELECT 1 FROM sightings s CROSS JOIN sources o ON o.id = s.source_id WHERE s.violation_id = v.id AND (%s OR %s))))`,
		format, scanner, format, scanner, format, scanner)
}}
