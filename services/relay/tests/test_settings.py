"""What people do not show is neither told of them nor to them, on any node, and from the moment they say so."""

import asyncio
from collections.abc import Callable
from typing import Any

import asyncpg
import pytest

from services.relay.tests.cluster import Cluster
from services.relay.tests.test_presence import acquainted
from shared.testing.sockets import Socket
from shared.wire.accounts import EVERYTHING, NOTHING, Seeing
from shared.wire.frames import DeliveredFrame, PresenceFrame, ReadFrame, TypingFrame
from shared.wire.http import ChangeSettings

HOLDS_WITHIN_S = 5.0


@pytest.fixture(autouse=True)
def threads_asks_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it knows of people is else up to four seconds old; tests/system waits for that."""
    monkeypatch.setattr("services.threads.people.PROFILE_MAX_AGE_S", 0.0)


async def until(true: Callable[[], bool], within_s: float = HOLDS_WITHIN_S) -> None:
    async with asyncio.timeout(within_s):
        while not true():
            await asyncio.sleep(0.02)


async def change(cluster: Cluster, name: str, **settings: bool) -> None:
    """As the settings page does; returns when every node that has them open knows it."""
    await cluster.call("auth", "PATCH", "/api/settings", ChangeSettings(**settings), as_=name)
    user = cluster.people[name].user
    members = [
        member
        for node in ("relay-1", "relay-2")
        if (member := cluster.node(node).hub.members.get(user)) is not None
    ]
    await until(lambda: all(getattr(m.seeing, one) is on for m in members for one, on in settings.items()))


async def in_company(cluster: Cluster) -> tuple[Socket, Socket, Socket]:
    """ann on relay-1, bob and eve on relay-2; all have threads with each other."""
    await cluster.sign_up("eve")
    ann, bob = await acquainted(cluster)
    eve = await cluster.connect("eve", "relay-2")
    for other in ("ann", "bob"):
        await eve.send(other, "hi")
    await eve.acknowledged()
    await ann.caught_up("eve", 1)
    await bob.caught_up("eve", 1)
    return ann, bob, eve


def seen(socket: Socket, of: type[Any]) -> list[Any]:
    return [frame for frame in socket.frames if isinstance(frame, of)]


async def types_to_both(writer: Socket, first: str, then: Socket) -> None:
    """Whatever `first` gets of it has come when `then` has hers: it goes the same way before it."""
    await writer.say({"type": "typing", "thread": first})
    await writer.say({"type": "typing", "thread": then.username})
    await then.receive(TypingFrame)


async def test_who_does_not_show_that_they_type_is_not_shown_it_either(cluster: Cluster) -> None:
    ann, bob, eve = await in_company(cluster)
    await change(cluster, "bob", typing=False)
    await types_to_both(ann, "bob", eve)
    assert not seen(bob, TypingFrame)
    await bob.say({"type": "typing", "thread": "ann"})
    await change(cluster, "bob", typing=True)
    await bob.say({"type": "typing", "thread": "ann"})  # the one before took nothing of what he may
    assert await ann.receive(TypingFrame) == [TypingFrame("bob")]
    assert len(seen(ann, TypingFrame)) == 1


async def test_a_read_that_is_not_shown_is_delivered_to_the_peer_and_read_on_ones_own_devices(
    cluster: Cluster,
) -> None:
    ann, bob = await acquainted(cluster)
    tablet = await cluster.connect("bob", "relay-1")
    await change(cluster, "bob", read_receipts=False)
    await bob.say({"type": "read", "thread": "ann", "seq": 1})
    assert await ann.receive(DeliveredFrame) == [DeliveredFrame("bob", 1, "bob")]
    for own in (bob, tablet):
        assert await own.receive(ReadFrame) == [ReadFrame("ann", 1, "bob")]
    await bob.send("ann", "two")
    await ann.caught_up("bob", 2)
    await ann.say({"type": "read", "thread": "bob", "seq": 2})
    assert (await bob.receive(DeliveredFrame))[0] == DeliveredFrame("ann", 2, "ann")
    assert [frame.by for frame in seen(bob, ReadFrame)] == ["bob"]
    assert [frame.by for frame in seen(ann, ReadFrame)] == ["ann"]
    for socket, peer, own_read in ((ann, "bob", 2), (bob, "ann", 1)):
        await socket.disconnect()
        state = (await socket.connect()).threads[peer]
        assert (state.read, state.peer_read) == (own_read, 0)
        assert state.peer_delivered > 0


async def test_who_does_not_show_when_they_are_here_comes_and_goes_unseen_and_sees_nobody(
    cluster: Cluster,
) -> None:
    ann, bob, eve = await in_company(cluster)
    await change(cluster, "bob", last_seen=False)
    assert await ann.receive(PresenceFrame) == [PresenceFrame("bob", online=False, last_seen=None)]
    assert sorted(frame.username for frame in await bob.receive(PresenceFrame, 2)) == ["ann", "eve"]
    before = len(ann.frames), len(bob.frames)
    await bob.disconnect()
    await until(lambda: cluster.people["bob"].user not in cluster.node("relay-2").membership.users)
    welcome = await bob.connect()
    assert {(state.online, state.last_seen) for state in welcome.threads.values()} == {(False, None)}
    await eve.disconnect()
    assert [frame.username for frame in await ann.receive(PresenceFrame)] == ["eve"]
    assert [frame.username for frame in ann.frames[before[0] :] if isinstance(frame, PresenceFrame)] == [
        "eve"
    ]
    assert not [frame for frame in bob.frames[before[1] :] if isinstance(frame, PresenceFrame)]
    await ann.disconnect()
    state = (await ann.connect()).threads["bob"]
    assert (state.online, state.last_seen) == (False, None)


async def test_who_shows_again_that_they_are_here_is_seen_and_sees(cluster: Cluster) -> None:
    ann, bob = await acquainted(cluster)
    for on in (False, True):
        await change(cluster, "bob", last_seen=on)
        for socket, peer in ((ann, "bob"), (bob, "ann")):
            [frame] = await socket.receive(PresenceFrame)
            assert (frame.username, frame.online, frame.last_seen is not None) == (peer, on, on)


async def test_who_is_away_when_they_choose_what_to_show_is_told_of_as_well(cluster: Cluster) -> None:
    """As on the settings page, which has no socket."""
    ann, bob, eve = await in_company(cluster)
    await change(cluster, "eve", last_seen=False)
    await bob.receive(PresenceFrame)
    await bob.disconnect()
    await ann.receive(PresenceFrame, 2)
    for on in (False, True):
        await change(cluster, "bob", last_seen=on)
        [frame] = await ann.receive(PresenceFrame)
        assert (frame.username, frame.online, frame.last_seen is not None) == ("bob", False, on)
    assert [frame.username for frame in seen(eve, PresenceFrame)].count("bob") == 1  # that he is seen no more


async def test_two_who_both_hide_learn_nothing_when_one_of_them_shows_again(cluster: Cluster) -> None:
    ann, bob, eve = await in_company(cluster)
    await change(cluster, "ann", last_seen=False)
    assert sorted(frame.username for frame in await ann.receive(PresenceFrame, 2)) == ["bob", "eve"]
    for other in (bob, eve):
        assert [frame.username for frame in await other.receive(PresenceFrame)] == ["ann"]
    await change(cluster, "bob", last_seen=False)
    assert [frame.username for frame in await bob.receive(PresenceFrame)] == ["eve"]
    assert [frame.username for frame in await eve.receive(PresenceFrame)] == ["bob"]
    before = len(ann.frames)
    await change(cluster, "bob", last_seen=True)
    assert [frame.username for frame in await eve.receive(PresenceFrame)] == ["bob"]
    assert [frame.username for frame in await bob.receive(PresenceFrame)] == ["eve"]
    assert not [frame for frame in ann.frames[before:] if isinstance(frame, PresenceFrame)]


async def test_of_whom_nothing_is_known_nothing_is_shown_until_it_is(cluster: Cluster) -> None:
    await cluster.stop("threads")
    await cluster.start("threads")  # which remembers nobody
    await cluster.stop("auth")
    await cluster.connect("ann")
    member = cluster.node("relay-1").hub.members[cluster.people["ann"].user]
    assert member.seeing == NOTHING
    await cluster.start("auth")
    await until(lambda: member.seeing == EVERYTHING)


async def test_a_setting_that_was_known_holds_while_auth_is_away(cluster: Cluster) -> None:
    ann, bob, eve = await in_company(cluster)
    await change(cluster, "bob", typing=False)
    await cluster.stop("auth")
    await types_to_both(ann, "bob", eve)
    assert not seen(bob, TypingFrame)


async def test_changes_that_a_node_may_have_missed_are_asked_for(cluster: Cluster) -> None:
    """As after a minute and a half without an answer of auth, when its list no longer tells of them."""
    await cluster.connect("ann")
    node = cluster.node("relay-1")
    member = node.hub.members[cluster.people["ann"].user]
    await change(cluster, "ann", typing=False)
    database = await asyncpg.connect(cluster.database_url)
    await database.execute("UPDATE auth.users SET settings_at = settings_at - interval '91 seconds'")
    await database.close()
    await node.revocations.ask()
    member.seeing = EVERYTHING
    node.settings.doubt()
    await until(lambda: not member.shows("typing"))


async def test_who_changes_their_mind_while_it_is_told_is_told_of_as_they_are_at_the_end(
    cluster: Cluster,
) -> None:
    ann, bob = await acquainted(cluster)
    node, user = cluster.node("relay-2"), cluster.people["bob"].user
    # In one turn of the loop: the first of them waits for auth.
    for shown in (False, True, False, True, False):
        node.settings.told([(user, Seeing(last_seen=shown))])
    for socket, peer in ((ann, "bob"), (bob, "ann")):
        assert await socket.receive(PresenceFrame) == [PresenceFrame(peer, online=False, last_seen=None)]
    await until(lambda: not node.settings._telling)
    assert [len(seen(socket, PresenceFrame)) for socket in (ann, bob)] == [1, 1]
