"""The heads feed: once a second every link hears which heads rose, so that no lost hint stays lost."""

import asyncio
import time

import structlog
from prometheus_client import Counter

from services.threads.asking import all_or_some
from services.threads.audience import Audience
from services.threads.outbox import Outbox
from services.threads.shards import Shards
from shared.plumbing.failpoints import reach
from shared.plumbing.telemetry.lag import Lag
from shared.wire.log import Head

BEAT_S = 1.0
KEEP_S = 60.0

_TOLD = Counter(
    "duet_threads_heads_told", "Heads told to relays, each as often as there are relays that it concerns"
)
_LAG = Lag("duet_threads_feed_lag_seconds", "Since the last beat of the heads feed", 10)
log = structlog.get_logger()


class Feed:
    """Asks each shard once for all links. One that does not answer has nothing in that beat, and it all in a later one.

    audience: those that hear the beats.
    """

    def __init__(self, shards: Shards, *, beat_s: float = BEAT_S, keep_s: float = KEEP_S) -> None:
        self.audience = Audience()
        self._shards = shards
        self._beat_s = beat_s
        self._outboxes = [Outbox(shard.database, keep_s=keep_s) for shard in shards.all]

    async def begin(self) -> None:
        """Call before the first link: everything committed from now on is in some beat. Raises as `connection` does."""
        for outbox_ in self._outboxes:
            await outbox_.begin()

    async def run(self) -> None:
        """Beats until it is cancelled."""
        while True:
            started = time.monotonic()
            try:
                await self.beat()
            except Exception as error:  # whatever it is: without the next beat, lost hints would stay lost
                log.warning("no beat", error=repr(error))
            await asyncio.sleep(max(0.0, started + self._beat_s - time.monotonic()))

    async def beat(self) -> None:
        """One round: read, tell, forget what is old."""
        await reach("threads.before_beat")
        answers = await all_or_some([one.rose for one in self._outboxes])
        of = self._shards.log_of([one.log for one in self._outboxes])
        heads = _highest([head for rose in answers for head in rose.heads])
        for link, its in self.audience.shares(heads).items():
            link.beat(its, missed=any(rose.missed for rose in answers), log=of)
            _TOLD.inc(len(its))
        if len(answers) == len(self._outboxes):
            _LAG.caught_up()
        await all_or_some([one.forget for one in self._outboxes])


def _highest(heads: list[Head]) -> list[Head]:
    """Each thread once."""
    highest: dict[int, Head] = {}
    for head in heads:
        if head.thread not in highest or head.head > highest[head.thread].head:
            highest[head.thread] = head
    return list(highest.values())
