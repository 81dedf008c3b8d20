package storage

import (
	"database/sql"
	"fmt"
	"sort"
	"strings"

	"pgregory.net/rapid"
)

// invariants are selections that find nothing in a sound workspace: what one
// table repeats of another is equal, and states follow from what is there.
var invariants = map[string]string{
	"foreign keys": `SELECT "table" || ' ' || rowid FROM pragma_foreign_key_check`,
	"integrity":    `SELECT integrity_check FROM pragma_integrity_check WHERE integrity_check <> 'ok'`,
	"tallies": `SELECT 'tallies' FROM (SELECT current, state, severity, type, product_id, version_id, vex_status, ticketed, fixable, count(*) AS n FROM violations GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9
		EXCEPT SELECT current, state, severity, type, product_id, version_id, vex_status, ticketed, fixable, n FROM tallies) UNION ALL SELECT 'left over' FROM (SELECT current, state, severity, type, product_id, version_id, vex_status, ticketed, fixable, n FROM tallies WHERE n <> 0
		EXCEPT SELECT current, state, severity, type, product_id, version_id, vex_status, ticketed, fixable, count(*) FROM violations GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9)`,
	"current":                   `SELECT v.id FROM violations v JOIN versions r ON r.id = v.version_id WHERE v.current <> r.current OR v.product_id <> r.product_id`,
	"one current version":       `SELECT product_id FROM versions GROUP BY product_id HAVING sum(current) = 0 OR sum(pinned) = 0 AND sum(current) <> 1`,
	"vex status":                `SELECT v.id FROM violations v LEFT JOIN assessments a ON a.violation_id = v.id WHERE v.vex_status <> ` + statusNumber("coalesce(a.status, '')"),
	"leading ticket":            `SELECT v.id FROM violations v WHERE v.lead_ticket_id IS NOT (SELECT max(ticket_id) FROM ticket_links l WHERE l.violation_id = v.id)`,
	"ticket status":             `SELECT v.id FROM violations v LEFT JOIN tickets t ON t.id = v.lead_ticket_id WHERE v.ticket_status <> coalesce(t.status, '')`,
	"resolved without sighting": `SELECT v.id FROM violations v WHERE (v.state = 1) = EXISTS (SELECT 1 FROM sightings s WHERE s.violation_id = v.id)`,
	"severity of sightings":     `SELECT v.id FROM violations v JOIN sightings s ON s.violation_id = v.id GROUP BY v.id HAVING v.severity <> coalesce(min(nullif(s.severity, 4)), 4)`,
	"places": `SELECT v.id FROM violations v JOIN sightings s ON s.violation_id = v.id WHERE NOT EXISTS (SELECT 1 FROM component_places p WHERE p.component_id = v.component_id
		AND (p.places = char(31) OR p.places = coalesce((SELECT group_concat(l.value, char(31)) FROM json_each(s.detail, '$.locations') l), '')
			OR instr(p.places, char(31)) = 0 AND EXISTS (SELECT 1 FROM json_each(s.detail, '$.locations') l WHERE l.value = p.places)))`,
	"ignored has a reason":   `SELECT id FROM violations WHERE (state = 2) <> (ignored_by <> '')`,
	"priority":               `SELECT v.id FROM violations v JOIN violation_priorities p ON p.violation_id = v.id WHERE v.priority <> p.priority`,
	"issues have ids":        `SELECT id FROM issues i WHERE NOT EXISTS (SELECT 1 FROM issue_aliases a WHERE a.issue_id = i.id AND a.alias = i.display)`,
	"merged ones are gone":   `SELECT old_id FROM merged_violations m WHERE EXISTS (SELECT 1 FROM violations v WHERE v.id = m.old_id)`,
	"history belongs to one": `SELECT a.id FROM audit a WHERE a.violation_id IS NOT NULL AND a.violation_id NOT IN (SELECT id FROM violations UNION SELECT old_id FROM merged_violations)`,
}

// checkInvariants looks whether a workspace is sound.
func checkInvariants(t rapid.TB, s *Store) {
	t.Helper()
	for name, text := range invariants {
		wrong, err := strs(bg, s.write, text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if len(wrong) > 0 {
			t.Fatalf("%s: not so for %v", name, wrong)
		}
	}
}

// dump is the whole content of a workspace, but for tables that are left out.
func dump(t rapid.TB, s *Store, without ...string) string {
	t.Helper()
	tables, err := strs(bg, s.write, `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name`)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, table := range tables {
		if strings.Contains(" "+strings.Join(without, " ")+" ", " "+table+" ") {
			continue
		}
		for _, line := range tableLines(t, s, table) {
			b.WriteString(table + " " + line + "\n")
		}
	}
	return b.String()
}

func tableLines(t rapid.TB, s *Store, table string) []string {
	t.Helper()
	rows, err := s.write.Query(`SELECT * FROM ` + table)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // checked by Err
	columns, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for rows.Next() {
		values, targets := make([]sql.RawBytes, len(columns)), make([]any, len(columns))
		for i := range values {
			targets[i] = &values[i]
		}
		if err := rows.Scan(targets...); err != nil {
			t.Fatal(err)
		}
		var line strings.Builder
		for i, v := range values {
			fmt.Fprintf(&line, "%s=%q ", columns[i], v)
		}
		lines = append(lines, line.String())
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	sort.Strings(lines)
	return lines
}
