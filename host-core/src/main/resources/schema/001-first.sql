-- Desired state. Times are ISO-8601 in UTC, sets of numbers and names are JSON.
-- A statement ends where a line ends with a semicolon.

CREATE TABLE tenant (
  id              TEXT    NOT NULL PRIMARY KEY,
  number          INTEGER NOT NULL UNIQUE CHECK (number > 0),
  uid_base        INTEGER NOT NULL UNIQUE CHECK (uid_base > 0),
  blocks          TEXT    NOT NULL,
  memory          INTEGER NOT NULL,
  cpus            REAL    NOT NULL,
  pids            INTEGER NOT NULL,
  disk            INTEGER NOT NULL,
  sandboxes       INTEGER NOT NULL,
  published_ports INTEGER NOT NULL,
  artifacts       INTEGER NOT NULL,
  deleting        INTEGER NOT NULL CHECK (deleting IN (0, 1)),
  -- Events up to here are of an earlier tenant of the same name, and none of this one's business.
  events_after    INTEGER NOT NULL
) STRICT;

CREATE TABLE token (
  tenant     TEXT NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  id         TEXT NOT NULL,
  label      TEXT NOT NULL,
  hash       TEXT NOT NULL UNIQUE,
  created_at TEXT NOT NULL,
  expires_at TEXT,
  PRIMARY KEY (tenant, id)
) STRICT;

CREATE TABLE artifact (
  tenant     TEXT    NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  digest     TEXT    NOT NULL,
  size       INTEGER NOT NULL,
  created_at TEXT    NOT NULL,
  PRIMARY KEY (tenant, digest)
) STRICT;

CREATE TABLE app (
  tenant   TEXT    NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  id       TEXT    NOT NULL,
  live     INTEGER NOT NULL,
  latest   INTEGER NOT NULL,
  scales   TEXT    NOT NULL,
  ports    TEXT    NOT NULL,
  deleting INTEGER NOT NULL CHECK (deleting IN (0, 1)),
  PRIMARY KEY (tenant, id)
) STRICT;

CREATE TABLE release (
  tenant     TEXT    NOT NULL,
  app        TEXT    NOT NULL,
  number     INTEGER NOT NULL CHECK (number > 0),
  status     TEXT    NOT NULL,
  reason     TEXT,
  created_at TEXT    NOT NULL,
  spec       TEXT    NOT NULL,
  PRIMARY KEY (tenant, app, number),
  FOREIGN KEY (tenant, app) REFERENCES app (tenant, id) ON DELETE CASCADE
) STRICT;

CREATE TABLE link (
  tenant TEXT NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  other  TEXT NOT NULL REFERENCES tenant (id) ON DELETE CASCADE,
  PRIMARY KEY (tenant, other)
) STRICT;

CREATE TABLE event (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  at       TEXT NOT NULL,
  tenant   TEXT,
  kind     TEXT NOT NULL,
  details  TEXT NOT NULL
) STRICT;

CREATE INDEX event_of_tenant ON event (tenant, sequence);

-- Answers kept for repeated calls: id is the digest of caller and key; body is sealed with a key made from both.
CREATE TABLE kept_answer (
  id           TEXT    NOT NULL PRIMARY KEY,
  fingerprint  TEXT    NOT NULL,
  begun_at     INTEGER NOT NULL,
  status       INTEGER,
  content_type TEXT,
  body         BLOB
) STRICT;

CREATE INDEX kept_answer_begun ON kept_answer (begun_at);
