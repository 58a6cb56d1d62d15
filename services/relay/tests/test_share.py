"""Turns and places: what one person's sockets share, whatever they send."""

import asyncio
from collections.abc import Callable, Iterator
from itertools import repeat

import pytest

from services.relay.connection import Connection
from services.relay.tests.test_connection import NodeInMemory, opened
from services.relay.transport import share
from services.relay.transport.share import MAX_SOCKETS, TURN, Share
from shared.testing.rawsocket import CONTINUATION, PING, PONG, TEXT, frame

FLOOD = 10 * TURN


class OnePerson(NodeInMemory):
    """All its connections are one person's."""

    def __init__(self, take: Callable[[], float] = lambda: 0.0) -> None:
        super().__init__(take)
        self.share = Share(take)

    def share_of(self, user: int) -> Share:
        return self.share


def paid(turns: int, wait_s: float = 60.0) -> Callable[[], float]:
    """So many turns can be paid at once, then none for a minute."""
    waits: Iterator[float] = iter([*repeat(0.0, turns), *repeat(wait_s, 10_000)])
    return lambda: next(waits)


async def a_turn() -> None:
    await asyncio.sleep(0)


def unread(connection: Connection) -> int:
    """Bytes that have come and are not looked at."""
    assert connection._parser is not None
    return len(connection._parser.buffer)


@pytest.mark.parametrize(
    "content",
    [
        frame(b"", PING),
        frame(b"", PONG),
        frame(b'{"type":"ping"}'),
        frame(b'{"type":"no such type"}'),
        frame(b'{"type":"hello"}'),
        frame(b"", CONTINUATION, final=False),
    ],
)
async def test_every_frame_counts_whatever_it_is(content: bytes) -> None:
    connection, transport = opened(OnePerson(paid(3)))
    connection.data_received(frame(b"", TEXT, final=False) if content[0] == CONTINUATION else b"")
    connection.data_received(content * FLOOD)
    assert unread(connection) >= (FLOOD - TURN) * len(content)
    assert not transport.reading
    for _ in range(20):
        await a_turn()
    assert (FLOOD - 3 * TURN) * len(content) <= unread(connection) <= (FLOOD - 3 * TURN + 2) * len(content)
    assert not transport.reading


async def test_bytes_that_make_no_frame_count() -> None:
    connection, transport = opened(OnePerson(paid(1)))
    for byte in frame(b"x" * 100):
        connection.data_received(bytes((byte,)))
        if not transport.reading:
            break
    else:
        pytest.fail("a byte a read costs nothing")


async def test_a_long_frame_counts_for_more() -> None:
    node = OnePerson(paid(1))
    connection, _ = opened(node)
    connection.data_received(frame(b"x" * 64_000) * 10)
    assert len(node.handled) <= 3


async def test_the_sockets_of_one_person_take_turns() -> None:
    node = OnePerson()
    sockets = [opened(node)[0] for _ in range(5)]
    for socket in sockets:
        socket.data_received(frame(b"%d" % sockets.index(socket)) * FLOOD)
    while len(node.handled) < 6 * TURN:
        before = len(node.handled)
        await a_turn()
        assert len(node.handled) - before <= TURN
    assert {bytes(text) for text in node.handled} == {b"0", b"1", b"2", b"3", b"4"}
    while len(node.handled) < 5 * FLOOD:
        await a_turn()


async def test_somebody_else_waits_for_one_turn_at_most() -> None:
    node, other = OnePerson(), OnePerson()
    flooding = [opened(node)[0] for _ in range(30)]
    for socket in flooding:
        socket.data_received(frame(b"x") * 10_000)
    bystander, _ = opened(other)
    bystander.data_received(frame(b"hi"))
    assert other.handled == [b"hi"]
    assert len(node.handled) <= TURN


async def test_who_is_over_the_limit_is_read_again_when_they_can_pay() -> None:
    node = OnePerson(paid(2, wait_s=0.01))
    waits = iter([0.0, 0.01, 0.0, 0.01])
    node.share = Share(lambda: next(waits, 0.0))
    connection, transport = opened(node)
    connection.data_received(frame(b"x") * FLOOD)
    async with asyncio.timeout(5):
        while len(node.handled) < FLOOD:
            await asyncio.sleep(0.001)
    assert transport.reading
    assert transport.close_codes() == []


async def test_who_goes_on_for_too_long_is_closed_with_4002(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(share, "GIVE_UP_AFTER_S", 0.05)
    connection, transport = opened(OnePerson(paid(1, wait_s=0.01)))
    connection.data_received(frame(b"", PING) * FLOOD)
    async with asyncio.timeout(5):
        while not transport.close_codes():
            await asyncio.sleep(0.005)
    assert transport.close_codes() == [4002]
    connection.data_received(frame((4002).to_bytes(2), 8))
    assert transport.closing


async def test_a_close_is_heard_by_a_socket_that_waits_for_its_turn() -> None:
    connection, transport = opened(OnePerson())
    connection.data_received(frame(b"x") * (TURN + 3))
    connection.close(4501)
    connection.data_received(frame((4501).to_bytes(2) + b"a reason", 8))
    for _ in range(5):
        await a_turn()
    assert transport.closing
    assert transport.close_codes() == [4501]


async def test_the_oldest_socket_of_too_many_has_to_go() -> None:
    person = Share(lambda: 0.0)
    sockets = [opened(NodeInMemory())[0] for _ in range(MAX_SOCKETS + 2)]
    gone = [person.enter(socket) for socket in sockets]
    assert gone == [*repeat(None, MAX_SOCKETS), *sockets[:2]]
    person.leave(sockets[5])
    assert person.enter(sockets[0]) is None
