package storagetest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
)

// Highest are the highest ids of issues, components and violations.
type Highest struct{ Issues, Components, Violations int64 }

// HighestOf reads them from the database at path.
func HighestOf(ctx context.Context, path string) (h Highest, err error) {
	db, err := sql.Open("sqlite", path) // the driver of storage
	if err != nil {
		return h, err
	}
	err = db.QueryRowContext(ctx, `SELECT coalesce((SELECT max(id) FROM issues), 0), coalesce((SELECT max(id) FROM components), 0),
		coalesce((SELECT max(id) FROM violations), 0)`).Scan(&h.Issues, &h.Components, &h.Violations)
	return h, errors.Join(err, db.Close())
}

// floorTables are the tables that an import fills: their keys, and which of
// Highest tells what was there before.
var floorTables = []struct {
	name, key string
	since     func(Highest) int64
}{
	{"issues", "id", Highest.issue}, {"issue_aliases", "issue_id", Highest.issue}, {"issue_texts", "issue_id", Highest.issue},
	{"issue_refs", "issue_id", Highest.issue}, {"issue_cves", "issue_id", Highest.issue}, {"ratings", "issue_id", Highest.issue},
	{"components", "id", Highest.component}, {"component_places", "component_id", Highest.component},
	{"violations", "id", Highest.violation}, {"sightings", "violation_id", Highest.violation},
}

func (h Highest) issue() int64     { return h.Issues }
func (h Highest) component() int64 { return h.Components }
func (h Highest) violation() int64 { return h.Violations }

var generatedColumn = regexp.MustCompile(`GENERATED ALWAYS AS \(.*\) VIRTUAL`)

// ImportFloor prepares, in dir, what an import cannot be quicker than: a command
// of sqlite3 that takes what was added to the database at path since then by
// .import into what was there before, into the same tables with the same
// indexes, without triggers and without the two indexes that leave out NULL,
// which .import cannot write. The error is exec.ErrNotFound where there is no
// sqlite3.
func ImportFloor(ctx context.Context, dir, path string, since Highest) (*exec.Cmd, error) {
	var names []string
	var before, load strings.Builder
	for _, t := range floorTables {
		names = append(names, "'"+t.name+"'")
		// .import knows neither NULL nor generated columns.
		columns, err := sqlite3(ctx, path, "SELECT group_concat('coalesce(' || name || ', 0)') FROM pragma_table_xinfo('"+t.name+"');")
		if err != nil {
			return nil, err
		}
		file := filepath.Join(dir, t.name+".csv")
		_, err = sqlite3(ctx, path, fmt.Sprintf(".mode csv\n.output %s\nSELECT %s FROM %s WHERE %s > %d;", strconv.Quote(file), columns, t.name, t.key, t.since(since)))
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(&before, "INSERT INTO %s SELECT %s FROM old.%[1]s WHERE %[3]s <= %[4]d;\n", t.name, columns, t.key, t.since(since))
		fmt.Fprintf(&load, ".import %s %s\n", strconv.Quote(file), t.name)
	}
	const schema = "SELECT sql || ';' FROM sqlite_schema WHERE sql IS NOT NULL AND type = '%s' AND tbl_name IN (%s) AND name NOT IN ('violations_offer', 'violations_ticket');"
	tables, err1 := sqlite3(ctx, path, fmt.Sprintf(schema, "table", strings.Join(names, ", ")))
	indexes, err2 := sqlite3(ctx, path, fmt.Sprintf(schema, "index", strings.Join(names, ", ")))
	floor := filepath.Join(dir, "floor.db")
	_, err3 := sqlite3(ctx, floor, "PRAGMA journal_mode = WAL;\n"+generatedColumn.ReplaceAllString(tables, "")+
		"ATTACH '"+strings.ReplaceAll(path, "'", "''")+"' AS old;\n"+before.String()+indexes)
	if err := errors.Join(err1, err2, err3); err != nil {
		return nil, err
	}
	return sqlite3Command(ctx, floor, ".mode csv\n"+load.String()), nil
}

func sqlite3Command(ctx context.Context, db, script string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "sqlite3", "-bail", db)
	cmd.Stdin = strings.NewReader(script)
	return cmd
}

func sqlite3(ctx context.Context, db, script string) (string, error) {
	out, err := sqlite3Command(ctx, db, script).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("sqlite3: %w: %s", err, out)
	}
	return strings.TrimSpace(string(out)), nil
}
