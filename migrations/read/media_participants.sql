-- Who was connected to a call's media, or wanted to be. One row per version: every event about the presence makes one.
-- Times are microseconds since 1970, UTC: those of the node, at which it happened.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    call_id BYTEA NOT NULL,
    participant_id BYTEA NOT NULL,
    from_position BIGINT NOT NULL,     -- valid from here
    to_position BIGINT NOT NULL,       -- up to, not including, here; 9223372036854775807 while it is the newest
    session_id BYTEA,
    who_kind TEXT NOT NULL,            -- customer, shopper, user, api_key
    who_id TEXT NOT NULL,
    role TEXT,                         -- customer or shopper; absent where it was never connected
    device TEXT,
    joined_at BIGINT,
    left_at BIGINT,
    left_reason TEXT,
    corrected BIGINT NOT NULL,         -- 1 where the end was concluded afterwards
    failed_at BIGINT,
    failure TEXT,                      -- why it was never connected
    failure_detail TEXT,
    tracks TEXT NOT NULL,              -- JSON: source, published_at, ended_at, muted; the latest of each source
    PRIMARY KEY (account_id, call_id, participant_id, from_position)
) {clustered};
