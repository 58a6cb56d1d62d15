-- `append_each` for a batch of one reply, as `change_one` is for a change. What the target is can be looked at with the
-- lock: an event never changes its kind, and one that is too young for this snapshot is left to `append_each`.
CREATE FUNCTION reply_one(
    p_low bigint, p_high bigint, p_sender bigint, p_client uuid, p_body text, p_target bigint
) RETURNS TABLE (
    n bigint, thread_id bigint, seq bigint, created_at timestamptz, state "char", deleted_at timestamptz
)
LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    v_thread bigint;
    v_seq bigint;
    v_low_sent int;
    v_high_sent int;
    v_now timestamptz;
BEGIN
    UPDATE threads AS t
    SET head = t.head + 1, last_message = t.head + 1, last_at = clock_timestamp(),
        low_sent = t.low_sent + (p_sender = p_low)::int, high_sent = t.high_sent + (p_sender = p_high)::int
    WHERE t.low = p_low AND t.high = p_high
        AND (SELECT m.kind FROM events AS m WHERE m.thread_id = t.id AND m.seq = p_target) = 'message'
    RETURNING t.id, t.head, t.low_sent, t.high_sent, t.last_at INTO v_thread, v_seq, v_low_sent, v_high_sent, v_now;
    IF NOT FOUND THEN
        RETURN QUERY SELECT * FROM append_each(
            ARRAY[p_low], ARRAY[p_high], ARRAY[1], ARRAY[p_sender], ARRAY['message'], ARRAY[p_client], ARRAY[p_body],
            ARRAY[p_target], 0
        );
        RETURN;
    END IF;
    INSERT INTO events (thread_id, seq, sender_id, created_at, low_sent, high_sent, client_id, kind, body, target)
    VALUES (v_thread, v_seq, p_sender, v_now, v_low_sent, v_high_sent, p_client, 'message', p_body, p_target);
    INSERT INTO outbox (threads, lows, highs, firsts, heads)
    VALUES (ARRAY[v_thread], ARRAY[p_low], ARRAY[p_high], ARRAY[v_seq], ARRAY[v_seq]);
    n := 1;
    thread_id := v_thread;
    seq := v_seq;
    created_at := v_now;
    state := 'n';
    RETURN NEXT;
END
$$;
