-- +goose Up

-- Where sightings of a component say that it was found: each set of places that
-- one of them gives or gave, divided by U+001F; '' where it gives none. A set of
-- U+001F alone stands for more of them than are kept here. A path is looked for
-- in these before the sightings.
CREATE TABLE component_places (
  component_id INTEGER NOT NULL REFERENCES components (id) ON DELETE CASCADE,
  places       TEXT NOT NULL,
  PRIMARY KEY (component_id, places)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO component_places SELECT v.component_id, coalesce((SELECT group_concat(l.value, char(31)) FROM json_each(s.detail, '$.locations') l), '')
  FROM violations v CROSS JOIN sightings s ON s.violation_id = v.id;
INSERT OR IGNORE INTO component_places SELECT component_id, char(31) FROM component_places GROUP BY component_id HAVING count(*) > 32;
DELETE FROM component_places WHERE places <> char(31) AND component_id IN (SELECT component_id FROM component_places WHERE places = char(31));
