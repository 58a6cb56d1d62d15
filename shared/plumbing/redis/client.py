"""Redis: everything in it can be rebuilt, so without it Duet is slower, never wrong."""

import contextlib
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import NamedTuple, TypeVar

import structlog
from prometheus_client import Counter, Gauge
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shared.plumbing.redis.connection import RedisConnection
from shared.plumbing.redis.faults import Fault, fault_of

T = TypeVar("T")


class Lease(NamedTuple):
    """epoch: of the life of a node that has it; None: nobody. until, looked_at: monotonic."""

    epoch: bytes | None
    until: float
    looked_at: float


AWAY = (RedisError, OSError, TimeoutError)
"""What a command raises when Redis is gone, restarting or slow, or refuses it."""

_UNANSWERED = (RedisConnectionError, RedisTimeoutError, OSError, TimeoutError)

_ANSWER_WITHIN_S = 1.0
_PAUSE_AFTER_FAILURE_S = 0.5
"""So long Redis is left alone when it does not answer at all."""

_DOUBT_S = 5.0
"""So long after it has refused a command it counts as unwell, whatever else it does."""

_WELL = Gauge("duet_redis_well", "1 while nothing is known to be wrong with Redis")
_WELL.set(1)  # which goes for programs, too, that have none
_FAULTS = Counter("duet_redis_faults", "Commands that Redis refused or did not answer", ["kind"])


class Redis:
    """Commands that may fail: without Redis, or with one that refuses them, Duet is slower and says why."""

    def __init__(self, hot: RedisConnection) -> None:
        self.hot = hot
        self._leave_alone_until = 0.0
        self._doubt_until = 0.0
        self._wrong: Fault | None = None
        self._said: set[Fault] = set()  # since it last was well
        self.leases: dict[str, Lease] = {}  # by node, as last looked at in a cluster
        _WELL.set(1)

    @property
    def wrong(self) -> str:
        """What is wrong with Redis, in a sentence; "" while nothing is known to be."""
        return self._wrong.sentence if self._wrong else ""

    async def attempt(self, command: Callable[[], Awaitable[T]], otherwise: T) -> T:
        """The command's result, or `otherwise` when Redis is away or refuses it."""
        if time.monotonic() < self._leave_alone_until:
            return otherwise
        try:
            result = await command()
        except AWAY as error:
            self.note(error)
            return otherwise
        if self._wrong is not None and time.monotonic() >= self._doubt_until:
            self._recovered()
        return result

    def note(self, error: BaseException) -> None:
        """What failed, although the rest of its command is of use."""
        now, fault = time.monotonic(), fault_of(error)
        if isinstance(error, _UNANSWERED):
            self._leave_alone_until = now + _PAUSE_AFTER_FAILURE_S
        else:  # it answers: other commands may go well, and that proves nothing
            self._doubt_until = now + _DOUBT_S
        _FAULTS.labels(fault.kind).inc()
        _WELL.set(0)
        if fault not in self._said:
            structlog.get_logger().warning("redis fails", why=fault.sentence, error=repr(error))
        self._said.add(fault)
        self._wrong = fault

    def _recovered(self) -> None:
        structlog.get_logger().info("redis works again", was=self.wrong)
        self._wrong = None
        self._said.clear()
        _WELL.set(1)


@contextlib.asynccontextmanager
async def redis(url: str) -> AsyncIterator[Redis]:
    """Opens nothing yet: connections are made at the first command."""
    hot = RedisConnection(url, _ANSWER_WITHIN_S)
    try:
        yield Redis(hot)
    finally:
        hot.close()
