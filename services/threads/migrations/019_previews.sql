-- What the page looks like that the first link of a message leads to, as docs/decisions/0021-link-previews.md says.
-- preview: JSON of a LinkPreview; NULL for none, and once the message is deleted.
ALTER TABLE message_states ADD COLUMN preview text;
-- It says what people talk about: no samples of it, as of the texts.
ALTER TABLE message_states ALTER COLUMN preview SET STATISTICS 0;
CREATE INDEX events_previews ON events (thread_id, target) WHERE kind = 'preview';

-- As before, for previews, too: of the text that the message has now (`of`: its own seq, or that of its last edit), or
-- else 's', it is another one's. What is deleted loses them.
CREATE OR REPLACE FUNCTION append_each(
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
    v_preview jsonb;
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
        PERFORM FROM threads WHERE id = ANY (v_ids) ORDER BY low, high FOR NO KEY UPDATE;
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
            AND (thread_id IS DISTINCT FROM v_thread.id OR v_kind IN ('delete', 'preview') OR v_target >= v_first)
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
                WHEN v_kind IN ('edit', 'delete', 'preview') AND v_found.author <> v_sender THEN 'y'
                WHEN v_found.gone_at IS NOT NULL THEN 'g'
                WHEN v_kind = 'edit' AND v_found.edits >= p_max_edits THEN 'e'
                WHEN v_kind = 'preview' AND (p_body[v_item]::json ->> 'of')::bigint <> coalesce((
                    SELECT max(e.seq) FROM events AS e
                    WHERE e.thread_id = v_thread.id AND e.target = v_target AND e.kind = 'edit'
                ), v_target) THEN 's'
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
        ELSIF v_kind = 'preview' THEN
            v_preview := p_body[v_item]::jsonb - 'target' - 'of';
            INSERT INTO message_states AS s (thread_id, seq, version, preview)
            VALUES (v_thread.id, v_target, v_thread.head, nullif(v_preview, '{}')::text)
            ON CONFLICT (thread_id, seq) DO UPDATE SET version = v_thread.head, preview = excluded.preview;
        ELSIF v_kind = 'delete' THEN
            INSERT INTO message_states AS s (thread_id, seq, version, deleted_at)
            VALUES (v_thread.id, v_target, v_thread.head, v_now)
            ON CONFLICT (thread_id, seq) DO UPDATE
            SET version = v_thread.head, text = NULL, deleted_at = v_now, low_reaction = NULL, high_reaction = NULL,
                preview = NULL;
            UPDATE events AS e
            SET body = '', attachments = NULL, deleted_at = v_now,
                digest = digest_of(e.kind || coalesce(named_in(e.attachments), ''), e.body),
                freed = octet_length(e.body) + coalesce(octet_length(e.attachments), 0)
            WHERE e.thread_id = v_thread.id AND e.seq = v_target;
            UPDATE events AS e
            SET body = format('{"target":%s}', v_target), digest = digest_of(e.kind, e.body), deleted_at = v_now,
                freed = octet_length(e.body) - octet_length(format('{"target":%s}', v_target))
            WHERE e.thread_id = v_thread.id AND e.target = v_target AND e.kind = 'edit';
            UPDATE events AS e
            SET body = format('{"target":%s}', v_target), digest = digest_of(e.kind, e.body), deleted_at = v_now,
                freed = octet_length(e.body) - octet_length(format('{"target":%s}', v_target))
            WHERE e.thread_id = v_thread.id AND e.target = v_target AND e.kind = 'preview';
            DELETE FROM search AS s WHERE s.thread_id = v_thread.id AND s.seq = v_target;
        END IF;
        RETURN NEXT;
    END LOOP;

    IF v_heads IS NOT NULL THEN
        INSERT INTO outbox (threads, lows, highs, firsts, heads) VALUES (v_grown, v_lows, v_highs, v_firsts, v_heads);
    END IF;
END
$$;
