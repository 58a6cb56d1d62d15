CREATE TABLE settings (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    log uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO settings DEFAULT VALUES;

-- low_sent, high_sent: messages each member has written. low_read, high_read: how far each has read;
-- low_seen, high_seen: how many of the peer's messages that covers, so that unread is one subtraction.
-- last_hour: what the inbox is indexed by. It changes once an hour, so all other appends are HOT updates.
CREATE TABLE threads (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    low bigint NOT NULL,
    high bigint NOT NULL,
    head bigint NOT NULL DEFAULT 0,
    last_message bigint NOT NULL DEFAULT 0,
    low_read bigint NOT NULL DEFAULT 0,
    high_read bigint NOT NULL DEFAULT 0,
    last_at timestamptz NOT NULL DEFAULT now(),
    last_hour timestamptz NOT NULL
        GENERATED ALWAYS AS (date_bin('1 hour', last_at, TIMESTAMPTZ '2000-01-01 00:00:00+00')) STORED,
    low_sent int NOT NULL DEFAULT 0,
    high_sent int NOT NULL DEFAULT 0,
    low_seen int NOT NULL DEFAULT 0,
    high_seen int NOT NULL DEFAULT 0,
    CHECK (low < high),
    UNIQUE (low, high)
) WITH (fillfactor = 70);
-- Negated, so that no plan takes one of these for the lookup of a pair: one person's threads may be many.
CREATE INDEX threads_of_low ON threads ((-low), last_hour DESC);
CREATE INDEX threads_of_high ON threads ((-high), last_hour DESC);

-- body: a message's text itself; JSON text for any other kind.
-- low_sent, high_sent: messages each member had written up to and with this event.
CREATE TABLE events (
    thread_id bigint NOT NULL,
    seq bigint NOT NULL,
    sender_id bigint NOT NULL,
    created_at timestamptz NOT NULL,
    low_sent int NOT NULL,
    high_sent int NOT NULL,
    client_id uuid NOT NULL,
    kind text NOT NULL,
    body text NOT NULL,
    PRIMARY KEY (thread_id, seq),
    UNIQUE (thread_id, sender_id, client_id)
);

-- One row a batch: which threads grew, from which seq to which. Read by the heads feed and the search index.
CREATE TABLE outbox (
    xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    threads bigint[] NOT NULL,
    lows bigint[] NOT NULL,
    highs bigint[] NOT NULL,
    firsts bigint[] NOT NULL,
    heads bigint[] NOT NULL
);
CREATE INDEX outbox_by_xid ON outbox (xid);

-- In both functions LATERAL with LIMIT makes a lookup a lookup: a plan made while a table was small would read all
-- of it, and be kept when it has grown.

-- Appends a batch. p_low, p_high: the distinct pairs; p_pair: each item's place among them, from 1.
-- No row: a thread is missing, nothing was done. Otherwise a row an item, in order; state:
-- 'n' new, 'r' in the log already, 'c' in the log already with another text or kind.
CREATE FUNCTION append(
    p_low bigint[], p_high bigint[],
    p_pair int[], p_sender bigint[], p_kind text[], p_client uuid[], p_body text[]
) RETURNS TABLE (n bigint, thread_id bigint, seq bigint, created_at timestamptz, state "char")
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    v_found int;
    v_now timestamptz;
BEGIN
    PERFORM FROM threads WHERE id = ANY (ARRAY(
        SELECT t.id FROM unnest(p_low, p_high) AS pair (low, high)
        CROSS JOIN LATERAL (SELECT id FROM threads WHERE low = pair.low AND high = pair.high LIMIT 1) AS t
    )) ORDER BY id FOR NO KEY UPDATE;
    GET DIAGNOSTICS v_found = ROW_COUNT;
    IF v_found < cardinality(p_low) THEN
        RETURN;
    END IF;
    v_now := clock_timestamp();

    -- A statement of its own: only its snapshot is younger than the locks.
    RETURN QUERY
    WITH found AS (
        SELECT i.*, t.id, t.low, t.high, t.head, t.low_sent, t.high_sent,
            old.seq AS old_seq, old.created_at AS old_at, old.same
        FROM unnest(p_pair, p_sender, p_kind, p_client, p_body)
            WITH ORDINALITY AS i (pair, sender_id, kind, client_id, body, n)
        CROSS JOIN LATERAL (
            SELECT * FROM threads WHERE low = p_low[i.pair] AND high = p_high[i.pair] LIMIT 1
        ) AS t
        LEFT JOIN LATERAL (
            SELECT e.seq, e.created_at, e.kind = i.kind AND e.body = i.body AS same
            FROM events AS e
            WHERE e.thread_id = t.id AND e.sender_id = i.sender_id AND e.client_id = i.client_id
            LIMIT 1
        ) AS old ON true
    ), item AS MATERIALIZED (
        SELECT n, id, sender_id, kind, client_id, body, old_seq, old_at, same,
            head + count(*) FILTER (WHERE old_seq IS NULL) OVER batch AS seq,
            low_sent + count(*) FILTER (WHERE old_seq IS NULL AND kind = 'message' AND sender_id = low)
                OVER batch AS low_sent,
            high_sent + count(*) FILTER (WHERE old_seq IS NULL AND kind = 'message' AND sender_id = high)
                OVER batch AS high_sent
        FROM found
        WINDOW batch AS (PARTITION BY id ORDER BY n ROWS UNBOUNDED PRECEDING)
    ), inserted AS (
        INSERT INTO events (thread_id, seq, sender_id, created_at, low_sent, high_sent, client_id, kind, body)
        SELECT id, seq, sender_id, v_now, low_sent, high_sent, client_id, kind, body
        FROM item WHERE old_seq IS NULL
    ), grown AS (
        UPDATE threads AS t
        SET head = g.head, low_sent = g.low_sent, high_sent = g.high_sent, last_at = v_now,
            last_message = coalesce(g.last_message, t.last_message)
        FROM (
            SELECT id, min(seq) AS first, max(seq) AS head, max(low_sent) AS low_sent,
                max(high_sent) AS high_sent, max(seq) FILTER (WHERE kind = 'message') AS last_message
            FROM item WHERE old_seq IS NULL GROUP BY id
        ) AS g
        WHERE t.id = g.id
        RETURNING t.id, t.low, t.high, g.first, t.head
    ), noted AS (
        INSERT INTO outbox (threads, lows, highs, firsts, heads)
        SELECT array_agg(id), array_agg(low), array_agg(high), array_agg(first), array_agg(head)
        FROM grown HAVING count(*) > 0
    )
    SELECT i.n, i.id, coalesce(i.old_seq, i.seq), coalesce(i.old_at, v_now),
        (CASE WHEN i.old_seq IS NULL THEN 'n' WHEN i.same THEN 'r' ELSE 'c' END)::"char"
    FROM item AS i
    ORDER BY i.n;
END
$$;

-- Moves read positions: monotone, clamped to head. p_low, p_high: distinct pairs; p_low_read, p_high_read:
-- how far each member says they have read, 0 for nothing said. A row for every position that rose.
CREATE FUNCTION mark_read(p_low bigint[], p_high bigint[], p_low_read bigint[], p_high_read bigint[])
RETURNS TABLE (low bigint, high bigint, reader bigint, seq bigint)
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
            nullif(greatest(t.low_read, least(mark.low_read, t.head)), t.low_read) AS low_read,
            nullif(greatest(t.high_read, least(mark.high_read, t.head)), t.high_read) AS high_read
        FROM unnest(p_low, p_high, p_low_read, p_high_read) AS mark (low, high, low_read, high_read)
        CROSS JOIN LATERAL (SELECT * FROM threads WHERE low = mark.low AND high = mark.high LIMIT 1) AS t
    ), moved AS (
        UPDATE threads AS t
        SET low_read = coalesce(r.low_read, t.low_read),
            high_read = coalesce(r.high_read, t.high_read),
            low_seen = coalesce(
                (SELECT e.high_sent FROM events AS e WHERE e.thread_id = t.id AND e.seq = r.low_read), t.low_seen
            ),
            high_seen = coalesce(
                (SELECT e.low_sent FROM events AS e WHERE e.thread_id = t.id AND e.seq = r.high_read), t.high_seen
            )
        FROM risen AS r
        WHERE t.id = r.id AND (r.low_read IS NOT NULL OR r.high_read IS NOT NULL)
        RETURNING t.low, t.high, r.low_read, r.high_read
    )
    SELECT m.low, m.high, who.reader, who.seq
    FROM moved AS m
    CROSS JOIN LATERAL (VALUES (m.low, m.low_read), (m.high, m.high_read)) AS who (reader, seq)
    WHERE who.seq IS NOT NULL;
END
$$;
