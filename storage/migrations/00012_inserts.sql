-- +goose Up

-- Whoever makes violations makes many, and counts them and writes their priority
-- for all at once (storage/import_states.go, derive.go): a trigger for each row took
-- a tenth of an import's time.
DROP TRIGGER violations_tally_insert;
DROP TRIGGER violations_priority_insert;
