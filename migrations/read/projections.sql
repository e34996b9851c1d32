-- The runner's own book-keeping, the same text on SQLite and PostgreSQL. Nothing here is of value by itself: all of it,
-- like the read models, can be made again from the log.

-- One row for each build of a projection's tables. `position` is the checkpoint: every event up to it is in the tables.
-- It moves in the same transaction as the rows, by compare-and-set over the whole team, so no event is ever folded twice
-- or left out.
CREATE TABLE IF NOT EXISTS projections (
    build BIGINT NOT NULL PRIMARY KEY,  -- number of the build, part of its tables' names; never used twice
    name TEXT NOT NULL,                 -- the projection
    version BIGINT NOT NULL,            -- the projection's version in the code that made the build
    team TEXT NOT NULL,                 -- those that advance together: 'live' (queries see them), 'rebuild-N' (catching up
                                        -- beside them), 'retired' (seen until their successor is there, not advancing)
    position BIGINT NOT NULL            -- the checkpoint
);

-- Numbers about the whole: 'schema' (of this file; a newer one is refused at start), 'builds' (how many there were).
CREATE TABLE IF NOT EXISTS house (
    name TEXT NOT NULL PRIMARY KEY,
    value BIGINT NOT NULL
);

INSERT INTO house (name, value) VALUES ('schema', 1), ('builds', 0) ON CONFLICT (name) DO NOTHING;
