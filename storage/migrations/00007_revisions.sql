-- +goose Up

-- How often what people decide about a thing was stored. Who changes a thing
-- names the revision that they saw (storage/revision.go).
ALTER TABLE connections ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE profiles ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE policies ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE watches ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;
ALTER TABLE products ADD COLUMN revision INTEGER NOT NULL DEFAULT 1;

-- What verifications and consents find out is nobody's decision.
-- +goose StatementBegin
CREATE TRIGGER connections_revision AFTER UPDATE OF name, type, auth, url, user, client_id, consumer_key, ca_file, options ON connections
WHEN (old.name, old.type, old.auth, old.url, old.user, old.client_id, old.consumer_key, old.ca_file, json_remove(old.options, '$.cloud_id', '$.granted'))
  <> (new.name, new.type, new.auth, new.url, new.user, new.client_id, new.consumer_key, new.ca_file, json_remove(new.options, '$.cloud_id', '$.granted')) BEGIN
  UPDATE connections SET revision = revision + 1 WHERE id = new.id;
END;
-- +goose StatementEnd
-- A token is renewed by itself.
-- +goose StatementBegin
CREATE TRIGGER secrets_revision_insert AFTER INSERT ON secrets WHEN new.name <> 'token' BEGIN
  UPDATE connections SET revision = revision + 1 WHERE 'connection/' || id = new.owner;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER secrets_revision_update AFTER UPDATE OF ciphertext ON secrets WHEN new.name <> 'token' BEGIN
  UPDATE connections SET revision = revision + 1 WHERE 'connection/' || id = new.owner;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER profiles_revision AFTER UPDATE OF name, connection_id, project, issue_type, labels, summary, description, fields, priorities, dedupe, on_seen_again, on_gone, transitions ON profiles BEGIN
  UPDATE profiles SET revision = revision + 1 WHERE id = new.id;
END;
-- +goose StatementEnd
-- Rules and a watch's policies are written together with their owner.
-- +goose StatementBegin
CREATE TRIGGER policies_revision AFTER UPDATE OF name, type, mode, grace ON policies BEGIN
  UPDATE policies SET revision = revision + 1 WHERE id = new.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER watches_revision AFTER UPDATE OF name, scope, profile_id, create_tickets ON watches BEGIN
  UPDATE watches SET revision = revision + 1 WHERE id = new.id;
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER products_revision AFTER UPDATE OF name, profile_id, project, issue_type, assignee, reporter, epic, sync, push_notes ON products BEGIN
  UPDATE products SET revision = revision + 1 WHERE id = new.id;
END;
-- +goose StatementEnd
-- Which versions are current is chosen with a product's settings.
-- +goose StatementBegin
CREATE TRIGGER versions_revision AFTER UPDATE OF current ON versions WHEN old.current <> new.current BEGIN
  UPDATE products SET revision = revision + 1 WHERE id = new.product_id;
END;
-- +goose StatementEnd
