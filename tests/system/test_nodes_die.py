"""Two people through the real gateway while it and the relay nodes are killed and restarted."""

import asyncio
import contextlib
import itertools
import json
import signal
from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from gateway.nodes import Nodes
from shared.plumbing.transport.address import Address
from shared.testing.people import Person, fresh_name
from shared.testing.product import Product
from shared.testing.sockets import Socket
from shared.wire.frames import PresenceFrame, Welcome


@pytest_asyncio.fixture(loop_scope="session")
async def pair(mortal: Product) -> AsyncIterator[tuple[Socket, Socket]]:
    """ann and bob, who reconnect whatever happens."""
    people = [await Person(mortal.url, fresh_name(stem)).sign_up() for stem in ("ann", "bob")]
    sockets = [Socket(person.username, mortal.url, {"Cookie": person.cookie}) for person in people]
    for socket, peer in zip(sockets, reversed(people), strict=True):
        socket.cursors = {peer.username: 0}
        socket.close_code = 1006
        socket.stay()
    await asyncio.gather(*(socket.receive(Welcome, within_s=30) for socket in sockets))
    yield sockets[0], sockets[1]
    for socket in sockets:
        await socket.leave()
    for person in people:
        await person.close()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_nothing_is_lost_repeated_or_reordered_when_relays_die(
    mortal: Product, pair: tuple[Socket, Socket], number: signal.Signals
) -> None:
    ann, bob = pair
    texts = [f"message {count}" for count in range(120)]
    nodes = itertools.cycle(["relay-1", "relay-2"])
    for count, text in enumerate(texts):
        if count % 60 == 30:
            mortal.kill(next(nodes), number)
        await ann.send(bob.username, text)
    await ann.acknowledged(within_s=30)
    assert await bob.caught_up(ann.username, 120, within_s=30) == texts
    assert await ann.caught_up(bob.username, 120, within_s=30) == texts


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
async def test_a_gateway_that_dies_costs_nobody_a_socket(mortal: Product, number: signal.Signals) -> None:
    """Nor does its next life lose those that it opens."""
    people = [await Person(mortal.url, fresh_name(stem)).sign_up() for stem in ("ann", "bob")]
    sockets = [Socket(person.username, mortal.url, {"Cookie": person.cookie}) for person in people]
    ann, bob = sockets
    try:
        for socket in sockets:
            await socket.connect()
        before = mortal.kill("gateway", number)
        async with asyncio.timeout(20):
            for count in itertools.count(1):
                await ann.send(bob.username, f"message {count}")
                await bob.caught_up(ann.username, count)
                if _lives_again(mortal, "gateway", before):
                    break
            assert [socket.close_code for socket in sockets] == [None, None]
            while await _refused(ann):
                await asyncio.sleep(0.1)
    finally:
        for socket in sockets:
            await socket.leave()
        for person in people:
            await person.close()


def _lives_again(product: Product, name: str, before: int) -> bool:
    """Whether the supervisor has started another process than `before`; between the two there is no file."""
    with contextlib.suppress(FileNotFoundError):
        return product.pid(name) != before
    return False


async def _refused(socket: Socket) -> bool:
    """Whether no new connection can be had."""
    try:
        await socket.connect()
    except (aiohttp.ClientError, OSError):
        return True
    return False


def of_node(stem: str, node: str) -> str:
    """A fresh name of somebody whom the gateway sends to `node`."""
    nodes = Nodes({name: Address(path="") for name in ("relay-1", "relay-2")})
    return next(name for name in iter(lambda: fresh_name(stem), "") if nodes.order_for(name)[0] == node)


@pytest_asyncio.fixture(loop_scope="session")
async def settled(mortal: Product) -> Product:
    """The product, once its gateway has seen both nodes up."""
    async with asyncio.timeout(20):
        while not seen_up(mortal.log("gateway")):
            await asyncio.sleep(0.05)
    return mortal


def seen_up(gateway_log: str) -> bool:
    """Every node counts as up until the gateway's log says otherwise; the last word counts."""
    lines = [json.loads(line) for line in gateway_log.splitlines() if line.endswith("}")]
    return all({line["node"]: line["up"] for line in lines if line["event"] == "a relay changed"}.values())


async def test_whom_a_killed_relay_held_goes_offline_for_the_others(settled: Product) -> None:
    """Its lease ends within 5 s, and the supervisor has long started it again."""
    people = [
        await Person(settled.url, of_node(stem, node)).sign_up()
        for stem, node in (("ann", "relay-1"), ("bob", "relay-2"))
    ]
    ann, bob = (Socket(person.username, settled.url, {"Cookie": person.cookie}) for person in people)
    try:
        await ann.connect()
        await bob.connect()
        await ann.send(bob.username, "one")
        await bob.caught_up(ann.username, 1)
        welcome = await ann.connect()
        assert welcome.threads[bob.username].online
        settled.kill("relay-2")
        (gone,) = await ann.receive(PresenceFrame, within_s=20)
        assert (gone.username, gone.online) == (bob.username, False)
    finally:
        for socket in (ann, bob):
            await socket.leave()
        for person in people:
            await person.close()
