-- What each tenant has in the database is counted as it comes and goes, so that looking costs the same whatever there
-- is. An owner is a tenant; '' is the host with its operator, '-' are the tenants that are no more.

CREATE TABLE account (
  owner   TEXT    NOT NULL,
  kind    TEXT    NOT NULL,
  items   INTEGER NOT NULL,
  -- 200 for each row beside its texts: its short columns, its keys, its part of the indexes.
  bytes   INTEGER NOT NULL,
  -- Of events: up to which number some have been forgotten.
  gone_to INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (owner, kind)
) STRICT, WITHOUT ROWID;

-- Whose event it is does not change with its tenant's end; who pays for it does.
ALTER TABLE event ADD COLUMN owner TEXT NOT NULL DEFAULT '';
UPDATE event SET owner = CASE
  WHEN tenant IS NULL THEN ''
  WHEN sequence > coalesce((SELECT events_after FROM tenant WHERE id = event.tenant), 9e18) THEN tenant
  ELSE '-' END;
DROP INDEX event_of_tenant;
CREATE INDEX event_of_owner ON event (owner, sequence);
ALTER TABLE tenant DROP COLUMN events_after;

-- Whose call it answered: '' is the operator. What was kept before this version was known by nothing but a digest, and
-- is replayed to the operator only.
ALTER TABLE kept_answer ADD COLUMN owner TEXT NOT NULL DEFAULT '';
DELETE FROM kept_answer WHERE octet_length(body) > 65536;
DROP INDEX kept_answer_begun;
CREATE INDEX kept_answer_of_owner ON kept_answer (owner, begun_at);

INSERT INTO account (owner, kind, items, bytes)
  SELECT tenant, 'release', count(*), sum(200 + octet_length(spec) + coalesce(octet_length(reason), 0))
  FROM release GROUP BY tenant;
INSERT INTO account (owner, kind, items, bytes)
  SELECT tenant, 'app', count(*), sum(200 + octet_length(scales) + octet_length(ports))
  FROM app GROUP BY tenant;
INSERT INTO account (owner, kind, items, bytes)
  SELECT tenant, 'token', count(*), sum(200 + octet_length(label))
  FROM token GROUP BY tenant;
INSERT INTO account (owner, kind, items, bytes)
  SELECT tenant, 'artifact', count(*), sum(200 + octet_length(digest))
  FROM artifact GROUP BY tenant;
INSERT INTO account (owner, kind, items, bytes)
  SELECT tenant, 'ended', count(*), sum(200 + coalesce(octet_length(last_exit), 0))
  FROM ended_sandbox GROUP BY tenant;
INSERT INTO account (owner, kind, items, bytes)
  SELECT owner, 'event', count(*), sum(200 + octet_length(details))
  FROM event GROUP BY owner;
INSERT INTO account (owner, kind, items, bytes)
  SELECT owner, 'answer', count(*), sum(200 + coalesce(octet_length(body), 0))
  FROM kept_answer GROUP BY owner;

CREATE TRIGGER release_more AFTER INSERT ON release BEGIN
  INSERT INTO account (owner, kind, items, bytes)
    VALUES (NEW.tenant, 'release', 1, 200 + octet_length(NEW.spec) + coalesce(octet_length(NEW.reason), 0))
    ON CONFLICT (owner, kind) DO UPDATE SET items = items + 1, bytes = bytes + excluded.bytes; END;

CREATE TRIGGER release_less AFTER DELETE ON release BEGIN
  UPDATE account SET items = items - 1,
      bytes = bytes - (200 + octet_length(OLD.spec) + coalesce(octet_length(OLD.reason), 0))
    WHERE owner = OLD.tenant AND kind = 'release'; END;

CREATE TRIGGER release_other AFTER UPDATE OF spec, reason ON release BEGIN
  UPDATE account SET bytes = bytes - (octet_length(OLD.spec) + coalesce(octet_length(OLD.reason), 0))
      + (octet_length(NEW.spec) + coalesce(octet_length(NEW.reason), 0))
    WHERE owner = NEW.tenant AND kind = 'release'; END;

CREATE TRIGGER app_more AFTER INSERT ON app BEGIN
  INSERT INTO account (owner, kind, items, bytes)
    VALUES (NEW.tenant, 'app', 1, 200 + octet_length(NEW.scales) + octet_length(NEW.ports))
    ON CONFLICT (owner, kind) DO UPDATE SET items = items + 1, bytes = bytes + excluded.bytes; END;

CREATE TRIGGER app_less AFTER DELETE ON app BEGIN
  UPDATE account SET items = items - 1,
      bytes = bytes - (200 + octet_length(OLD.scales) + octet_length(OLD.ports))
    WHERE owner = OLD.tenant AND kind = 'app'; END;

CREATE TRIGGER app_other AFTER UPDATE OF scales, ports ON app BEGIN
  UPDATE account SET bytes = bytes - (octet_length(OLD.scales) + octet_length(OLD.ports))
      + (octet_length(NEW.scales) + octet_length(NEW.ports))
    WHERE owner = NEW.tenant AND kind = 'app'; END;

CREATE TRIGGER token_more AFTER INSERT ON token BEGIN
  INSERT INTO account (owner, kind, items, bytes)
    VALUES (NEW.tenant, 'token', 1, 200 + octet_length(NEW.label))
    ON CONFLICT (owner, kind) DO UPDATE SET items = items + 1, bytes = bytes + excluded.bytes; END;

CREATE TRIGGER token_less AFTER DELETE ON token BEGIN
  UPDATE account SET items = items - 1,
      bytes = bytes - (200 + octet_length(OLD.label))
    WHERE owner = OLD.tenant AND kind = 'token'; END;

CREATE TRIGGER artifact_more AFTER INSERT ON artifact BEGIN
  INSERT INTO account (owner, kind, items, bytes)
    VALUES (NEW.tenant, 'artifact', 1, 200 + octet_length(NEW.digest))
    ON CONFLICT (owner, kind) DO UPDATE SET items = items + 1, bytes = bytes + excluded.bytes; END;

CREATE TRIGGER artifact_less AFTER DELETE ON artifact BEGIN
  UPDATE account SET items = items - 1,
      bytes = bytes - (200 + octet_length(OLD.digest))
    WHERE owner = OLD.tenant AND kind = 'artifact'; END;

CREATE TRIGGER ended_sandbox_more AFTER INSERT ON ended_sandbox BEGIN
  INSERT INTO account (owner, kind, items, bytes)
    VALUES (NEW.tenant, 'ended', 1, 200 + coalesce(octet_length(NEW.last_exit), 0))
    ON CONFLICT (owner, kind) DO UPDATE SET items = items + 1, bytes = bytes + excluded.bytes; END;

CREATE TRIGGER ended_sandbox_less AFTER DELETE ON ended_sandbox BEGIN
  UPDATE account SET items = items - 1,
      bytes = bytes - (200 + coalesce(octet_length(OLD.last_exit), 0))
    WHERE owner = OLD.tenant AND kind = 'ended'; END;

CREATE TRIGGER ended_sandbox_other AFTER UPDATE OF last_exit ON ended_sandbox BEGIN
  UPDATE account SET bytes = bytes - (coalesce(octet_length(OLD.last_exit), 0))
      + (coalesce(octet_length(NEW.last_exit), 0))
    WHERE owner = NEW.tenant AND kind = 'ended'; END;

CREATE TRIGGER event_more AFTER INSERT ON event BEGIN
  INSERT INTO account (owner, kind, items, bytes)
    VALUES (NEW.owner, 'event', 1, 200 + octet_length(NEW.details))
    ON CONFLICT (owner, kind) DO UPDATE SET items = items + 1, bytes = bytes + excluded.bytes; END;

CREATE TRIGGER event_less AFTER DELETE ON event BEGIN
  UPDATE account SET items = items - 1, gone_to = max(gone_to, OLD.sequence),
      bytes = bytes - (200 + octet_length(OLD.details))
    WHERE owner = OLD.owner AND kind = 'event'; END;

CREATE TRIGGER kept_answer_more AFTER INSERT ON kept_answer BEGIN
  INSERT INTO account (owner, kind, items, bytes)
    VALUES (NEW.owner, 'answer', 1, 200 + coalesce(octet_length(NEW.body), 0))
    ON CONFLICT (owner, kind) DO UPDATE SET items = items + 1, bytes = bytes + excluded.bytes; END;

CREATE TRIGGER kept_answer_less AFTER DELETE ON kept_answer BEGIN
  UPDATE account SET items = items - 1,
      bytes = bytes - (200 + coalesce(octet_length(OLD.body), 0))
    WHERE owner = OLD.owner AND kind = 'answer'; END;

CREATE TRIGGER kept_answer_other AFTER UPDATE OF body ON kept_answer BEGIN
  UPDATE account SET bytes = bytes - (coalesce(octet_length(OLD.body), 0))
      + (coalesce(octet_length(NEW.body), 0))
    WHERE owner = NEW.owner AND kind = 'answer'; END;

CREATE TRIGGER event_moved AFTER UPDATE OF owner ON event BEGIN
  INSERT INTO account (owner, kind, items, bytes)
    VALUES (NEW.owner, 'event', 1, 200 + octet_length(NEW.details))
    ON CONFLICT (owner, kind) DO UPDATE SET items = items + 1, bytes = bytes + excluded.bytes
  ; UPDATE account SET items = items - 1, bytes = bytes - (200 + octet_length(OLD.details))
    WHERE owner = OLD.owner AND kind = 'event'; END;

CREATE TRIGGER tenant_gone AFTER DELETE ON tenant BEGIN
  DELETE FROM kept_answer WHERE owner = OLD.id
  ; UPDATE event SET owner = '-' WHERE owner = OLD.id
  ; DELETE FROM account WHERE owner = OLD.id; END;
