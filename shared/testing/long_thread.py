"""A thread of thousands of messages, put into the product's database as the services would have left it."""

import asyncpg

from deploy.local.settings import from_environment
from deploy.local.table import embedded_postgres
from shared.testing.product import Product

# The members take turns, an hour apart, until the reader reads no more; the last one is an hour old.
_THREAD = """
WITH members AS (
    SELECT min(id) AS low, max(id) AS high, max(id) FILTER (WHERE username = $1) AS reader
    FROM auth.users WHERE username IN ($1, $2)
), counted AS (
    SELECT low, high, reader = low AS first, ($5::int + 1) / 2 AS own, $3::int - ($5::int + 1) / 2 AS others
    FROM members
), thread AS (
    INSERT INTO threads.threads
        (low, high, head, last_message, last_at, low_read, high_read, low_sent, high_sent, low_seen, high_seen)
    SELECT low, high, $3::int, $3::int, now() - interval '1 hour',
        CASE WHEN first THEN $5::int ELSE $3::int END, CASE WHEN first THEN $3::int ELSE $5::int END,
        CASE WHEN first THEN own ELSE others END, CASE WHEN first THEN others ELSE own END,
        CASE WHEN first THEN $5::int / 2 ELSE own END, CASE WHEN first THEN own ELSE $5::int / 2 END
    FROM counted
    RETURNING id, low, high
), said AS MATERIALIZED (
    SELECT id, low, high, seq, now() - interval '1 hour' * ($3::int + 1 - seq) AS at,
        reader = low AS first, (least(seq, $5::int) + 1) / 2 AS own, seq % 2 = 1 AND seq <= $5::int AS by_reader,
        format('message %s', lpad(seq::text, 4, '0')) || coalesce(' ' || more, '') AS body
    FROM thread JOIN members USING (low, high) CROSS JOIN generate_series(1, $3::int) AS seq
    LEFT JOIN unnest($4::int[], $6::text[]) AS told (number, more) ON number = seq
), stored AS (
    INSERT INTO threads.events
        (thread_id, seq, sender_id, created_at, low_sent, high_sent, client_id, kind, body)
    SELECT id, seq, CASE WHEN by_reader = first THEN low ELSE high END, at,
        CASE WHEN first THEN own ELSE seq - own END, CASE WHEN first THEN seq - own ELSE own END,
        gen_random_uuid(), 'message', body
    FROM said
)
INSERT INTO threads.search (thread_id, seq, created_at, words)
SELECT id, seq, at, array_to_tsvector(ARRAY(
    SELECT DISTINCT format('%s/%s', member, word)
    FROM unnest(ARRAY[low, high]) AS member, string_to_table(translate(lower(body), 'é', 'e'), ' ') AS word))
FROM said
"""


async def write_long(
    product: Product,
    reader: str,
    other: str,
    count: int,
    *,
    read: int | None = None,
    told: dict[int, str] | None = None,
) -> None:
    """`message 0001` to `count`, an hour apart. read: how far the reader has. told: what some say besides, by seq."""
    where = embedded_postgres(from_environment({"DUET_DATA_DIR": str(product.data_dir)}))
    more = told or {}
    position = count if read is None else read
    connection = await asyncpg.connect(where.dsn())
    try:
        await connection.execute(
            _THREAD, reader, other, count, list(more), position, list(more.values()), timeout=600
        )
    finally:
        await connection.close()
