-- attachments: of a message, JSON as media told it when the message was sent; NULL for none, and once it is deleted.
ALTER TABLE events ADD COLUMN attachments text;
-- They hold names and descriptions: no samples of those, as of the texts.
ALTER TABLE events ALTER COLUMN attachments SET STATISTICS 0;

-- What a send says of them: their ids and descriptions. By these a repeat is known.
CREATE FUNCTION named_in(p_attachments text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT AS $$
    SELECT json_agg(json_build_array(named ->> 'id', named ->> 'alt') ORDER BY place)::text
    FROM json_array_elements(p_attachments::json) WITH ORDINALITY AS each (named, place)
$$;

-- Both as before, for messages without attachments; one that has some is another than one with its text.
CREATE OR REPLACE FUNCTION append(
    p_low bigint[], p_high bigint[],
    p_pair int[], p_sender bigint[], p_kind text[], p_client uuid[], p_body text[]
) RETURNS TABLE (
    n bigint, thread_id bigint, seq bigint, created_at timestamptz, state "char", deleted_at timestamptz
)
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
            old.seq AS old_seq, old.created_at AS old_at, old.deleted_at, old.same
        FROM unnest(p_pair, p_sender, p_kind, p_client, p_body)
            WITH ORDINALITY AS i (pair, sender_id, kind, client_id, body, n)
        CROSS JOIN LATERAL (
            SELECT * FROM threads WHERE low = p_low[i.pair] AND high = p_high[i.pair] LIMIT 1
        ) AS t
        LEFT JOIN LATERAL (
            SELECT e.seq, e.created_at, e.deleted_at, e.kind = i.kind AND e.target IS NULL AND CASE
                WHEN e.deleted_at IS NULL THEN e.body = i.body AND e.attachments IS NULL
                ELSE e.digest = digest_of(i.kind, i.body)
            END AS same
            FROM events AS e
            WHERE e.thread_id = t.id AND e.sender_id = i.sender_id AND e.client_id = i.client_id
            LIMIT 1
        ) AS old ON true
    ), item AS MATERIALIZED (
        SELECT n, id, sender_id, kind, client_id, body, old_seq, old_at, deleted_at, same,
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
        (CASE WHEN i.old_seq IS NULL THEN 'n' WHEN i.same THEN 'r' ELSE 'c' END)::"char", i.deleted_at
    FROM item AS i
    ORDER BY i.n;
END
$$;

CREATE OR REPLACE FUNCTION append_one(
    p_low bigint, p_high bigint, p_sender bigint, p_kind text, p_client uuid, p_body text
) RETURNS TABLE (
    n bigint, thread_id bigint, seq bigint, created_at timestamptz, state "char", deleted_at timestamptz
)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    v_thread record;
    v_old record;
    v_now timestamptz;
    v_seq bigint;
    v_low_sent int;
    v_high_sent int;
    v_message boolean := p_kind = 'message';
BEGIN
    SELECT id, head, low_sent, high_sent INTO v_thread
    FROM threads WHERE low = p_low AND high = p_high FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    v_now := clock_timestamp();

    -- A statement of its own: only its snapshot is younger than the lock.
    SELECT seq, created_at, deleted_at, kind = p_kind AND target IS NULL AND CASE
        WHEN deleted_at IS NULL THEN body = p_body AND attachments IS NULL ELSE digest = digest_of(p_kind, p_body)
    END AS same INTO v_old
    FROM events WHERE thread_id = v_thread.id AND sender_id = p_sender AND client_id = p_client;
    IF FOUND THEN
        RETURN QUERY SELECT
            1::bigint, v_thread.id, v_old.seq, v_old.created_at,
            (CASE WHEN v_old.same THEN 'r' ELSE 'c' END)::"char", v_old.deleted_at;
        RETURN;
    END IF;

    v_seq := v_thread.head + 1;
    v_low_sent := v_thread.low_sent + (v_message AND p_sender = p_low)::int;
    v_high_sent := v_thread.high_sent + (v_message AND p_sender = p_high)::int;
    INSERT INTO events (thread_id, seq, sender_id, created_at, low_sent, high_sent, client_id, kind, body)
    VALUES (v_thread.id, v_seq, p_sender, v_now, v_low_sent, v_high_sent, p_client, p_kind, p_body);
    UPDATE threads
    SET head = v_seq, low_sent = v_low_sent, high_sent = v_high_sent, last_at = v_now,
        last_message = CASE WHEN v_message THEN v_seq ELSE last_message END
    WHERE id = v_thread.id;
    INSERT INTO outbox (threads, lows, highs, firsts, heads)
    VALUES (ARRAY[v_thread.id], ARRAY[p_low], ARRAY[p_high], ARRAY[v_seq], ARRAY[v_seq]);
    RETURN QUERY SELECT 1::bigint, v_thread.id, v_seq, v_now, 'n'::"char", NULL::timestamptz;
END
$$;

-- As before, for messages with attachments, too: p_attachments, NULL for none; `change_one` and `reply_one` leave them
-- out. What is deleted loses them; its digest is of the kind with what the send said of them. What a repeat is compared
-- with is worked out only where there is one.
DROP FUNCTION append_each(bigint[], bigint[], int[], bigint[], text[], uuid[], text[], bigint[], int);
CREATE FUNCTION append_each(
    p_low bigint[], p_high bigint[],
    p_pair int[], p_sender bigint[], p_kind text[], p_client uuid[], p_body text[], p_target bigint[],
    p_max_edits int, p_attachments text[] DEFAULT NULL
) RETURNS TABLE (
    n bigint, thread_id bigint, seq bigint, created_at timestamptz, state "char", deleted_at timestamptz
)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    v_ids bigint[];
    v_now timestamptz;
    v_thread threads;
    v_found record;
    v_kind text;
    v_sender bigint;
    v_target bigint;
    v_is_message boolean;
    v_is_low boolean;
    v_emoji text;
    v_named text;
    -- Of `v_thread`, what waits: which items, with what seq and counts.
    v_first bigint;
    v_items int[];
    v_seqs bigint[];
    v_low_sents int[];
    v_high_sents int[];
    -- For the outbox.
    v_grown bigint[] := '{}';
    v_place int;
    v_lows bigint[];
    v_highs bigint[];
    v_firsts bigint[];
    v_heads bigint[];
BEGIN
    IF cardinality(p_low) = 1 THEN  -- as nearly always
        SELECT * INTO v_thread FROM threads WHERE low = p_low[1] AND high = p_high[1] FOR NO KEY UPDATE;
        v_ids := ARRAY[v_thread.id];
    ELSE
        v_ids := ARRAY(
            SELECT (SELECT id FROM threads WHERE low = pair.low AND high = pair.high)
            FROM unnest(p_low, p_high) WITH ORDINALITY AS pair (low, high, place) ORDER BY place
        );
        PERFORM FROM threads WHERE id = ANY (v_ids) ORDER BY id FOR NO KEY UPDATE;
    END IF;
    IF array_position(v_ids, NULL) IS NOT NULL THEN
        FOR v_item IN 1 .. cardinality(p_pair) LOOP
            IF p_target[v_item] = 0 AND v_ids[p_pair[v_item]] IS NULL THEN
                RETURN;
            END IF;
        END LOOP;
    END IF;
    v_now := clock_timestamp();

    FOR v_item IN 1 .. cardinality(p_pair) + 1 LOOP  -- the last time for what then still waits
        n := v_item;
        v_kind := p_kind[v_item];
        v_sender := p_sender[v_item];
        v_target := nullif(p_target[v_item], 0);
        thread_id := v_ids[p_pair[v_item]];
        seq := 0;
        created_at := v_now;
        deleted_at := NULL;

        IF v_first IS NOT NULL
            AND (thread_id IS DISTINCT FROM v_thread.id OR v_kind = 'delete' OR v_target >= v_first)
        THEN
            IF v_items IS NOT NULL THEN
                INSERT INTO events (
                    thread_id, seq, sender_id, created_at, low_sent, high_sent, client_id, kind, body, target,
                    attachments
                )
                SELECT v_thread.id, new.seq, p_sender[item], v_now, new.low_sent, new.high_sent, p_client[item],
                    p_kind[item], p_body[item], nullif(p_target[item], 0), p_attachments[item]
                FROM unnest(v_items, v_seqs, v_low_sents, v_high_sents) AS new (item, seq, low_sent, high_sent);
            END IF;
            UPDATE threads
            SET head = v_thread.head, low_sent = v_thread.low_sent, high_sent = v_thread.high_sent,
                last_at = v_thread.last_at, last_message = v_thread.last_message
            WHERE id = v_thread.id;
            v_place := array_position(v_grown, v_thread.id);
            IF v_place IS NULL THEN
                v_grown := v_grown || v_thread.id;
                v_lows := v_lows || v_thread.low;
                v_highs := v_highs || v_thread.high;
                v_firsts := v_firsts || v_first;
                v_heads := v_heads || v_thread.head;
            ELSE
                v_heads[v_place] := v_thread.head;
            END IF;
            v_first := NULL;
            v_items := NULL;
            v_seqs := NULL;
            v_low_sents := NULL;
            v_high_sents := NULL;
        END IF;
        EXIT WHEN v_item > cardinality(p_pair);

        IF thread_id IS NULL THEN
            thread_id := 0;
            state := 'a';
            RETURN NEXT;
            CONTINUE;
        END IF;
        IF v_thread.id IS DISTINCT FROM thread_id THEN
            SELECT * INTO v_thread FROM threads WHERE id = v_ids[p_pair[v_item]];
        END IF;

        SELECT * INTO v_found
        FROM events AS e
        WHERE e.thread_id = v_thread.id AND e.sender_id = v_sender AND e.client_id = p_client[v_item];
        IF FOUND THEN
            seq := v_found.seq;
            created_at := v_found.created_at;
            deleted_at := v_found.deleted_at;
            v_named := named_in(p_attachments[v_item]);
            state := CASE
                WHEN v_found.kind <> v_kind OR v_found.target IS DISTINCT FROM v_target THEN 'c'
                WHEN v_found.deleted_at IS NULL AND v_found.body = p_body[v_item]
                        AND named_in(v_found.attachments) IS NOT DISTINCT FROM v_named
                    OR v_found.digest = digest_of(v_kind || coalesce(v_named, ''), p_body[v_item]) THEN 'r'
                ELSE 'c'
            END;
            RETURN NEXT;
            CONTINUE;
        END IF;

        v_is_message := v_kind = 'message';
        IF v_target IS NOT NULL THEN
            SELECT e.sender_id AS author, e.kind, e.deleted_at AS gone_at, s.edits INTO v_found
            FROM events AS e LEFT JOIN message_states AS s ON s.thread_id = v_thread.id AND s.seq = v_target
            WHERE e.thread_id = v_thread.id AND e.seq = v_target;
            state := CASE
                WHEN v_target > v_thread.head THEN 'a'
                WHEN v_found.kind IS DISTINCT FROM 'message' THEN 'm'
                WHEN v_is_message THEN 'n'
                WHEN v_kind IN ('edit', 'delete') AND v_found.author <> v_sender THEN 'y'
                WHEN v_found.gone_at IS NOT NULL THEN 'g'
                WHEN v_kind = 'edit' AND v_found.edits >= p_max_edits THEN 'e'
                ELSE 'n'
            END;
            IF state <> 'n' THEN
                RETURN NEXT;
                CONTINUE;
            END IF;
        END IF;

        seq := v_thread.head + 1;
        state := 'n';
        v_is_low := v_sender = v_thread.low;
        v_thread.head := seq;
        IF v_is_message THEN
            v_thread.low_sent := v_thread.low_sent + v_is_low::int;
            v_thread.high_sent := v_thread.high_sent + (NOT v_is_low)::int;
            v_thread.last_message := seq;
        END IF;
        IF v_is_message OR v_target IS NULL THEN
            v_thread.last_at := v_now;
        END IF;
        v_first := coalesce(v_first, seq);
        IF cardinality(p_pair) = 1 THEN  -- making arrays and taking them apart costs more than this
            INSERT INTO events (
                thread_id, seq, sender_id, created_at, low_sent, high_sent, client_id, kind, body, target, attachments
            ) VALUES (
                v_thread.id, v_thread.head, v_sender, v_now, v_thread.low_sent, v_thread.high_sent, p_client[1], v_kind,
                p_body[1], v_target, p_attachments[1]
            );
        ELSE
            v_items := v_items || v_item;
            v_seqs := v_seqs || seq;
            v_low_sents := v_low_sents || v_thread.low_sent;
            v_high_sents := v_high_sents || v_thread.high_sent;
        END IF;

        IF v_kind = 'edit' THEN
            INSERT INTO message_states AS s (thread_id, seq, version, text, edits, edited_at)
            VALUES (v_thread.id, v_target, v_thread.head, p_body[v_item]::json ->> 'text', 1, v_now)
            ON CONFLICT (thread_id, seq) DO UPDATE
            SET version = v_thread.head, text = excluded.text, edits = s.edits + 1, edited_at = v_now;
        ELSIF v_kind = 'reaction' THEN
            v_emoji := p_body[v_item]::json ->> 'emoji';
            INSERT INTO message_states AS s (thread_id, seq, version, low_reaction, high_reaction)
            VALUES (
                v_thread.id, v_target, v_thread.head, CASE WHEN v_is_low THEN v_emoji END,
                CASE WHEN NOT v_is_low THEN v_emoji END
            )
            ON CONFLICT (thread_id, seq) DO UPDATE
            SET version = v_thread.head,
                low_reaction = CASE WHEN v_is_low THEN v_emoji ELSE s.low_reaction END,
                high_reaction = CASE WHEN v_is_low THEN s.high_reaction ELSE v_emoji END;
        ELSIF v_kind = 'delete' THEN
            INSERT INTO message_states AS s (thread_id, seq, version, deleted_at)
            VALUES (v_thread.id, v_target, v_thread.head, v_now)
            ON CONFLICT (thread_id, seq) DO UPDATE
            SET version = v_thread.head, text = NULL, deleted_at = v_now, low_reaction = NULL, high_reaction = NULL;
            UPDATE events AS e
            SET body = '', attachments = NULL, deleted_at = v_now,
                digest = digest_of(e.kind || coalesce(named_in(e.attachments), ''), e.body),
                freed = octet_length(e.body) + coalesce(octet_length(e.attachments), 0)
            WHERE e.thread_id = v_thread.id AND e.seq = v_target;
            UPDATE events AS e
            SET body = format('{"target":%s}', v_target), digest = digest_of(e.kind, e.body), deleted_at = v_now,
                freed = octet_length(e.body) - octet_length(format('{"target":%s}', v_target))
            WHERE e.thread_id = v_thread.id AND e.target = v_target AND e.kind = 'edit';
            DELETE FROM search AS s WHERE s.thread_id = v_thread.id AND s.seq = v_target;
        END IF;
        RETURN NEXT;
    END LOOP;

    IF v_heads IS NOT NULL THEN
        INSERT INTO outbox (threads, lows, highs, firsts, heads) VALUES (v_grown, v_lows, v_highs, v_firsts, v_heads);
    END IF;
END
$$;
