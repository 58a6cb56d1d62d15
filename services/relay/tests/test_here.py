"""threads is told who is here, and tells of nobody else; nothing is missed by it."""

import asyncio

from prometheus_client import REGISTRY

from services.relay.log.here import WhoIsHere
from services.relay.node import Node
from services.relay.tests.cluster import Cluster
from shared.testing.redis_client import client
from shared.testing.sockets import Socket
from shared.wire.link import NOT_SAID, Here
from shared.wire.log import Head


class Desk:
    """A connection. said: the packets that it sent."""

    def __init__(self, *here: int) -> None:
        self.said: list[Here] = []
        self.who = WhoIsHere(self.said.append, lambda: here)


def test_an_older_threads_is_told_nothing() -> None:
    """It would break the link over a packet that it does not know."""
    desk = Desk(1)
    assert desk.who.beat(NOT_SAID) == []
    desk.who.came([2])
    desk.who.left(1)
    assert desk.who.beat(NOT_SAID) == []
    assert desk.said == []


def test_with_the_first_beat_all_who_are_here_are_told_and_then_who_comes_and_goes() -> None:
    desk = Desk(1, 2)
    desk.who.came([1])  # threads tells of everybody as yet
    desk.who.beat(0)
    desk.who.left(1)
    desk.who.left(2)
    desk.who.came([2, 3])
    desk.who.left(3)
    assert len(desk.said) == 2, "who goes can wait"
    desk.who.beat(2)
    desk.who.beat(3)
    assert desk.said == [Here(1, [1, 2]), Here(2, [2, 3], [1]), Here(3, [], [3])]


def test_whom_a_beat_did_not_know_is_compared_once_one_does() -> None:
    desk = Desk()
    desk.who.beat(0)
    desk.who.came([7])
    desk.who.came([8])
    assert desk.who.beat(2) == []
    desk.who.came([9])
    assert [desk.who.beat(number) for number in (2, 3, 3, 4)] == [[], [8], [], [9]]


async def until_told(cluster: Cluster, *names: str) -> None:
    """threads knows that these are at its two nodes, and nobody else."""
    audience, users = cluster.feed.audience, {cluster.people[name].user for name in names}
    async with asyncio.timeout(10):
        while len(audience.links) < 2 or None in audience._users.values() or audience._links.keys() != users:
            await asyncio.sleep(0.01)


async def test_a_node_hears_of_the_threads_of_those_who_are_there(cluster: Cluster) -> None:
    """Which rise at another node, without a hint."""
    heard: dict[str, list[Head]] = {"relay-1": [], "relay-2": []}
    for name, heads in heard.items():
        node = cluster.node(name)

        def on_heads(found: list[Head], log: str, node: Node = node, heads: list[Head] = heads) -> bool:
            heads += found
            return node.beat(found, log)

        node.link._on_heads = on_heads
    await cluster.sign_up("eve")
    ann, bob, eve = [
        await cluster.connect(name, node)
        for name, node in (("ann", "relay-1"), ("bob", "relay-2"), ("eve", "relay-1"))
    ]
    await until_told(cluster, "ann", "bob", "eve")
    before = REGISTRY.get_sample_value("duet_threads_heads_told_total") or 0
    await ann.send("eve", "one")
    await ann.acknowledged()
    await bob.send("ann", "two")
    await bob.acknowledged()
    await ann.caught_up("bob", 1)
    await eve.caught_up("ann", 1)
    async with asyncio.timeout(5):
        while not (len({head.thread for head in heard["relay-1"]}) == 2 and heard["relay-2"]):
            await asyncio.sleep(0.01)
    assert len({head.thread for head in heard["relay-2"]}) == 1
    assert REGISTRY.get_sample_value("duet_threads_heads_told_total") == before + 3
    await bob.disconnect()
    await until_told(cluster, "ann", "eve")


async def test_what_a_beat_left_out_because_it_did_not_know_of_a_hello_is_found(cluster: Cluster) -> None:
    """The packet is late, and the hint is lost: the heads were read before the message, and the beat came after it."""
    bob = await cluster.connect("bob", "relay-2")
    await until_told(cluster, "bob")
    node, late = cluster.node("relay-1"), list[Here]()
    assert node.link._connection is not None
    who = node.link._connection.who
    say, who._say = who._say, late.append
    ann = await cluster.connect("ann", "relay-1")
    redis = client(cluster.redis_url)
    await redis.delete(f"duet:user:{cluster.people['ann'].user}")
    await redis.aclose()
    await bob.send("ann", "one")
    await bob.acknowledged()
    await beats(node, 2)
    assert not ann.texts.get("bob")
    who._say = say
    for packet in late:
        say(packet)
    assert await ann.caught_up("bob", 1) == ["one"]


async def beats(node: Node, count: int) -> None:
    """Until so many have come."""
    link = node.link._connection
    assert link is not None
    async with asyncio.timeout(10):
        for _ in range(count):
            last = link._last_beat
            while link._last_beat == last:
                await asyncio.sleep(0.01)


async def test_after_a_new_link_threads_is_told_anew(cluster: Cluster) -> None:
    ann = await cluster.connect("ann", "relay-1")
    bob = await cluster.connect("bob", "relay-2")
    await until_told(cluster, "ann", "bob")
    link = cluster.node("relay-2").link._connection
    assert link is not None
    link.abort()
    async with asyncio.timeout(10):
        while cluster.node("relay-2").link._connection in (None, link):
            await asyncio.sleep(0.01)
    await until_told(cluster, "ann", "bob")
    redis = client(cluster.redis_url)
    await redis.delete(f"duet:user:{cluster.people['bob'].user}")
    await redis.aclose()
    await send(ann, "one")
    assert await bob.caught_up("ann", 1) == ["one"]


async def send(ann: Socket, text: str) -> None:
    await ann.send("bob", text)
    await ann.acknowledged()
