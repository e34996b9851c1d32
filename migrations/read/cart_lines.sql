-- Lines of the carts of calls: one row per version of a line, closed when it is taken out.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    call_id BYTEA NOT NULL,
    cart_id TEXT {binary} NOT NULL,    -- the shop's
    sku TEXT {binary} NOT NULL,
    from_position BIGINT NOT NULL,
    to_position BIGINT NOT NULL,
    quantity BIGINT NOT NULL,
    line TEXT NOT NULL,                -- JSON, as it was added last
    unit_amount BIGINT NOT NULL,       -- minor units
    currency TEXT NOT NULL,
    added_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, call_id, cart_id, sku, from_position)
) {clustered};
