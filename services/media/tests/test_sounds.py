"""Sounds: which files are some, and how long they are."""

import struct

from services.media.file_types import type_of
from services.media.sounds import duration
from services.media.tests.desk import Answer, Desk, photo
from shared.wire.attachments import OCTETS
from shared.wire.ids import uuid7


def ogg_page(granule: int, content: bytes) -> bytes:
    return b"OggS\0\0" + struct.pack("<qIII", granule, 1, 0, 0) + bytes([1, len(content)]) + content


def opus(seconds: float) -> bytes:
    head = b"OpusHead\1\1" + struct.pack("<HIhB", 312, 48_000, 0, 0)
    return ogg_page(0, head) + ogg_page(int(seconds * 48_000) + 312, b"x" * 50)


def box(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + name + content


def mp4(seconds: float, track: bytes = b"soun", brand: bytes = b"isom") -> bytes:
    head = box(b"mvhd", struct.pack(">IIIII", 0, 0, 0, 1000, int(seconds * 1000)) + bytes(80))
    handler = box(b"hdlr", bytes(8) + track + bytes(12))
    return box(b"ftyp", brand + bytes(4)) + box(b"moov", head + handler)


def webm(duration: bytes = b"", codec: bytes = b"A_OPUS") -> bytes:
    return (
        b"\x1aE\xdf\xa3\x9fB\x82\x84webm" + b"\x2a\xd7\xb1\x83\x0f\x42\x40" + duration + b"\x86\x86" + codec
    )


def test_a_sound_is_known_by_its_bytes_and_a_film_is_none() -> None:
    sounds = {
        "audio/ogg": [opus(1)],
        "audio/mp4": [mp4(1), mp4(1, brand=b"M4A "), mp4(1, brand=b"iso5")],
        "audio/webm": [webm()],
        "audio/aac": [b"\xff\xf1\x50\x80"],
        OCTETS: [
            mp4(1, b"vide"),
            mp4(1, b"soun" + b"vide"),
            webm(codec=b"V_VP9 A_OPUS"),
            opus(1)[:30],
            b"ID3",
            b"",
        ],
    }
    assert {kind: [type_of(one) for one in files] for kind, files in sounds.items()} == {
        kind: [kind] * len(files) for kind, files in sounds.items()
    }


def test_the_length_of_a_sound_is_read_from_its_file_and_nothing_is_made_up() -> None:
    in_ms = b"\x44\x89\x84" + struct.pack(">f", 2500.0)
    for kind, content, seconds in (
        ("audio/ogg", opus(2.5), 2.5),
        ("audio/mp4", mp4(2.5), 2.5),
        ("audio/webm", webm(in_ms), 2.5),
        ("audio/mp4", mp4(0), None),
        ("audio/mp4", mp4(1)[:40], None),
        ("audio/webm", webm(), None),
        ("audio/ogg", opus(1e6), None),
        ("audio/aac", b"\xff\xf1\x50\x80", None),
    ):
        assert duration(kind, content, content) == seconds, (kind, content)


async def test_a_sound_is_shown_in_its_place_with_its_length(desk: Desk) -> None:
    content = opus(61.25)
    sent = await desk.uploaded("ann", "bob", content, "voice.bin")
    assert (sent["type"], sent["duration"]) == ("audio/ogg", 61.25)
    answer = await desk.read("ann", sent["id"], headers={"Range": "bytes=0-3"})
    assert (answer.status, answer.body, answer.headers["Content-Type"]) == (206, b"OggS", "audio/ogg")
    assert answer.headers["Content-Disposition"].startswith("inline;")
    query = {"client_id": str(uuid7()), "name": "voice.webm", "duration": "3.5"}
    path = "/api/threads/bob/attachments"
    for body, told in ((webm(), 3.5), (b"no sound", None)):
        query["client_id"] = str(uuid7())
        recorded = await desk.call("ann", "POST", path, params=query, data=body)
        assert recorded.json.get("duration") == told


PEAKS = "0123456789abcdef" * 3


async def test_a_sound_carries_its_peaks_into_its_message_and_no_other_file_does(desk: Desk) -> None:
    sent = [await told(desk, content, peaks=PEAKS) for content in (opus(1), photo(60, 40), b"no sound")]
    assert [(one.status, one.json.get("peaks")) for one in sent] == [(201, PEAKS), (201, None), (201, None)]
    seq = await desk.send("ann", "bob", sent[0].json["id"])
    page = await desk.call("bob", "GET", "/api/threads/ann/messages", at="threads")
    [message] = page.json["messages"]
    assert (message["seq"], message["attachments"]) == (seq, [sent[0].json])


async def test_what_is_no_length_or_no_peaks_is_refused_and_named(desk: Desk) -> None:
    bad = [
        {"peaks": peaks}
        for peaks in (
            "",
            PEAKS[1:],
            PEAKS + "0",
            PEAKS + "\n",
            PEAKS.upper(),
            "g" * 48,
            "<b>" * 16,
            "\u0660" * 48,
        )
    ]
    for asked in (*bad, *({"duration": text} for text in ("-1", "nan", "inf", "86401", "long", ""))):
        answer = await told(desk, opus(1), **asked)
        [name] = asked
        assert (answer.status, [error["pointer"] for error in answer.json["errors"]]) == (
            422,
            [f"?{name}"],
        ), asked
    assert desk.blobs() == []


async def told(desk: Desk, content: bytes, **query: str) -> Answer:
    """An upload whose sender says more of it."""
    asked = {"client_id": str(uuid7()), "name": "voice.webm", **query}
    return await desk.call("ann", "POST", "/api/threads/bob/attachments", params=asked, data=content)
