-- +goose Up

-- Tickets that a VEX status moves (profiles: transitions): the status that a
-- ticket was moved for last, and whether it is to be looked at.
ALTER TABLE tickets ADD COLUMN moved TEXT NOT NULL DEFAULT '';
ALTER TABLE tickets ADD COLUMN move_due INTEGER NOT NULL DEFAULT 0;
CREATE INDEX tickets_move_due ON tickets (id) WHERE move_due = 1;

-- +goose StatementBegin
CREATE TRIGGER violations_move_due AFTER UPDATE OF vex_status ON violations WHEN old.vex_status <> new.vex_status AND new.lead_ticket_id IS NOT NULL BEGIN
  UPDATE tickets SET move_due = 1 WHERE id = new.lead_ticket_id AND move_due = 0
    AND EXISTS (SELECT 1 FROM profiles f WHERE f.id = tickets.profile_id AND f.transitions <> '{}');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tickets_move_due AFTER UPDATE OF state ON tickets WHEN old.state <> 'open' AND new.state = 'open' AND new.move_due = 0 BEGIN
  UPDATE tickets SET move_due = 1 WHERE id = new.id AND EXISTS (SELECT 1 FROM profiles f WHERE f.id = new.profile_id AND f.transitions <> '{}');
END;
-- +goose StatementEnd
