-- +goose Up

-- How many violations of each severity were open in current versions when a
-- day began (UTC), and for how many nothing was decided: the trend of the
-- dashboard. Written by the first change of the day, before it happens; a day
-- without a change has no row, since it began and ended as the one before.
CREATE TABLE days (
  day       TEXT PRIMARY KEY,
  critical  INTEGER NOT NULL,
  high      INTEGER NOT NULL,
  medium    INTEGER NOT NULL,
  low       INTEGER NOT NULL,
  unknown   INTEGER NOT NULL,
  info      INTEGER NOT NULL,
  undecided INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
