-- +goose Up

-- Disputes that somebody ended, by the batch of that change, for undo: as they
-- were before.
CREATE TABLE resolved_conflicts (
  batch        TEXT NOT NULL,
  violation_id INTEGER NOT NULL REFERENCES violations (id) ON DELETE CASCADE,
  ticket_id    INTEGER NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  field        TEXT NOT NULL,
  base         TEXT NOT NULL,
  local        TEXT NOT NULL,
  jira         TEXT NOT NULL,
  local_at     INTEGER NOT NULL,
  jira_at      INTEGER NOT NULL,
  jira_by      TEXT NOT NULL,
  PRIMARY KEY (violation_id, ticket_id, field)
) STRICT, WITHOUT ROWID;
CREATE INDEX resolved_conflicts_batch ON resolved_conflicts (batch);
CREATE INDEX resolved_conflicts_ticket ON resolved_conflicts (ticket_id);
