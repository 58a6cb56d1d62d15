-- `append_each` for a batch of one edit or reaction, which is what comes while few people change something: the same lock, the
-- same rules and answers, in fewer and simpler statements, as `append_one` is for a message.
CREATE FUNCTION change_one(
    p_low bigint, p_high bigint, p_sender bigint, p_kind text, p_client uuid, p_body text, p_target bigint,
    p_max_edits int
) RETURNS TABLE (
    n bigint, thread_id bigint, seq bigint, created_at timestamptz, state "char", deleted_at timestamptz
)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    v_thread record;
    v_found record;
    v_now timestamptz;
    v_seq bigint;
BEGIN
    n := 1;
    seq := 0;
    thread_id := 0;
    SELECT id, head, low_sent, high_sent INTO v_thread
    FROM threads WHERE low = p_low AND high = p_high FOR NO KEY UPDATE;
    v_now := clock_timestamp();
    created_at := v_now;
    IF NOT FOUND THEN
        state := 'a';
        RETURN NEXT;
        RETURN;
    END IF;
    thread_id := v_thread.id;

    -- A statement of its own: only its snapshot is younger than the lock.
    SELECT old.*, m.sender_id AS author, m.kind, m.deleted_at AS gone_at, s.edits INTO v_found
    FROM (VALUES (1)) AS always
    LEFT JOIN LATERAL (
        SELECT e.seq, e.created_at, e.deleted_at, e.kind = p_kind AND e.target = p_target AND CASE
                WHEN e.deleted_at IS NULL THEN e.body = p_body ELSE e.digest = digest_of(p_kind, p_body)
            END AS same
        FROM events AS e
        WHERE e.thread_id = v_thread.id AND e.sender_id = p_sender AND e.client_id = p_client
    ) AS old ON true
    LEFT JOIN events AS m ON m.thread_id = v_thread.id AND m.seq = p_target
    LEFT JOIN message_states AS s ON s.thread_id = v_thread.id AND s.seq = p_target;
    IF v_found.seq IS NOT NULL THEN
        seq := v_found.seq;
        created_at := v_found.created_at;
        deleted_at := v_found.deleted_at;
        state := CASE WHEN v_found.same THEN 'r' ELSE 'c' END;
        RETURN NEXT;
        RETURN;
    END IF;
    state := CASE
        WHEN p_target > v_thread.head THEN 'a'
        WHEN v_found.kind IS DISTINCT FROM 'message' THEN 'm'
        WHEN p_kind = 'edit' AND v_found.author <> p_sender THEN 'y'
        WHEN v_found.gone_at IS NOT NULL THEN 'g'
        WHEN p_kind = 'edit' AND v_found.edits >= p_max_edits THEN 'e'
        ELSE 'n'
    END;
    IF state <> 'n' THEN
        RETURN NEXT;
        RETURN;
    END IF;
    v_seq := v_thread.head + 1;
    seq := v_seq;
    INSERT INTO events (thread_id, seq, sender_id, created_at, low_sent, high_sent, client_id, kind, body, target)
    VALUES (
        v_thread.id, v_seq, p_sender, v_now, v_thread.low_sent, v_thread.high_sent, p_client, p_kind, p_body, p_target
    );
    UPDATE threads SET head = v_seq WHERE id = v_thread.id;
    IF p_kind = 'edit' THEN
        INSERT INTO message_states AS s (thread_id, seq, version, text, edits, edited_at)
        VALUES (v_thread.id, p_target, v_seq, p_body::json ->> 'text', 1, v_now)
        ON CONFLICT (thread_id, seq) DO UPDATE
        SET version = v_seq, text = excluded.text, edits = s.edits + 1, edited_at = v_now;
    ELSIF p_sender = p_low THEN
        INSERT INTO message_states AS s (thread_id, seq, version, low_reaction)
        VALUES (v_thread.id, p_target, v_seq, p_body::json ->> 'emoji')
        ON CONFLICT (thread_id, seq) DO UPDATE SET version = v_seq, low_reaction = excluded.low_reaction;
    ELSE
        INSERT INTO message_states AS s (thread_id, seq, version, high_reaction)
        VALUES (v_thread.id, p_target, v_seq, p_body::json ->> 'emoji')
        ON CONFLICT (thread_id, seq) DO UPDATE SET version = v_seq, high_reaction = excluded.high_reaction;
    END IF;
    INSERT INTO outbox (threads, lows, highs, firsts, heads)
    VALUES (ARRAY[v_thread.id], ARRAY[p_low], ARRAY[p_high], ARRAY[v_seq], ARRAY[v_seq]);
    RETURN NEXT;
END
$$;
