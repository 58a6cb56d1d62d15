"""What one person keeps about a thread, on all their sockets at all nodes, and on nobody else's."""

import asyncio
from typing import Any

from msgspec import UNSET

from services.relay.tests.cluster import Cluster
from services.relay.tests.test_presence import acquainted
from shared.plumbing import failpoints
from shared.testing.sockets import Socket
from shared.wire import codec
from shared.wire.frames import ReadFrame, StateFrame
from shared.wire.member_state import Draft, MemberState


async def keep(cluster: Cluster, user: str, peer: str, **changes: Any) -> MemberState:
    answer = await cluster.call("threads", "PATCH", f"/api/threads/{peer}/state", changes, as_=user)
    return codec.decode(answer, MemberState)


def states(socket: Socket) -> list[StateFrame]:
    return [frame for frame in socket.frames if isinstance(frame, StateFrame)]


async def test_a_change_reaches_all_own_sockets_at_both_nodes_and_never_the_peer(cluster: Cluster) -> None:
    ann, bob = await acquainted(cluster)
    others = [await cluster.connect("ann", node) for node in ("relay-1", "relay-2")]
    state = await keep(cluster, "ann", "bob", draft={"text": "for bob"}, muted_until="forever")
    assert state == MemberState(1, Draft("for bob"), "forever")
    for socket in (ann, *others):
        assert await socket.receive(StateFrame) == [StateFrame("bob", state)]
    await keep(cluster, "bob", "ann", archived="always")
    assert await bob.receive(StateFrame) == [StateFrame("ann", MemberState(1, archived="always"))]
    await bob.send("ann", "two")
    for socket in (ann, *others):
        await socket.caught_up("bob", 2)
        assert len(states(socket)) == 1


async def test_reading_at_one_node_ends_the_mark_on_all_own_sockets(cluster: Cluster) -> None:
    """Though the position does not move; the peer hears of neither."""
    ann, bob = await acquainted(cluster)
    tablet = await cluster.connect("bob", "relay-1")
    await tablet.say({"type": "read", "thread": "ann", "seq": 1})
    await ann.receive(ReadFrame)
    await keep(cluster, "bob", "ann", marked_unread=True)
    for socket in (bob, tablet):
        assert await socket.receive(StateFrame) == [StateFrame("ann", MemberState(1, marked_unread=True))]
    await tablet.say({"type": "delivered", "thread": "ann", "seq": 1})
    await tablet.say({"type": "read", "thread": "ann", "seq": 0})
    await tablet.say({"type": "read", "thread": "ann", "seq": 1})
    for socket in (bob, tablet):
        assert await socket.receive(StateFrame) == [StateFrame("ann", MemberState(2))]
    await bob.send("ann", "two")
    await ann.caught_up("bob", 2)
    assert states(ann) == []
    assert len([frame for frame in ann.frames if isinstance(frame, ReadFrame)]) == 1


async def test_who_comes_later_finds_it_in_the_welcome(cluster: Cluster) -> None:
    ann, bob = await acquainted(cluster)
    await bob.disconnect()
    await keep(cluster, "bob", "ann", draft={"text": "later"}, marked_unread=True)
    for node in ("relay-1", "relay-2"):
        welcome = await cluster.socket("bob", node).connect()
        assert welcome.threads["ann"].state == MemberState(1, Draft("later"), marked_unread=True)
    await ann.disconnect()
    assert b'"state"' not in codec.encode((await ann.connect()).threads["bob"])


async def test_a_change_in_the_middle_of_a_hello_is_told_after_the_welcome(cluster: Cluster) -> None:
    """The welcome was made of what had been read before it."""
    await acquainted(cluster)
    tablet = cluster.socket("bob", "relay-1")
    failpoints.arm("relay.before_welcome=sleep:0.5@1")
    try:
        connecting = asyncio.create_task(tablet.connect())
        while not failpoints.arrivals("relay.before_welcome"):
            await asyncio.sleep(0.005)
        await keep(cluster, "bob", "ann", marked_unread=True)
        assert not connecting.done()
        welcome = await connecting
    finally:
        failpoints.arm("")
    assert welcome.threads["ann"].state is UNSET
    assert await tablet.receive(StateFrame) == [StateFrame("ann", MemberState(1, marked_unread=True))]
