"""Which slots a shard of the log holds."""

from collections.abc import Iterable

import msgspec

from shared.plumbing.postgres.database import Connection

SLOTS = 256
"""A pair is in one of them, and a shard holds some: so many shards there can be."""

_FIRST_IDS = 2**40
"""Apart from each other: so many threads may begin in a shard."""

_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('duet.threads.placing'))"
_FOUND = """
SELECT shard, slots, arriving, moves, EXISTS (SELECT FROM threads) OR EXISTS (SELECT FROM member_states) FROM settings
"""
_GIVE = "UPDATE settings SET shard = $1, slots = $2, moves = moves + 1"
_NUMBER_FROM = "SELECT setval(pg_get_serial_sequence('threads', 'id'), $1, false)"
_COLUMNS = """id, low, high, head, last_message, low_read, high_read, last_at, low_sent, high_sent, low_seen, high_seen,
    low_delivered, high_delivered"""
_SETTLE = f"""
WITH arrived AS (DELETE FROM arriving RETURNING {_COLUMNS}), gone AS (
    DELETE FROM strays USING arrived WHERE thread_id = id
)
INSERT INTO threads ({_COLUMNS}) OVERRIDING SYSTEM VALUE SELECT {_COLUMNS} FROM arrived
"""  # noqa: S608  # a constant
# Whoever connects is told of settings first, and so waits; who has been told before is ended.
_HOLD = "LOCK TABLE settings IN ACCESS EXCLUSIVE MODE"
_END_OTHERS = """
SELECT count(pg_terminate_backend(pid, 1000)) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'duet-threads' AND pid <> pg_backend_pid()
"""
_TAKE = """
UPDATE settings SET slots = slots || arriving, arriving = '{}', moves = moves + 1 WHERE arriving = $1 RETURNING true
"""


class Place(msgspec.Struct, frozen=True):
    """shard: its number. slots: None for all of them, or for a shard that was never given any. used: whether it holds
    anything. arriving: slots on their way here. moves: how often this has changed."""

    shard: int
    slots: frozenset[int] | None
    arriving: frozenset[int]
    moves: int
    used: bool


async def one_at_a_time(conn: Connection) -> None:
    """Nobody else gives slots until this transaction has ended."""
    await conn.execute(_ONE_AT_A_TIME)


async def found(conn: Connection) -> Place:
    shard, slots, arriving, moves, used = await conn.fetchrow(_FOUND)
    return Place(shard, None if slots is None else frozenset(slots), frozenset(arriving), moves, used)


async def give(conn: Connection, shard: int, slots: Iterable[int], *, begins: bool) -> None:
    """The shard of this number holds these slots now. begins: it was none before; its ids are its own from now on."""
    async with conn.transaction():
        await conn.execute(_GIVE, shard, sorted(slots))
        if begins:
            await conn.execute(_NUMBER_FROM, shard * _FIRST_IDS + 1)


async def hold(conn: Connection) -> None:
    """Nobody else reads or writes this shard until this transaction has ended, and then nobody by what they knew."""
    await conn.execute(_HOLD)
    await conn.execute(_END_OTHERS)


async def take(conn: Connection, arriving: Iterable[int]) -> bool:
    """What arrives here, and nobody holds any more, is held here. False: somebody else has done it."""
    async with conn.transaction():
        await hold(conn)
        if not await conn.fetchval(_TAKE, sorted(arriving)):
            return False
        await conn.execute(_SETTLE)
    return True
