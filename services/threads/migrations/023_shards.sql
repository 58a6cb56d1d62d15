-- compatible from 021
-- A log over several servers, as docs/decisions/0039-several-logs.md says: each is a shard, with the threads of some slots.
-- shard: its number; the ids of its threads begin at that times 2^40. slots: NULL for all, while there is one server.
-- arriving: on their way here, from the shard of that number. moves: how often this has changed. first_log: the id of the log when it began as a shard.
ALTER TABLE settings
    ADD COLUMN shard int NOT NULL DEFAULT 0,
    ADD COLUMN slots smallint[],
    ADD COLUMN arriving smallint[] NOT NULL DEFAULT '{}',
    ADD COLUMN arriving_from int,
    ADD COLUMN moves int NOT NULL DEFAULT 0,
    ADD COLUMN first_log uuid;

-- As `slot_of` in services/threads/shards.py.
CREATE FUNCTION slot_of(p_low bigint, p_high bigint) RETURNS int
LANGUAGE sql IMMUTABLE AS $$ SELECT get_byte(sha256(convert_to(p_low || ':' || p_high, 'UTF8')), 0) $$;

-- The threads of the arriving slots, what people keep about them, what of their events the search index or a program has
-- yet to read, and, where a shard gives away all that it has, what was stored there. They are there, for everybody, once
-- their shard has let go of them (services/threads/moving.py).
CREATE TABLE arriving (LIKE threads);
ALTER TABLE arriving DROP COLUMN last_hour;
CREATE TABLE arriving_states (LIKE member_states);
ALTER TABLE arriving_states ALTER COLUMN draft SET STATISTICS 0;
CREATE TABLE arriving_ranges (
    n int NOT NULL,
    thread_id bigint NOT NULL,
    low bigint NOT NULL,
    high bigint NOT NULL,
    first bigint NOT NULL,
    head bigint NOT NULL
);
CREATE TABLE arriving_usage (LIKE usage);

-- Threads of which other tables may hold rows that are nobody's: those that have moved away, and those that are copied.
CREATE TABLE strays (thread_id bigint PRIMARY KEY);
