-- The newest deed of each shopper, and in each open conversation: who is idle is told from these. Narrow, since every message
-- changes a row.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    category TEXT {binary} NOT NULL, -- shopper, conversation
    id BYTEA NOT NULL,
    at BIGINT NOT NULL,              -- microseconds since 1970, UTC
    event_id BYTEA NOT NULL,
    PRIMARY KEY (account_id, category, id)
) {clustered};
