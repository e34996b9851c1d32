-- Signed checkpoints: how many events of the account are vouched for, with which root.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    position BIGINT NOT NULL,          -- of the event that tells of it
    size BIGINT NOT NULL,              -- events that it covers
    upto BIGINT NOT NULL,              -- position of the last one of these
    root TEXT NOT NULL,                -- lower-case hexadecimal
    note TEXT NOT NULL,                -- as it was signed
    at BIGINT NOT NULL,
    PRIMARY KEY (account_id, position)
) {clustered};
