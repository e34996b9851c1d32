-- The floor as it is now: one row for each account, shopper, call and chat that still matters to those who route work and
-- fire deadlines. Rows go when a call is over, a chat is closed, a shopper has left.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    category TEXT {binary} NOT NULL, -- account, shopper, call, conversation
    id BYTEA NOT NULL,
    place TEXT NOT NULL,             -- JSON: what is remembered
    PRIMARY KEY (account_id, category, id)
) {clustered};
