"""An upload, from its first byte to the row that makes an attachment of it. Whatever breaks off leaves nothing.

A blob is in the store before the row is there, and on the list of loose ones before it is in the store: a crash in
between leaves it on that list, and the sweep deletes it.
"""

import contextlib
import secrets
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from hashlib import sha256

import msgspec
import structlog

from services.media import file_names, sounds
from services.media.blobs.spool import Spool, Spools
from services.media.blobs.store import Store
from services.media.file_types import SOUNDS, WEBP, is_picture, type_of
from services.media.limits import Limits
from services.media.pictures.pool import NotAPicture, Pictures
from services.media.queries import attachments, loose
from services.media.queries.attachments import Kept
from shared.plumbing.failpoints import reach
from shared.plumbing.postgres.database import Database
from shared.wire.attachments import OCTETS, Attachment, UploadQuery
from shared.wire.problems import Conflict, FieldError, Invalid, Unavailable

log = structlog.get_logger()
_UNTAKEN_FOR = timedelta(hours=1)
"""Longer than any store takes to put a blob away."""


class Upload(msgspec.Struct, frozen=True):
    """Who sends what to whom. length: as announced, None if it was not."""

    owner: int
    peer: int
    asked: UploadQuery
    length: int | None


class Uploads:
    """Takes uploads in."""

    def __init__(
        self, database: Database, spools: Spools, store: Store, pictures: Pictures, limits: Limits
    ) -> None:
        self._database = database
        self._spools = spools
        self._store = store
        self._pictures = pictures
        self._limits = limits

    async def receive(self, upload: Upload, body: AsyncIterator[bytes]) -> tuple[Attachment, bool]:
        """The attachment, and whether it is new: the same client_id again gets the same one.

        Raises TooLarge, RateLimited, OverQuota, Conflict, Invalid, Unavailable, and what the body raises.
        """
        name = file_names.cleaned(upload.asked.name)
        self._limits.check_size(upload.length or 0)
        async with self._database.connection() as conn:
            known = await attachments.uploaded(conn, upload.owner, upload.asked.client_id)
            if known is None:
                size = upload.length or self._limits.file_bytes
                await self._limits.check_room(conn, upload.owner, size)
        if known is not None:
            return self._repeated(known, upload, await self._digest(body)), False
        try:
            with self._limits.under_way(upload.owner, size), contextlib.ExitStack() as stack:
                spool = stack.enter_context(self._spools.one())
                await self._fill(spool, body)
                new, blobs = await self._made(upload, name, spool, stack)
                return await self._keep(upload, new, blobs, spool)
        except OSError as error:
            log.error("a file cannot be put away", error=repr(error))
            raise Unavailable("There is no room for files just now") from error

    async def _fill(self, spool: Spool, body: AsyncIterator[bytes]) -> None:
        async for piece in body:
            self._limits.check_size(spool.size + len(piece))
            await spool.write(piece)
        if not spool.size:
            raise Invalid([FieldError("", "is empty")], "The file is empty")
        await spool.finish()

    async def _digest(self, body: AsyncIterator[bytes]) -> bytes:
        digest, size = sha256(), 0
        async for piece in body:
            self._limits.check_size(size := size + len(piece))
            digest.update(piece)
        return digest.digest()

    def _repeated(self, known: Kept, upload: Upload, digest: bytes) -> Attachment:
        if (known.peer, known.digest) != (upload.peer, digest):
            raise Conflict(errors=[FieldError("?client_id", "was used for another file")])
        return known.on_the_wire()

    async def _made(
        self, upload: Upload, name: str, spool: Spool, stack: contextlib.ExitStack
    ) -> tuple[Kept, Sequence[Spool]]:
        """The row, and the blobs to keep: of a photo, what a worker makes of it, and never the photo itself."""
        row = Kept(
            secrets.token_urlsafe(16), upload.owner, upload.peer, upload.asked.client_id, spool.digest, name,
            OCTETS, spool.key, spool.size, None, None, None, None, None, None, spool.sealed_size,
        )  # fmt: skip
        first, last = await spool.ends()
        kind = type_of(first)
        if kind in SOUNDS:
            told = sounds.duration(kind, first, last)
            seconds = upload.asked.duration if told is None else told
            sound = msgspec.structs.replace(row, type=kind, duration=seconds, peaks=upload.asked.peaks)
            return sound, [spool]
        if not is_picture(kind):
            return row, [spool]
        try:
            seen, whole, small = await self._pictures.make(
                upload.owner, spool.chunks, lambda: stack.enter_context(self._spools.one())
            )
        except NotAPicture:  # a file like any other: never shown in the page
            return row, [spool]
        photo = msgspec.structs.replace(
            row, type=WEBP, whole=whole.key, size=whole.size, small=small.key, small_size=small.size,
            width=seen.width, height=seen.height, thumb=seen.thumb, stored=whole.sealed_size + small.sealed_size,
        )  # fmt: skip
        return photo, [whole, small]

    async def _keep(
        self, upload: Upload, new: Kept, blobs: Sequence[Spool], received: Spool
    ) -> tuple[Attachment, bool]:
        async with self._database.connection() as conn:
            await loose.add(conn, new.blobs, _UNTAKEN_FOR)
        for blob in blobs:
            await self._store.put(blob.key, blob.path)
        await reach("media.after_put")
        async with self._database.transaction() as conn:
            await attachments.one_at_a_time(conn, new.owner)
            known = await attachments.uploaded(conn, new.owner, new.client_id)
            if known is None:
                await self._limits.check_kept(conn, new.owner, received.size)
                if not await loose.take(conn, new.blobs):
                    raise Unavailable("The file took too long to put away")
                await attachments.keep(conn, new, received.size)
        await reach("media.after_kept")
        if known is not None:  # another upload of the same, which was faster
            return self._repeated(known, upload, received.digest), False
        return new.on_the_wire(), True
