-- +goose Up

-- The place of a violation in the order "priority" (model.Urgency): kept here,
-- so that the list has an index for it. -1 is not known yet, and does not
-- outlast the statement that writes it.
CREATE VIEW violation_priorities AS SELECT v.id AS violation_id,
  ((((((CASE WHEN v.vex_status IN (3, 4) THEN 2 WHEN v.applicable = 1 THEN 1 ELSE 0 END) * 8
    + CASE WHEN i.kev = 1 THEN 0 WHEN i.epss >= 0.5 THEN 1 ELSE v.severity + 2 END) * 2
    + (v.applicable <> 3)) * 2
    + (i.epss < 0.1)) * 8
    + v.severity) * 2
    + (v.fix = '')) * 16
    + CASE WHEN i.cvss < 0 THEN 11 ELSE 10 - CAST(min(i.cvss, 10.0) AS INTEGER) END AS priority
  FROM violations v JOIN issues i ON i.id = v.issue_id;

ALTER TABLE violations ADD COLUMN priority INTEGER NOT NULL DEFAULT -1;
UPDATE violations SET priority = (SELECT priority FROM violation_priorities WHERE violation_id = violations.id);
CREATE INDEX violations_by_priority ON violations (priority, id) WHERE current = 1 AND state = 0;

-- +goose StatementBegin
CREATE TRIGGER violations_priority_insert AFTER INSERT ON violations WHEN new.priority < 0 BEGIN
  UPDATE violations SET priority = (SELECT priority FROM violation_priorities WHERE violation_id = new.id) WHERE id = new.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER violations_priority_update AFTER UPDATE OF issue_id, severity, applicable, fix, vex_status ON violations
WHEN (old.issue_id, old.severity, old.applicable, old.fix = '', old.vex_status) <> (new.issue_id, new.severity, new.applicable, new.fix = '', new.vex_status) BEGIN
  UPDATE violations SET priority = (SELECT priority FROM violation_priorities WHERE violation_id = new.id) WHERE id = new.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER issues_priority AFTER UPDATE OF kev, epss, cvss ON issues
WHEN (old.kev, old.epss >= 0.5, old.epss >= 0.1, CAST(max(old.cvss, -1.0) AS INTEGER), old.cvss < 0)
  <> (new.kev, new.epss >= 0.5, new.epss >= 0.1, CAST(max(new.cvss, -1.0) AS INTEGER), new.cvss < 0) BEGIN
  UPDATE violations SET priority = (SELECT priority FROM violation_priorities WHERE violation_id = violations.id) WHERE issue_id = new.id;
END;
-- +goose StatementEnd
