-- The log's file, format 1. Append-only: nothing here is ever updated or deleted, and no column is a
-- key; the log's owner checks before it writes. Constraints and indexes would have to survive a crash.
--
-- Uncompressed columns: a conversation's events lie far apart, and DuckDB unpacks 2,048 compressed
-- values to fetch one. Waking a long conversation takes 30 ms instead of 80; the file is twice as big.

CREATE TABLE events (
    position        UBIGINT,
    conversation_id VARCHAR,
    version         UBIGINT,
    event_id        UUID,
    type            VARCHAR,
    schema_version  INTEGER,
    epoch           UBIGINT,
    command_id      VARCHAR USING COMPRESSION uncompressed,
    recorded_at     TIMESTAMP,  -- in UTC; with a time zone, reading it would need pytz
    chain           BLOB USING COMPRESSION uncompressed,
    data            VARCHAR USING COMPRESSION uncompressed
);

-- One row for each time the log was opened for writing; epochs begin with its number.
CREATE TABLE openings (opening UBIGINT, opened_at TIMESTAMP);

CREATE TABLE log_format (format INTEGER);
INSERT INTO log_format VALUES (1);
