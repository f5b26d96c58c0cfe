-- Ledger and inbox, checkpoints, named leases, audit. Times are milliseconds since 1970 (UTC).

CREATE TABLE jobs (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    company     TEXT    NOT NULL,
    flow        TEXT    NOT NULL,
    document    TEXT    NOT NULL,
    order_key   TEXT,
    generation  INTEGER NOT NULL,
    version     TEXT    NOT NULL,
    content     TEXT    NOT NULL,               -- JSON
    about       TEXT,
    step        TEXT    NOT NULL,               -- fresh, sending, sent
    sending_at  INTEGER,                        -- with step = sending
    target_id   TEXT,
    previous_id TEXT,
    result      TEXT,                           -- JSON
    state       TEXT    NOT NULL,               -- pending, leased, retry, parked, done
    due_at      INTEGER,                        -- when a worker may take it; NULL: parked, done
    lease_owner TEXT,                           -- with state = leased
    reason_code TEXT,                           -- with state = retry, parked
    reason      TEXT,
    wakes       TEXT,                           -- with state = parked
    attempts    INTEGER NOT NULL,
    claims      INTEGER NOT NULL,               -- the fencing token
    arrived_at  INTEGER NOT NULL,
    changed_at  INTEGER NOT NULL,
    UNIQUE (company, flow, document)
) STRICT;

CREATE INDEX jobs_due ON jobs (company, flow, due_at, sequence) WHERE due_at IS NOT NULL;
CREATE INDEX jobs_order ON jobs (company, flow, order_key, sequence)
    WHERE order_key IS NOT NULL AND state <> 'done';
CREATE INDEX jobs_state ON jobs (state, sequence) WHERE state <> 'done';

CREATE TABLE checkpoints (
    company TEXT NOT NULL,
    flow    TEXT NOT NULL,
    value   TEXT NOT NULL,
    PRIMARY KEY (company, flow)
) STRICT, WITHOUT ROWID;

CREATE TABLE holds (
    name       TEXT PRIMARY KEY,
    owner      TEXT    NOT NULL,
    held_until INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE audit (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    at         INTEGER NOT NULL,
    company    TEXT    NOT NULL,
    flow       TEXT    NOT NULL,
    document   TEXT    NOT NULL,
    generation INTEGER NOT NULL,
    action     TEXT    NOT NULL,
    detail     TEXT    NOT NULL,
    by         TEXT    NOT NULL
) STRICT;

CREATE INDEX audit_document ON audit (company, flow, document, id);
