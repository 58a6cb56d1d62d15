"""A connection in memory: bounds, backpressure, cursors, closing."""

import asyncio
from collections.abc import Callable
from uuid import uuid4

import pytest

from services.relay.connection import Connection
from services.relay.tests.transport import MemoryTransport
from services.relay.transport.framing import CLOSE, PING, PONG, text_frame
from services.relay.transport.heartbeat import Heartbeat
from services.relay.transport.share import Share
from services.relay.transport.socket import MAX_QUEUED_BYTES, MAX_QUEUED_EVENTS, Hold
from shared.plumbing.identity import User
from shared.testing.rawsocket import Frame, frame
from shared.wire.problems import Invalid

THREAD = 7
FILLER = text_frame(b"x" * 70_000)
"""Above the high-water mark: after it, a peer that reads nothing is slow."""


class NodeInMemory:
    """Keeps what its connections ask of it. take: as for a Share; each connection is of a person of its own."""

    def __init__(self, take: Callable[[], float] = lambda: 0.0) -> None:
        self._take = take
        self.handled: list[bytes] = []
        self.catching_up: list[Connection] = []
        self.lost: list[Connection] = []

    def handle(self, connection: Connection, payload: bytes) -> None:
        self.handled.append(payload)

    def catch_up(self, connection: Connection) -> None:
        self.catching_up.append(connection)

    def share_of(self, user: int) -> Share:
        return Share(self._take)

    def gone(self, connection: Connection) -> None:
        self.lost.append(connection)


@pytest.fixture
def node() -> NodeInMemory:
    return NodeInMemory()


def opened(node: NodeInMemory, *, takes: int = 1 << 60) -> tuple[Connection, MemoryTransport]:
    """A greeted connection whose peer takes so many bytes. Needs a running loop."""
    connection = Connection(User(1, "ann", uuid4()), node.handle, node)
    transport = MemoryTransport(connection, open_for=takes)
    connection.start(transport, b"", b"")
    connection.greeted = True
    return connection, transport


def deliver(connection: Connection, *seqs: int, size: int = 10) -> None:
    for seq in seqs:
        connection.deliver(THREAD, seq, text_frame(b"%06d" % seq + b"x" * size))


def seqs(transport: MemoryTransport) -> list[int]:
    return [int(text[:6]) for text in transport.texts() if not text.startswith(b"xxxxxx")]


async def test_a_reader_who_pauses_gets_what_was_queued_in_order(node: NodeInMemory) -> None:
    connection, transport = opened(node, takes=0)
    connection.send(FILLER)
    deliver(connection, *range(1, 51))
    assert connection.slow
    transport.let_through()
    assert seqs(transport) == list(range(1, 51))
    assert not connection.slow
    assert connection.behind is None
    assert transport.reading


async def test_a_full_queue_is_dropped_and_the_connection_is_behind_where_it_stood(
    node: NodeInMemory,
) -> None:
    connection, transport = opened(node, takes=0)
    connection.send(FILLER)
    deliver(connection, *range(1, MAX_QUEUED_EVENTS + 20))
    assert connection.behind == {THREAD: 0}
    connection.complain(Invalid([]))
    transport.let_through()
    _, answer = transport.texts()
    assert b"error" in answer, "what answers the peer itself is not dropped"
    assert node.catching_up == [connection]


async def test_the_queue_is_bounded_in_bytes(node: NodeInMemory) -> None:
    connection, transport = opened(node, takes=0)
    connection.send(FILLER)
    for seq in range(1, 400):
        deliver(connection, seq, size=20_000)
        assert connection._queued_bytes <= MAX_QUEUED_BYTES + 20_100
    assert connection.behind is not None
    assert transport.get_write_buffer_size() < 80_000


async def test_events_queued_before_the_drop_keep_their_order_with_the_replay(node: NodeInMemory) -> None:
    connection, transport = opened(node)
    deliver(connection, 1, 2)
    transport.open_for = 0
    connection.send(FILLER)
    deliver(connection, *range(3, 400))
    assert connection.behind == {THREAD: 2}
    deliver(connection, 400)
    assert connection.behind == {THREAD: 2}


async def test_an_event_that_follows_the_cursor_makes_the_connection_live(node: NodeInMemory) -> None:
    connection, transport = opened(node)
    connection.set_behind(THREAD, 5)
    deliver(connection, 4, 5, 8)
    assert seqs(transport) == []
    deliver(connection, 6, 7)
    assert seqs(transport) == [6, 7]
    assert connection.behind is None


async def test_nothing_is_delivered_before_the_welcome(node: NodeInMemory) -> None:
    connection, transport = opened(node)
    connection.greeted = False
    deliver(connection, 1)
    connection.notify(text_frame(b"{}"))
    assert transport.texts() == []


async def test_a_slow_reader_is_not_read_so_that_answers_stay_bounded(node: NodeInMemory) -> None:
    connection, transport = opened(node, takes=0)
    connection.send(FILLER)
    assert not transport.reading
    connection.data_received(frame(b"{}"))
    assert node.handled == []
    transport.let_through()
    assert node.handled == [b"{}"]


async def test_many_unanswered_sends_stop_the_reading_until_half_are_answered(node: NodeInMemory) -> None:
    connection, transport = opened(node)
    for _ in range(64):
        connection.asked()
    assert not transport.reading
    for _ in range(31):
        connection.answered()
    assert not transport.reading
    connection.answered()
    assert transport.reading


async def test_what_holds_a_socket_for_two_reasons_must_be_released_twice(node: NodeInMemory) -> None:
    connection, transport = opened(node)
    connection.hold(Hold.COMMAND)
    connection.hold(Hold.BATCH)
    connection.data_received(frame(b"1") + frame(b"2"))
    connection.release(Hold.COMMAND)
    assert not transport.reading
    connection.release(Hold.BATCH)
    assert node.handled == [b"1", b"2"]


async def test_a_ping_is_answered_with_its_payload(node: NodeInMemory) -> None:
    connection, transport = opened(node)
    connection.data_received(frame(b"abc", PING))
    assert transport.frames() == [Frame(PONG, b"abc")]


async def test_a_close_is_answered_and_ends_the_connection(node: NodeInMemory) -> None:
    connection, transport = opened(node)
    connection.data_received(frame((1000).to_bytes(2) + b"bye", CLOSE))
    assert transport.close_codes() == [1000]
    assert transport.closing
    assert not connection.open
    connection.connection_lost(None)
    assert node.lost == [connection]


async def test_our_close_waits_for_its_answer(node: NodeInMemory) -> None:
    connection, transport = opened(node)
    connection.close(4501)
    deliver(connection, 1)
    connection.data_received(frame(b"{}"))
    assert node.handled == []
    assert not transport.closing
    connection.data_received(frame((4501).to_bytes(2), CLOSE))
    assert transport.closing
    assert transport.close_codes() == [4501]


async def test_an_error_closes_once_and_nothing_more_is_read(node: NodeInMemory) -> None:
    connection, transport = opened(node)
    connection.data_received(text_frame(b"unmasked") + frame(b"{}"))
    assert transport.close_codes() == [1002]
    assert node.handled == []
    connection.data_received(b"what was on its way")
    assert not transport.closing, "a reset would take the close code from a peer that still sends"
    connection.data_received(b"the rest" + frame((1002).to_bytes(2), CLOSE))
    assert transport.closing
    assert transport.close_codes() == [1002]


async def test_silence_is_pinged_and_then_ends_with_4001(node: NodeInMemory) -> None:
    connection, transport = opened(node)
    heartbeat = Heartbeat({connection}, ping_after_s=15, silent_after_s=25, stuck_after_s=10)
    heard_at = connection.heard_at
    heartbeat.look(heard_at + 14)
    assert transport.pings() == 0
    heartbeat.look(heard_at + 15.5)
    heartbeat.look(heard_at + 16.5)
    assert transport.pings() == 1
    heartbeat.look(heard_at + 24.9)
    assert transport.close_codes() == []
    heartbeat.look(heard_at + 25)
    assert transport.close_codes() == [4001]


async def test_any_frame_is_an_answer_to_a_ping(node: NodeInMemory) -> None:
    connection, transport = opened(node)
    heartbeat = Heartbeat({connection}, ping_after_s=15, silent_after_s=25, stuck_after_s=10)
    heartbeat.look(connection.heard_at + 16)
    connection.data_received(frame(b"", PONG))
    heartbeat.look(connection.heard_at + 14)
    assert transport.close_codes() == []
    assert not connection.pinged


async def test_a_reader_without_progress_is_closed_with_1013_and_one_with_some_is_not(
    node: NodeInMemory,
) -> None:
    connection, transport = opened(node, takes=0)
    connection.send(FILLER)
    heartbeat = Heartbeat({connection}, ping_after_s=15, silent_after_s=25, stuck_after_s=10)
    now = asyncio.get_running_loop().time()
    for second in range(1, 30):
        transport.let_through(1)
        heartbeat.look(now + second)
    assert connection.open
    for second in range(30, 38):
        heartbeat.look(now + second)
    assert connection.open
    for second in range(38, 42):
        heartbeat.look(now + second)
    assert not connection.open
    transport.let_through()
    assert transport.close_codes() == [1013]
