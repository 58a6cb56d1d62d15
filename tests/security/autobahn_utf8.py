"""Group 6 of the Autobahn suite: UTF-8, after Markus Kuhn's stress test."""

from collections.abc import Iterator

from shared.testing.rawsocket import CONTINUATION, frame
from tests.security.protocol_case import JSON_ERROR, JSON_PONG, Case, fragments, padded, typed

_VALID_TEXT = "Hello-µ@ßöäüàá-UTF-8!!".encode()
_KOSME = "κόσμε".encode()
_EDITED = bytes.fromhex("cebae1bdb9cf83cebcceb5eda080656469746564")


def _hex(*texts: str) -> list[bytes]:
    return [bytes.fromhex(text) for text in texts]


_VALID = {
    "6.7": [b"\\u0000", *_hex("c280", "e0a080", "f0908080")],
    "6.9": _hex("7f", "dfbf", "efbfbf", "f48fbfbf"),
    "6.11": _hex("ed9fbf", "ee8080", "efbfbd", "f48fbfbf"),
    "6.22": [chr(plane << 16 | last).encode() for plane in range(17) for last in (0xFFFE, 0xFFFF)],
    "6.23": [chr(code).encode() for code in range(0xFFF9, 0x10000)],
}
_INVALID = {
    "6.8": _hex("f888808080", "fc8480808080"),
    "6.10": _hex("f7bfbfbf", "fbbfbfbfbf", "fdbfbfbfbfbf"),
    "6.11b": _hex("f4908080"),
    "6.12": [*_hex("80", "bf"), *((b"\x80\xbf" * 3)[:n] for n in range(2, 7)), bytes(range(0x80, 0xBF))],
    "6.13": [
        b"".join(bytes([byte, 0x20]) for byte in starts)
        for starts in (range(0xC0, 0xE0), range(0xE0, 0xF0), range(0xF0, 0xF8), range(0xF8, 0xFC), (0xFC, 0xFD))
    ],
    "6.14": _hex("c0", "e080", "f08080", "f8808080", "fc80808080", "df", "efbf", "f7bfbf", "fbbfbfbf", "fdbfbfbfbf"),
    "6.15": _hex("c0e080f08080f8808080fc80808080dfefbff7bfbffbbfbfbffdbfbfbfbf"),
    "6.16": _hex("fe", "ff", "fefeffff"),
    "6.17": _hex("c0af", "e080af", "f08080af", "f8808080af", "fc80808080af"),
    "6.18": _hex("c1bf", "e09fbf", "f08fbfbf", "f887bfbfbf", "fc83bfbfbfbf"),
    "6.19": _hex("c080", "e08080", "f0808080", "f880808080", "fc8080808080"),
    "6.20": _hex("eda080", "edadbf", "edae80", "edafbf", "edb080", "edbe80", "edbfbf"),
    "6.21": [
        high + low
        for high in _hex("eda080", "edadbf", "edae80", "edafbf")
        for low in _hex("edb080", "edbfbf")
    ],
}  # fmt: skip


def utf8_cases() -> Iterator[Case]:
    yield Case("6.1.1", (frame(b""),), (1007,))
    yield Case(
        "6.1.2",
        (frame(b"", final=False), frame(b"", CONTINUATION, final=False), frame(b"", CONTINUATION)),
        (1007,),
    )
    yield Case(
        "6.1.3",
        (frame(b"", final=False), frame(padded(0), CONTINUATION, final=False), frame(b"", CONTINUATION)),
        (JSON_PONG,),
    )
    whole = typed(_VALID_TEXT)
    yield Case("6.2.1", (frame(whole),), (JSON_ERROR,))
    yield Case("6.2.2", tuple(fragments(whole, 14)), (JSON_ERROR,))
    yield Case("6.2.3", tuple(fragments(whole, 1)), (JSON_ERROR,))
    yield Case("6.2.4", tuple(fragments(typed(_KOSME), 1)), (JSON_ERROR,))
    yield Case("6.3.1", (frame(typed(_EDITED)),), (1007,))
    yield Case("6.3.2", tuple(fragments(typed(_EDITED), 1)), (1007,))
    late = typed(_KOSME + b"\xf4\x90\x80\x80" + b"edited")
    for number, size in enumerate((20, 21, 22, 23), 1):
        yield Case(f"6.4.{number}", tuple(fragments(late, size)), (1007,))
    for number, size in enumerate((100, 11, 12, 1, 2), 1):
        yield Case(f"6.5.{number}", tuple(fragments(typed(_KOSME), size)), (JSON_ERROR,))
    for length in range(1, len(_KOSME) + 1):
        prefix = _KOSME[:length]
        whole_characters = prefix.decode(errors="ignore").encode() == prefix
        yield Case(f"6.6.{length}", (frame(typed(prefix)),), (JSON_ERROR if whole_characters else 1007,))
    for table, expected in ((_VALID, JSON_ERROR), (_INVALID, 1007)):
        for group, texts in table.items():
            for number, text in enumerate(texts, 5 if group.endswith("b") else 1):
                yield Case(f"{group.rstrip('b')}.{number}", (frame(typed(text)),), (expected,))
