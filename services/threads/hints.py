"""The fast hint: writes what was committed to the streams of the nodes that hold a member. Losing it does no harm.

Events that are lost come with the heads feed. Nothing else tells of a position or a state before the next welcome, so
those are given again: they may come late and twice, as the highest seq and the highest revision count.
"""

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial

import structlog
from prometheus_client import Counter

from shared.plumbing.failpoints import reach
from shared.plumbing.redis.client import Redis
from shared.plumbing.redis.directory import Directory
from shared.plumbing.redis.proof import RedisProof
from shared.plumbing.redis.streams import Told, publish, write_nothing
from shared.plumbing.telemetry.traces import NO_SPANS, Span
from shared.wire.log import Delivery, Notice

_MAX_WAITING = 20_000
_LOOK_EVERY_S = 1.0
"""As often as the heads feed beats, which tells a node that has just begun what it was not hinted of."""
_AGAIN_AFTER_S = 1.0
_AGAIN_WITHIN_S = 60.0
_MAX_OWED = 1000

_DROPPED = Counter("duet_threads_hints_dropped", "Hints not given because too many waited")
_LOST = Counter("duet_threads_hints_lost", "Hints that Redis did not take; the heads feed repairs them")
_SPARED = Counter("duet_threads_hints_spared", "Hints not given because no node but the asking one lives")
log = structlog.get_logger()


class Hints:
    """What is offered while Redis works on one round becomes the next round."""

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self.proof = RedisProof(redis, partial(write_nothing, redis, "threads"))
        self._directory = Directory(redis)
        self._only_node = ""  # while there are several, or none is known
        self._waiting: list[Told] = []
        self._size = 0
        self._owed: deque[tuple[float, Told]] = deque(maxlen=_MAX_OWED)  # until when each is worth giving
        self._again_at = 0.0
        self._offered = asyncio.Event()
        self._ending = False

    def offer(
        self,
        asking: str,
        deliveries: Sequence[Delivery] = (),
        notices: Sequence[Notice] = (),
        log: str = "",
        spans: Mapping[int, Span] = NO_SPANS,
    ) -> None:
        """Hints every node that holds a member, except `asking`, which gets the events in its answer.

        log: which one the events are of. spans: what the deliveries are parts of that are traced, by their places.
        """
        size = len(deliveries) + len(notices)
        if not size:
            return
        if asking and asking == self._only_node:
            _SPARED.inc(size)
            return
        if self._size + size > _MAX_WAITING:
            _DROPPED.inc(size)
            return
        if spans:
            spans = {place: span.child("hint", "producer") for place, span in spans.items()}
        self._waiting.append(Told(asking, deliveries, notices, log, spans))
        self._size += size
        self._offered.set()

    @contextlib.asynccontextmanager
    async def giving(self) -> AsyncIterator[None]:
        """Gives hints within the block, and the remaining ones at its end: no command to Redis is ever cancelled."""
        task = asyncio.create_task(self._run())
        try:
            yield
        finally:
            self._ending = True
            self._offered.set()
            await asyncio.wait([task])

    async def look_around(self) -> None:
        """Keeps an eye on which nodes live, forever: with a single one, Redis has nothing to do for a message."""
        while True:
            lives = await self._directory.lives() or {}
            nodes = {life.node for life, hold in lives.items() if hold.held}
            self._only_node = nodes.pop() if len(nodes) == 1 else ""
            await asyncio.sleep(_LOOK_EVERY_S)

    async def _run(self) -> None:
        while not self._ending or self._waiting:
            await self._offered.wait()
            round_, self._waiting, self._size = self._waiting, [], 0
            self._offered.clear()
            try:
                await reach("threads.before_hints")
                await self._again()
                if lost := await publish(self._redis, round_):
                    _LOST.inc(lost)
                    self._owe([(self._now() + _AGAIN_WITHIN_S, one) for one in round_])
                await reach("threads.after_hints")
                for span in (span for one in round_ if one.spans for span in one.spans.values()):
                    span.end(round=len(round_))
            except Exception:  # whatever it is: the heads feed repairs it, and the next round must come
                _LOST.inc(sum(len(one.deliveries) + len(one.notices) for one in round_))
                log.exception("hints were lost")

    def _now(self) -> float:
        return asyncio.get_running_loop().time()

    def _owe(self, lost: Sequence[tuple[float, Told]]) -> None:
        """What is owed of these is given after a while, apart from the rounds, which it must not spoil."""
        self._owed.extend(
            (until, Told(one.asking, notices=one.notices)) for until, one in lost if one.notices
        )
        if self._owed:
            self._again_at = self._now() + _AGAIN_AFTER_S
            asyncio.get_running_loop().call_at(self._again_at, self._offered.set)

    async def _again(self) -> None:
        now = self._now()
        if not self._owed or now < self._again_at:
            return
        owed = [(until, one) for until, one in self._owed if now < until]
        self._owed.clear()
        if await publish(self._redis, [one for _, one in owed]):
            self._owe(owed)
