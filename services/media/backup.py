"""The files of a backup: a directory as the store's, with the keys they are sealed with. For deploy/local."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Callable, Collection
from hashlib import file_digest
from pathlib import Path
from secrets import token_hex

from services.media.blobs import keys
from services.media.blobs.directory import Directory, path_in
from services.media.blobs.store import Missing, Store
from services.media.blobs.stores import store
from services.media.config import Config
from shared.plumbing.postgres.single import connected, transaction
from shared.plumbing.settings.known import one

# Held by a sweep while it deletes, and by a backup against it: see queries/loose.py.
_NOTHING_IS_DELETED = "SELECT pg_advisory_xact_lock(hashtext('duet.media.backup'))"
_WHATEVER_IT_TAKES = "SET LOCAL idle_in_transaction_session_timeout = 0"
_HAS_FILES = "SELECT to_regclass('media.attachments') IS NOT NULL"
_KEYS = "SELECT whole FROM attachments UNION SELECT small FROM attachments WHERE small IS NOT NULL"
_ALL_KEYS = f"{_KEYS} UNION SELECT key FROM loose"  # noqa: S608  # a constant
_TO_THE_END = 1 << 40


class Incomplete(Exception):
    """A backup lacks files, or some are damaged. The text says which."""


async def save(config: Config, directory: Path, dump: Callable[[], object]) -> None:
    """Runs `dump`, then copies every blob that it can name: none is deleted meanwhile. Without any, no directory."""
    async with connected(config.postgres_url) as conn, transaction(conn, "media"):
        await conn.execute(_WHATEVER_IT_TAKES)
        await conn.execute(_NOTHING_IS_DELETED)
        await asyncio.to_thread(dump)
        if not await conn.fetchval(_HAS_FILES):
            return
        wanted = [row[0] for row in await conn.fetch(_ALL_KEYS)]
        async with store(config) as blobs:
            for key in wanted:
                await _copy(blobs, key, path_in(directory, key))
        if wanted:
            _write(directory / keys.NAME, keys.encode(keys.load(config.keys)))


async def _copy(blobs: Store, key: str, target: Path) -> None:
    """A loose blob may be missing: it is on its way in, or out."""
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if isinstance(blobs, Directory):
        if blobs.path(key).exists():
            _link(blobs.path(key), target)
        return
    try:
        _write(target, b"")
        async for piece in blobs.read(key, 0, _TO_THE_END):
            await asyncio.to_thread(_append, target, piece)
    except Missing:
        target.unlink()


async def load(config: Config, directory: Path, wanted: Collection[str]) -> None:
    """Puts the wanted blobs of a backup beside those in the store. Raises Incomplete before it changes anything."""
    if not wanted:
        return
    await asyncio.to_thread(check, directory, wanted)
    sealed_with = keys.decode((directory / keys.NAME).read_text())
    if sealed_with.keys() - keys.load(config.keys).keys():
        if one("DUET_FILES_KEY"):
            raise Incomplete(
                "The files of this backup were sealed with a key that DUET_FILES_KEY does not name."
            )
        keys.add(config.keys, sealed_with)
    incoming = config.directory / "incoming"
    incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
    async with store(config) as blobs:
        for key in wanted:
            copy = incoming / token_hex(16)
            _link(path_in(directory, key), copy)
            await blobs.put(key, copy)
            copy.unlink(missing_ok=True)


def check(directory: Path, wanted: Collection[str]) -> None:
    """That a backup has each of these blobs, undamaged. Raises Incomplete."""
    missing = [key for key in wanted if not path_in(directory, key).exists()]
    if missing:
        raise Incomplete(f"{len(missing)} of the {len(wanted)} files of this backup are not there.")
    for key in wanted:
        with path_in(directory, key).open("rb") as file:
            if file_digest(file, "sha256").hexdigest() != key:
                raise Incomplete(f"{path_in(directory, key)} is damaged.")


async def prune(config: Config) -> None:
    """Deletes the blobs that no row knows: those from before a restore. While Duet is stopped."""
    async with connected(config.postgres_url) as conn, transaction(conn, "media"):
        known = {row[0] for row in await conn.fetch(_ALL_KEYS)} if await conn.fetchval(_HAS_FILES) else set()
    async with store(config) as blobs:
        for key in [key async for key in _unknown(blobs, known)]:
            await blobs.delete(key)


async def _unknown(blobs: Store, known: Collection[str]) -> AsyncIterator[str]:
    async for key in blobs.listing():
        if key not in known:
            yield key


def _link(source: Path, target: Path) -> None:
    """A second name, since blobs never change; a copy on another file system."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
        target.chmod(0o600)


def _write(path: Path, content: bytes) -> None:
    with open(path, "xb", opener=_private) as file:
        file.write(content)


def _append(path: Path, content: bytes) -> None:
    with path.open("ab") as file:
        file.write(content)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
