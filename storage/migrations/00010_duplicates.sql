-- +goose Up

-- The ticket that was known when Jira turned out to have acted twice. As a
-- problem the duplicate was forgotten with the next status.
ALTER TABLE tickets ADD COLUMN duplicate_of INTEGER;
UPDATE tickets SET duplicate_of = (SELECT k.id FROM tickets k WHERE k.connection_id = tickets.connection_id AND k.key <> '' AND substr(tickets.problem, 16, instr(tickets.problem, ':') - 16) = k.key), problem = ''
  WHERE problem GLOB 'a duplicate of *: Jira carried out a request twice*';
