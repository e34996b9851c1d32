-- Orders of the shop. One row per version. Amounts are minor units of the order's currency; times are microseconds since 1970, UTC.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    order_id BYTEA NOT NULL,
    from_position BIGINT NOT NULL,     -- valid from here
    to_position BIGINT NOT NULL,       -- up to, not including, here; 9223372036854775807 while it is the newest
    version BIGINT NOT NULL,           -- of the order's stream: its entity tag
    external_id TEXT NOT NULL,         -- the shop's own
    stage TEXT NOT NULL,               -- placed, refunded (all of it), cancelled
    cart_id TEXT,                      -- the shop's cart
    customer_id BYTEA,
    currency TEXT NOT NULL,            -- ISO 4217
    lines TEXT NOT NULL,               -- JSON: what was bought
    shipping BIGINT NOT NULL,
    tax BIGINT NOT NULL,
    discounts BIGINT NOT NULL,         -- not below zero
    total BIGINT NOT NULL,             -- lines + shipping + tax - discounts
    given_back BIGINT NOT NULL,        -- of the total, by refunds and the cancellation
    refunds TEXT NOT NULL,             -- JSON list
    cancel_reason TEXT,
    cancelled_at BIGINT,
    units BIGINT NOT NULL,             -- pieces that were not given back
    collection_units BIGINT NOT NULL,  -- those of a collection of the credited shopper
    collection_sales BIGINT NOT NULL,  -- what these came to
    device TEXT NOT NULL,
    placed_at BIGINT NOT NULL,         -- by the shop's clock
    received_at BIGINT NOT NULL,
    call_id BYTEA,                     -- the call that it goes back to
    rule TEXT,                         -- cart or customer
    attribution TEXT,                  -- JSON: to whom it is credited
    attributed_at BIGINT,              -- when it was looked at, whatever came of it
    environment TEXT NOT NULL,         -- production, test
    PRIMARY KEY (account_id, order_id, from_position)
) {clustered};

-- Lists, the newest first; an order has few versions. Of indexes that it holds for equally good SQLite takes the one that was made first, so
-- that of all orders is made last.
CREATE INDEX {table}_customer ON {table} (account_id, customer_id, placed_at, order_id) WHERE customer_id IS NOT NULL;
CREATE INDEX {table}_call ON {table} (account_id, call_id, placed_at, order_id) WHERE call_id IS NOT NULL;
CREATE INDEX {table}_stage ON {table} (account_id, stage, placed_at, order_id);
CREATE INDEX {table}_currency ON {table} (account_id, currency, placed_at, order_id);
CREATE INDEX {table}_environment ON {table} (account_id, environment, placed_at, order_id);
CREATE INDEX {table}_placed ON {table} (account_id, placed_at, order_id);
