"""What waits for one push service: a few at once, so that no slow device and no other service keeps it waiting."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial

import msgspec
import structlog
from prometheus_client import Counter, Histogram

from services.notify.deciding import Decision, Decisions
from services.notify.pushing import Answer, Outcome, Pushing
from services.notify.queries import notices, subscriptions
from services.notify.queries.notices import Due, Key
from services.notify.retry import wait
from shared.plumbing.failpoints import reach
from shared.plumbing.postgres.database import Database
from shared.plumbing.tasks import Tasks

_AT_ONCE = 32
_PAUSE_S = 1.0
_LOOK_EVERY_S = 5.0
_PUSHES = Counter("duet_notify_pushes", "Answers of push services", ["outcome"])
_SECONDS = Histogram(
    "duet_notify_seconds", "From an event to the push service that took it",
    buckets=(0.1, 0.25, 0.5, 1, 2, 3.5, 5, 10, 60, 3600),
)  # fmt: skip
log = structlog.get_logger()


class Work(msgspec.Struct, frozen=True):
    """What every queue works with."""

    database: Database
    decisions: Decisions
    pushing: Pushing


class Queue:
    """The one of `host`.

    Everything is in PostgreSQL: whatever dies, a push whose answer was not written down is made again, and takes its
    own place on the device.

    over: called when nothing waits any more, in the turn of the loop in which that was seen.
    """

    def __init__(self, host: str, work: Work, over: Callable[[], object]) -> None:
        self._host = host
        self._work = work
        self._over = over
        self._news = asyncio.Event()
        self._under_way: dict[Key, asyncio.Task[None]] = {}
        self._tasks = Tasks()

    def wake(self) -> None:
        """There is more to do, or something to do again."""
        self._news.set()

    async def run(self) -> None:
        """Until nothing waits for this service."""
        try:
            while True:
                self._news.clear()
                try:
                    next_s = await self.round()
                except Exception as error:  # whatever it is: without the next round nobody would be told
                    log.warning("nothing is pushed", host=self._host, error=repr(error))
                    next_s = _PAUSE_S
                if next_s is None and not self._under_way and not self._news.is_set():
                    self._over()
                    return
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(next_s):
                        await self._news.wait()
        finally:
            await self._tasks.close()

    async def round(self) -> float | None:
        """Begins as much of what is due as may be under way. In how many seconds more will be due; None: nothing.

        Raises Problem, OSError, PostgresError.
        """
        busy = frozenset(self._under_way)  # what ends while the rows are read still looks due in them
        limit = _AT_ONCE + len(busy)
        async with self._work.database.connection() as conn:
            due = await notices.due(conn, self._host, limit)
            next_due = await notices.next_due(conn, self._host)
        await reach("notify.due_read")
        new = [one for one in due if one.key not in busy][: _AT_ONCE - len(self._under_way)]
        if new:
            await self._begin(new)
        if len(due) == limit and len(self._under_way) < _AT_ONCE:
            return 0.0
        return None if next_due is None else max(0.0, next_due.total_seconds())

    async def _begin(self, due: Sequence[Due]) -> None:
        await reach("notify.before_decision")
        for decision in await self._work.decisions.about(due):
            task = self._tasks.start(self._carry_out(decision))
            self._under_way[decision.due.key] = task

    async def _carry_out(self, decision: Decision) -> None:
        try:
            await self._settle(decision)
        except Exception as error:  # whatever it is: it is tried again, but not at once
            log.warning("it is not known whether a device was told", error=repr(error))
            await asyncio.sleep(_PAUSE_S)
        finally:
            del self._under_way[decision.due.key]
            self._news.set()

    async def _settle(self, decision: Decision) -> None:
        due = decision.due
        if decision.over:
            async with self._work.database.connection() as conn:
                await subscriptions.end(conn, [due.session])
        elif decision.push is None:
            await self._told(decision)
        else:
            await reach("notify.before_push")
            answer = await self._work.pushing.push(decision)
            await reach("notify.after_push")
            _PUSHES.labels(answer.outcome.value).inc()
            await self._write_down(decision, answer)
        await reach("notify.after_told")

    async def _write_down(self, decision: Decision, answer: Answer) -> None:
        due, now = decision.due, datetime.now(UTC)
        if answer.outcome is Outcome.GONE:
            async with self._work.database.connection() as conn:
                await subscriptions.forget(conn, due.subscription, due.target.endpoint)
        elif answer.outcome is Outcome.LATER and (again := _again(due, answer, now)):
            async with self._work.database.connection() as conn:
                await notices.later(conn, due.key, again)
        else:
            if answer.outcome is Outcome.ACCEPTED:
                _SECONDS.observe((now - due.at).total_seconds())
            else:
                log.warning("a push was given up", host=due.target.host, outcome=answer.outcome.value)
            await self._told(decision)

    async def _told(self, decision: Decision) -> None:
        async with self._work.database.connection() as conn:
            await notices.told(conn, decision.due.key, decision.seq)


def _again(due: Due, answer: Answer, now: datetime) -> timedelta | None:
    return wait(due.failures, answer.retry_after, due.at, now, random.random())  # noqa: S311  # spreads load


class Queues:
    """One for each push service for which anything waits, between `begin` and `close`."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._queues: dict[str, Queue] = {}
        self._tasks = Tasks()
        self._begun = False

    async def begin(self) -> None:
        """Goes on with what an earlier process left. Raises as `connection` does."""
        self._begun = True
        await self._look()

    async def look(self) -> None:
        """Now and then, for what another process was told of. Until it is cancelled."""
        while True:
            await asyncio.sleep(_LOOK_EVERY_S)
            await self._look()

    async def _look(self) -> None:
        async with self._work.database.connection() as conn:
            hosts = await notices.hosts(conn)
        for host in hosts:
            self.wake(host)

    def wake(self, host: str) -> None:
        """Something new waits for this service."""
        if not self._begun:
            return
        queue = self._queues.get(host)
        if queue is None:
            queue = self._queues[host] = Queue(host, self._work, partial(self._queues.pop, host))
            self._tasks.start(queue.run())
        else:
            queue.wake()

    async def close(self) -> None:
        self._begun = False
        await self._tasks.close()
        self._queues.clear()
