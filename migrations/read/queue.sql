-- Who waits for a person. One row per version of a call's place: valid from `from_position` up to, not including,
-- `to_position` (9223372036854775807 while it is the newest).
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    call_id BYTEA NOT NULL,
    from_position BIGINT NOT NULL,
    to_position BIGINT NOT NULL,
    waiting BIGINT NOT NULL,           -- 1 while it waits; the row stays afterwards, for what it has waited already
    priority BIGINT NOT NULL,          -- higher is served first
    queued_position BIGINT NOT NULL,   -- among equals, the lower is served first
    first_queued_at BIGINT,            -- microseconds since 1970, UTC, like all times here
    queued_at BIGINT,
    reason TEXT,
    waited_us BIGINT NOT NULL,         -- waited before the last queuing: waits add up
    customer_id BYTEA NOT NULL,
    conversation_id BYTEA NOT NULL,
    language TEXT,
    country TEXT,
    collections TEXT NOT NULL,         -- JSON list
    product TEXT,                      -- JSON
    environment TEXT NOT NULL,         -- production or test
    PRIMARY KEY (account_id, call_id, from_position)
) {clustered};

-- Those who wait at the newest position are the few whose version is still open, however long the history.
CREATE INDEX {table}_waiting ON {table} (account_id, waiting, to_position);
