-- Exports that make a file, as they are now. The files are in the storage; those that went over the wire at once are in the audit only.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    export_id BYTEA NOT NULL,
    version BIGINT NOT NULL,           -- of the export's stream: the entity tag
    stage TEXT NOT NULL,               -- requested, ready, failed, deleted
    question TEXT NOT NULL,            -- JSON; without what was looked for once it is over
    process BIGINT NOT NULL,           -- the number of the process that took it on
    requested_at BIGINT NOT NULL,
    requested_by_kind TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    rows BIGINT,
    bytes BIGINT,
    sha256 TEXT,
    keep_until BIGINT,                 -- when the file is deleted
    failure TEXT,                      -- storage, database, outdated
    ended_at BIGINT,                   -- ready, failed or deleted since
    PRIMARY KEY (account_id, export_id)
) {clustered};

-- What is to be done, whoever's it is.
CREATE INDEX {table}_open ON {table} (export_id) WHERE stage = 'requested';
CREATE INDEX {table}_due ON {table} (keep_until) WHERE stage = 'ready';
CREATE INDEX {table}_deleted ON {table} (ended_at) WHERE stage = 'deleted';
