-- As before, but an edit may leave a message with attachments without a text; state 't': that of any other may not be empty.
DO $$
DECLARE
    v_each text := pg_get_functiondef(
        'append_each(bigint[], bigint[], int[], bigint[], text[], uuid[], text[], bigint[], int, text[])'::regprocedure
    );
    v_one text := pg_get_functiondef(
        'change_one(bigint, bigint, bigint, text, uuid, text, bigint, int)'::regprocedure
    );
BEGIN
    EXECUTE replace(
        replace(v_each, 'gone_at, s.edits INTO', 'gone_at, e.attachments IS NULL AS bare, s.edits INTO'),
        'WHEN v_kind = ''edit'' AND v_found.edits',
        'WHEN v_kind = ''edit'' AND v_found.bare AND p_body[v_item]::json ->> ''text'' = '''' THEN ''t''
                WHEN v_kind = ''edit'' AND v_found.edits'
    );
    EXECUTE replace(
        v_one, 'AND m.deleted_at IS NULL;
        IF FOUND', 'AND m.deleted_at IS NULL
            AND (m.attachments IS NOT NULL OR p_body::json ->> ''text'' <> '''');
        IF FOUND'
    );
END
$$;
