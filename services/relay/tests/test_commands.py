"""Whatever a handler fails with is answered in one place, even when it fails after its frame."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest
from structlog.testing import capture_logs
from structlog.typing import EventDict

from services.relay.connection import Connection
from services.relay.tests.alone import node_alone
from services.relay.tests.transport import MemoryTransport
from shared.plumbing.identity import User
from shared.testing.rawsocket import frame
from shared.wire.ids import uuid7
from shared.wire.log_calls import Resolved, ResolvedThreads
from shared.wire.problems import Unavailable

ANN, BOB, THREAD = 1, 2, 7


class Threads:
    """Answers the look-up of a thread when a test says."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.answer: asyncio.Future[ResolvedThreads] = asyncio.get_running_loop().create_future()

    async def call(self, _: str, path: str, *__: Any, **___: Any) -> ResolvedThreads:
        assert path == "/internal/resolve"
        self.asked.set()
        return await self.answer


class Desk:
    """A greeted socket of ann's on a node that asks `threads`."""

    def __init__(self) -> None:
        self.threads = Threads()
        self.node = node_alone(self.threads)
        self.connection: Connection = self.node.connection(User(ANN, "ann", uuid4()))
        self.transport = MemoryTransport(self.connection)
        self.node.arrived(self.connection)
        self.node.hub.register(ANN, self.connection)
        self.connection.start(self.transport, b"", b"")
        self.connection.greeted = True

    def say(self, type: str, **fields: Any) -> None:
        self.connection.data_received(frame(json.dumps({"type": type, **fields}).encode()))

    def answers(self) -> list[tuple[str, str]]:
        """(type, code or "") of each frame that ann has."""
        said = [json.loads(text) for text in self.transport.texts()]
        return [(frame["type"], frame.get("problem", {}).get("code", "")) for frame in said]

    async def looked_up(self) -> None:
        async with asyncio.timeout(5):
            while len(self.node.tasks):
                await asyncio.sleep(0)


@pytest.fixture
async def desk() -> AsyncIterator[Desk]:
    opened = Desk()
    yield opened
    await opened.node.tasks.close()


def errors(logs: list[EventDict]) -> list[str]:
    return [entry["event"] for entry in logs if entry["log_level"] == "error"]


async def test_a_defect_is_answered_and_the_socket_stays_open(desk: Desk) -> None:
    desk.node.names.learn("bob", BOB)
    desk.node.reads._marks = None  # type: ignore[assignment]
    with capture_logs() as logs:
        desk.say("read", thread="bob", seq=1)
    assert errors(logs) == ["a frame could not be handled"]
    desk.say("ping")
    assert desk.answers() == [("error", "internal"), ("pong", "")]
    assert not desk.transport.close_codes()


@pytest.mark.parametrize(
    ("kind", "fields"), [("send", {"text": "hi"}), ("do", {"kind": "delete", "body": {"target": 1}})]
)
async def test_a_defect_in_what_is_to_be_stored_rejects_it(
    kind: str, fields: dict[str, Any], desk: Desk
) -> None:
    desk.node.limits._sends = None  # type: ignore[assignment]
    desk.node.limits.enforced = True
    with capture_logs() as logs:
        desk.say(kind, to="bob", client_id=str(uuid7()), **fields)
    assert errors(logs) == ["a frame could not be handled"]
    assert desk.answers() == [("rejected", "internal")]
    assert not desk.transport.close_codes()


@pytest.mark.parametrize(
    ("kind", "fields", "failure", "code"),
    [
        ("read", {"seq": 1}, Unavailable(), "unavailable"),
        ("typing", {}, Unavailable(), "unavailable"),
        ("read", {"seq": 1}, RuntimeError("a defect"), "internal"),
        ("sync", {"after": 0}, RuntimeError("a defect"), "internal"),
    ],
)
async def test_what_fails_later_is_answered_too_and_the_socket_is_read_on(
    kind: str, fields: dict[str, Any], failure: Exception, code: str, desk: Desk
) -> None:
    desk.say(kind, thread="bob", **fields)
    await desk.threads.asked.wait()
    assert not desk.transport.reading
    desk.threads.answer.set_exception(failure)
    await desk.looked_up()
    assert desk.answers() == [("error", code)]
    assert desk.transport.reading


async def test_a_sync_that_cannot_be_done_now_closes_its_socket_for_nobody_would_say_it_again(
    desk: Desk,
) -> None:
    desk.say("sync", thread="bob", after=0)
    await desk.threads.asked.wait()
    desk.threads.answer.set_exception(Unavailable())
    await desk.looked_up()
    assert desk.transport.close_codes() == [1013]
    assert not desk.answers()


async def test_a_sync_whose_last_socket_closes_during_the_look_up_fails_nowhere(desk: Desk) -> None:
    desk.say("sync", thread="bob", after=0)
    await desk.threads.asked.wait()
    desk.connection.connection_lost(None)
    with capture_logs() as logs:
        desk.threads.answer.set_result(ResolvedThreads([Resolved("bob", BOB, THREAD, 3)]))
        await desk.looked_up()
    assert errors(logs) == []
    assert not desk.node.hub.threads


async def test_a_read_whose_socket_closes_during_the_look_up_counts(desk: Desk) -> None:
    desk.say("read", thread="bob", seq=3)
    await desk.threads.asked.wait()
    desk.connection.connection_lost(None)
    desk.threads.answer.set_result(ResolvedThreads([Resolved("bob", BOB, THREAD, 3)]))
    await desk.looked_up()
    assert [mark.seq for mark in desk.node.reads._marks.values()] == [3]
