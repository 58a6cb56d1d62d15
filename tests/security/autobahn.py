"""The websocket protocol cases of the Autobahn test suite, groups 1-7, 9 and 10, by their ids.

Autobahn's server echoes; Duet answers JSON. So where a case sends any text, here it is a `ping` frame padded with
blanks to the same length (answered by `pong`), or a frame whose type is that text (answered by `error`).
What differs on purpose: binary messages close with 1003, messages over 64 KiB with 1009, an empty text is not
JSON and closes with 1007, and invalid UTF-8 is found at the end of its message (the suite's "non-strict").
"""

import struct
from collections.abc import Iterable, Iterator

from shared.testing.rawsocket import BINARY, CLOSE, CONTINUATION, PING, PONG, TEXT, closing, frame
from tests.security.autobahn_utf8 import utf8_cases
from tests.security.protocol_case import JSON_PONG, LIMIT, Case, Control, chopped, fragments, octets, padded

_SIZES = (125, 126, 127, 128, 65535, 65536)
_PING = frame(padded(0))
_TWO = fragments(padded(40), 20)

_EDITED = bytes.fromhex("cebae1bdb9cf83cebcceb5eda080656469746564")


def _framing() -> Iterator[Case]:
    yield Case("1.1.1", (frame(b""),), (1007,))
    for number, size in enumerate(_SIZES, 2):
        yield Case(f"1.1.{number}", (frame(padded(size)),), (JSON_PONG,))
    yield Case("1.1.8", chopped(frame(padded(65536)), 997), (JSON_PONG,))
    for number, size in enumerate((0, *_SIZES), 1):
        yield Case(f"1.2.{number}", (frame(b"\xfe" * size, BINARY),), (1003,))
    yield Case("1.2.8", chopped(frame(b"\xfe" * 65536, BINARY), 997), (1003,))


def _pings() -> Iterator[Case]:
    full = bytes(range(125))
    yield Case("2.1", (frame(b"", PING),), (Control(b""),))
    yield Case("2.2", (frame(b"Hello, world!", PING),), (Control(b"Hello, world!"),))
    yield Case(
        "2.3",
        (frame(b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff", PING),),
        (Control(b"\x00\xff\xfe\xfd\xfc\xfb\x00\xff"),),
    )
    yield Case("2.4", (frame(full, PING),), (Control(full),))
    yield Case("2.5", (frame(bytes(126), PING),), (1002,))
    yield Case("2.6", octets(frame(full, PING)), (Control(full),))
    yield Case("2.7", (frame(b"", PONG),), ())
    yield Case("2.8", (frame(b"unsolicited", PONG),), ())
    yield Case("2.9", (frame(b"unsolicited", PONG), frame(b"solicited", PING)), (Control(b"solicited"),))
    ten = [b"payload-%d" % number for number in range(10)]
    answers = tuple(map(Control, ten))
    yield Case("2.10", (b"".join(frame(payload, PING) for payload in ten),), answers)
    yield Case("2.11", octets(*(frame(payload, PING) for payload in ten)), answers)


def _reserved_bits() -> Iterator[Case]:
    yield Case("3.1", (frame(padded(0), reserved=1),), (1002,))
    yield Case("3.2", (_PING, frame(padded(0), reserved=2), frame(b"", PING)), (JSON_PONG, 1002))
    yield Case("3.3", (_PING + frame(padded(0), reserved=3) + frame(b"", PING),), (JSON_PONG, 1002))
    yield Case("3.4", octets(_PING, frame(padded(0), reserved=4), frame(b"", PING)), (JSON_PONG, 1002))
    yield Case("3.5", (frame(b"\x00\xff", BINARY, reserved=5),), (1002,))
    yield Case("3.6", (frame(b"Hello", PING, reserved=6),), (1002,))
    yield Case("3.7", (frame(b"\x03\xe8", CLOSE, reserved=7),), (1002,))


def _opcodes() -> Iterator[Case]:
    for group, codes in (("4.1", range(3, 8)), ("4.2", range(11, 16))):
        first, second, third, fourth, fifth = codes
        yield Case(f"{group}.1", (frame(b"", first),), (1002,))
        yield Case(f"{group}.2", (frame(b"reserved", second),), (1002,))
        yield Case(f"{group}.3", (_PING, frame(b"", third), frame(b"", PING)), (JSON_PONG, 1002))
        yield Case(f"{group}.4", (_PING, frame(b"reserved", fourth), frame(b"", PING)), (JSON_PONG, 1002))
        yield Case(
            f"{group}.5", octets(_PING, frame(b"reserved", fifth), frame(b"", PING)), (JSON_PONG, 1002)
        )


def _fragmentation() -> Iterator[Case]:
    ping, pong = frame(b"between", PING), Control(b"between")
    yield Case("5.1", (frame(b"a", PING, final=False), frame(b"b", CONTINUATION)), (1002,))
    yield Case("5.2", (frame(b"a", PONG, final=False), frame(b"b", CONTINUATION)), (1002,))
    yield Case("5.3", tuple(_TWO), (JSON_PONG,))
    yield Case("5.4", (b"".join(_TWO),), (JSON_PONG,))
    yield Case("5.5", octets(*_TWO), (JSON_PONG,))
    yield Case("5.6", (_TWO[0], ping, _TWO[1]), (pong, JSON_PONG))
    yield Case("5.7", (_TWO[0] + ping + _TWO[1],), (pong, JSON_PONG))
    yield Case("5.8", octets(_TWO[0], ping, _TWO[1]), (pong, JSON_PONG))
    for number, final in ((9, True), (12, False)):
        stray = frame(b"nothing to continue", CONTINUATION, final=final)
        yield Case(f"5.{number}", (stray, _PING), (1002,))
        yield Case(f"5.{number + 1}", (stray + _PING,), (1002,))
        yield Case(f"5.{number + 2}", octets(stray, _PING), (1002,))
    stray = frame(b"nothing to continue", CONTINUATION, final=False)
    yield Case("5.15", (*_TWO, stray, _PING), (JSON_PONG, 1002))
    yield Case("5.16", (stray, *_TWO, stray, *_TWO), (1002,))
    ended = frame(b"nothing to continue", CONTINUATION)
    yield Case("5.17", (ended, *_TWO, ended, *_TWO), (1002,))
    yield Case("5.18", (_TWO[0], frame(padded(0), TEXT)), (1002,))
    five = fragments(padded(50), 10)
    pings = [frame(b"%d" % number, PING) for number in range(2)]
    twice = (Control(b"0"), Control(b"1"), JSON_PONG)
    yield Case("5.19", (*five[:2], pings[0], *five[2:4], pings[1], five[4]), twice)
    yield Case("5.20", octets(*five[:2], pings[0], *five[2:4], pings[1], five[4]), twice)


_MAY_BE_SENT = (1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999)
_MUST_NOT_BE_SENT = (0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999)
"""The suite's 1012-1014 have been registered since, and are answered like the others."""


def _closes() -> Iterator[Case]:
    yield Case("7.1.1", (_PING, closing()), (JSON_PONG, 1000))
    yield Case("7.1.2", (closing() + closing(),), (1000,))
    yield Case("7.1.3", (closing() + frame(b"late", PING),), (1000,))
    yield Case("7.1.4", (closing() + _PING,), (1000,))
    yield Case("7.1.5", (_TWO[0], closing(), _TWO[1]), (1000,))
    yield Case("7.1.6", (frame(bytes(256 * 1024)) + closing() + frame(b"", PING),), (1009,))
    yield Case("7.3.1", (closing(None),), (1000,))
    yield Case("7.3.2", (frame(b"\x03", CLOSE),), (1002,))
    yield Case("7.3.3", (closing(1000),), (1000,))
    yield Case("7.3.4", (closing(1000, b"Hello World!"),), (1000,))
    yield Case("7.3.5", (closing(1000, b"*" * 123),), (1000,))
    yield Case("7.3.6", (closing(1000, b"*" * 124),), (1002,))
    yield Case("7.5.1", (closing(1000, _EDITED),), (1007,))
    for number, code in enumerate(_MAY_BE_SENT, 1):
        yield Case(f"7.7.{number}", (closing(code),), (code,))
    for number, code in enumerate(_MUST_NOT_BE_SENT, 1):
        yield Case(f"7.9.{number}", (closing(code),), (1002,))
    yield Case("7.13.1", (closing(5000),), (1002,))
    yield Case("7.13.2", (frame(struct.pack(">I", 65536), CLOSE),), (1002,))


def _limits() -> Iterator[Case]:
    many = 1000
    yield Case("9.1.1", (frame(padded(LIMIT)),), (JSON_PONG,))
    for number, size in enumerate((LIMIT + 1, 256 << 10, 1 << 20, 4 << 20), 2):
        yield Case(f"9.1.{number}", (frame(padded(size))[: LIMIT * 2],), (1009,))
    for number, size in enumerate((LIMIT, 1 << 20), 1):
        yield Case(f"9.2.{number}", (frame(bytes(size), BINARY)[:LIMIT],), (1003,))
    for number, size in enumerate((64, 256, 1024, 4096, 16384), 1):
        yield Case(f"9.3.{number}", tuple(fragments(padded(LIMIT), size)), (JSON_PONG,))
        over = b"".join(fragments(padded(LIMIT + size), size))
        yield Case(f"9.4.{number}", (over,), (1009,))
    for number, size in enumerate((64, 128, 256, 512, 1024, 2048), 1):
        yield Case(f"9.5.{number}", chopped(frame(padded(LIMIT)), size), (JSON_PONG,))
    for number, size in enumerate((15, 16, 64, 256, 1024, 4096), 1):
        yield Case(f"9.7.{number}", tuple([frame(padded(size))] * many), (JSON_PONG,) * many)


def _auto_fragmentation() -> Iterator[Case]:
    yield Case("10.1.1", tuple(fragments(padded(65536), 1300)), (JSON_PONG,))


_GROUPS = (
    _framing,
    _pings,
    _reserved_bits,
    _opcodes,
    _fragmentation,
    utf8_cases,
    _closes,
    _limits,
    _auto_fragmentation,
)


def cases() -> Iterable[Case]:
    """All of them, by group."""
    for group in _GROUPS:
        yield from group()
