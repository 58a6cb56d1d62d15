-- Whoever locks several threads does so in the order of their pairs, which is known without a look at their ids: a few
-- messages are appended by a statement each (services/threads/queries/appends.py), which locks where it writes.
DO $$
DECLARE
    v_function regprocedure;
BEGIN
    FOREACH v_function IN ARRAY ARRAY[
        'append(bigint[], bigint[], int[], bigint[], text[], uuid[], text[])',
        'append_each(bigint[], bigint[], int[], bigint[], text[], uuid[], text[], bigint[], int, text[])',
        'mark(bigint[], bigint[], bigint[], bigint[], bigint[], bigint[])'
    ]::regprocedure[] LOOP
        EXECUTE replace(
            pg_get_functiondef(v_function),
            'ORDER BY id FOR NO KEY UPDATE', 'ORDER BY low, high FOR NO KEY UPDATE'
        );
    END LOOP;
END
$$;
