-- The stays of calls' media on nodes. One row per version: opening and closing make one. Times are microseconds since 1970, UTC.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    call_id BYTEA NOT NULL,
    session_id BYTEA NOT NULL,
    from_position BIGINT NOT NULL,     -- valid from here
    to_position BIGINT NOT NULL,       -- up to, not including, here; 9223372036854775807 while it is the newest
    node_id BYTEA NOT NULL,
    address TEXT NOT NULL,             -- where clients reach the node
    opened_at BIGINT NOT NULL,
    told_at BIGINT NOT NULL,           -- the last event of the session
    closed_at BIGINT,
    close_reason TEXT,
    PRIMARY KEY (account_id, call_id, session_id, from_position)
) {clustered};

-- What is open on a node: looked for when it starts.
CREATE INDEX {table}_open ON {table} (node_id) WHERE to_position = 9223372036854775807 AND closed_at IS NULL;
