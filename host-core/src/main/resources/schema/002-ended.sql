-- Sandboxes that have ended by themselves for good: nothing of them is left but what they came to.

CREATE TABLE ended_sandbox (
  tenant     TEXT    NOT NULL,
  app        TEXT    NOT NULL,
  id         TEXT    NOT NULL,
  process    TEXT    NOT NULL,
  release    INTEGER NOT NULL,
  restarts   INTEGER NOT NULL,
  started_at TEXT,
  ready_at   TEXT,
  last_exit  TEXT,
  PRIMARY KEY (tenant, app, id),
  FOREIGN KEY (tenant, app) REFERENCES app (tenant, id) ON DELETE CASCADE
) STRICT;
