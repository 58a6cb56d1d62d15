-- How far a device of each member holds the thread. What is read is held too: the greater of both counts.
ALTER TABLE threads
    ADD COLUMN low_delivered bigint NOT NULL DEFAULT 0,
    ADD COLUMN high_delivered bigint NOT NULL DEFAULT 0;

-- As mark_read, whose place it takes, and with how far a device of each member holds the thread. A row for every member
-- of whom something rose; what did not is null.
DROP FUNCTION mark_read(bigint[], bigint[], bigint[], bigint[]);
CREATE FUNCTION mark(
    p_low bigint[], p_high bigint[],
    p_low_read bigint[], p_high_read bigint[], p_low_delivered bigint[], p_high_delivered bigint[]
) RETURNS TABLE (low bigint, high bigint, member bigint, read bigint, delivered bigint)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
BEGIN
    PERFORM FROM threads WHERE id = ANY (ARRAY(
        SELECT t.id FROM unnest(p_low, p_high) AS pair (low, high)
        CROSS JOIN LATERAL (SELECT id FROM threads WHERE low = pair.low AND high = pair.high LIMIT 1) AS t
    )) ORDER BY id FOR NO KEY UPDATE;

    RETURN QUERY
    WITH risen AS MATERIALIZED (
        SELECT t.id,
            nullif(greatest(t.low_read, least(said.low_read, t.head)), t.low_read) AS low_read,
            nullif(greatest(t.high_read, least(said.high_read, t.head)), t.high_read) AS high_read,
            nullif(
                greatest(t.low_held, least(greatest(said.low_read, said.low_delivered), t.head)), t.low_held
            ) AS low_delivered,
            nullif(
                greatest(t.high_held, least(greatest(said.high_read, said.high_delivered), t.head)), t.high_held
            ) AS high_delivered
        FROM unnest(p_low, p_high, p_low_read, p_high_read, p_low_delivered, p_high_delivered)
            AS said (low, high, low_read, high_read, low_delivered, high_delivered)
        CROSS JOIN LATERAL (
            SELECT *, greatest(low_read, low_delivered) AS low_held, greatest(high_read, high_delivered) AS high_held
            FROM threads WHERE low = said.low AND high = said.high LIMIT 1
        ) AS t
    ), moved AS (
        UPDATE threads AS t
        SET low_read = coalesce(r.low_read, t.low_read),
            high_read = coalesce(r.high_read, t.high_read),
            low_delivered = coalesce(r.low_delivered, t.low_delivered),
            high_delivered = coalesce(r.high_delivered, t.high_delivered),
            low_seen = coalesce(
                (SELECT e.high_sent FROM events AS e WHERE e.thread_id = t.id AND e.seq = r.low_read), t.low_seen
            ),
            high_seen = coalesce(
                (SELECT e.low_sent FROM events AS e WHERE e.thread_id = t.id AND e.seq = r.high_read), t.high_seen
            )
        FROM risen AS r
        WHERE t.id = r.id
            AND coalesce(r.low_read, r.high_read, r.low_delivered, r.high_delivered) IS NOT NULL
        RETURNING t.low, t.high, r.low_read, r.high_read, r.low_delivered, r.high_delivered
    )
    SELECT m.low, m.high, who.member, who.read, who.delivered
    FROM moved AS m
    CROSS JOIN LATERAL (
        VALUES (m.low, m.low_read, m.low_delivered), (m.high, m.high_read, m.high_delivered)
    ) AS who (member, read, delivered)
    WHERE coalesce(who.read, who.delivered) IS NOT NULL;
END
$$;
