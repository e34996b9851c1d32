-- Orders of which nobody has looked yet whether they go back to a call: a few at any moment.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    order_id BYTEA NOT NULL,
    received_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, order_id)
) {clustered};
