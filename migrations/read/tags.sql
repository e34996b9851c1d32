-- Tags that conversations carry. One row per version: putting a tag on or taking it off makes one.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    tag TEXT {binary} NOT NULL,
    from_position BIGINT NOT NULL,     -- valid from here
    to_position BIGINT NOT NULL,       -- up to, not including, here; 9223372036854775807 while it is the newest
    uses BIGINT NOT NULL,              -- how many conversations carry it
    used_at BIGINT NOT NULL,           -- when it was last put on
    search TEXT NOT NULL,              -- the tag, folded
    PRIMARY KEY (account_id, tag, from_position)
) {clustered};

-- The pick list: what is valid now, and what has ended since a position.
CREATE INDEX {table}_valid ON {table} (account_id, to_position);
