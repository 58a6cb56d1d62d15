"""What two people show each other, through the whole product: every door, each way, on several devices."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, NamedTuple

import msgspec
import pytest_asyncio

from shared.testing.pace import slowness
from shared.testing.people import Person
from shared.testing.product import Product
from shared.testing.sockets import Socket
from shared.wire.frames import DeliveredFrame, PresenceFrame, ReadFrame, TypingFrame
from tests.conftest import MakePerson

HOLDS_WITHIN_S = 5.0
_ALL = ("read_receipts", "typing", "last_seen")


class Told(NamedTuple):
    """What one is told of the other by the user list, the threads and a welcome: online, when here, read up to."""

    online: set[bool]
    seen: set[bool]
    read: set[int]
    delivered: set[int]


class Side:
    """One of the two, with two devices."""

    def __init__(self, product: Product, person: Person, peer: str) -> None:
        self.person, self.peer = person, peer
        self.phone, self.tablet = (
            Socket(person.username, product.url, {"Cookie": person.cookie}) for _ in range(2)
        )
        self.devices = (self.phone, self.tablet)
        self.third = Socket(person.username, product.url, {"Cookie": person.cookie})

    async def told(self) -> Told:
        """By every door that there is."""
        _, users = await self.person.call("GET", f"/api/users?query={self.peer}")
        _, threads = await self.person.call("GET", "/api/threads")
        async with self.third:
            state = (await self.third.connect()).threads[self.peer]
        [user], [row] = users["users"], threads["threads"]
        return Told(
            {user["online"], state.online},
            {user["last_seen"] is not None, state.last_seen is not None},
            {row["peer_read"], state.peer_read},
            {row["peer_delivered"], state.peer_delivered},
        )

    async def change(self, *, on: bool) -> None:
        status, answer = await self.person.call("PATCH", "/api/settings", dict.fromkeys(_ALL, on))
        assert status == 200
        assert answer.items() >= dict.fromkeys(_ALL, on).items()

    def frames(self, of: type[Any]) -> list[Any]:
        return [
            frame
            for socket in self.devices
            for frame in socket.frames
            if isinstance(frame, of) and self.peer in (getattr(frame, "by", self.peer), "")
        ]

    async def says(self, text: str) -> int:
        """Sends it; its seq."""
        message = await self.person.send(self.peer, text)
        seq: int = message["seq"]
        return seq


@pytest_asyncio.fixture(loop_scope="session")
async def sides(product: Product, person: MakePerson) -> AsyncIterator[tuple[Side, Side]]:
    ann, bob = await person("ann"), await person("bob")
    await ann.send(bob.username, "one")
    opened = Side(product, ann, bob.username), Side(product, bob, ann.username)
    for side in opened:
        for socket in side.devices:
            await socket.connect()
    yield opened
    for side in opened:
        for socket in side.devices:
            await socket.leave()


async def holds_in_time(true: Callable[[], Awaitable[bool]]) -> None:
    began = time.monotonic()
    async with asyncio.timeout(60):
        while not await true():
            await asyncio.sleep(0.1)
    assert time.monotonic() - began < HOLDS_WITHIN_S * slowness()


async def until(socket: Socket, frame: Any) -> None:
    """Passes over the frames of that type before it."""
    while (await socket.receive(type(frame)))[0] != frame:
        pass


async def reads(reader: Side, seq: int) -> None:
    """On the phone; both of their own devices hear of it."""
    await reader.phone.say({"type": "read", "thread": reader.peer, "seq": seq})
    for socket in reader.devices:
        await until(socket, ReadFrame(reader.peer, seq, reader.person.username))


async def test_what_one_of_two_does_not_show_neither_is_told_by_any_door(sides: tuple[Side, Side]) -> None:
    one, other = sides
    for side, peer in ((one, other), (other, one)):
        seq = await peer.says("two")
        await reads(side, seq)
        await side.phone.say({"type": "typing", "thread": side.peer})
        for socket in peer.devices:
            await until(socket, ReadFrame(peer.peer, seq, peer.peer))
            await socket.receive(TypingFrame)
    for side in sides:
        await holds_in_time(lambda side=side: _everything_is_told_to(side))  # type: ignore[misc]

    await one.change(on=False)
    began = time.monotonic()
    for socket in other.devices:
        await until(socket, PresenceFrame(one.person.username, online=False, last_seen=None))
    for side in sides:
        await holds_in_time(lambda side=side: _nothing_is_told_to(side))  # type: ignore[misc]
    assert time.monotonic() - began < HOLDS_WITHIN_S * slowness()

    before = [(len(side.frames(ReadFrame)), len(side.frames(TypingFrame))) for side in sides]
    for side, peer in ((one, other), (other, one)):
        seq = await peer.says("three")
        await side.phone.say({"type": "typing", "thread": side.peer})
        await reads(side, seq)
        for socket in peer.devices:
            await until(socket, DeliveredFrame(peer.peer, seq, peer.peer))
        assert (await peer.told()).delivered == {seq}
        assert await _nothing_is_told_to(peer)
    assert [(len(side.frames(ReadFrame)), len(side.frames(TypingFrame))) for side in sides] == before

    await one.change(on=True)
    for side in sides:
        await holds_in_time(lambda side=side: _everything_is_told_to(side))  # type: ignore[misc]


async def _nothing_is_told_to(side: Side) -> bool:
    told = await side.told()
    return (told.online, told.seen, told.read) == ({False}, {False}, {0})


async def _everything_is_told_to(side: Side) -> bool:
    told = await side.told()
    return (told.online, told.seen) == ({True}, {True}) and 0 not in told.read


_FIRST_CONTRACT = {
    "welcome": {"display_name", "head", "read", "peer_read", "online", "last_seen"},
    "row": {"username", "display_name", "head", "unread", "read", "peer_read", "last_message"},
}


async def test_a_client_of_the_first_contract_reads_and_is_read_as_ever(
    product: Product, sides: tuple[Side, Side]
) -> None:
    """It knows nothing of delivered: says none, and passes over those it gets."""
    ann, bob = sides
    seq = await ann.says("two")
    assert (await bob.person.call("PUT", f"/api/threads/{bob.peer}/read", {"seq": seq}))[0] == 204
    await until(ann.phone, ReadFrame(ann.peer, seq, ann.peer))
    told = await ann.told()
    assert told.read == told.delivered == {seq}
    _, threads = await bob.person.call("GET", "/api/threads")
    assert threads["threads"][0].keys() >= _FIRST_CONTRACT["row"]
    async with bob.third:
        state = (await bob.third.connect()).threads[bob.peer]
    assert msgspec.to_builtins(state).keys() >= _FIRST_CONTRACT["welcome"]
