-- How many releases each app has is counted as they come and go, so that looking costs the same however many there are.

ALTER TABLE app ADD COLUMN releases INTEGER NOT NULL DEFAULT 0;
UPDATE app SET releases = (SELECT count(*) FROM release WHERE release.tenant = app.tenant AND release.app = app.id);
CREATE INDEX app_by_releases ON app (tenant, releases);

CREATE TRIGGER release_counted AFTER INSERT ON release BEGIN
  UPDATE app SET releases = releases + 1 WHERE tenant = NEW.tenant AND id = NEW.app; END;

CREATE TRIGGER release_uncounted AFTER DELETE ON release BEGIN
  UPDATE app SET releases = releases - 1 WHERE tenant = OLD.tenant AND id = OLD.app; END;

-- What has been forgotten of a tenant's events stays known when the tenant goes.
DROP TRIGGER tenant_gone;
CREATE TRIGGER tenant_gone AFTER DELETE ON tenant BEGIN
  DELETE FROM kept_answer WHERE owner = OLD.id
  ; UPDATE event SET owner = '-' WHERE owner = OLD.id
  ; INSERT INTO account (owner, kind, items, bytes, gone_to)
      SELECT '-', 'event', 0, 0, gone_to FROM account WHERE owner = OLD.id AND kind = 'event'
      ON CONFLICT (owner, kind) DO UPDATE SET gone_to = max(gone_to, excluded.gone_to)
  ; DELETE FROM account WHERE owner = OLD.id; END;
