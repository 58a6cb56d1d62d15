"""What people let others see, whether they are found, and whether their links are looked at."""

from datetime import timedelta

import msgspec

from shared.plumbing.postgres.database import Connection
from shared.wire.accounts import Seeing
from shared.wire.http import ChangeSettings, Settings

_OF = """
SELECT show_read_receipts AS read_receipts, show_typing AS typing, show_last_seen AS last_seen, findable,
    link_previews
FROM users WHERE id = $1
"""
# What stays as it was is no change: nobody is told of it. Who is findable is told to nobody.
_CHANGE = """
UPDATE users SET settings_at = now(),
    show_read_receipts = coalesce($2, show_read_receipts),
    show_typing = coalesce($3, show_typing),
    show_last_seen = coalesce($4, show_last_seen)
WHERE id = $1 AND ($2 <> show_read_receipts OR $3 <> show_typing OR $4 <> show_last_seen)
"""
# By itself: it spells the prefixes of the name anew.
_FIND = "UPDATE users SET findable = $2 WHERE id = $1 AND findable <> $2"
# notify asks for each link.
_PREVIEW = "UPDATE users SET link_previews = $2 WHERE id = $1 AND link_previews <> $2"
_CHANGED = """
SELECT id, show_read_receipts, show_typing, show_last_seen FROM users WHERE settings_at > now() - $1::interval
"""


async def of(conn: Connection, user: int) -> Settings | None:
    """None if there is no such account."""
    row = await conn.fetchrow(_OF, user)
    return Settings(**row) if row else None


async def change(conn: Connection, user: int, wanted: ChangeSettings) -> None:
    """Sets what is given."""
    given = (wanted.read_receipts, wanted.typing, wanted.last_seen)
    await conn.execute(_CHANGE, user, *(None if value is msgspec.UNSET else value for value in given))
    if wanted.findable is not msgspec.UNSET:
        await conn.execute(_FIND, user, wanted.findable)
    if wanted.link_previews is not msgspec.UNSET:
        await conn.execute(_PREVIEW, user, wanted.link_previews)


async def changed(conn: Connection, within: timedelta) -> list[tuple[int, Seeing]]:
    """Who changed something lately, and what they show now."""
    return [(user, Seeing(*seeing)) for user, *seeing in await conn.fetch(_CHANGED, within)]
