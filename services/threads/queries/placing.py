"""Which slots a shard of the log holds."""

import asyncio
import time
from collections.abc import Iterable

import msgspec

from shared.plumbing.postgres.database import Connection
from shared.wire.problems import Unavailable

SLOTS = 256
"""A pair is in one of them, and a shard holds some: so many shards there can be."""

_FIRST_IDS = 2**40
"""Apart from each other: so many threads may begin in a shard."""

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('duet.threads.placing'))"
_FOUND = """
SELECT shard, slots, arriving, moves, EXISTS (SELECT FROM threads) OR EXISTS (SELECT FROM member_states),
    greatest(
        shard, (SELECT max(id) FROM threads) >> 40, (SELECT max(id) FROM arriving) >> 40,
        (SELECT max(thread_id) FROM strays) >> 40
    ),
    arriving_from, coalesce(first_log::text, '')
FROM settings
"""
_GIVE = "UPDATE settings SET shard = $1, slots = $2, moves = moves + 1 WHERE slots IS NULL"
_BEGINS = "UPDATE settings SET first_log = log"
_NUMBER_FROM = "SELECT setval(pg_get_serial_sequence('threads', 'id'), $1, false)"
COLUMNS = """id, low, high, head, last_message, low_read, high_read, last_at, low_sent, high_sent, low_seen, high_seen,
    low_delivered, high_delivered"""
"""Of a thread, all that is not worked out from others."""

_SETTLED = (
    f"""
    WITH arrived AS (DELETE FROM arriving RETURNING {COLUMNS}), gone AS (
        DELETE FROM strays USING arrived WHERE thread_id = id
    )
    INSERT INTO threads ({COLUMNS}) OVERRIDING SYSTEM VALUE SELECT {COLUMNS} FROM arrived
    """,  # noqa: S608  # a constant
    """
    WITH arrived AS (DELETE FROM arriving_states RETURNING *) INSERT INTO member_states SELECT * FROM arrived
    """,
    """
    WITH arrived AS (DELETE FROM arriving_ranges RETURNING *)
    INSERT INTO outbox (threads, lows, highs, firsts, heads)
    SELECT array_agg(thread_id ORDER BY n), array_agg(low ORDER BY n), array_agg(high ORDER BY n),
        array_agg(first ORDER BY n), array_agg(head ORDER BY n)
    FROM arrived HAVING count(*) > 0
    """,
    """
    WITH arrived AS (DELETE FROM arriving_usage RETURNING *)
    INSERT INTO usage SELECT * FROM arrived ON CONFLICT (user_id) DO UPDATE SET bytes = usage.bytes + excluded.bytes
    """,
)
# Whoever connects is told of settings first, and so waits; who has been told before is ended.
_HOLD = "LOCK TABLE settings IN ACCESS EXCLUSIVE MODE"
_NOW = "SELECT clock_timestamp()"
_LOOK_ANEW = "SELECT pg_stat_clear_snapshot()"
_END_OTHERS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'duet-threads' AND backend_start <= $1
    AND pid <> pg_backend_pid()
"""
_ENDED_WITHIN_S = 3.0
_LOOK_AGAIN_S = 0.005
_TAKE = """
UPDATE settings SET slots = slots || arriving, arriving = '{}', moves = moves + 1 WHERE arriving = $1 RETURNING true
"""


class Place(msgspec.Struct, frozen=True):
    """shard: its number. slots: None for all of them, or for a shard that was never given any. used: whether it holds
    anything. highest: of the numbers of shards in which threads that are known here began. arriving, arriving_from:
    slots on their way here, and the number of the shard that gives them. moves: how often this has changed. first_log:
    the id of its log when it began as a shard; "" for the one that was there before."""

    shard: int
    slots: frozenset[int] | None
    arriving: frozenset[int]
    moves: int
    used: bool
    highest: int = 0
    arriving_from: int | None = None
    first_log: str = ""


async def one_at_a_time(conn: Connection) -> None:
    """Nobody else gives slots until this transaction has ended."""
    await conn.execute(_ONE_AT_A_TIME)


async def found(conn: Connection) -> Place:
    shard, slots, arriving, *rest = await conn.fetchrow(_FOUND)
    return Place(shard, None if slots is None else frozenset(slots), frozenset(arriving), *rest)


async def give(conn: Connection, shard: int, slots: Iterable[int], *, begins: bool) -> None:
    """The shard of this number holds these slots now, unless it was given any before. begins: its ids are its own."""
    async with conn.transaction():
        given = await conn.execute(_GIVE, shard, sorted(slots))
        if begins and given == "UPDATE 1":
            await conn.execute(_NUMBER_FROM, shard * _FIRST_IDS + 1)
            await conn.execute(_BEGINS)


async def hold(conn: Connection) -> None:
    """Nobody else reads or writes this shard until this transaction has ended, and then nobody by what they knew.

    Raises Unavailable: somebody who was told before is still at work.
    """
    await conn.execute(_HOLD)
    held_at = await conn.fetchval(_NOW)
    give_up_at = time.monotonic() + _ENDED_WITHIN_S
    while await conn.fetchval(_END_OTHERS, held_at):
        if time.monotonic() > give_up_at:
            raise Unavailable("The connections to a part of the log do not end")
        await asyncio.sleep(_LOOK_AGAIN_S)
        await conn.execute(_LOOK_ANEW)


async def take(conn: Connection, arriving: Iterable[int]) -> bool:
    """What arrives here, and nobody holds any more, is held here. False: somebody else has done it."""
    async with conn.transaction():
        await hold(conn)
        return await settle(conn, arriving)


async def settle(conn: Connection, arriving: Iterable[int]) -> bool:
    """The same for who holds the shard."""
    if not await conn.fetchval(_TAKE, sorted(arriving)):
        return False
    for statement in _SETTLED:
        await conn.execute(statement)
    return True
