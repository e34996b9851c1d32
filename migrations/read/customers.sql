-- Customers. One row per version.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    customer_id BYTEA NOT NULL,
    from_position BIGINT NOT NULL,     -- valid from here
    to_position BIGINT NOT NULL,       -- up to, not including, here; 9223372036854775807 while it is the newest
    version BIGINT NOT NULL,           -- of the customer's stream: its entity tag
    external_id TEXT,                  -- the shop's own
    name TEXT,
    email TEXT,
    phone TEXT,
    address TEXT,
    language TEXT,
    country TEXT,
    segment TEXT,
    company TEXT,
    created_at BIGINT NOT NULL,
    search TEXT NOT NULL,              -- the words that a search looks through, folded, a space before each
    past_words TEXT NOT NULL,          -- those of former details
    PRIMARY KEY (account_id, customer_id, from_position)
) {clustered};
