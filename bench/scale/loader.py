"""Millions of accounts and messages, put into the product's database by SQL as the services would have left them."""

from shared.plumbing.postgres.database import Connection

ACCOUNTS_A_STEP = 100_000
_EVENTS_A_STEP = 200_000

_ACCOUNTS = """
INSERT INTO auth.users (username, display_name, name_folded, password)
SELECT format('load-%s', n), format('Load %s', n), format('load %s', n), ''
FROM generate_series($1::int, $2::int) AS n
"""
# What the trigger spells out one user at a time: the prefixes of `load 123` that `load-123` has not as well.
_PREFIXES = """
INSERT INTO auth.name_prefixes (prefix, username, user_id)
SELECT left(name_folded, length) AS prefix, username, id
FROM auth.users, generate_series(5, char_length(name_folded)) AS length
WHERE username LIKE 'load-%' ORDER BY prefix, username
"""
_THREADS = """
INSERT INTO threads.threads (low, high)
SELECT least($1, other.id), greatest($1, other.id)
FROM auth.users AS other WHERE other.username = ANY ($2::text[])
ON CONFLICT DO NOTHING
"""
_STRANGERS = """
INSERT INTO threads.threads (low, high)
SELECT a.id, b.id FROM generate_series(1, $1::int) AS n
JOIN auth.users AS a ON a.username = format('load-%s', 2 * n + 1000)
JOIN auth.users AS b ON b.username = format('load-%s', 2 * n + 1001)
WHERE a.id < b.id
ON CONFLICT DO NOTHING
"""
# Members take turns; every tenth message of a stranger holds the word that is searched for, and 20 of the searcher's.
_EVENTS = """
WITH grown AS (
    SELECT id, low, high, head, head + $2::int AS target, low = $3 OR high = $3 AS own
    FROM threads.threads WHERE id = ANY ($1::bigint[])
), new AS MATERIALIZED (
    SELECT g.id, g.low, g.high, seq, CASE WHEN seq % 2 = 1 THEN g.low ELSE g.high END AS sender,
        now() - interval '1 second' * (3e7 - seq) AS at,
        format(
            'message %s of a long conversation about %s and %s%s', seq,
            (ARRAY['the weather', 'music', 'bicycles', 'dinner', 'the sea', 'trains', 'work'])[1 + seq % 7],
            (ARRAY['gardens', 'books', 'winter', 'the city', 'friends'])[1 + seq % 5],
            CASE WHEN CASE WHEN g.own THEN g.head = 0 AND seq <= 20 AND $4 ELSE seq % 10 = 0 END
                THEN ' with a needle' ELSE '' END
        ) AS body
    FROM grown AS g, generate_series(g.head + 1, g.target) AS seq
), stored AS (
    INSERT INTO threads.events (
        thread_id, seq, sender_id, created_at, low_sent, high_sent, client_id, kind, body
    )
    SELECT id, seq, sender, at, (seq + 1) / 2, seq / 2, uuidv7(), 'message', body FROM new ORDER BY id, seq
), indexed AS (
    INSERT INTO threads.search (thread_id, seq, created_at, words)
    SELECT id, seq, at, array_to_tsvector((
        SELECT array_agg(DISTINCT format('%s/%s', member, word))
        FROM unnest(ARRAY[low, high]) AS member, regexp_split_to_table(body, ' ') AS word
    ))
    FROM new
)
UPDATE threads.threads AS t
SET head = g.target, last_message = g.target, low_sent = (g.target + 1) / 2, high_sent = g.target / 2,
    last_at = now() - interval '1 second' * (3e7 - g.target)
FROM grown AS g WHERE t.id = g.id
"""
_TIDY = "VACUUM ANALYZE threads.events, threads.threads, threads.search, auth.users, auth.name_prefixes"


class Loader:
    """own: the account whose threads are measured. Fill in this order: `add_accounts`, `add_threads`, `fill`."""

    def __init__(self, connection: Connection, own: int) -> None:
        self._connection = connection
        self._own = own

    async def add_accounts(self, count: int) -> None:
        """load-1 … load-count."""
        await self._connection.execute("ALTER TABLE auth.users DISABLE TRIGGER spell_name_prefixes")
        for start in range(1, count + 1, ACCOUNTS_A_STEP):
            await self._connection.execute(_ACCOUNTS, start, min(start + ACCOUNTS_A_STEP - 1, count))
        await self._connection.execute("ALTER TABLE auth.users ENABLE TRIGGER spell_name_prefixes")
        await self._connection.execute(_PREFIXES, timeout=1800)

    async def add_threads(self, peers: list[str], strangers: int) -> None:
        """A thread with each of `peers`, and so many between people who have nothing to do with us."""
        await self._connection.execute(_THREADS, self._own, peers)
        await self._connection.execute(_STRANGERS, strangers)

    async def fill(self, threads: list[int], messages: int, *, needles: bool = False) -> None:
        """So many more messages in each of these threads. needles: 20 of the first ones can be searched for."""
        if not threads:
            return
        at_once = max(1, _EVENTS_A_STEP // max(messages, 1))
        for start in range(0, len(threads), at_once):
            some = threads[start : start + at_once]
            left = messages
            while left > 0:
                step = min(left, _EVENTS_A_STEP)
                await self._connection.execute(_EVENTS, some, step, self._own, needles, timeout=1800)
                left -= step

    async def threads(self, *, own: bool) -> list[int]:
        """Ids, oldest first."""
        rows = await self._connection.fetch(
            "SELECT id FROM threads.threads WHERE ($1 IN (low, high)) = $2 ORDER BY id", self._own, own
        )
        return [row["id"] for row in rows]

    async def tidy(self) -> None:
        """What autovacuum does in its own time."""
        await self._connection.execute(_TIDY, timeout=1800)
