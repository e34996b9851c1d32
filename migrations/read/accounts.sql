-- Accounts: the shops and their settings. One row per version.
CREATE TABLE {table} (
    account_id BYTEA NOT NULL,
    from_position BIGINT NOT NULL,     -- valid from here
    to_position BIGINT NOT NULL,       -- up to, not including, here; 9223372036854775807 while it is the newest
    version BIGINT NOT NULL,           -- of the account's stream: its entity tag
    store_name TEXT NOT NULL,
    zone TEXT NOT NULL,                -- IANA
    locale TEXT NOT NULL,              -- en, es, pt, ca
    currency TEXT NOT NULL,            -- ISO 4217
    routing TEXT NOT NULL,             -- JSON: the rules of the floor
    consent TEXT NOT NULL,             -- JSON: what customers consent to
    recording TEXT NOT NULL,           -- JSON: whether calls are recorded, and for how long recordings are kept
    brand TEXT NOT NULL,               -- JSON: how the shop looks
    attribution TEXT NOT NULL,         -- JSON: which orders go back to calls
    public_channels TEXT NOT NULL,     -- JSON: which channels' ratings everybody may see
    business_hours TEXT NOT NULL,      -- JSON: when the shop answers
    sla TEXT NOT NULL,                 -- JSON: what the shop promises of its chats
    trials TEXT NOT NULL,              -- who may declare a trial: staff, anyone
    retention TEXT NOT NULL,           -- JSON: for how long contents are kept
    created_at BIGINT NOT NULL,
    PRIMARY KEY (account_id, from_position)
) {clustered};
