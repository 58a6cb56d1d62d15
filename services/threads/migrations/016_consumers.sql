-- The programs that read the log of all threads, as docs/decisions/0016-the-log-for-programs.md says.
-- done: what this snapshot sees of the outbox is done with. gaps: how often something went before it was.
CREATE TABLE consumers (
    program text PRIMARY KEY,
    done pg_snapshot NOT NULL,
    gaps bigint NOT NULL DEFAULT 0
);
