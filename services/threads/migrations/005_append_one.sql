-- `append` for a batch of one, which is what comes while few people write: the same locks, the same answers, in
-- statements so simple that together they take two thirds of the time.
CREATE FUNCTION append_one(
    p_low bigint, p_high bigint, p_sender bigint, p_kind text, p_client uuid, p_body text
) RETURNS TABLE (n bigint, thread_id bigint, seq bigint, created_at timestamptz, state "char")
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
    SELECT seq, created_at, kind = p_kind AND body = p_body AS same INTO v_old
    FROM events WHERE thread_id = v_thread.id AND sender_id = p_sender AND client_id = p_client;
    IF FOUND THEN
        RETURN QUERY SELECT
            1::bigint, v_thread.id, v_old.seq, v_old.created_at,
            (CASE WHEN v_old.same THEN 'r' ELSE 'c' END)::"char";
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
    RETURN QUERY SELECT 1::bigint, v_thread.id, v_seq, v_now, 'n'::"char";
END
$$;
