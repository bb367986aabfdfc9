/** Times are ms since 1970, amounts are microcredits. */
const first = `
CREATE TABLE facts (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE cursor (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  height INTEGER NOT NULL,
  hash TEXT NOT NULL,
  time INTEGER NOT NULL
) STRICT;

CREATE TABLE blocks (
  height INTEGER PRIMARY KEY,
  hash TEXT NOT NULL,
  time INTEGER NOT NULL,
  transactions INTEGER NOT NULL,
  aborted INTEGER NOT NULL
) STRICT;
CREATE INDEX blocks_by_time ON blocks (time);

CREATE TABLE transactions (
  id TEXT NOT NULL,
  program TEXT NOT NULL,
  sent_as TEXT,
  height INTEGER NOT NULL,
  time INTEGER NOT NULL,
  kind TEXT NOT NULL,
  function TEXT NOT NULL,
  status TEXT NOT NULL,
  payer TEXT,
  fee INTEGER NOT NULL,
  credits_in INTEGER NOT NULL,
  credits_out INTEGER NOT NULL,
  operations INTEGER NOT NULL,
  edition INTEGER,
  owner TEXT,
  PRIMARY KEY (id, program)
) STRICT, WITHOUT ROWID;
CREATE INDEX transactions_by_program
  ON transactions (program, time, kind, status, function, fee, credits_in, credits_out, payer);
CREATE INDEX transactions_by_time ON transactions (time);

CREATE TABLE payers (
  program TEXT NOT NULL,
  payer TEXT NOT NULL,
  first_time INTEGER NOT NULL,
  PRIMARY KEY (program, payer)
) STRICT, WITHOUT ROWID;

CREATE TABLE probes (
  name TEXT PRIMARY KEY,
  value TEXT,
  height INTEGER NOT NULL,
  read_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL,
  problem TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE looks (
  endpoint TEXT NOT NULL,
  time INTEGER NOT NULL,
  answered_ms REAL,
  height INTEGER,
  hash TEXT,
  problem TEXT
) STRICT;
CREATE INDEX looks_by_endpoint ON looks (endpoint, time);
CREATE INDEX looks_by_time ON looks (time);

CREATE TABLE alerts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  rule TEXT NOT NULL,
  subject TEXT NOT NULL,
  severity TEXT NOT NULL,
  status TEXT NOT NULL,
  dedup_key TEXT UNIQUE,
  since INTEGER NOT NULL,
  fired_at INTEGER,
  good_since INTEGER,
  resolved_at INTEGER,
  returns INTEGER NOT NULL DEFAULT 0,
  height INTEGER NOT NULL,
  summary TEXT NOT NULL,
  value TEXT NOT NULL,
  runbook TEXT,
  notified TEXT NOT NULL DEFAULT 'nothing',
  acknowledged_by TEXT
) STRICT;
CREATE UNIQUE INDEX open_alerts ON alerts (rule, subject) WHERE status <> 'resolved';
CREATE INDEX alerts_by_time ON alerts (since);

CREATE TABLE alert_history (
  id INTEGER PRIMARY KEY,
  alert INTEGER NOT NULL REFERENCES alerts (id),
  time INTEGER NOT NULL,
  what TEXT NOT NULL,
  detail TEXT NOT NULL
) STRICT;
CREATE INDEX history_by_alert ON alert_history (alert);

CREATE TABLE silences (
  id INTEGER PRIMARY KEY,
  rule TEXT NOT NULL,
  subject TEXT,
  reason TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  ends_at INTEGER NOT NULL
) STRICT;

CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  route TEXT NOT NULL,
  dedup_key TEXT NOT NULL,
  notice TEXT NOT NULL,
  made_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at INTEGER NOT NULL,
  done_at INTEGER,
  outcome TEXT NOT NULL DEFAULT 'waiting',
  problem TEXT
) STRICT;
CREATE INDEX waiting_outbox ON outbox (route, dedup_key, id) WHERE outcome = 'waiting';
CREATE INDEX outbox_by_time ON outbox (made_at);
`;

/**
 * What each transaction did, the aborted ones, and sums from which any stretch of time can be had by
 * two look-ups: `tallies` counts from the beginning up to and with a block.
 */
const second = `
ALTER TABLE transactions ADD COLUMN position INTEGER NOT NULL DEFAULT 0;
ALTER TABLE transactions ADD COLUMN is_amendment INTEGER NOT NULL DEFAULT 0;
CREATE INDEX transactions_by_function ON transactions (program, function, time);
CREATE INDEX unnamed_transactions ON transactions (height)
  WHERE status = 'rejected' AND sent_as IS NULL;
CREATE INDEX deployments ON transactions (program, height) WHERE kind = 'deploy';
CREATE INDEX payers_by_time ON payers (program, first_time);

CREATE TABLE tallies (
  program TEXT NOT NULL,
  time INTEGER NOT NULL,
  height INTEGER NOT NULL,
  accepted INTEGER NOT NULL,
  rejected INTEGER NOT NULL,
  fees INTEGER NOT NULL,
  credits_in INTEGER NOT NULL,
  credits_out INTEGER NOT NULL,
  PRIMARY KEY (program, time, height)
) STRICT, WITHOUT ROWID;
INSERT INTO tallies
  SELECT program, time, height, sum(accepted) OVER upTo, sum(rejected) OVER upTo,
    sum(fees) OVER upTo, sum(credits_in) OVER upTo, sum(credits_out) OVER upTo
  FROM (
    SELECT program, time, height,
      sum(kind = 'execute' AND status = 'accepted') AS accepted,
      sum(kind = 'execute' AND status = 'rejected') AS rejected,
      sum(iif(kind = 'execute', fee, 0)) AS fees,
      sum(credits_in) AS credits_in, sum(credits_out) AS credits_out
    FROM transactions GROUP BY program, time, height
  ) WINDOW upTo AS (PARTITION BY program ORDER BY time, height);

CREATE TABLE movements (
  height INTEGER NOT NULL,
  position INTEGER NOT NULL,
  program TEXT NOT NULL,
  number INTEGER NOT NULL,
  direction TEXT NOT NULL,
  other TEXT,
  microcredits INTEGER NOT NULL,
  PRIMARY KEY (height, position, program, number)
) STRICT, WITHOUT ROWID;
CREATE INDEX movements_by_program ON movements (program, height);

CREATE TABLE mappings (
  number INTEGER PRIMARY KEY,
  mapping_id TEXT NOT NULL UNIQUE,
  program TEXT,
  name TEXT
) STRICT;

CREATE TABLE changes (
  height INTEGER NOT NULL,
  position INTEGER NOT NULL,
  number INTEGER NOT NULL,
  mapping INTEGER NOT NULL REFERENCES mappings (number),
  key BLOB NOT NULL,
  is_removed INTEGER NOT NULL,
  PRIMARY KEY (height, position, number)
) STRICT, WITHOUT ROWID;

CREATE TABLE aborted (
  id TEXT PRIMARY KEY,
  height INTEGER NOT NULL,
  time INTEGER NOT NULL,
  asked INTEGER NOT NULL DEFAULT 0
) STRICT, WITHOUT ROWID;
CREATE INDEX aborted_by_time ON aborted (time);
CREATE INDEX unasked_aborted ON aborted (height) WHERE asked = 0;

CREATE TABLE aborted_parts (
  id TEXT NOT NULL REFERENCES aborted (id),
  program TEXT NOT NULL,
  function TEXT NOT NULL,
  payer TEXT,
  PRIMARY KEY (id, program)
) STRICT, WITHOUT ROWID;
`;

/** Tests of the ways to the people, and how endpoints answered in hours of which no single look is left. */
const third = `
CREATE TABLE route_tests (
  route TEXT NOT NULL,
  severity TEXT NOT NULL,
  time INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  problem TEXT,
  PRIMARY KEY (route, severity)
) STRICT, WITHOUT ROWID;

CREATE TABLE look_hours (
  endpoint TEXT NOT NULL,
  hour INTEGER NOT NULL,
  looks INTEGER NOT NULL,
  failed INTEGER NOT NULL,
  times TEXT NOT NULL,
  PRIMARY KEY (endpoint, hour)
) STRICT, WITHOUT ROWID;
`;

/** What brings a database from each version to the next; the first makes a new one. */
export const schemaSteps: readonly string[] = [first, second, third];

export const schemaVersion = schemaSteps.length;
