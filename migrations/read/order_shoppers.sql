-- To whom something of an order is or was credited, the newest orders of a shopper first when read backwards. The order says whether it
-- still is so.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    shopper_id BYTEA NOT NULL,
    placed_at BIGINT NOT NULL,         -- of the order
    order_id BYTEA NOT NULL,
    PRIMARY KEY (account_id, shopper_id, placed_at, order_id)
) {clustered};
