-- Files of recorded calls. One row per version: every event about a file makes one, but for downloads, which are in the history
-- only. Times are microseconds since 1970, UTC.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    call_id BYTEA NOT NULL,
    recording_id BYTEA NOT NULL,
    from_position BIGINT NOT NULL,     -- valid from here
    to_position BIGINT NOT NULL,       -- up to, not including, here; 9223372036854775807 while it is the newest
    node_id BYTEA NOT NULL,            -- who writes it
    participant_id BYTEA NOT NULL,     -- whose presence
    holds TEXT NOT NULL,               -- person or screen
    stage TEXT NOT NULL,               -- recording, stopped, ready, failed, lost, deleted
    offset_ms BIGINT NOT NULL,         -- its begin, after the call's start
    started_at BIGINT NOT NULL,
    told_at BIGINT NOT NULL,           -- when its node told of it last
    duration_ms BIGINT,
    corrected BIGINT NOT NULL,         -- 1 where a crash had broken it off
    object_key TEXT,                   -- its name in the storage
    bytes BIGINT,
    sha256 TEXT,
    mime TEXT,
    keep_until BIGINT,                 -- when it is deleted
    failure TEXT,
    deleted_at BIGINT,
    delete_cause TEXT,
    PRIMARY KEY (account_id, call_id, recording_id, from_position)
) {clustered};

CREATE INDEX {table}_recording ON {table} (account_id, recording_id, from_position);
-- What a node has not brought into the storage yet, and what is to be deleted.
CREATE INDEX {table}_open ON {table} (node_id) WHERE to_position = 9223372036854775807 AND stage IN ('recording', 'stopped');
-- What nodes do not come back with.
CREATE INDEX {table}_told ON {table} (told_at) WHERE to_position = 9223372036854775807 AND stage IN ('recording', 'stopped');
CREATE INDEX {table}_due ON {table} (keep_until) WHERE to_position = 9223372036854775807 AND stage = 'ready';
CREATE INDEX {table}_deleted ON {table} (deleted_at) WHERE to_position = 9223372036854775807 AND stage = 'deleted';
