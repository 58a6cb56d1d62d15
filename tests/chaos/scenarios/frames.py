"""Ten thousand frames that are wrong in every way we know, beside people who chat."""

import asyncio
import json
import random
from collections import Counter
from collections.abc import Callable
from urllib.parse import urlsplit

from shared.wire.ids import uuid7
from tests.chaos.run import Run
from tests.chaos.scenario import scenario
from tests.rawsocket import BINARY, CLOSE, PONG, TEXT, RawSocket, frame, raw_socket

_FRAMES = 10_000
_SENDERS = 8
_WARM_UP = 1000
_MOST_MIB = 48.0
_LIMIT = 64 * 1024
Make = Callable[[str], tuple[bytes, str]]
"""(a peer's name) -> bytes and what must answer them: a close code, or the type of a text frame."""


def _text(content: bytes) -> bytes:
    return frame(content, TEXT)


def _send(peer: str, text: str, client_id: str | None = None) -> bytes:
    """ASCII, so that half surrogate pairs travel as escapes."""
    fields = {"type": "send", "to": peer, "client_id": client_id or str(uuid7()), "text": text}
    return _text(json.dumps(fields).encode())


def _any_bytes() -> bytes:
    return random.randbytes(random.randrange(1, 200))


def _nested(_: str) -> tuple[bytes, str]:
    depth = random.choice([50, 2_000, 30_000])
    return _text(b'{"type":"ping","x":' + b"[" * depth + b"]" * depth + b"}"), "error"


def _huge_number(peer: str) -> tuple[bytes, str]:
    digits = "9" * random.choice([20, 400, 5_000])
    return _text(f'{{"type":"read","thread":"{peer}","seq":{digits}}}'.encode()), "error"


WRONG: dict[str, Make] = {
    "not masked": lambda _: (frame(b'{"type":"ping"}', masked=False), "1002"),
    "reserved bits": lambda _: (frame(b"{}", reserved=random.randrange(1, 8)), "1002"),
    "unknown opcode": lambda _: (frame(b"", random.choice([3, 4, 5, 6, 7, 11, 12, 13, 14, 15])), "1002"),
    "fragment out of place": lambda _: (frame(_any_bytes(), 0), "1002"),
    "long control frame": lambda _: (frame(b"x" * 126, 9), "1002"),
    "binary": lambda _: (frame(_any_bytes(), BINARY), "1003"),
    "oversize": lambda _: (_text(b" " * (_LIMIT + 1)), "1009"),
    "oversize announced": lambda _: (b"\x81\xff" + (1 << 40).to_bytes(8) + b"mask", "1009"),
    "bad UTF-8": lambda _: (_text(b'{"type":"ping\xff\xc0' + _any_bytes()), "1007"),
    "no JSON": lambda _: (_text(b"\x00" + _any_bytes()), "1007"),
    "not a number": lambda _: (_text(b'{"type":"read","seq":%s}' % random.choice([b"NaN", b"-Infinity"])), "1007"),
    "deep": _nested,
    "huge number": _huge_number,
    "no object": lambda _: (_text(random.choice([b"null", b"[]", b"7", b'"hello"', b"true"])), "error"),
    "unknown type": lambda _: (_text(b'{"type":"%d"}' % random.randrange(1 << 30)), "error"),
    "second hello": lambda _: (_text(b'{"type":"hello"}'), "error"),
    "a stranger's name": lambda _: (_text(b'{"type":"typing","thread":"nobody-%d"}' % random.randrange(99)), "error"),
    "half a surrogate pair": lambda peer: (_send(peer, "half \ud800"), "rejected"),
    "NUL": lambda peer: (_send(peer, "nul \0"), "rejected"),
    "too long": lambda peer: (_send(peer, "x" * 4001), "rejected"),
    "blank": lambda peer: (_send(peer, " \u200b\n"), "rejected"),
    "no UUID": lambda peer: (_send(peer, "hi", "0" * random.randrange(1, 30)), "rejected"),
    "to nobody": lambda _: (_send(f"nobody-{random.randrange(99)}", "hi"), "rejected"),
}  # fmt: skip


class Wrongdoer:
    """answers: what came, by kind of frame, where it was not what must come."""

    def __init__(self, run: Run) -> None:
        parts = urlsplit(run.instance.public_url)
        assert parts.port is not None
        self._port, self._host = parts.port, parts.netloc
        self.sent: Counter[str] = Counter()
        self.answers: Counter[str] = Counter()

    async def send(self, cookie: str, peer: str, count: int) -> None:
        """`count` frames, over a new socket after each that ends one."""
        while count > 0:
            async with raw_socket(self._port) as raw:
                if await raw.upgrade("/messages", self._host, f"Cookie: {cookie}") != 101:
                    self.answers["handshake"] += 1
                    return
                await raw.send(_text(b'{"type":"hello"}'))
                assert await _answer(raw) == "welcome"
                while count > 0 and await self._one(raw, peer):
                    count -= 1
            count -= 1

    async def _one(self, raw: RawSocket, peer: str) -> bool:
        """Whether the socket is still open."""
        name = random.choice(list(WRONG))
        content, expected = WRONG[name](peer)
        await raw.send(content)
        answer = await _answer(raw)
        self.sent[name] += 1
        if answer != expected:
            self.answers[f"{name}: {answer}"] += 1
        return not expected.isdigit() and answer == expected


async def _answer(raw: RawSocket) -> str:
    """The close code or the type of the next text frame that is about this socket's own frames."""
    while (found := await raw.frame()) is not None:
        if found.opcode == CLOSE:
            return str(found.code)
        if found.opcode == TEXT:
            kind = str(json.loads(found.payload)["type"])
            if kind in ("error", "rejected", "welcome"):
                return kind
        else:
            assert found.opcode == PONG or found.opcode == 9, found
    return "1006"


@scenario("bad-frames")
async def bad_frames(run: Run) -> None:
    """10,000 wrong frames: each gets the right close code or error, nothing crashes, memory stays flat."""
    before = {name: run.instance.product.pid(name) for name in run.instance.product.names()}
    wrongdoer = Wrongdoer(run)
    people = [pair for pair in run.crowd.pairs for _ in range(_SENDERS)][:_SENDERS]

    async def send(count: int) -> None:
        await asyncio.gather(
            *(wrongdoer.send(pair.people[0].cookie, pair.names[1], count // _SENDERS) for pair in people)
        )

    await send(_WARM_UP)
    run.memory.mark()
    await run.inject("bad frames", f"{_FRAMES}", lambda: send(_FRAMES))
    program, growth = run.memory.most_grown()
    sent = sum(wrongdoer.sent.values())
    answers = ", ".join(f"{text} ({times})" for text, times in wrongdoer.answers.most_common(5))
    run.measure(
        "answered otherwise than they must", wrongdoer.answers.total(), 0, f"of {sent} {answers}".strip()
    )
    run.measure("kinds that were never sent", len(set(WRONG) - set(wrongdoer.sent)), 0, f"of {len(WRONG)}")
    run.measure("most growth, of " + program, growth, _MOST_MIB, "MiB")
    died = [name for name, pid in before.items() if run.instance.product.pid(name) != pid]
    run.measure("programs that died", len(died), 0, f"{died}")
