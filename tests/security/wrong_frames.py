"""Frames that are wrong in every way we know, and what must answer each."""

import json
import random
from collections.abc import Callable

from shared.testing.rawsocket import BINARY, CLOSE, PING, PONG, TEXT, RawSocket, frame
from shared.wire.ids import uuid7

_LIMIT = 64 * 1024
Make = Callable[[str], tuple[bytes, str]]
"""(a peer's name) -> bytes and what must answer them: a close code, or the type of a text frame."""


def _text(content: bytes) -> bytes:
    return frame(content, TEXT)


def _send(peer: str, text: str, client_id: str | None = None) -> bytes:
    """ASCII, so that half surrogate pairs travel as escapes."""
    fields = {"type": "send", "to": peer, "client_id": client_id or str(uuid7()), "text": text}
    return _text(json.dumps(fields).encode())


def _change(peer: str, kind: str, body: bytes) -> bytes:
    fields = json.dumps({"type": "do", "to": peer, "client_id": str(uuid7()), "kind": kind})
    return _text(fields[:-1].encode() + b',"body":' + body + b"}")


def _no_body(peer: str) -> tuple[bytes, str]:
    body = random.choice(
        [b"null", b"[]", b"7", b'"x"', b"{}", b'{"target":1}', b'{"target":1,"text":"x","more":1}']
    )
    return _change(peer, "edit", body), "rejected"


def _no_kind(peer: str) -> tuple[bytes, str]:
    return _change(
        peer, random.choice(["game", "message", "later", "", "x" * 40]), b'{"target":1}'
    ), "rejected"


def _no_target(peer: str) -> tuple[bytes, str]:
    target = random.choice([b"0", b"-1", b"1.5", b'"1"', b"[1]", b"true", b"9223372036854775808", b"9" * 400])
    return _change(peer, "delete", b'{"target":%s}' % target), "rejected"


def _no_emoji(peer: str) -> tuple[bytes, str]:
    emoji = random.choice(["x", "", "❤️👍", "👍" * 75, "\u200d", "\ud83d"])
    return _change(peer, "reaction", json.dumps({"target": 1, "emoji": emoji}).encode()), "rejected"


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
    "a change without a target": _no_target,
    "a change of what is not there": lambda peer: (_change(peer, "delete", b'{"target":1}'), "rejected"),
    "a change without a right body": _no_body,
    "a reaction without an emoji": _no_emoji,
    "a change of an unknown kind": _no_kind,
    "a change that is no JSON": lambda peer: (_change(peer, "edit", b'{"target":1,"text":"\xff"}'), "1007"),
    "to nobody": lambda _: (_send(f"nobody-{random.randrange(99)}", "hi"), "rejected"),
}  # fmt: skip


async def answer_of(raw: RawSocket) -> str:
    """The close code or the type of the next text frame that is about this socket's own frames."""
    while (found := await raw.frame()) is not None:
        if found.opcode == CLOSE:
            return str(found.code)
        if found.opcode == TEXT:
            kind = str(json.loads(found.payload)["type"])
            if kind in ("error", "rejected", "welcome"):
                return kind
        else:
            assert found.opcode in (PING, PONG), found
    return "1006"
