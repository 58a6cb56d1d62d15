"""Reads this node's stream of hints. An entry lost or read twice does no harm, but going deaf unnoticed would."""

import asyncio
import time
from collections.abc import Callable

import msgspec
import structlog
from redis.exceptions import ResponseError

from services.relay.metrics import STREAM_ENTRIES, STREAM_RESETS
from shared.plumbing.failpoints import reach
from shared.plumbing.redis.client import AWAY, Redis
from shared.plumbing.redis.connection import RedisConnection
from shared.plumbing.redis.directory import stream_of
from shared.plumbing.redis.faults import NotHeard, fault_of
from shared.plumbing.redis.streams import FIELD, write_nothing
from shared.wire.log import StreamEntry

_BLOCK_MS = 1000
_SOCKET_TIMEOUT_S = 3.0
_ENTRIES_A_READ = 200
_PAUSE_S = 0.2
_TRIM_EVERY_S = 1.0
_ARRIVES_WITHIN_S = 0.8
_START = b"0-0"
log = structlog.get_logger()


class Consumer:
    """take: called with every entry. Has its own connection, because a blocked read would hold up other commands."""

    def __init__(self, redis_url: str, node: str, take: Callable[[StreamEntry], None]) -> None:
        self._pipe = RedisConnection(redis_url, _SOCKET_TIMEOUT_S)
        self._stream = stream_of(node)
        self._take = take
        self._decoder = msgspec.json.Decoder(StreamEntry)
        self._last: bytes | None = None
        self._trim_at = 0.0
        self._trimmed: bytes | None = None
        self._node = node
        self._heard: asyncio.Future[None] | None = None  # somebody waits for an entry
        self._failed: Exception | None = None  # at the last try to read

    async def prepare(self) -> None:
        """Notes where the stream stands, before this node is in the directory. Without Redis: from its start."""
        try:
            self._last = await self._newest()
        except AWAY:
            self._last = _START

    async def run(self) -> None:
        """Reads forever."""
        while True:
            try:
                await self._read()
                await self._trim()
                self._failed = None
            except AWAY as error:
                if self._failed is None or fault_of(error) != fault_of(self._failed):
                    log.warning("the stream cannot be read", why=fault_of(error).sentence, error=repr(error))
                self._failed = error
                await asyncio.sleep(_PAUSE_S)
                await self._look()

    async def prove(self, redis: Redis) -> None:
        """Writes to the stream as threads does, and returns when that has arrived here. Raises as a command does."""
        self._heard = asyncio.get_running_loop().create_future()
        try:
            await write_nothing(redis, self._node)
            async with asyncio.timeout(_ARRIVES_WITHIN_S):
                await self._heard
        except TimeoutError:
            raise self._failed or NotHeard from None
        finally:
            self._heard = None

    async def _read(self) -> None:
        limits = ("COUNT", _ENTRIES_A_READ, "BLOCK", _BLOCK_MS)
        [answer] = await self._pipe.ask(("XREAD", *limits, "STREAMS", self._stream, self._last or _START))
        if not answer:
            await self._check()
            return
        await reach("relay.before_entries")
        if self._heard is not None and not self._heard.done():
            self._heard.set_result(None)
        [[_, entries]] = answer
        for id, fields in entries:
            self._last = id
            STREAM_ENTRIES.inc()
            try:
                self._take(self._decoder.decode(fields[fields.index(FIELD) + 1]))
            except (ValueError, msgspec.MsgspecError):
                log.error("an entry of the stream is not understood", id=id)

    async def _trim(self) -> None:
        """Removes what was read, once a second; right after a read, when `_last` cannot be ahead of the stream."""
        now = time.monotonic()
        if now >= self._trim_at and self._last != self._trimmed:
            self._trim_at = now + _TRIM_EVERY_S
            await self._pipe.ask(("XTRIM", self._stream, "MINID", self._last or _START))
            self._trimmed = self._last

    async def _look(self) -> None:
        try:
            await self._check()
        except AWAY:
            return

    async def _check(self) -> None:
        """Looks after a silence: ids that went back (FLUSHALL, a restart, an old snapshot) would leave it deaf."""
        newest = await self._newest()
        if self._last is not None and _number(newest) < _number(self._last):
            STREAM_RESETS.inc()
            self._last = _START

    async def _newest(self) -> bytes:
        """The last id that the stream has given; 0-0 if there is no stream."""
        try:
            [info] = await self._pipe.ask(("XINFO", "STREAM", self._stream))
        except ResponseError as error:
            if "no such key" not in str(error):
                raise
            return _START
        newest: bytes = info[info.index(b"last-generated-id") + 1]
        return newest

    async def close(self) -> None:
        self._pipe.close()


def _number(id: bytes | str) -> tuple[int, int]:
    text = id.decode() if isinstance(id, bytes) else id
    milliseconds, _, count = text.partition("-")
    return int(milliseconds), int(count or 0)
