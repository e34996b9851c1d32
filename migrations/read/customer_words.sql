-- The words that customers are searched by: every word that a customer's details have or had, so that a search as of a position
-- of long ago finds them too. Whether it still stands so is looked up in the customer. They are personal: they go with the person.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    word TEXT {binary} NOT NULL,       -- folded: lower case, no accents
    customer_id BYTEA NOT NULL,
    PRIMARY KEY (account_id, word, customer_id)
) {clustered};
