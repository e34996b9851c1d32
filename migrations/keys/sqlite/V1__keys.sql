-- Keys of persons, in a file of their own: a backup of the log must not bring back a key that was destroyed.

-- One data key for each person, wrapped under the master key. NULL: destroyed, for good.
CREATE TABLE subject_keys (
    account BLOB NOT NULL,
    subject BLOB NOT NULL,
    wrapped BLOB,
    PRIMARY KEY (account, subject)
) STRICT, WITHOUT ROWID;

-- Tells at the start whether the master key is the right one: a digest of it.
CREATE TABLE master_check (
    one    INTEGER PRIMARY KEY CHECK (one = 1),
    digest BLOB NOT NULL
) STRICT;
