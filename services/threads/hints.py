"""The fast hint: what was committed, to the streams of the nodes that hold a member. Nothing depends on it."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence

import msgspec
import structlog
from prometheus_client import Counter

from shared.plumbing.directory import Directory
from shared.plumbing.failpoints import reach
from shared.plumbing.redis import Redis
from shared.plumbing.streams import publish
from shared.wire.log import MAX_BATCH, Delivery, Notice, StreamEntry

_MAX_WAITING = 20_000
_DROPPED = Counter("duet_threads_hints_dropped", "Hints not given because too many waited")
log = structlog.get_logger()


class _Batch(msgspec.Struct, frozen=True):
    asking: str
    deliveries: Sequence[Delivery]
    notices: Sequence[Notice]


class Hints:
    """What is offered while Redis works on the last round is the next round."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._directory = Directory(redis)
        self._waiting: list[_Batch] = []
        self._size = 0
        self._offered = asyncio.Event()
        self._ending = False

    def offer(self, asking: str, deliveries: Sequence[Delivery] = (), notices: Sequence[Notice] = ()) -> None:
        """Hint every node that holds a member, but not `asking`, which has them from its answer."""
        size = len(deliveries) + len(notices)
        if not size:
            return
        if self._size + size > _MAX_WAITING:
            _DROPPED.inc(size)
            return
        self._waiting.append(_Batch(asking, deliveries, notices))
        self._size += size
        self._offered.set()

    @contextlib.asynccontextmanager
    async def giving(self) -> AsyncIterator[None]:
        """Gives hints within the block, and the last ones at its end: no command to Redis is ever cancelled."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            self._ending = True
            self._offered.set()
            await asyncio.wait([task])

    async def _run(self) -> None:
        while not self._ending or self._waiting:
            await self._offered.wait()
            round_, self._waiting, self._size = self._waiting, [], 0
            self._offered.clear()
            try:
                await self._give(round_)
            except Exception:  # whatever it is: the heads feed repairs it, and the next round must come
                log.exception("hints were lost")

    async def _give(self, batches: list[_Batch]) -> None:
        await reach("threads.before_directory")
        members = {user for batch in batches for item in batch.deliveries for user in (item.low, item.high)}
        readers = {notice.user for batch in batches for notice in batch.notices}
        nodes = {
            user: set(held) for user, held in (await self._directory.nodes_of(members | readers)).items()
        }
        await reach("threads.before_xadd")
        for entries in _entries(batches, nodes):
            await publish(self._redis, entries)
        await reach("threads.after_xadd")


def _entries(batches: list[_Batch], nodes: dict[int, set[str]]) -> list[dict[str, StreamEntry]]:
    """One entry a node; more only where one would hold more than a batch."""
    deliveries: defaultdict[str, list[Delivery]] = defaultdict(list)
    notices: defaultdict[str, list[Notice]] = defaultdict(list)
    nowhere: set[str] = set()
    for batch in batches:
        for item in batch.deliveries:
            for node in nodes.get(item.low, nowhere) | nodes.get(item.high, nowhere):
                if node != batch.asking:
                    deliveries[node].append(item)
        for notice in batch.notices:
            for node in nodes.get(notice.user, nowhere):
                if node != batch.asking:
                    notices[node].append(notice)
    lengths = [len(items) for held in (deliveries, notices) for items in held.values()]
    longest = max(lengths, default=0)
    return [
        {
            node: StreamEntry(deliveries[node][start:end], notices[node][start:end])
            for node in deliveries.keys() | notices.keys()
            if len(deliveries[node]) > start or len(notices[node]) > start
        }
        for start, end in ((start, start + MAX_BATCH) for start in range(0, longest, MAX_BATCH))
    ]
