-- Shoppers. One row per version: who they were and where they stood at any position.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    shopper_id BYTEA NOT NULL,
    from_position BIGINT NOT NULL,     -- valid from here
    to_position BIGINT NOT NULL,       -- up to, not including, here; 9223372036854775807 while it is the newest
    version BIGINT NOT NULL,           -- of the shopper's stream: its entity tag
    name TEXT,
    email TEXT,
    phone TEXT,
    chat_name TEXT,
    languages TEXT NOT NULL,           -- JSON list
    expertise TEXT NOT NULL,           -- JSON list
    collections TEXT NOT NULL,         -- JSON list
    schedule TEXT,                     -- JSON
    max_concurrent BIGINT,
    departments TEXT NOT NULL,         -- JSON list
    country TEXT,
    status TEXT {binary} NOT NULL,     -- available, busy, away, offline
    status_cause TEXT,
    status_since BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    deleted BIGINT NOT NULL,
    sort_name TEXT {binary} NOT NULL,  -- the name, folded
    search TEXT {binary} NOT NULL,     -- the words that a search looks through, folded, a space before each
    PRIMARY KEY (account_id, shopper_id, from_position)
) {clustered};

-- The shoppers of a shop are few; their versions are not.
CREATE INDEX {table}_valid ON {table} (account_id, deleted, to_position);
