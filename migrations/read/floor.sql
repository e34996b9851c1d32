-- The floor as it is now: one row for each account, shopper, call and chat that still matters to those who route work and
-- fire deadlines. Rows go when a call is over, a chat is closed, a shopper has left.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    category TEXT {binary} NOT NULL, -- account, shopper, call, conversation
    id BYTEA NOT NULL,
    place TEXT NOT NULL,             -- JSON: what is remembered
    waiting_priority BIGINT,         -- of a call or chat that waits for a shopper: higher is served first
    waiting_since BIGINT,            -- of equals the oldest is served first
    waiting_position BIGINT,         -- orders those of one instant
    PRIMARY KEY (account_id, category, id)
) {clustered};

-- What waits is few among what is there.
CREATE INDEX {table}_waiting ON {table} (account_id, waiting_position);
