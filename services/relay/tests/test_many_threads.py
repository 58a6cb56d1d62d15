"""A hello of a person with very many threads is worked through in parts, and others have their turns in between."""

import asyncio
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import msgspec
import pytest

from services.relay.connection import Connection
from services.relay.tests.alone import node_alone
from services.relay.tests.transport import MemoryTransport
from shared.plumbing.identity import User
from shared.plumbing.in_parts import PART
from shared.plumbing.tasks import Tasks
from shared.testing.rawsocket import frame
from shared.wire import codec
from shared.wire.log import Delivery, Head
from shared.wire.log_calls import HeadsAnswer, Latest, UserThreads
from shared.wire.problems import Unavailable

ANN, EVE, COUNT, LAST, YOUNG = 1, 10**6, 4 * PART, 4 * PART, 4 * PART + 1
"""ann has a thread with everybody from user 2 on; its id is one less than theirs. YOUNG begins during the hello."""

_HEADS = [Head(thread, ANN, thread + 1, 5) for thread in range(1, COUNT + 1)]
_LATEST = [Latest(LAST, LAST + 1, "zoe", "Zoe", None, 5, 5, 5)]
_NOWHERE_ELSE = [Latest(YOUNG, EVE + 1, "zoe", "Zoe", None, 5, 5, 5)]  # a thread that is not among the heads


class Threads:
    """Answers with ann's threads; a page of a log it never gives."""

    log = "one"
    asked = 0

    async def call(self, _: str, path: str, asked: Any, **__: Any) -> HeadsAnswer:
        if path != "/internal/heads":
            await asyncio.get_running_loop().create_future()
        self.asked += 1
        found = {ANN: UserThreads(ANN, _HEADS, _LATEST), EVE: UserThreads(EVE, [], _NOWHERE_ELSE)}
        return HeadsAnswer(self.log, [found[user] for user in asked.users])


class Desk:
    """A node that greets. sizes: of the hub, as others saw it when they had their turns."""

    def __init__(self) -> None:
        self.threads = Threads()
        self.node = node_alone(self.threads, rate_limits="off")
        self.sizes: set[int] = set()
        self.tasks = Tasks()
        self.tasks.start(self._look())
        self.tasks.start(self.node.greeter.run())

    async def _look(self) -> None:
        while True:
            self.sizes.add(len(self.node.hub.threads))
            await asyncio.sleep(0)

    def hello(self, user: int = ANN, name: str = "ann") -> tuple[Connection, MemoryTransport]:
        connection = self.node.connection(User(user, name, uuid4()))
        transport = MemoryTransport(connection)
        self.node.arrived(connection)
        connection.start(transport, b"", b"")
        connection.data_received(frame(b'{"type":"hello"}'))
        return connection, transport

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not true():
                await asyncio.sleep(0)

    async def half_loaded(self) -> None:
        await self.until(lambda: len(self.node.hub.threads) >= PART)
        assert len(self.node.hub.threads) < COUNT

    def event(self, thread: int, seq: int) -> None:
        """Becomes known to the hub."""
        fields = {"seq": seq, "sender": "zoe", "client_id": uuid4(), "text": "hi"}
        raw = msgspec.Raw(codec.encode({"type": "message", "thread": "zoe", **fields}))
        self.node.hub.offer(Delivery(thread, seq, ANN, thread + 1, raw, raw))


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    opened = Desk()
    yield opened
    await opened.tasks.close()
    await opened.node.replay.close()


def said(transport: MemoryTransport, kind: str) -> list[Any]:
    return [fields for text in transport.texts() if (fields := msgspec.json.decode(text))["type"] == kind]


async def test_others_have_their_turns_while_very_many_threads_are_loaded(desk: Desk) -> None:
    connection, transport = desk.hello()
    await desk.until(lambda: connection.greeted)
    assert desk.sizes >= {part * PART for part in range(COUNT // PART)}
    assert len(desk.node.hub.threads) == len(desk.node.hub.members[ANN].threads) == COUNT
    assert said(transport, "welcome")[0]["threads"]["zoe"]["head"] == 5
    desk.event(LAST, 6)
    assert [message["seq"] for message in said(transport, "message")] == [6]


async def test_what_happens_between_two_parts_is_neither_lost_nor_given_twice(desk: Desk) -> None:
    connection, transport = desk.hello()
    await desk.half_loaded()
    desk.event(LAST, 6)  # not loaded yet
    desk.event(1, 6)  # loaded
    desk.event(YOUNG, 1)
    await desk.until(lambda: connection.greeted)
    assert said(transport, "welcome")[0]["threads"]["zoe"]["head"] == 6
    assert not said(transport, "message")
    assert connection.behind == {YOUNG: 0}, "it is in no welcome, so that it is replayed from its first event"
    desk.event(LAST, 7)
    desk.event(1, 7)
    assert [message["seq"] for message in said(transport, "message")] == [7, 7]


async def test_who_goes_between_two_parts_and_comes_again_has_all_threads(desk: Desk) -> None:
    gone, _ = desk.hello()
    await desk.half_loaded()
    gone.connection_lost(None)
    connection, _ = desk.hello()
    await desk.until(lambda: connection.greeted)
    assert not gone.greeted
    assert len(desk.node.hub.members[ANN].threads) == len(desk.node.hub.threads) == COUNT
    assert {thread.head for thread in desk.node.hub.threads.values()} == {5}


async def test_a_comparison_in_which_the_log_is_replaced_leaves_nothing_of_the_old_one(desk: Desk) -> None:
    connection, transport = desk.hello()
    await desk.until(lambda: connection.greeted)
    comparing = asyncio.create_task(desk.node.compare())
    await desk.until(lambda: desk.threads.asked == 2)
    desk.threads.log = "two"
    await desk.node.calls.heads([ANN])
    with pytest.raises(Unavailable):
        await comparing
    assert desk.node.hub.threads == {}
    assert transport.close_codes() == [1012]


async def test_a_hello_that_cannot_be_answered_disturbs_no_other(desk: Desk) -> None:
    connection, transport = desk.hello()
    _, of_eve = desk.hello(EVE, "eve")
    await desk.until(lambda: bool(of_eve.close_codes()))
    assert of_eve.close_codes() == [1013]
    assert connection.greeted
    desk.event(LAST, 6)
    assert len(said(transport, "welcome")) == len(said(transport, "message")) == 1


async def test_a_log_replaced_between_two_parts_begins_the_hello_anew(desk: Desk) -> None:
    connection, transport = desk.hello()
    await desk.half_loaded()
    desk.threads.log = "two"
    await desk.node.compare()
    await desk.until(lambda: connection.greeted)
    assert said(transport, "welcome")[0]["log"] == "two"
    assert len(desk.node.hub.members[ANN].threads) == COUNT
    assert {thread.head for thread in desk.node.hub.threads.values()} == {5}
