"""What one account, session or address may do within its limits, beside two people whose messages must not wait."""

import asyncio
import contextlib
import itertools
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from urllib.parse import urlsplit

from shared.testing.people import Person, fresh_name
from shared.testing.rawsocket import CONTINUATION, PING, PONG, TEXT, RawSocket, frame
from shared.wire.ids import uuid7
from tests.chaos.crowd import Crowd, until
from tests.chaos.message import Outgoing
from tests.chaos.run import Run
from tests.chaos.scenario import scenario

WITHIN_S = 1.0
_WRITE_EVERY_S = 0.1
_GIVES_UP_S = 10.0
_PAIRS = 4
"""An address makes 20 accounts an hour, and limits are on."""
_LONG = 60
_LONG_TEXT = "漢" * 4000
_BYTES_AT_ONCE = 256 * 1024
_CALLS_AT_ONCE = 12


class Attacker:
    """Two accounts of one address, who write to each other. Whatever ends a socket or a call, the attack goes on."""

    def __init__(self, me: Person, peer: Person) -> None:
        self.me, self.peer = me, peer
        parts = urlsplit(me.base_url)
        assert parts.port is not None
        self._port, self._host = parts.port, parts.netloc

    async def flood(self, content: bytes, sockets: int = 2) -> None:
        """The same frames without end, over so many sockets, after one hello each."""
        much = content * max(1, _BYTES_AT_ONCE // len(content))
        await self._on_each(sockets, lambda raw: self._pour(raw, much))

    async def say(self, sockets: int, *said: object) -> None:
        """Says this in turn, without end."""
        await self.flood(b"".join(frame(json.dumps(each).encode()) for each in said), sockets)

    async def hoard(self) -> None:
        """One socket after another, and none is ever closed."""
        await self._on_each(100, lambda raw: asyncio.sleep(3600))

    async def call(
        self, method: str, path: str, body: object = None, *, at_once: int = _CALLS_AT_ONCE
    ) -> None:
        """The same call without end."""

        async def again() -> None:
            while True:
                with contextlib.suppress(OSError, ValueError):
                    await self.me.call(method, path, body)

        await asyncio.gather(*(again() for _ in range(at_once)))

    async def write_much(self) -> None:
        """More than goes into a page."""
        await asyncio.gather(*(self._write() for _ in range(_LONG)), return_exceptions=True)

    async def _write(self) -> None:
        await self.me.send(self.peer.username, _LONG_TEXT)

    async def _on_each(self, sockets: int, work: Callable[[RawSocket], Awaitable[None]]) -> None:
        async def again() -> None:
            while True:
                with contextlib.suppress(ConnectionError, TimeoutError, asyncio.IncompleteReadError):
                    async with await RawSocket.connect(self._port) as raw:
                        await self._use(raw, work)
                await asyncio.sleep(0.05)

        await asyncio.gather(*(again() for _ in range(sockets)))

    async def _use(self, raw: RawSocket, work: Callable[[RawSocket], Awaitable[None]]) -> None:
        if await raw.upgrade("/messages", self._host, f"Cookie: {self.me.cookie}") != 101:
            return
        await raw.send(frame(b'{"type":"hello"}'))
        reading = asyncio.create_task(raw.ended(3600))
        working = asyncio.ensure_future(work(raw))
        try:
            await asyncio.wait((reading, working), return_when=asyncio.FIRST_COMPLETED)
        finally:
            reading.cancel()
            working.cancel()
            await asyncio.gather(reading, working, return_exceptions=True)

    @staticmethod
    async def _pour(raw: RawSocket, content: bytes) -> None:
        while True:
            await raw.send(content)
            await asyncio.sleep(0)


def _send(to: str, text: str) -> dict[str, str]:
    return {"type": "send", "to": to, "client_id": str(uuid7()), "text": text}


def _edit(to: str, target: int, text: str) -> dict[str, object]:
    body = {"target": target, "text": text}
    return {"type": "do", "to": to, "client_id": str(uuid7()), "kind": "edit", "body": body}


_BIG_GAME = {"variant": "mnk", "m": 15, "n": 15, "k": 5, "board": "." * 225, "seed": 1, "time_limit_ms": 10}
_numbers = itertools.count()
_TOWER = "a" + "\u0301" * 16_000 + "\u0316" * 16_000

ATTACKS: dict[str, Callable[[Attacker], Awaitable[None]]] = {
    "pings": lambda a: a.flood(frame(b"", PING)),
    "pongs": lambda a: a.flood(frame(b"x" * 125, PONG), 8),
    "fragments": lambda a: a.flood(frame(b"", TEXT, final=False) + frame(b"", CONTINUATION) * 50),
    "unknown-types": lambda a: a.say(2, {"type": "no such type", "x": ["y"] * 50}),
    "second-hellos": lambda a: a.say(2, {"type": "hello"}),
    "refused-sends": lambda a: a.say(2, _send(a.peer.username, "hi"), _send("no such name", "hi")),
    "edits": lambda a: a.say(2, *(_edit(a.peer.username, seq, _LONG_TEXT) for seq in range(1, _LONG))),
    "refused-edits": lambda a: a.say(2, *(_edit(a.peer.username, 10_000, "hi") for _ in range(_LONG))),
    "towers": lambda a: a.flood(
        frame(json.dumps(_send(a.peer.username, _TOWER), ensure_ascii=False).encode()) * 2
    ),
    "strangers": lambda a: a.say(4, *({"type": "read", "thread": f"nobody{n}", "seq": 1} for n in range(50))),
    "sync-from-0": lambda a: a.say(30, {"type": "sync", "thread": a.peer.username, "after": 0}),
    "hoarding": lambda a: a.hoard(),
    "large-pages": lambda a: a.call("GET", f"/api/threads/{a.peer.username}/events?after=0&limit=200"),
    "large-histories": lambda a: a.call("GET", f"/api/threads/{a.peer.username}/messages?limit=200"),
    "tower-over-http": lambda a: a.call(
        "POST",
        f"/api/threads/{a.peer.username}/messages",
        {"client_id": str(uuid7()), "text": _TOWER[:20_000]},
    ),
    "engine": lambda a: a.call("POST", "/api/tictactoe/move", _BIG_GAME),
    "searches": lambda a: a.call("GET", "/api/search?q=" + "漢" * 100),
    "wrong-passwords": lambda a: a.call(
        "POST", "/api/session", {"username": a.peer.username, "password": f"wrong-password-{next(_numbers)}"}
    ),
}


@contextlib.asynccontextmanager
async def attackers(url: str, count: int) -> AsyncIterator[list[Attacker]]:
    """So many new accounts, each with a long thread with the same other one."""
    peer, *others = [Person(url, fresh_name("eve")) for _ in range(count + 1)]
    try:
        await peer.sign_up()
        made = [Attacker(await me.sign_up(), peer) for me in others]
        for each in made:
            await each.write_much()
        yield made
    finally:
        for person in (peer, *others):
            await person.close()


async def longest_wait(people: Crowd, attack: Awaitable[None], seconds: float) -> float:
    """The longest that a message of the bystanders took, who all write ten times a second during the attack."""
    attacking = asyncio.ensure_future(attack)
    written: list[Outgoing] = []
    try:
        for _ in range(round(seconds / _WRITE_EVERY_S)):
            await asyncio.sleep(_WRITE_EVERY_S)
            written += [pair.write(writer) for pair in people.pairs for writer in pair.writers]
        await until(lambda: all(message.delivered_at for message in written), _GIVES_UP_S)
        assert not attacking.done(), attacking.exception()
    finally:
        attacking.cancel()
        await asyncio.gather(attacking, return_exceptions=True)
    now = time.monotonic()
    return max((message.delivered_at or now) - message.submitted_at for message in written)


def _register(name: str, attack: Callable[[Attacker], Awaitable[None]]) -> None:
    async def play(run: Run) -> None:
        async with attackers(run.instance.public_url, 1) as [who]:
            waited = await longest_wait(run.crowd, attack(who), run.seconds_wanted)
        run.measure("longest wait of a bystander", waited, WITHIN_S)

    play.__doc__ = (
        f"One account does this within its limits, and no message of others waits a second: {name}."
    )
    scenario(f"bystander-{name}", most_pairs=_PAIRS, rate_limits="on")(play)


for _name, _attack in ATTACKS.items():
    _register(_name, _attack)
