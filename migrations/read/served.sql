-- Waits that ended with a claim: one row each, never changed. What the wait of others is estimated from.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    claimed_at BIGINT NOT NULL,
    position BIGINT NOT NULL,          -- of the claim
    call_id BYTEA NOT NULL,
    queued_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, claimed_at, position)
) {clustered};
