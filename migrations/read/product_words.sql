-- The words that products are searched by: every word that a product's id or name has had in a call about it.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    word TEXT {binary} NOT NULL,       -- folded: lower case, no accents
    sku TEXT {binary} NOT NULL,        -- the shop's id of the product
    PRIMARY KEY (account_id, word, sku)
) {clustered};
