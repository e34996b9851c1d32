-- Calls. One row per version: every event of a call ends the newest version and begins another, so that what a call was
-- at any position is a matter of looking, not of replaying. Times are microseconds since 1970, UTC.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    call_id BYTEA NOT NULL,
    from_position BIGINT NOT NULL,     -- valid from here
    to_position BIGINT NOT NULL,       -- up to, not including, here; 9223372036854775807 while it is the newest
    version BIGINT NOT NULL,           -- of the call's stream: its entity tag
    status TEXT {binary} NOT NULL,     -- requested, scheduled, waiting, claimed, live, wrap_up, finished, cancelled, archived
    active BIGINT NOT NULL,            -- 1 while something is still to come
    outcome TEXT,                      -- finished or cancelled, also while it is archived
    origin TEXT NOT NULL,              -- customer (a request) or shopper (a private call)
    customer_id BYTEA NOT NULL,
    conversation_id BYTEA NOT NULL,
    shopper_id BYTEA,                  -- who holds it
    participants TEXT NOT NULL,        -- JSON list of shoppers, the holder too
    product TEXT,                      -- JSON
    product_id TEXT {binary},          -- the shop's id of it
    product_search TEXT,               -- the words of its id and name, folded, a space before each
    platform TEXT NOT NULL,
    device TEXT NOT NULL,
    language TEXT,
    country TEXT,
    collections TEXT NOT NULL,         -- JSON list
    priority BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    scheduled_from BIGINT,
    scheduled_to BIGINT,
    scheduled_zone TEXT,
    schedule_sequence BIGINT,
    first_queued_at BIGINT,
    queued_at BIGINT,
    waited_us BIGINT NOT NULL,         -- the sum of all waits that are over
    offered_to BYTEA,
    offered_until BIGINT,
    start_by BIGINT,
    claimed_at BIGINT,
    started_at BIGINT,
    ended_at BIGINT,
    closed_at BIGINT,                  -- finished or cancelled
    end_reason TEXT,
    cancel_reason TEXT,
    archived_at BIGINT,
    products_shown BIGINT NOT NULL,
    cart_ids TEXT NOT NULL,            -- JSON list
    rated BIGINT NOT NULL,
    nps BIGINT,                        -- the answers that count
    csat BIGINT,
    face TEXT,
    environment TEXT NOT NULL,         -- production or test
    PRIMARY KEY (account_id, call_id, from_position)
) {clustered};

-- What is in work: few rows, however long the history. Also finds the versions that have ended since a position.
CREATE INDEX {table}_active ON {table} (account_id, active, to_position);

-- Lists, the newest first, over the newest versions only.
CREATE INDEX {table}_newest ON {table} (account_id, created_at, call_id) WHERE to_position = 9223372036854775807;
CREATE INDEX {table}_shopper ON {table} (account_id, shopper_id, created_at, call_id) WHERE to_position = 9223372036854775807;
CREATE INDEX {table}_customer ON {table} (account_id, customer_id, created_at, call_id) WHERE to_position = 9223372036854775807;
CREATE INDEX {table}_product ON {table} (account_id, product_id, created_at, call_id)
    WHERE to_position = 9223372036854775807;
CREATE INDEX {table}_archived ON {table} (account_id, created_at, call_id)
    WHERE to_position = 9223372036854775807 AND status = 'archived';
