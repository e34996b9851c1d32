-- Whether a call is recorded, as it was switched last. Times are microseconds since 1970, UTC.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    call_id BYTEA NOT NULL,
    from_position BIGINT NOT NULL,     -- valid from here
    to_position BIGINT NOT NULL,       -- up to, not including, here; 9223372036854775807 while it is the newest
    switched TEXT NOT NULL,            -- on or off
    since BIGINT NOT NULL,
    PRIMARY KEY (account_id, call_id, from_position)
) {clustered};
