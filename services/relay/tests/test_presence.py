"""Presence, typing and read positions between nodes."""

from services.relay.delivery.hub import Member
from services.relay.tests.cluster import Cluster
from shared.plumbing import failpoints
from shared.testing.sockets import Socket
from shared.wire import codec
from shared.wire.accounts import Profiles, ProfilesByName
from shared.wire.frames import DeliveredFrame, ErrorFrame, PresenceFrame, ReadFrame, TypingFrame


async def acquainted(cluster: Cluster) -> tuple[Socket, Socket]:
    """ann on relay-1 and bob on relay-2, who have a thread."""
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    await ann.send("bob", "one")
    await ann.acknowledged()
    await bob.caught_up("ann", 1)
    return ann, bob


async def test_coming_and_going_is_told_to_those_one_has_a_thread_with(cluster: Cluster) -> None:
    await cluster.sign_up("eve")
    ann, bob = await acquainted(cluster)
    eve = await cluster.connect("eve", "relay-1")
    await bob.disconnect()
    (gone,) = await ann.receive(PresenceFrame)
    assert (gone.username, gone.online) == ("bob", False)
    await bob.connect()
    (back,) = await ann.receive(PresenceFrame)
    assert (back.username, back.online) == ("bob", True)
    assert back.last_seen is not None
    assert not [frame for frame in eve.frames if isinstance(frame, PresenceFrame)]


async def test_who_comes_while_hellos_fail_is_announced_when_they_succeed(cluster: Cluster) -> None:
    ann, bob = await acquainted(cluster)
    await bob.disconnect()
    await ann.receive(PresenceFrame)
    failpoints.arm("relay.before_heads=error@1")
    try:
        await bob.connect()
    finally:
        failpoints.arm("")
    (back,) = await ann.receive(PresenceFrame)
    assert (back.username, back.online) == ("bob", True)


async def test_a_second_device_and_a_quick_return_are_no_news(cluster: Cluster) -> None:
    ann, bob = await acquainted(cluster)
    second = await cluster.connect("bob", "relay-1")
    await bob.disconnect()
    await bob.connect()
    await second.disconnect()
    await bob.disconnect()
    (only,) = await ann.receive(PresenceFrame)
    assert not only.online
    assert len([frame for frame in ann.frames if isinstance(frame, PresenceFrame)]) == 1


async def test_the_welcome_says_who_is_offline_and_auth_knows_when_they_were_seen(cluster: Cluster) -> None:
    ann, bob = await acquainted(cluster)
    await bob.disconnect()
    await ann.receive(PresenceFrame)
    await cluster.node("relay-2").presence.flush()
    await ann.disconnect()
    welcome = await ann.connect()
    assert not welcome.threads["bob"].online
    answer = await cluster.call("auth", "POST", "/internal/users/by-name", ProfilesByName(["bob"]))
    (profile,) = codec.decode(answer, Profiles).profiles
    assert profile.last_seen is not None


async def test_typing_reaches_the_peer_on_every_node_and_is_throttled(cluster: Cluster) -> None:
    ann, bob = await acquainted(cluster)
    tablet = await cluster.connect("bob", "relay-1")
    for _ in range(5):
        await ann.say({"type": "typing", "thread": "bob"})
    for socket in (bob, tablet):
        assert await socket.receive(TypingFrame) == [TypingFrame("ann")]
    await ann.send("bob", "two")
    await bob.caught_up("ann", 2)
    assert len([frame for frame in bob.frames if isinstance(frame, TypingFrame)]) == 1


async def test_typing_does_not_reach_people_without_a_thread(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    bob = await cluster.connect("bob")
    await ann.say({"type": "typing", "thread": "bob"})
    await ann.send("bob", "one")
    await bob.caught_up("ann", 1)
    assert not [frame for frame in bob.frames if isinstance(frame, TypingFrame)]
    await ann.say({"type": "typing", "thread": "bob"})
    assert await bob.receive(TypingFrame) == [TypingFrame("ann")]


async def test_read_positions_reach_both_people(cluster: Cluster) -> None:
    ann, bob = await acquainted(cluster)
    tablet = await cluster.connect("bob", "relay-1")
    await bob.say({"type": "read", "thread": "ann", "seq": 1})
    assert await ann.receive(ReadFrame) == [ReadFrame("bob", 1, "bob")]
    assert await bob.receive(ReadFrame) == [ReadFrame("ann", 1, "bob")]
    assert await tablet.receive(ReadFrame) == [ReadFrame("ann", 1, "bob")]
    await tablet.disconnect()
    welcome = await tablet.connect()
    assert welcome.threads["ann"].read == 1


async def test_what_a_device_holds_reaches_both_people_and_the_next_welcome(cluster: Cluster) -> None:
    ann, bob = await acquainted(cluster)
    tablet = await cluster.connect("bob", "relay-1")
    await bob.say({"type": "delivered", "thread": "ann", "seq": 2**62})
    for socket, thread in ((ann, "bob"), (bob, "ann"), (tablet, "ann")):
        assert await socket.receive(DeliveredFrame) == [DeliveredFrame(thread, 1, "bob")]
    for socket, thread, positions in ((tablet, "ann", (0, 0, 1, 0)), (ann, "bob", (0, 0, 0, 1))):
        await socket.disconnect()
        state = (await socket.connect()).threads[thread]
        assert (state.read, state.peer_read, state.delivered, state.peer_delivered) == positions


async def test_what_is_read_at_once_needs_no_delivered_and_gets_none(cluster: Cluster) -> None:
    ann, bob = await acquainted(cluster)
    await bob.say({"type": "read", "thread": "ann", "seq": 1})
    await ann.receive(ReadFrame)
    await bob.say({"type": "delivered", "thread": "ann", "seq": 1})
    await bob.send("ann", "two")
    await ann.caught_up("bob", 2)
    assert not [
        frame for socket in (ann, bob) for frame in socket.frames if isinstance(frame, DeliveredFrame)
    ]


async def test_a_read_beyond_the_head_is_clamped(cluster: Cluster) -> None:
    ann, bob = await acquainted(cluster)
    await bob.say({"type": "read", "thread": "ann", "seq": 2**62})
    assert (await ann.receive(ReadFrame))[0].seq == 1


async def test_typing_and_reading_with_nobody_is_an_error(cluster: Cluster) -> None:
    ann = await cluster.connect("ann")
    for name in ("nobody", "ann", "", "no such name"):
        await ann.say({"type": "typing", "thread": name})
        await ann.say({"type": "read", "thread": name, "seq": 1})
        await ann.say({"type": "delivered", "thread": name, "seq": 1})
    codes = [error.problem.code for error in await ann.receive(ErrorFrame, 12)]
    assert codes == ["not-found"] * 12


async def test_a_stranger_hears_nothing_of_a_thread(cluster: Cluster) -> None:
    await cluster.sign_up("eve")
    ann, bob = await acquainted(cluster)
    eve = await cluster.connect("eve", "relay-2")
    before = len(eve.frames)
    for frame in ({"type": "sync", "thread": "ann", "after": 0}, {"type": "read", "thread": "bob", "seq": 1}):
        await eve.say(frame)
    await ann.send("bob", "secret")
    await bob.caught_up("ann", 2)
    await eve.send("ann", "hello")
    await eve.acknowledged()
    texts = [frame for frame in eve.frames[before:] if "secret" in repr(frame)]
    assert not texts
    assert eve.texts == {"ann": ["hello"]}


async def test_who_left_before_the_directory_had_them_is_written_when_they_come(cluster: Cluster) -> None:
    node, user = cluster.node("relay-1"), cluster.people["ann"].user
    node.presence.left(Member(user), "ann")
    await cluster.connect("ann")
    assert user in node.membership.users


async def test_who_has_gone_while_their_arrival_was_written_is_not_online(cluster: Cluster) -> None:
    node, user = cluster.node("relay-1"), cluster.people["ann"].user
    assert await node.presence.came([user]) == set()
    assert user not in node.membership.users
