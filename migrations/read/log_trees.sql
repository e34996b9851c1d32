-- Of each account the Merkle tree over the hashes of its events, as it is now: its size, 8 bytes, and its peaks, 32 bytes each.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    tree BYTEA NOT NULL,
    upto BIGINT NOT NULL,              -- position of the last event in it
    PRIMARY KEY (account_id)
) {clustered};
