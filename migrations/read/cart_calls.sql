-- In which calls something was put into a cart: how an order with a cart finds its call.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    cart_id TEXT {binary} NOT NULL,    -- the shop's
    call_id BYTEA NOT NULL,
    environment TEXT NOT NULL,         -- production or test: of the call
    since BIGINT NOT NULL,
    PRIMARY KEY (account_id, cart_id, call_id)
) {clustered};
