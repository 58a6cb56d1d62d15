"""The processes that decode photos: each gets one and ends, by itself or by force; then the next is made ready."""

import asyncio
import contextlib
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path

import msgspec
import structlog

from services.media.blobs.spool import Spool
from services.media.pictures.seen import Refused, Seen, SeenOrRefused
from shared.plumbing.limits.keyed_semaphore import KeyedSemaphore
from shared.plumbing.processes import killed, spawned
from shared.plumbing.tasks import Tasks
from shared.wire.problems import Unavailable

_ROOT = Path(__file__).parents[3]
_COMMAND = (sys.executable, "-m", "services.media.pictures.worker")
_ENVIRONMENT = {"PATH": os.defpath, "VIPS_CONCURRENCY": "1", "VIPS_BLOCK_UNTRUSTED": "1"}
"""All that it is told: our settings, which may hold keys, are none of its business."""

_WITHIN_S = 20.0
_PATIENCE_S = 30.0
_MAX_WAITING = 64
_OF_ONE_PERSON = 2
_PIECE_BYTES = 64 * 1024
_decoder = msgspec.msgpack.Decoder(SeenOrRefused)
log = structlog.get_logger()

Photo = Callable[[], AsyncIterator[bytes]]
Blank = Callable[[], Spool]


class NotAPicture(Exception):
    """It cannot be decoded, or takes more than it may."""


class WorkerDied(Exception):
    """Perhaps of the photo, perhaps because somebody killed it."""


class Pictures:
    """count: how many photos are decoded at a time. within_s: for one."""

    def __init__(self, count: int, command: Sequence[str] = _COMMAND, *, within_s: float = _WITHIN_S) -> None:
        self._count = count
        self._command = command
        self._within_s = within_s
        self._turns = asyncio.Semaphore(count)
        self._of_one = KeyedSemaphore(_OF_ONE_PERSON)
        self._waiting = 0
        self._ready: list[Process] = []
        self._busy: set[Process] = set()
        self._starting = Tasks()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Pictures"]:
        """The first worker starts with the first photo, and so delays nothing. Those that wait end with the block."""
        try:
            yield self
        finally:
            await self._starting.close()
            await asyncio.gather(*map(killed, self._ready))

    @property
    def pids(self) -> list[int]:
        """Of the workers that have a photo or wait for one."""
        return [process.pid for process in (*self._busy, *self._ready)]

    async def make(self, owner: int, photo: Photo, blank: Blank) -> tuple[Seen, Spool, Spool]:
        """What it is, and the whole and the small one. blank: a new spool. Raises NotAPicture, Unavailable.

        A worker that dies is no proof against the photo: another one gets it, once.
        """
        async with self._of_one.of(owner), self._turn():
            try:
                return await self._decoded(photo, blank)
            except WorkerDied:
                pass
            try:
                return await self._decoded(photo, blank)
            except WorkerDied as error:
                log.warning("a photo kills its workers", error=str(error))
                raise NotAPicture("the workers died of it") from None

    @contextlib.asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Raises Unavailable if too many wait, or for too long."""
        if self._waiting >= _MAX_WAITING:
            raise Unavailable("Too many photos wait just now")
        self._waiting += 1
        try:
            async with asyncio.timeout(_PATIENCE_S):
                await self._turns.acquire()
        except TimeoutError:
            raise Unavailable("Too many photos wait just now") from None
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            self._turns.release()

    async def _decoded(self, photo: Photo, blank: Blank) -> tuple[Seen, Spool, Spool]:
        process = await self._worker()
        self._busy.add(process)
        try:
            async with asyncio.timeout(self._within_s):
                await _feed(process, photo())
                said = await _said(process)
                if isinstance(said, Refused):
                    log.info("a photo cannot be decoded", why=said.why)
                    raise NotAPicture(said.why)
                whole = await _copied(process, said.whole_bytes, blank())
                return said, whole, await _copied(process, said.small_bytes, blank())
        except TimeoutError:
            log.warning("a photo takes too long", pid=process.pid)
            raise NotAPicture("it takes too long") from None
        except (asyncio.IncompleteReadError, ConnectionError, msgspec.MsgspecError) as error:
            raise WorkerDied(repr(error)) from None
        finally:
            self._busy.discard(process)
            await killed(process)
            if len(self._ready) < self._count:
                self._starting.start(self._prepare())

    async def _worker(self) -> Process:
        """One that lives. Raises Unavailable."""
        while self._ready:
            process = self._ready.pop()
            if process.returncode is None:
                return process
        try:
            return await self._start()
        except OSError as error:
            log.error("no worker starts", error=repr(error))
            raise Unavailable("Photos cannot be taken just now") from None

    async def _prepare(self) -> None:
        process = await self._start()
        self._ready.append(process)

    async def _start(self) -> Process:
        return await spawned(
            asyncio.create_subprocess_exec(
                *self._command, stdin=PIPE, stdout=PIPE, stderr=DEVNULL, cwd=_ROOT, env=_ENVIRONMENT,
                start_new_session=True, limit=_PIECE_BYTES,
            )
        )  # fmt: skip


async def _feed(process: Process, photo: AsyncIterator[bytes]) -> None:
    stdin = process.stdin
    if stdin is None:
        raise WorkerDied("no pipe")
    async for piece in photo:
        stdin.write(piece)
        await stdin.drain()
    stdin.close()


async def _said(process: Process) -> SeenOrRefused:
    stdout = _stdout(process)
    length = int.from_bytes(await stdout.readexactly(2), "big")
    said: SeenOrRefused = _decoder.decode(await stdout.readexactly(length))
    return said


async def _copied(process: Process, count: int, spool: Spool) -> Spool:
    stdout = _stdout(process)
    while spool.size < count:
        await spool.write(await stdout.readexactly(min(_PIECE_BYTES, count - spool.size)))
    await spool.finish()
    return spool


def _stdout(process: Process) -> asyncio.StreamReader:
    if process.stdout is None:
        raise WorkerDied("no pipe")
    return process.stdout
