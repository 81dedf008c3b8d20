-- +goose Up

-- What a filter by issue or by component counts stands in these indexes, so that
-- the rows themselves need not be looked at; the id is there for the order of a list.
DROP INDEX violations_issue;
DROP INDEX violations_component;
CREATE INDEX violations_issue ON violations (issue_id, current, state, id, component_id, product_id);
CREATE INDEX violations_component ON violations (component_id, current, state, id, issue_id, product_id);
