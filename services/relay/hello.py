"""Hello: answers all who wait together, so a stampede makes a few queries instead of thousands."""

import asyncio
import random
from collections.abc import Callable, Collection
from typing import NamedTuple

import structlog
from msgspec import UNSET

from services.relay.connection import Connection
from services.relay.delivery.hub import Hub, Thread
from services.relay.delivery.replay import Replay
from services.relay.log.calls import MAX_USERS, Calls
from services.relay.names import Names
from services.relay.presence.presence import Presence
from services.relay.presence.settings import Settings
from services.relay.transport.socket import Hold
from shared.plumbing.failpoints import reach
from shared.plumbing.in_parts import in_parts
from shared.plumbing.redis.directory import Directory
from shared.wire.frames import MAX_WELCOME_THREADS, Close, Hello, ThreadState, Welcome
from shared.wire.ids import fold
from shared.wire.log import Head
from shared.wire.log_calls import HeadsAnswer, Resolved, UserThreads
from shared.wire.problems import CursorAhead, FieldError, NotFound, Problem

_GIVE_UP_AFTER = 8
_MAX_PAUSE_S = 1.0
log = structlog.get_logger()


class Waiting(NamedTuple):
    """A connection whose hello has not been answered."""

    connection: Connection
    hello: Hello


class Facts(NamedTuple):
    """What a welcome is made of. ahead: heads that the hub had not reached when it was loaded.

    resolved: the threads of cursors that are not among the latest.
    """

    threads: UserThreads
    ahead: list[Head]
    online: set[int]
    resolved: list[Resolved]


class Greeter:
    """Answers those who said hello. came: told of users whose heads are about to be read."""

    def __init__(
        self,
        hub: Hub,
        calls: Calls,
        names: Names,
        directory: Directory,
        presence: Presence,
        settings: Settings,
        replay: Replay,
        came: Callable[[Collection[int]], None],
    ) -> None:
        self._hub = hub
        self._calls = calls
        self._names = names
        self._directory = directory
        self._presence = presence
        self._settings = settings
        self._replay = replay
        self._came = came
        self._waiting: list[Waiting] = []
        self._arrived: set[int] = set()  # who were not online anywhere, and are not announced yet
        self._wake = asyncio.Event()

    def add(self, connection: Connection, hello: Hello) -> None:
        """Greets `connection` soon; until then it is not read."""
        connection.hold(Hold.COMMAND)
        self._hub.register(connection.user.id, connection)
        self._waiting.append(Waiting(connection, hello))
        self._wake.set()

    async def run(self) -> None:
        """Greets round after round, forever."""
        failures = 0
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._waiting:
                part = self._take()
                try:
                    await self._greet_all(part)
                    failures = 0
                except Exception as error:  # whatever it is: nobody may wait forever
                    failures += 1
                    expected = isinstance(error, Problem | OSError)
                    log.warning("hello must wait", error=repr(error), exc_info=not expected)
                    self._again(part, failures)
                    await asyncio.sleep(random.uniform(0, min(0.1 * 2**failures, _MAX_PAUSE_S)))  # noqa: S311

    def _take(self) -> list[Waiting]:
        """Those still waiting, of at most 256 users."""
        users: set[int] = set()
        part: list[Waiting] = []
        rest: list[Waiting] = []
        for waiting in self._waiting:
            if not waiting.connection.open:
                continue
            if len(users) < MAX_USERS or waiting.connection.user.id in users:
                users.add(waiting.connection.user.id)
                part.append(waiting)
            else:
                rest.append(waiting)
        self._waiting = rest
        return part

    def _again(self, part: list[Waiting], failures: int) -> None:
        if failures < _GIVE_UP_AFTER:
            self._waiting = part + self._waiting
            return
        for waiting in part:
            waiting.connection.close(Close.TRY_LATER, "not available just now")

    async def _greet_all(self, part: list[Waiting]) -> None:
        if not part:
            return
        users = {waiting.connection.user.id: waiting.connection.user.username for waiting in part}
        self._came(users)
        self._arrived.intersection_update(self._hub.members)
        self._arrived |= await self._presence.came(users)
        await reach("relay.before_heads")
        answer = await self._calls.heads(list(users))
        found = {threads.user: threads for threads in answer.users}
        for user in users:
            found.setdefault(user, UserThreads(user, [], []))
        ahead = {user: await self._load(threads, answer.log) for user, threads in found.items()}
        online = await self._directory.online(
            latest.peer for threads in found.values() for latest in threads.latest if latest.here
        )
        resolved = await asyncio.gather(
            *(self._resolve(waiting, found[waiting.connection.user.id]) for waiting in part)
        )
        await reach("relay.before_welcome")
        self._calls.check_log(answer.log)
        for threads in found.values():
            self._settings.learn(threads.user, threads.seeing)
        for waiting, extra in zip(part, resolved, strict=True):
            if waiting.connection.open:
                user = waiting.connection.user.id
                try:
                    self._greet(waiting, answer, Facts(found[user], ahead[user], online, extra))
                except Exception:  # this connection's alone: the others must not be welcomed twice
                    log.exception("a hello cannot be answered", user=user)
                    waiting.connection.close(Close.TRY_LATER, "not available just now")
        for user in self._arrived & users.keys():
            self._arrived.discard(user)
            if (member := self._hub.members.get(user)) and member.shows("last_seen"):
                await self._presence.announce(user, users[user], member.threads, online=True)

    async def _load(self, threads: UserThreads, log_id: str) -> list[Head]:
        """Loads the hub, some threads a turn of the loop: one may have 100,000. The heads that the hub is behind of."""
        members, done, ahead = self._hub.members, 0, []
        member = members.get(threads.user)
        async for part in in_parts(threads.heads):
            self._calls.check_log(log_id)
            if member is None or members.get(threads.user) is not member:  # gone, and perhaps here anew
                break
            done += len(part)
            self._hub.load(threads.user, part, whole=done == len(threads.heads))
            ahead += [head for head in part if head.head > self._hub.threads[head.thread].head]
        return ahead

    async def _resolve(self, waiting: Waiting, threads: UserThreads) -> list[Resolved]:
        """The threads that the hello names and `latest` does not."""
        known = {latest.peer_name for latest in threads.latest}
        others = {fold(name) for name in waiting.hello.cursors} - known
        if not others:
            return []
        return await self._calls.resolve(waiting.connection.user.id, sorted(others))

    # From here to the end is one turn of the loop, so nothing can come between.

    def _greet(self, waiting: Waiting, answer: HeadsAnswer, facts: Facts) -> None:
        connection, hello = waiting
        user = connection.user.id
        self._names.learn(connection.user.username, user)
        starts = self._starts(connection, facts)
        connection.welcomed(self._welcome(connection, answer.log, facts, starts))
        self._apply(connection, hello, facts, starts)
        self._replay.catch_up(connection)
        connection.release(Hold.COMMAND)

    def _starts(self, connection: Connection, facts: Facts) -> dict[int, int]:
        """Where the connection begins in the threads that the welcome names, and in those where it is not live."""
        threads = self._hub.threads
        starts = {latest.thread: threads[latest.thread].head for latest in facts.threads.latest}
        starts |= {head.thread: self._start(connection, head) for head in facts.ahead}
        for young in self._young(connection.user.id, facts.threads.heads):
            starts[young.id] = 0
            connection.set_behind(young.id, 0)
        return starts

    def _start(self, connection: Connection, head: Head) -> int:
        """The seq at which the connection begins in a thread; its cursor may be ahead of the hub."""
        hub_head = self._hub.threads[head.thread].head
        if head.head > hub_head:
            connection.set_behind(head.thread, head.head)
        return max(head.head, hub_head)

    def _young(self, user: int, heads: list[Head]) -> list[Thread]:
        """Threads that began after the heads were read: the welcome does not name them, so they start at 0."""
        threads = self._hub.members[user].threads
        if len(threads) == len(heads):
            return []
        known = {head.thread for head in heads}
        return [thread for thread in threads.values() if thread.id not in known]

    def _welcome(self, connection: Connection, log_id: str, facts: Facts, starts: dict[int, int]) -> Welcome:
        threads = {}
        for latest in facts.threads.latest[:MAX_WELCOME_THREADS]:
            self._names.learn(latest.peer_name, latest.peer)
            threads[latest.peer_name] = ThreadState(
                display_name=latest.display_name,
                head=starts.get(latest.thread, latest.head),
                read=latest.read,
                peer_read=latest.peer_read,
                online=latest.here and latest.peer in facts.online,
                last_seen=latest.last_seen,
                delivered=latest.delivered,
                peer_delivered=latest.peer_delivered,
                state=latest.state or UNSET,
            )
        return Welcome(connection.user.username, log_id, threads)

    def _apply(self, connection: Connection, hello: Hello, facts: Facts, starts: dict[int, int]) -> None:
        """The cursors of the hello."""
        places = {latest.peer_name: (latest.thread, latest.peer) for latest in facts.threads.latest}
        unknown = {resolved.peer_name for resolved in facts.resolved if resolved.peer is None}
        for resolved in facts.resolved:
            if resolved.peer is not None and resolved.thread is not None:
                places[resolved.peer_name] = (resolved.thread, resolved.peer)
                if resolved.thread not in starts:
                    head = head_of(connection.user.id, resolved)
                    self._hub.offer_head(head)
                    starts[resolved.thread] = self._start(connection, head)
        for name, cursor in hello.cursors.items():
            thread, _ = places.get(fold(name), (0, 0))
            pointer = f"/cursors/{name}"
            if fold(name) in unknown:
                connection.complain(NotFound(errors=[FieldError(pointer, "is nobody's name")]))
            elif cursor > starts.get(thread, 0):
                connection.complain(CursorAhead(errors=[FieldError(pointer, "is ahead of the thread")]))
            elif cursor < starts.get(thread, 0):
                connection.set_behind(thread, cursor)


def head_of(user: int, resolved: Resolved) -> Head:
    """The head in an answer to Resolve. peer and thread must not be None."""
    assert resolved.peer is not None and resolved.thread is not None  # noqa: S101, PT018
    return Head(resolved.thread, min(user, resolved.peer), max(user, resolved.peer), resolved.head)
