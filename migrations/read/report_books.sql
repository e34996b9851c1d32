-- What of a stream later facts need, as JSON; only the fold reads it.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    stream_id BYTEA NOT NULL,          -- of a call, a conversation, a shopper, an order
    environment TEXT NOT NULL,         -- of the stream's first event: production or test
    book TEXT NOT NULL,                -- JSON
    PRIMARY KEY (account_id, stream_id)
) {clustered};
