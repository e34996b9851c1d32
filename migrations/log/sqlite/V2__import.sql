-- The log that was brought in from another installation, if this one began so, one row. While it is not whole nobody serves it.
CREATE TABLE log_import (
    one      INTEGER PRIMARY KEY CHECK (one = 1),
    upto     INTEGER NOT NULL, -- position of its last event: what came up to there happened elsewhere
    hash     BLOB NOT NULL,    -- of that event: the same log is brought in again, not another one
    is_whole INTEGER NOT NULL  -- 0 while events are missing
) STRICT;
