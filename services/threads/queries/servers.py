"""Which server this log is on, and on which timeline of it: a promoted standby counts a new one."""

from collections.abc import Sequence

from services.threads.queries.placing import SLOTS
from shared.plumbing.postgres.database import Connection
from shared.plumbing.postgres.timeline import IDS_TO_SKIP, SERVER
from shared.wire.log import Head

_KNOWN = f"""
SELECT log::text, server, {SERVER}, moves, coalesce(cardinality(slots), {SLOTS}) FROM settings, pg_control_system()
"""  # noqa: S608  # a constant
# What it is asked with are words of the server's own: an id, and digits.
_IS_STILL = (
    "SELECT FROM settings, pg_control_system()"
    f" WHERE log::text = '%s' AND server = {SERVER} AND server = '%s' AND moves = %d"
)
# Of several who notice, the first renews it; the others have waited for the row, and find it done.
_MOVE = """
UPDATE settings SET log = CASE WHEN server IS NULL THEN log ELSE gen_random_uuid() END, server = $1
WHERE server IS DISTINCT FROM $1
RETURNING log::text
"""
_RENEW = "UPDATE settings SET log = gen_random_uuid() WHERE log::text = $1"
_RENEW_IF_BEYOND = f"""
{_RENEW} AND EXISTS (
    SELECT FROM unnest($2::bigint[], $3::bigint[]) AS told (thread, head)
    LEFT JOIN LATERAL (SELECT head FROM threads WHERE id = told.thread LIMIT 1) AS t ON true
    WHERE coalesce(t.head, 0) < told.head
)
"""  # noqa: S608  # a constant
_LOG = "SELECT log::text FROM settings"
_SKIP_IDS = f"""
SELECT setval(pg_get_serial_sequence('threads', 'id'), nextval(pg_get_serial_sequence('threads', 'id')) + {IDS_TO_SKIP})
"""


async def known(conn: Connection) -> tuple[str, str | None, str, int, int]:
    """The log's id, the server that it was found on, the one that this is: `system identifier/timeline`, how often
    slots have moved to or from it, and how many it holds."""
    log, before, now, moves, slots = await conn.fetchrow(_KNOWN)
    return log, before, now, moves, slots


def is_still(log: str, server: str, moves: int) -> str:
    """SQL without parameters that finds a row if this is that log, on that server, and no slots have moved."""
    return _IS_STILL % (log, server, moves)


async def move(conn: Connection, server: str) -> str:
    """The log is on this server now; its id, a new one if it was on another."""
    async with conn.transaction():
        before: str = await conn.fetchval(f"{_LOG} FOR UPDATE")
        log: str = await conn.fetchval(_MOVE, server) or before
        if log != before:
            await conn.execute(_SKIP_IDS)
    return log


async def renew(conn: Connection, log: str) -> None:
    """A new id for the log of this id: a part of it is gone."""
    await conn.execute(_RENEW, log)
    await conn.execute(_SKIP_IDS)


async def renew_if_beyond(conn: Connection, log: str, heads: Sequence[Head]) -> bool:
    """The same if any of these heads, which somebody was told, lies beyond its thread's end; whether it does."""
    done: str = await conn.execute(
        _RENEW_IF_BEYOND, log, [head.thread for head in heads], [head.head for head in heads]
    )
    return done == "UPDATE 1"
