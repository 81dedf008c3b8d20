-- +goose Up

-- What administrators ask of provisioning; sync carries it out (I2, I3).
CREATE TABLE provision_requests (
  id            INTEGER PRIMARY KEY,
  connection_id INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  kind          TEXT NOT NULL,
  project       TEXT NOT NULL DEFAULT '',
  clone         INTEGER NOT NULL DEFAULT 0,
  check_as      TEXT NOT NULL DEFAULT '',
  plan          TEXT,
  proof         TEXT,
  state         TEXT NOT NULL,
  code          TEXT NOT NULL DEFAULT '',
  error         TEXT NOT NULL DEFAULT '',
  by            TEXT NOT NULL DEFAULT '',
  asked         INTEGER NOT NULL,
  finished      INTEGER
) STRICT;
CREATE INDEX provision_requests_connection ON provision_requests (connection_id, id);
CREATE INDEX provision_requests_open ON provision_requests (id) WHERE finished IS NULL;
