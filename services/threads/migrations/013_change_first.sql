-- As before, in as few statements as a message takes: the lock is taken with the next seq, the event is stored before its
-- target is looked at, and a target that was changed before is looked at where its state is written. A repeat violates
-- the uniqueness of client_ids, and all of this comes to nothing: the caller then asks `append_each`. What is against a
-- rule is taken back and left to `append_each` here. So nothing may be stored here that it would not store.
CREATE OR REPLACE FUNCTION change_one(
    p_low bigint, p_high bigint, p_sender bigint, p_kind text, p_client uuid, p_body text, p_target bigint,
    p_max_edits int
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
    v_is_low boolean := p_sender = p_low;
BEGIN
    UPDATE threads SET head = head + 1 WHERE low = p_low AND high = p_high
    RETURNING id, head, low_sent, high_sent INTO v_thread, v_seq, v_low_sent, v_high_sent;
    v_now := clock_timestamp();

    -- Statements of their own: only their snapshots are younger than the lock.
    IF p_kind = 'edit' THEN
        INSERT INTO events (thread_id, seq, sender_id, created_at, low_sent, high_sent, client_id, kind, body, target)
        SELECT v_thread, v_seq, p_sender, v_now, v_low_sent, v_high_sent, p_client, p_kind, p_body, p_target
        FROM events AS m
        WHERE m.thread_id = v_thread AND m.seq = p_target AND m.kind = 'message' AND m.sender_id = p_sender
            AND m.deleted_at IS NULL;
        IF FOUND THEN
            UPDATE message_states
            SET version = v_seq, text = p_body::json ->> 'text', edits = edits + 1, edited_at = v_now
            WHERE thread_id = v_thread AND seq = p_target AND edits < p_max_edits;
            IF NOT FOUND THEN
                INSERT INTO message_states (thread_id, seq, version, text, edits, edited_at)
                VALUES (v_thread, p_target, v_seq, p_body::json ->> 'text', 1, v_now)
                ON CONFLICT (thread_id, seq) DO NOTHING;
            END IF;
        END IF;
    ELSIF v_thread IS NOT NULL THEN
        INSERT INTO events (thread_id, seq, sender_id, created_at, low_sent, high_sent, client_id, kind, body, target)
        VALUES (v_thread, v_seq, p_sender, v_now, v_low_sent, v_high_sent, p_client, p_kind, p_body, p_target);
        IF FOUND THEN
            UPDATE message_states
            SET version = v_seq,
                low_reaction = CASE WHEN v_is_low THEN p_body::json ->> 'emoji' ELSE low_reaction END,
                high_reaction = CASE WHEN v_is_low THEN high_reaction ELSE p_body::json ->> 'emoji' END
            WHERE thread_id = v_thread AND seq = p_target AND deleted_at IS NULL;
            IF NOT FOUND THEN
                INSERT INTO message_states (thread_id, seq, version, low_reaction, high_reaction)
                SELECT v_thread, p_target, v_seq, CASE WHEN v_is_low THEN p_body::json ->> 'emoji' END,
                    CASE WHEN NOT v_is_low THEN p_body::json ->> 'emoji' END
                FROM events AS m
                WHERE m.thread_id = v_thread AND m.seq = p_target AND m.kind = 'message' AND m.deleted_at IS NULL;
            END IF;
        END IF;
    END IF;
    IF NOT FOUND THEN
        DELETE FROM events WHERE thread_id = v_thread AND seq = v_seq;
        UPDATE threads SET head = v_seq - 1 WHERE id = v_thread;
        RETURN QUERY SELECT * FROM append_each(
            ARRAY[p_low], ARRAY[p_high], ARRAY[1], ARRAY[p_sender], ARRAY[p_kind], ARRAY[p_client], ARRAY[p_body],
            ARRAY[p_target], p_max_edits
        );
        RETURN;
    END IF;
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
