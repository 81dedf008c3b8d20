-- +goose Up

-- Times are Unix milliseconds UTC. Enumerations are the numbers that package
-- storage maps to the model's words. Text from outside was cleaned
-- before it came here.

-- What is scanned and shipped, with its ticketing settings (I4, I12).
CREATE TABLE products (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL COLLATE NOCASE UNIQUE,
  resource    TEXT NOT NULL DEFAULT '',
  profile_id  INTEGER REFERENCES profiles (id) ON DELETE SET NULL,
  project     TEXT NOT NULL DEFAULT '',
  issue_type  TEXT NOT NULL DEFAULT '',
  assignee    TEXT NOT NULL DEFAULT '',
  reporter    TEXT NOT NULL DEFAULT '',
  epic        TEXT NOT NULL DEFAULT '',
  sync        INTEGER NOT NULL DEFAULT 1,
  push_notes  INTEGER NOT NULL DEFAULT 0,
  synced_at   INTEGER,
  sync_status TEXT NOT NULL DEFAULT '',
  sync_error  TEXT NOT NULL DEFAULT '',
  created_at  INTEGER NOT NULL
) STRICT;

-- current is kept by the store: the pinned versions, else the one whose first
-- import is the latest (ruling 4).
CREATE TABLE versions (
  id           INTEGER PRIMARY KEY,
  product_id   INTEGER NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  name         TEXT NOT NULL,
  current      INTEGER NOT NULL DEFAULT 0,
  pinned       INTEGER NOT NULL DEFAULT 0,
  first_import INTEGER NOT NULL,
  last_import  INTEGER NOT NULL,
  UNIQUE (product_id, name)
) STRICT;

-- key is the purl without qualifiers and subpath; coordinate is the key
-- without its version; purl is what a report gave.
CREATE TABLE components (
  id         INTEGER PRIMARY KEY,
  key        TEXT NOT NULL UNIQUE,
  coordinate TEXT NOT NULL,
  type       TEXT NOT NULL,
  name       TEXT NOT NULL COLLATE NOCASE,
  version    TEXT NOT NULL,
  purl       TEXT NOT NULL,
  licenses   TEXT NOT NULL DEFAULT '[]'
) STRICT;
CREATE INDEX components_coordinate ON components (coordinate);
CREATE INDEX components_name ON components (name, version, id);
CREATE INDEX components_version ON components (version, id);

-- What operational-risk reports say of a component; -1 where they are silent.
CREATE TABLE component_risks (
  component_id INTEGER PRIMARY KEY REFERENCES components (id) ON DELETE CASCADE,
  eol          INTEGER NOT NULL DEFAULT -1,
  released     INTEGER,
  newer        REAL NOT NULL DEFAULT -1,
  cadence      REAL NOT NULL DEFAULT -1,
  commits      REAL NOT NULL DEFAULT -1,
  committers   REAL NOT NULL DEFAULT -1
) STRICT;

-- What is wrong. display is chosen among the aliases: CVE, else GHSA, else
-- the rest. Absent numbers are -1, so that they sort and page like any other.
CREATE TABLE issues (
  id              INTEGER PRIMARY KEY,
  type            INTEGER NOT NULL,
  display         TEXT NOT NULL COLLATE NOCASE,
  title           TEXT NOT NULL DEFAULT '',
  cvss            REAL NOT NULL DEFAULT -1,
  cvss_vector     TEXT NOT NULL DEFAULT '',
  epss            REAL NOT NULL DEFAULT -1,
  epss_percentile REAL NOT NULL DEFAULT -1,
  epss_date       TEXT NOT NULL DEFAULT '',
  kev             INTEGER NOT NULL DEFAULT 0,
  kev_due         TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX issues_display ON issues (display, id);
CREATE INDEX issues_cvss ON issues (cvss, id);
CREATE INDEX issues_epss ON issues (epss, id);
CREATE INDEX issues_kev ON issues (kev, id);

CREATE TABLE issue_aliases (
  alias    TEXT NOT NULL COLLATE NOCASE,
  type     INTEGER NOT NULL,
  issue_id INTEGER NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
  PRIMARY KEY (alias, type)
) STRICT, WITHOUT ROWID;
CREATE INDEX issue_aliases_issue ON issue_aliases (issue_id);

-- The long text of an issue, apart so that the issues stay small to search.
CREATE TABLE issue_texts (
  issue_id    INTEGER PRIMARY KEY REFERENCES issues (id) ON DELETE CASCADE,
  description TEXT NOT NULL
) STRICT;

CREATE TABLE issue_refs (
  issue_id INTEGER NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
  url      TEXT NOT NULL,
  PRIMARY KEY (issue_id, url)
) STRICT, WITHOUT ROWID;

-- CVEs that one issue of a source covers without being aliases of each other.
CREATE TABLE issue_cves (
  issue_id INTEGER NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
  cve      TEXT NOT NULL COLLATE NOCASE,
  PRIMARY KEY (issue_id, cve)
) STRICT, WITHOUT ROWID;
CREATE INDEX issue_cves_cve ON issue_cves (cve);

CREATE TABLE ratings (
  issue_id INTEGER NOT NULL REFERENCES issues (id) ON DELETE CASCADE,
  source   TEXT NOT NULL,
  method   TEXT NOT NULL,
  vector   TEXT NOT NULL,
  score    REAL,
  severity INTEGER NOT NULL,
  PRIMARY KEY (issue_id, source, method)
) STRICT, WITHOUT ROWID;

-- The feeds as fetched last, whole, so that issues that come later take their
-- values from here, too. previous is the score of the day before (-1: none).
CREATE TABLE epss (
  cve        TEXT PRIMARY KEY COLLATE NOCASE,
  score      REAL NOT NULL,
  percentile REAL NOT NULL,
  previous   REAL NOT NULL DEFAULT -1
) STRICT, WITHOUT ROWID;

CREATE TABLE kev (
  cve        TEXT PRIMARY KEY COLLATE NOCASE,
  added      TEXT NOT NULL,
  due        TEXT NOT NULL,
  ransomware INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- name is epss or kev; date is the day of the scores or the catalogue's
-- release, previous_date that of the scores before.
CREATE TABLE feeds (
  name          TEXT PRIMARY KEY,
  date          TEXT NOT NULL,
  previous_date TEXT NOT NULL DEFAULT '',
  entries       INTEGER NOT NULL,
  source        TEXT NOT NULL,
  fetched       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- VEX documents that were written, by their id: the digest of the content of
-- the last version, and when each version was made (JSON, milliseconds).
CREATE TABLE documents (
  id     TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  made   TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- The row of triage: issue x component x product version. product_id,
-- current, vex_status and lead_ticket_id repeat what versions, assessments and
-- ticket_links say, because the list sorts and filters by them; the store's
-- methods are the only writers and keep them equal. ticket_status repeats the
-- leading ticket's; triggers beside tickets keep it. An id is never given out
-- twice: history and merged violations name it for good.
CREATE TABLE violations (
  id             INTEGER PRIMARY KEY AUTOINCREMENT,
  type           INTEGER NOT NULL,
  issue_id       INTEGER NOT NULL REFERENCES issues (id),
  component_id   INTEGER NOT NULL REFERENCES components (id),
  version_id     INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
  product_id     INTEGER NOT NULL REFERENCES products (id) ON DELETE CASCADE,
  current        INTEGER NOT NULL,
  state          INTEGER NOT NULL,
  severity       INTEGER NOT NULL,
  applicable     INTEGER NOT NULL DEFAULT 0,
  fix            TEXT NOT NULL DEFAULT '',
  vex_status     INTEGER NOT NULL DEFAULT 0,
  lead_ticket_id INTEGER REFERENCES tickets (id) ON DELETE SET NULL,
  ticket_status  TEXT NOT NULL DEFAULT '',
  lead           INTEGER NOT NULL GENERATED ALWAYS AS (coalesce(lead_ticket_id, 0)) VIRTUAL,
  ticketed       INTEGER NOT NULL GENERATED ALWAYS AS (lead_ticket_id IS NOT NULL) VIRTUAL,
  fixable        INTEGER NOT NULL GENERATED ALWAYS AS (fix <> '') VIRTUAL,
  ignored_by     TEXT NOT NULL DEFAULT '',
  ignore_reason  TEXT NOT NULL DEFAULT '',
  ignore_until   INTEGER,
  offer_id       INTEGER REFERENCES violations (id) ON DELETE SET NULL,
  first_seen     INTEGER NOT NULL,
  updated        INTEGER NOT NULL,
  UNIQUE (version_id, issue_id, component_id)
) STRICT;
CREATE INDEX violations_issue ON violations (issue_id);
CREATE INDEX violations_component ON violations (component_id);
CREATE INDEX violations_ticket ON violations (lead_ticket_id) WHERE lead_ticket_id IS NOT NULL;
CREATE INDEX violations_offer ON violations (offer_id) WHERE offer_id IS NOT NULL;
CREATE INDEX violations_by_policy ON violations (ignore_until) WHERE ignored_by = 'policy';

-- The default list, open violations of current versions, has an index for
-- each order, so that a page is a seek wherever it lies.
CREATE INDEX violations_by_severity ON violations (severity, id) WHERE current = 1 AND state = 0;
CREATE INDEX violations_by_type ON violations (type, id) WHERE current = 1 AND state = 0;
CREATE INDEX violations_by_product ON violations (product_id, id) WHERE current = 1 AND state = 0;
CREATE INDEX violations_by_fix ON violations (fix, id) WHERE current = 1 AND state = 0;
CREATE INDEX violations_by_vex ON violations (vex_status, id) WHERE current = 1 AND state = 0;
CREATE INDEX violations_by_ticket ON violations (lead, id) WHERE current = 1 AND state = 0;
CREATE INDEX violations_by_ticket_status ON violations (ticket_status, id) WHERE current = 1 AND state = 0;
CREATE INDEX violations_by_first_seen ON violations (first_seen, id) WHERE current = 1 AND state = 0;
CREATE INDEX violations_by_updated ON violations (updated, id) WHERE current = 1 AND state = 0;

-- How many violations there are of each sort, kept by triggers so that the
-- head of the console and the saved views need not count. The columns are
-- named as those of violations: a condition fits both. A row may say 0.
CREATE TABLE tallies (
  current    INTEGER NOT NULL,
  state      INTEGER NOT NULL,
  severity   INTEGER NOT NULL,
  type       INTEGER NOT NULL,
  product_id INTEGER NOT NULL,
  version_id INTEGER NOT NULL,
  vex_status INTEGER NOT NULL,
  ticketed   INTEGER NOT NULL,
  lead       INTEGER NOT NULL GENERATED ALWAYS AS (ticketed) VIRTUAL,
  fixable    INTEGER NOT NULL,
  n          INTEGER NOT NULL,
  PRIMARY KEY (current, state, severity, type, product_id, version_id, vex_status, ticketed, fixable)
) STRICT, WITHOUT ROWID;
-- +goose StatementBegin
CREATE TRIGGER violations_tally_insert AFTER INSERT ON violations BEGIN
  INSERT INTO tallies (current, state, severity, type, product_id, version_id, vex_status, ticketed, fixable, n)
    VALUES (new.current, new.state, new.severity, new.type, new.product_id, new.version_id, new.vex_status, new.ticketed, new.fixable, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER violations_tally_delete AFTER DELETE ON violations BEGIN
  UPDATE tallies SET n = n - 1 WHERE current = old.current AND state = old.state AND severity = old.severity AND type = old.type
    AND product_id = old.product_id AND version_id = old.version_id AND vex_status = old.vex_status AND ticketed = old.ticketed AND fixable = old.fixable;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER violations_tally_update AFTER UPDATE OF current, state, severity, type, vex_status, lead_ticket_id, fix ON violations
WHEN (old.current, old.state, old.severity, old.type, old.vex_status, old.ticketed, old.fixable)
  <> (new.current, new.state, new.severity, new.type, new.vex_status, new.ticketed, new.fixable) BEGIN
  UPDATE tallies SET n = n - 1 WHERE current = old.current AND state = old.state AND severity = old.severity AND type = old.type
    AND product_id = old.product_id AND version_id = old.version_id AND vex_status = old.vex_status AND ticketed = old.ticketed AND fixable = old.fixable;
  INSERT INTO tallies (current, state, severity, type, product_id, version_id, vex_status, ticketed, fixable, n)
    VALUES (new.current, new.state, new.severity, new.type, new.product_id, new.version_id, new.vex_status, new.ticketed, new.fixable, 1)
    ON CONFLICT DO UPDATE SET n = n + 1;
END;
-- +goose StatementEnd

-- Violations that became one when their issues turned out to be one: the
-- history of both is the survivor's.
CREATE TABLE merged_violations (
  old_id INTEGER PRIMARY KEY,
  new_id INTEGER NOT NULL REFERENCES violations (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX merged_violations_new ON merged_violations (new_id);

-- A source is format + scanner + scanned artifact in a product version; an
-- import replaces only its own source's sightings (ruling 1).
CREATE TABLE sources (
  id         INTEGER PRIMARY KEY,
  version_id INTEGER NOT NULL REFERENCES versions (id) ON DELETE CASCADE,
  format     TEXT NOT NULL,
  scanner    TEXT NOT NULL,
  artifact   TEXT NOT NULL,
  UNIQUE (version_id, format, scanner, artifact)
) STRICT;

CREATE TABLE imports (
  id         INTEGER PRIMARY KEY,
  source_id  INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
  file       TEXT NOT NULL,
  at         INTEGER NOT NULL,
  by         TEXT NOT NULL,
  entries    INTEGER NOT NULL,
  findings   INTEGER NOT NULL
) STRICT;

CREATE TABLE sightings (
  violation_id INTEGER NOT NULL REFERENCES violations (id) ON DELETE CASCADE,
  source_id    INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
  import_id    INTEGER NOT NULL,
  reported_id  TEXT NOT NULL,
  severity     INTEGER NOT NULL,
  suppressed   INTEGER NOT NULL DEFAULT 0,
  reason       TEXT NOT NULL DEFAULT '',
  fix          TEXT NOT NULL DEFAULT '',
  applicable   INTEGER NOT NULL DEFAULT 0,
  detail       TEXT NOT NULL DEFAULT '{}',
  PRIMARY KEY (violation_id, source_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sightings_source ON sightings (source_id, import_id);

-- The VEX record. provenance holds, per field, where its value came from.
CREATE TABLE assessments (
  violation_id  INTEGER PRIMARY KEY REFERENCES violations (id) ON DELETE CASCADE,
  status        TEXT NOT NULL DEFAULT '',
  qualifier     TEXT NOT NULL DEFAULT '',
  justification TEXT NOT NULL DEFAULT '',
  response      TEXT NOT NULL DEFAULT '',
  impact        TEXT NOT NULL DEFAULT '',
  notes         TEXT NOT NULL DEFAULT '',
  action        TEXT NOT NULL DEFAULT '',
  review_by     INTEGER,
  provenance    TEXT NOT NULL DEFAULT '{}',
  updated       INTEGER NOT NULL
) STRICT;
CREATE INDEX assessments_review ON assessments (review_by) WHERE review_by IS NOT NULL;

-- Secrets live apart, encrypted, bound to their row (I15).
CREATE TABLE connections (
  id               INTEGER PRIMARY KEY,
  name             TEXT NOT NULL COLLATE NOCASE UNIQUE,
  type             TEXT NOT NULL,
  auth             TEXT NOT NULL,
  url              TEXT NOT NULL,
  user             TEXT NOT NULL DEFAULT '',
  client_id        TEXT NOT NULL DEFAULT '',
  consumer_key     TEXT NOT NULL DEFAULT '',
  ca_file          TEXT NOT NULL DEFAULT '',
  state            TEXT NOT NULL DEFAULT 'draft',
  retrieve_tickets INTEGER NOT NULL DEFAULT 1,
  base_url         TEXT NOT NULL DEFAULT '',
  verified_at      INTEGER,
  broken_since     INTEGER,
  problem          TEXT NOT NULL DEFAULT '',
  options          TEXT NOT NULL DEFAULT '{}',
  created_at       INTEGER NOT NULL
) STRICT;

CREATE TABLE secrets (
  owner      TEXT NOT NULL,
  name       TEXT NOT NULL,
  ciphertext BLOB NOT NULL,
  updated    INTEGER NOT NULL,
  PRIMARY KEY (owner, name)
) STRICT, WITHOUT ROWID;

-- What Jira told about itself, with its age.
CREATE TABLE metadata (
  connection_id INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  kind          TEXT NOT NULL,
  key           TEXT NOT NULL,
  value         TEXT NOT NULL,
  fetched       INTEGER NOT NULL,
  PRIMARY KEY (connection_id, kind, key)
) STRICT, WITHOUT ROWID;

-- The highest key number that any answer has shown us (ruling 15).
CREATE TABLE projects (
  connection_id INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  key           TEXT NOT NULL,
  highest       INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (connection_id, key)
) STRICT, WITHOUT ROWID;

-- The ledger of provisioning: what was made, by Jira's own id (I2).
CREATE TABLE provisioned (
  connection_id INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  step          TEXT NOT NULL,
  object        TEXT NOT NULL,
  jira_id       TEXT NOT NULL DEFAULT '',
  state         TEXT NOT NULL,
  error         TEXT NOT NULL DEFAULT '',
  at            INTEGER NOT NULL,
  PRIMARY KEY (connection_id, step, object)
) STRICT, WITHOUT ROWID;

CREATE TABLE profiles (
  id            INTEGER PRIMARY KEY,
  name          TEXT NOT NULL COLLATE NOCASE UNIQUE,
  connection_id INTEGER NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
  project       TEXT NOT NULL,
  issue_type    TEXT NOT NULL,
  labels        TEXT NOT NULL DEFAULT '[]',
  summary       TEXT NOT NULL DEFAULT '',
  description   TEXT NOT NULL DEFAULT '',
  fields        TEXT NOT NULL DEFAULT '{}',
  priorities    TEXT NOT NULL DEFAULT '{}',
  dedupe        INTEGER NOT NULL DEFAULT 0,
  on_seen_again TEXT NOT NULL DEFAULT 'comment',
  on_gone       TEXT NOT NULL DEFAULT 'comment',
  transitions   TEXT NOT NULL DEFAULT '{}',
  created_at    INTEGER NOT NULL
) STRICT;

-- A ticket is wanted first and then exists: jira_id and key are empty until
-- Jira has answered. At most one living ticket holds a dedupe key; the store
-- clears living when a ticket is deleted or may be followed by another. asked
-- is set while a person waits for its status: 1 in a selection, 2 by name.
-- stale is when its violations came, went or were seen again since sync last
-- looked after it; told what Jira was told last: gone, again or nothing.
-- vex_due tells that its VEX fields are to be compared by id, vex_seen is
-- Jira's updated time of the last comparison.
CREATE TABLE tickets (
  id            INTEGER PRIMARY KEY,
  connection_id INTEGER NOT NULL REFERENCES connections (id),
  project       TEXT NOT NULL,
  jira_id       TEXT NOT NULL DEFAULT '',
  key           TEXT NOT NULL DEFAULT '' COLLATE NOCASE,
  dedupe_key    TEXT NOT NULL,
  living        INTEGER NOT NULL DEFAULT 1,
  state         TEXT NOT NULL,
  status        TEXT NOT NULL DEFAULT '',
  category      TEXT NOT NULL DEFAULT '',
  summary       TEXT NOT NULL DEFAULT '',
  grouping      TEXT NOT NULL DEFAULT 'violation',
  profile_id    INTEGER REFERENCES profiles (id) ON DELETE SET NULL,
  jira_created  INTEGER,
  jira_updated  INTEGER,
  refreshed     INTEGER NOT NULL DEFAULT 0,
  asked         INTEGER NOT NULL DEFAULT 0,
  problem       TEXT NOT NULL DEFAULT '',
  stale         INTEGER,
  told          TEXT NOT NULL DEFAULT '',
  requested     INTEGER NOT NULL,
  issue_type    TEXT NOT NULL DEFAULT '',
  vex_due       INTEGER NOT NULL DEFAULT 1,
  vex_seen      INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX tickets_dedupe ON tickets (connection_id, project, dedupe_key) WHERE living = 1 AND dedupe_key <> '';
CREATE INDEX tickets_dedupe_key ON tickets (dedupe_key) WHERE living = 1;
CREATE UNIQUE INDEX tickets_jira ON tickets (connection_id, jira_id) WHERE jira_id <> '';
CREATE INDEX tickets_key ON tickets (key);
CREATE INDEX tickets_due ON tickets (refreshed) WHERE state = 'open';
CREATE INDEX tickets_stale ON tickets (stale) WHERE stale IS NOT NULL;
CREATE INDEX tickets_asked ON tickets (asked) WHERE asked > 0;
CREATE INDEX tickets_vex_due ON tickets (connection_id, id) WHERE vex_due = 1 AND state = 'open';
-- +goose StatementBegin
CREATE TRIGGER tickets_status AFTER UPDATE OF status ON tickets WHEN old.status <> new.status BEGIN
  UPDATE violations SET ticket_status = new.status WHERE lead_ticket_id = new.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER tickets_closed AFTER UPDATE OF category ON tickets WHEN old.category <> 'done' AND new.category = 'done' AND new.told = 'again' BEGIN
  UPDATE tickets SET told = '' WHERE id = new.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER violations_lead_ticket AFTER UPDATE OF lead_ticket_id ON violations WHEN old.lead_ticket_id IS NOT new.lead_ticket_id BEGIN
  UPDATE violations SET ticket_status = coalesce((SELECT status FROM tickets WHERE id = new.lead_ticket_id), '') WHERE id = new.id;
END;
-- +goose StatementEnd

CREATE TABLE ticket_links (
  ticket_id    INTEGER NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  violation_id INTEGER NOT NULL REFERENCES violations (id) ON DELETE CASCADE,
  linked       INTEGER NOT NULL,
  by           TEXT NOT NULL,
  PRIMARY KEY (ticket_id, violation_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_links_violation ON ticket_links (violation_id, ticket_id);

-- The last agreed value per ticket, violation and VEX field; sent is what was
-- written to Jira without an answer that settles it (B3, ruling 22). No row
-- means the empty value.
CREATE TABLE vex_bases (
  ticket_id    INTEGER NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  violation_id INTEGER NOT NULL REFERENCES violations (id) ON DELETE CASCADE,
  field        TEXT NOT NULL,
  value        TEXT NOT NULL DEFAULT '',
  sent         TEXT,
  PRIMARY KEY (ticket_id, violation_id, field)
) STRICT, WITHOUT ROWID;
CREATE INDEX vex_bases_violation ON vex_bases (violation_id);

-- Fields of a ticket that hold what cannot be understood.
CREATE TABLE vex_problems (
  ticket_id INTEGER NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  field     TEXT NOT NULL,
  problem   TEXT NOT NULL,
  at        INTEGER NOT NULL,
  PRIMARY KEY (ticket_id, field)
) STRICT, WITHOUT ROWID;

-- What is in dispute between a violation and its ticket.
CREATE TABLE conflicts (
  violation_id INTEGER NOT NULL REFERENCES violations (id) ON DELETE CASCADE,
  ticket_id    INTEGER NOT NULL REFERENCES tickets (id) ON DELETE CASCADE,
  field        TEXT NOT NULL,
  base         TEXT NOT NULL,
  local        TEXT NOT NULL,
  jira         TEXT NOT NULL,
  local_at     INTEGER NOT NULL,
  jira_at      INTEGER NOT NULL,
  jira_by      TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (violation_id, ticket_id, field)
) STRICT, WITHOUT ROWID;

-- Whatever changes for which violations a ticket speaks makes it due.
-- +goose StatementBegin
CREATE TRIGGER ticket_links_vex_due AFTER INSERT ON ticket_links BEGIN
  UPDATE tickets SET vex_due = 1 WHERE id = new.ticket_id AND vex_due = 0;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER violations_vex_due AFTER UPDATE OF current, state, lead_ticket_id ON violations
WHEN new.lead_ticket_id IS NOT NULL AND (old.current, old.state, old.lead_ticket_id) IS NOT (new.current, new.state, new.lead_ticket_id) BEGIN
  UPDATE tickets SET vex_due = 1 WHERE id = new.lead_ticket_id AND vex_due = 0;
END;
-- +goose StatementEnd

-- An issue that moved lives among other fields.
-- +goose StatementBegin
CREATE TRIGGER tickets_moved_vex_due AFTER UPDATE OF key, issue_type ON tickets WHEN old.key <> '' AND (old.key, old.issue_type) <> (new.key, new.issue_type) BEGIN
  UPDATE tickets SET vex_due = 1 WHERE id = new.id AND vex_due = 0;
END;
-- +goose StatementEnd

-- The outbox: intentions on their way to Jira.
CREATE TABLE operations (
  id            TEXT PRIMARY KEY,
  kind          TEXT NOT NULL,
  state         TEXT NOT NULL,
  connection_id INTEGER NOT NULL REFERENCES connections (id),
  project       TEXT NOT NULL,
  ticket_id     INTEGER REFERENCES tickets (id) ON DELETE CASCADE,
  payload       TEXT NOT NULL,
  attempts      INTEGER NOT NULL DEFAULT 0,
  generation    INTEGER NOT NULL DEFAULT 0,
  next_try      INTEGER NOT NULL DEFAULT 0,
  floor         INTEGER NOT NULL DEFAULT 0,
  sent          INTEGER,
  error_code    TEXT NOT NULL DEFAULT '',
  error         TEXT NOT NULL DEFAULT '',
  error_fields  TEXT NOT NULL DEFAULT '{}',
  by            TEXT NOT NULL,
  created       INTEGER NOT NULL,
  updated       INTEGER NOT NULL
) STRICT;
CREATE INDEX operations_state ON operations (state, next_try, created);
CREATE INDEX operations_ticket ON operations (ticket_id);

-- Who changed what, when, from where. Nothing is ever updated or deleted here.
CREATE TABLE audit (
  id           INTEGER PRIMARY KEY,
  at           INTEGER NOT NULL,
  by           TEXT NOT NULL,
  source       TEXT NOT NULL,
  batch        TEXT NOT NULL DEFAULT '',
  violation_id INTEGER,
  subject      TEXT NOT NULL DEFAULT '',
  field        TEXT NOT NULL,
  before       TEXT NOT NULL DEFAULT '',
  after        TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX audit_violation ON audit (violation_id, id) WHERE violation_id IS NOT NULL;
CREATE INDEX audit_batch ON audit (batch) WHERE batch <> '';
CREATE INDEX audit_subject ON audit (subject, by, id) WHERE subject <> '';
-- +goose StatementBegin
CREATE TRIGGER audit_is_append_only_update BEFORE UPDATE ON audit BEGIN SELECT raise(ABORT, 'the audit is append only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_is_append_only_delete BEFORE DELETE ON audit BEGIN SELECT raise(ABORT, 'the audit is append only'); END;
-- +goose StatementEnd

-- A policy is an ordered list of rules of which the first that matches wins
-- (ruling 13); type '' is any. matches_all repeats that its first rule holds
-- for everything and does nothing: its matches are derived, never stored.
CREATE TABLE policies (
  id          INTEGER PRIMARY KEY,
  name        TEXT NOT NULL COLLATE NOCASE UNIQUE,
  type        TEXT NOT NULL DEFAULT '',
  mode        TEXT NOT NULL DEFAULT 'apply',
  grace       INTEGER NOT NULL DEFAULT 0,
  matches_all INTEGER NOT NULL DEFAULT 0
) STRICT;

CREATE TABLE policy_rules (
  policy_id     INTEGER NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
  position      INTEGER NOT NULL,
  name          TEXT NOT NULL,
  query         TEXT NOT NULL,
  create_ticket INTEGER NOT NULL DEFAULT 0,
  severity      INTEGER,
  ignore_until  INTEGER,
  PRIMARY KEY (policy_id, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE watches (
  id             INTEGER PRIMARY KEY,
  name           TEXT NOT NULL COLLATE NOCASE UNIQUE,
  scope          TEXT NOT NULL,
  profile_id     INTEGER REFERENCES profiles (id) ON DELETE SET NULL,
  create_tickets INTEGER NOT NULL DEFAULT 0,
  create_since   INTEGER
) STRICT;

CREATE TABLE watch_policies (
  watch_id  INTEGER NOT NULL REFERENCES watches (id) ON DELETE CASCADE,
  position  INTEGER NOT NULL,
  policy_id INTEGER NOT NULL REFERENCES policies (id) ON DELETE RESTRICT,
  PRIMARY KEY (watch_id, position)
) STRICT, WITHOUT ROWID;

-- Which rule of a watch's policy matches a violation, since when. due is when
-- its automatic ticket is, where one is wanted; acted when that was seen to.
CREATE TABLE matches (
  violation_id INTEGER NOT NULL REFERENCES violations (id) ON DELETE CASCADE,
  watch_id     INTEGER NOT NULL REFERENCES watches (id) ON DELETE CASCADE,
  policy_id    INTEGER NOT NULL REFERENCES policies (id) ON DELETE CASCADE,
  rule         INTEGER NOT NULL,
  since        INTEGER NOT NULL,
  due          INTEGER,
  acted        INTEGER,
  PRIMARY KEY (violation_id, watch_id, policy_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX matches_watch ON matches (watch_id, policy_id, rule);
CREATE INDEX matches_policy ON matches (policy_id, rule);
CREATE INDEX matches_due ON matches (due) WHERE due IS NOT NULL;

-- Watches and policies that a source says matched (kind 0 watch, 1 policy).
CREATE TABLE reported_matches (
  violation_id INTEGER NOT NULL REFERENCES violations (id) ON DELETE CASCADE,
  kind         INTEGER NOT NULL,
  name         TEXT NOT NULL COLLATE NOCASE,
  source_id    INTEGER NOT NULL REFERENCES sources (id) ON DELETE CASCADE,
  PRIMARY KEY (violation_id, kind, name, source_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX reported_matches_name ON reported_matches (kind, name);
CREATE INDEX reported_matches_source ON reported_matches (source_id);

CREATE TABLE views (
  id       INTEGER PRIMARY KEY,
  name     TEXT NOT NULL COLLATE NOCASE UNIQUE,
  query    TEXT NOT NULL,
  sort     TEXT NOT NULL DEFAULT '',
  position INTEGER NOT NULL
) STRICT;

CREATE TABLE settings (
  key   TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- generation counts the holders of the syncer's lock (ruling 17).
CREATE TABLE leases (
  name       TEXT PRIMARY KEY,
  generation INTEGER NOT NULL,
  holder     TEXT NOT NULL,
  since      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- When each background job last ran and how it went.
CREATE TABLE jobs (
  name     TEXT PRIMARY KEY,
  asked    INTEGER,
  started  INTEGER,
  finished INTEGER,
  error    TEXT NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;

INSERT INTO policies (name, matches_all) VALUES ('all findings', 1);
INSERT INTO policy_rules (policy_id, position, name, query) VALUES (1, 0, 'all', '');
INSERT INTO watches (name, scope) VALUES ('everything', '');
INSERT INTO watch_policies (watch_id, position, policy_id) VALUES (1, 0, 1);
INSERT INTO views (name, query, sort, position) VALUES
  ('all', '', 'severity', 1),
  ('needs ticket', 'severity:>=high ticket:none vex:none,in_triage,affected', 'severity', 2),
  ('in triage', 'vex:in_triage', 'severity', 3),
  ('fix available', 'fix:yes vex:none,in_triage,affected', 'severity', 4),
  ('exploited', 'kev:yes', '-epss', 5);
