-- Persons who are to be forgotten, or are. Nothing of them is here.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    subject_id BYTEA NOT NULL,         -- the customer or shopper
    version BIGINT NOT NULL,           -- of the subject's stream: the entity tag
    kind TEXT NOT NULL,                -- customer, shopper
    stage TEXT NOT NULL,               -- begun, pending, erased
    reason TEXT NOT NULL,              -- the ground of GDPR article 17
    requested_at BIGINT NOT NULL,
    requested_by_kind TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    parts BIGINT NOT NULL,             -- what the read models were told
    erased_at BIGINT,
    outcome TEXT,                      -- JSON: what was done, and the receipt
    pending TEXT,                      -- JSON: what is still on machines that are away
    PRIMARY KEY (account_id, subject_id)
) {clustered};

-- What is to be done, whoever's it is.
CREATE INDEX {table}_open ON {table} (subject_id) WHERE stage = 'begun';
CREATE INDEX {table}_pending ON {table} (subject_id) WHERE stage = 'pending';
