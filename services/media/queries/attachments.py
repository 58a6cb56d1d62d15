"""The attachments: kept, found, claimed."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from shared.plumbing.postgres.database import Connection
from shared.wire.attachments import Attachment

_COLUMNS = """id, owner, peer, client_id, digest, name, type, whole, size, small, small_size, width, height, thumb,
    duration, stored, peaks"""
_BY_ID = f"SELECT {_COLUMNS} FROM attachments WHERE id = $1 AND (owner = $2 OR peer = $2 AND claimed_at IS NOT NULL)"  # noqa: S608  # a constant
_BY_CLIENT_ID = f"SELECT {_COLUMNS} FROM attachments WHERE owner = $1 AND client_id = $2"  # noqa: S608  # a constant
_KEEP = f"""
INSERT INTO attachments ({_COLUMNS})
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
ON CONFLICT (owner, client_id) DO NOTHING RETURNING true
"""  # noqa: S608  # a constant
# The lock makes a sweep that wants to delete one of these look again.
_CLAIM = f"""
UPDATE attachments SET claimed_at = now() WHERE id = ANY ($1) AND owner = $2 RETURNING {_COLUMNS}
"""  # noqa: S608  # a constant
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(hashtext('duet.media.of'), ($1::bigint % 2147483647)::int)"
_STORED = "SELECT coalesce(sum(stored), 0)::bigint FROM attachments WHERE owner = $1"
_RECEIVED = (
    "SELECT coalesce(sum(bytes), 0)::bigint FROM received WHERE owner = $1 AND at > now() - interval '1 day'"
)
_COUNT = "INSERT INTO received (owner, bytes) VALUES ($1, $2)"
_FORGET_RECEIVED = "DELETE FROM received WHERE at < now() - interval '1 day'"


class Kept(msgspec.Struct, frozen=True):
    """A row of the table."""

    id: str
    owner: int
    peer: int
    client_id: UUID
    digest: bytes
    name: str
    type: str
    whole: str
    size: int
    small: str | None
    small_size: int | None
    width: int | None
    height: int | None
    thumb: str | None
    duration: float | None
    stored: int
    peaks: str | None = None

    def on_the_wire(self) -> Attachment:
        """As people see it."""
        seen = {name: getattr(self, name) for name in ("width", "height", "thumb", "duration", "peaks")}
        there: dict[str, Any] = {name: value for name, value in seen.items() if value is not None}
        return Attachment(self.id, self.name, self.type, self.size, **there)

    @property
    def blobs(self) -> list[str]:
        """Their keys."""
        return [self.whole, *filter(None, [self.small])]


async def readable(conn: Connection, id: str, user: int) -> Kept | None:
    """An attachment that `user` may read: their own, or one that was sent to them."""
    return _kept(await conn.fetchrow(_BY_ID, id, user))


async def uploaded(conn: Connection, owner: int, client_id: UUID) -> Kept | None:
    """What `owner` uploaded under this client_id."""
    return _kept(await conn.fetchrow(_BY_CLIENT_ID, owner, client_id))


def _kept(row: Any) -> Kept | None:
    return None if row is None else Kept(*row)


async def claim(conn: Connection, owner: int, ids: Sequence[str]) -> dict[str, Kept]:
    """Those of `ids` that are the owner's, by id; each is claimed."""
    return {row["id"]: Kept(*row) for row in await conn.fetch(_CLAIM, ids, owner)}


async def one_at_a_time(conn: Connection, owner: int) -> None:
    """Until the end of the transaction no other of this person is counted."""
    await conn.execute(_ONE_AT_A_TIME, owner)


async def stored(conn: Connection, owner: int) -> int:
    """Bytes of all that is theirs."""
    found: int = await conn.fetchval(_STORED, owner)
    return found


async def received(conn: Connection, owner: int) -> int:
    """Bytes that they uploaded in the last 24 hours."""
    found: int = await conn.fetchval(_RECEIVED, owner)
    return found


async def keep(conn: Connection, new: Kept, received: int) -> bool:
    """Whether it is kept: not if the owner has another one under its client_id. received: bytes, which are counted."""
    kept = await conn.fetchval(_KEEP, *msgspec.structs.astuple(new))
    if kept:
        await conn.execute(_COUNT, new.owner, received)
    return bool(kept)


async def forget_received(conn: Connection) -> None:
    """What was uploaded more than a day ago counts no more."""
    await conn.execute(_FORGET_RECEIVED)
