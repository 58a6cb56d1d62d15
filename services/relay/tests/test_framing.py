"""The frame parser, byte for byte."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.relay.transport.framing import (
    BINARY,
    CLOSE,
    CONTINUATION,
    NO_CODE,
    PING,
    PONG,
    TEXT,
    Parser,
    ProtocolError,
    close_code,
    text_frame,
)
from shared.testing.rawsocket import frame

unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine is shared


def parse(data: bytes) -> list[tuple[int, bytes]]:
    parser = Parser()
    parser.feed(data)
    return list(iter(parser.next_message, None))


def code_of(data: bytes) -> int:
    with pytest.raises(ProtocolError) as caught:
        parse(data)
    return caught.value.code


@unhurried
@given(
    st.lists(st.tuples(st.sampled_from([TEXT, PING, PONG]), st.binary(max_size=120)), max_size=8),
    st.lists(st.integers(1, 40)),
    st.binary(min_size=4, max_size=4),
)
def test_messages_come_out_whole_however_the_bytes_are_cut(
    messages: list[tuple[int, bytes]], cuts: list[int], mask: bytes
) -> None:
    data = b"".join(frame(payload, opcode, mask=mask) for opcode, payload in messages)
    parser, got = Parser(), []
    for cut in [*cuts, len(data)]:
        parser.feed(data[:cut])
        data = data[cut:]
        got += list(iter(parser.next_message, None))
    assert got == messages


@unhurried
@given(st.lists(st.binary(max_size=200), min_size=2, max_size=6))
def test_fragments_make_one_message_and_control_frames_may_come_between(parts: list[bytes]) -> None:
    data = b""
    for place, part in enumerate(parts):
        opcode = CONTINUATION if place else TEXT
        data += frame(part, opcode, final=place == len(parts) - 1) + frame(b"p", PING)
    got = parse(data)
    assert [payload for opcode, payload in got if opcode == TEXT] == [b"".join(parts)]
    assert [opcode for opcode, _ in got].count(PING) == len(parts)


@unhurried
@given(st.binary(max_size=300))
def test_random_bytes_never_do_anything_but_parse_or_fail_with_a_close_code(data: bytes) -> None:
    code = 0
    try:
        parse(data)
    except ProtocolError as error:
        code = error.code
    assert code in (0, 1002, 1003, 1007, 1009)


def test_a_message_of_64_kib_is_taken_and_one_byte_more_closes_with_1009() -> None:
    assert parse(frame(b"x" * 65_536)) == [(TEXT, b"x" * 65_536)]
    assert code_of(frame(b"x" * 65_537)) == 1009
    assert code_of(frame(b"x" * 65_537)[:10]) == 1009, "before the payload is there"


def test_fragments_together_may_not_be_too_big() -> None:
    first = frame(b"x" * 65_000, TEXT, final=False)
    assert code_of(first + frame(b"x" * 600, CONTINUATION)) == 1009


FORBIDDEN = {
    "not masked": text_frame(b"hi"),
    "a reserved bit": b"\xc1" + frame(b"hi")[1:],
    "an unknown data opcode": frame(b"hi", 0x3),
    "an unknown control opcode": frame(b"hi", 0xB),
    "a continuation of nothing": frame(b"hi", CONTINUATION),
    "a message within a message": frame(b"a", TEXT, final=False) + frame(b"b", TEXT),
    "a control frame in fragments": frame(b"p", PING, final=False),
    "a long control frame": b"\x89\xfe\x00\x7e" + b"mask" + b"x" * 126,
    "a length in too many bytes": b"\x81\xfe\x00\x05" + b"mask" + b"x" * 5,
    "a negative length": b"\x81\xff" + b"\xff" * 8 + b"mask",
}


@pytest.mark.parametrize("why", FORBIDDEN)
def test_what_the_protocol_forbids_closes_with_1002(why: str) -> None:
    assert code_of(FORBIDDEN[why]) == 1002


def test_a_binary_frame_closes_with_1003() -> None:
    assert code_of(frame(b"hi", BINARY)) == 1003


def test_close_codes_are_checked_as_the_protocol_says() -> None:
    assert close_code(b"") == NO_CODE
    assert close_code((1000).to_bytes(2) + b"bye") == 1000
    assert close_code((4501).to_bytes(2)) == 4501
    for bad in (b"\x03", (999).to_bytes(2), (1005).to_bytes(2), (1006).to_bytes(2), (5000).to_bytes(2)):
        with pytest.raises(ProtocolError):
            close_code(bad)
    with pytest.raises(ProtocolError) as caught:
        close_code((1000).to_bytes(2) + b"\xff")
    assert caught.value.code == 1007


def test_frames_are_masked_only_by_clients() -> None:
    assert text_frame(b"x" * 5)[:2] == bytes([0x80 | TEXT, 5])
    assert text_frame(b"x" * 300)[:4] == bytes([0x80 | TEXT, 126]) + (300).to_bytes(2)
    assert text_frame(b"x" * 70_000)[:10] == bytes([0x80 | TEXT, 127]) + (70_000).to_bytes(8)
    assert CLOSE == 0x8
