-- Complete subtrees of these trees, those of 256 leaves and the higher ones: what a proof needs besides the events nearby.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    height BIGINT NOT NULL,            -- 2^height leaves
    number BIGINT NOT NULL,            -- which one of this height, from 0 on
    position BIGINT NOT NULL,          -- of the event that completed it, its last leaf
    hash BYTEA NOT NULL,
    PRIMARY KEY (account_id, height, number, position)
) {clustered};

-- In which block an event is.
CREATE INDEX {table}_by_position ON {table} (account_id, height, position);
