package storage

import (
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"example.com/vexdesk/model"
)

// toVersion1 takes from a workspace what came since the first version of its
// schema.
const toVersion1 = `
CREATE TRIGGER violations_tally_insert AFTER INSERT ON violations BEGIN SELECT 1; END;
ALTER TABLE tickets DROP COLUMN duplicate_of;
DROP TABLE component_places;
DROP INDEX violations_issue; DROP INDEX violations_component;
CREATE INDEX violations_issue ON violations (issue_id); CREATE INDEX violations_component ON violations (component_id);
DROP INDEX imports_staged; ALTER TABLE imports DROP COLUMN staged;
DROP TRIGGER connections_revision; DROP TRIGGER secrets_revision_insert; DROP TRIGGER secrets_revision_update; DROP TRIGGER profiles_revision;
DROP TRIGGER policies_revision; DROP TRIGGER watches_revision; DROP TRIGGER products_revision; DROP TRIGGER versions_revision;
ALTER TABLE connections DROP COLUMN revision; ALTER TABLE profiles DROP COLUMN revision; ALTER TABLE policies DROP COLUMN revision;
ALTER TABLE watches DROP COLUMN revision; ALTER TABLE products DROP COLUMN revision;
DROP TRIGGER violations_priority_update; DROP TRIGGER issues_priority;
DROP INDEX violations_by_priority; DROP VIEW violation_priorities; ALTER TABLE violations DROP COLUMN priority;
DROP TRIGGER violations_move_due; DROP TRIGGER tickets_move_due; DROP INDEX tickets_move_due;
ALTER TABLE tickets DROP COLUMN moved; ALTER TABLE tickets DROP COLUMN move_due;
DROP TABLE resolved_conflicts; DROP TABLE provision_requests; DROP TABLE days;
DELETE FROM migrations WHERE version_id > 1;
PRAGMA user_version = 1; PRAGMA journal_mode = DELETE;`

// TestAWorkspaceOfTheFirstVersionIsBroughtUpToDate, as it stands and as a backup
// that is put in the place of a newer one, and loses nothing.
func TestAWorkspaceOfTheFirstVersionIsBroughtUpToDate(t *testing.T) {
	s := crowded(t, 60)
	ids := allIDs(t, s)
	if _, err := s.SetVEX(bg, analyst, ids[:30], map[model.VEXField]string{model.FieldStatus: "affected", model.FieldResponse: "update"}); err != nil {
		t.Fatal(err)
	}
	ask(t, s, model.PlanRequest{IDs: ids[:40]})
	// What came later: the days begin with the upgrade, and so do the revisions.
	const later = "days migrations"
	if _, err := s.write.Exec(`UPDATE connections SET revision = 1; UPDATE profiles SET revision = 1; UPDATE products SET revision = 1`); err != nil {
		t.Fatal(err)
	}
	want := dump(t, s, later)
	old := filepath.Join(t.TempDir(), "old.db")
	if _, err := s.write.Exec(`VACUUM INTO ?`, old); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+old)
	if err == nil {
		_, err = db.Exec(toVersion1)
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	restored := filepath.Join(t.TempDir(), "vexdesk.db")
	newer, err := Open(bg, restored, Options{})
	if err == nil {
		err = newer.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Restore(bg, old, restored); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{restored, old} {
		up, err := Open(bg, path, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if got := dump(t, up, later); got != want {
			t.Errorf("brought up to date, it differs: %s", firstDifference(got, want))
		}
		var schema, wrong int
		err = up.read.QueryRow(`SELECT user_version, (SELECT count(*) FROM violations v JOIN violation_priorities p ON p.violation_id = v.id WHERE p.priority <> v.priority) FROM pragma_user_version`).Scan(&schema, &wrong)
		if err != nil || schema != schemaVersion || wrong != 0 {
			t.Errorf("the schema's version is %d, %d priorities are wrong (%v)", schema, wrong, err)
		}
		if err := errors.Join(up.SetSetting(bg, analyst, "status.interval", "10m"), up.Close()); err != nil {
			t.Error(err)
		}
	}
}

// TestAProgramThatAnUpgradeFindsRunningWritesNoMore, since what its changes lead
// to may be kept by other means now. It still reads.
func TestAProgramThatAnUpgradeFindsRunningWritesNoMore(t *testing.T) {
	s := crowded(t, 3)
	if _, err := s.write.Exec(fmt.Sprintf(`PRAGMA user_version = %d`, schemaVersion+1)); err != nil {
		t.Fatal(err)
	}
	before := dump(t, s)
	err := s.SetSetting(bg, analyst, "status.interval", "10m")
	if !errors.Is(err, ErrNewer) || !strings.Contains(err.Error(), "start the newer one") || dump(t, s) != before {
		t.Errorf("it wrote: %v", err)
	}
	if rows, err := s.Page(bg, Window{}, Page{}); err != nil || len(rows) != 3 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
}
