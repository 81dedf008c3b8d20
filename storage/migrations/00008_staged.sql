-- +goose Up

-- The file beside the database that keeps what a large import has not stored
-- yet; '' once all of it is stored.
ALTER TABLE imports ADD COLUMN staged TEXT NOT NULL DEFAULT '';
CREATE INDEX imports_staged ON imports (id) WHERE staged <> '';
