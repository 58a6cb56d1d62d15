"""What is said about frames that are not right."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.relay.decoding import Undecodable, decode
from services.relay.transport.framing import ProtocolError
from shared.wire.frames import Do, Hello, Send

ID = "01890a5d-ac96-774b-bcce-b302099a8057"


def _do(body: bytes) -> bytes:
    return b'{"type":"do","to":"bob","client_id":"%s","kind":"edit","body":%s}' % (ID.encode(), body)


def refusal(payload: bytes) -> Undecodable:
    with pytest.raises(Undecodable) as caught:
        decode(payload)
    return caught.value


def test_the_frames_of_the_contract_are_understood() -> None:
    assert decode(b'{"type":"hello","cursors":{"bob":12}}') == Hello({"bob": 12})
    assert decode(b'{"type":"hello"}') == Hello({})
    send = decode(json.dumps({"type": "send", "to": "bob", "client_id": ID, "text": "hi"}).encode())
    assert send == Send("bob", ID, "hi")
    reply = {"type": "send", "to": "bob", "client_id": ID, "text": "hi", "reply_to": 3}
    assert decode(json.dumps(reply).encode()) == Send("bob", ID, "hi", 3)
    change = decode(b'{"type":"do","to":"bob","client_id":"%s","kind":"later","body":[1, 2]}' % ID.encode())
    assert isinstance(change, Do)
    assert (change.kind, bytes(change.body)) == ("later", b"[1, 2]")


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"{",
        b"hello",
        b'{"type":"ping"}x',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b"\xff",
        b'"\x01"',
        _do(b'"\xff"'),
        _do(b"01"),
    ],
)
def test_what_is_not_json_closes_with_1007(payload: bytes) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode(payload)
    assert caught.value.code == 1007


@pytest.mark.parametrize(
    "payload",
    [
        b"1",
        b"null",
        b"[]",
        b'"hello"',
        b"{}",
        b'{"type":"dance"}',
        b'{"type":1}',
        b'{"type":null}',
        b'{"type":{}}',
    ],
)
def test_json_that_is_no_frame_is_answered_with_unknown_frame(payload: bytes) -> None:
    assert refusal(payload).problem.kind.code == "unknown-frame"


@pytest.mark.parametrize(
    ("frame", "pointer"),
    [
        ({"type": "read", "thread": "bob", "seq": -1}, "/seq"),
        ({"type": "read", "thread": "bob", "seq": 2**63}, "/seq"),
        ({"type": "read", "thread": "bob", "seq": 10**400}, "/seq"),
        ({"type": "read", "thread": "bob", "seq": 1.5}, "/seq"),
        ({"type": "read", "thread": "bob"}, "/seq"),
        ({"type": "typing", "thread": 7}, "/thread"),
        ({"type": "ping", "more": 1}, "/more"),
        ({"type": "hello", "cursors": {"bob": "12"}}, "/cursors/*"),
        ({"type": "hello", "cursors": {f"u{n}": 1 for n in range(201)}}, "/cursors"),
        ({"type": "sync", "thread": "x" * 65, "after": 0}, "/thread"),
    ],
)
def test_the_field_at_fault_is_named(frame: dict[str, Any], pointer: str) -> None:
    problem = refusal(json.dumps(frame).encode()).problem
    assert problem.kind.code == "invalid"
    assert [error.pointer for error in problem.errors] == [pointer]


def test_a_bad_send_is_a_rejection_of_its_client_id() -> None:
    what = refusal(b'{"type":"send","to":"bob","client_id":"%s","text":"\\ud800"}' % ID.encode())
    assert what.send == (ID, "bob")
    assert [error.pointer for error in what.problem.errors] == ["/text"]
    assert refusal(b'{"type":"send","to":"bob","client_id":"x"}').send == ("x", "bob")
    assert refusal(b'{"type":"send","to":"bob","client_id":5,"text":""}').send is None
    assert refusal(b'{"type":"send","to":"bob","client_id":"\\ud800","text":""}').send is None


def test_a_bad_do_is_a_rejection_of_its_client_id() -> None:
    what = refusal(_do(b'{"target":1,"text":"\\ud800"}'))
    assert what.send == (ID, "bob")
    assert [error.pointer for error in what.problem.errors] == ["/body/text"]
    assert refusal(b'{"type":"do","to":"Bob","client_id":"x"}').send == ("x", "bob")
    assert refusal(b'{"type":"do","to":"bob","client_id":5}').send is None


def test_depth_is_answered_and_harms_nobody() -> None:
    deep = b'{"type":"ping","x":' + b"[" * 30_000 + b"]" * 30_000 + b"}"
    assert refusal(deep).problem.kind.status == 422


unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the machine is shared
any_text = st.text(st.characters())  # half surrogate pairs included
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | any_text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
)
fields = st.sampled_from(
    ["type", "to", "text", "reply_to", "client_id", "kind", "body", "thread", "seq", "after", "cursors", "x"]
)
types = st.sampled_from(["hello", "send", "do", "sync", "read", "typing", "ping", "welcome", "message"])


def verdict(payload: bytes) -> int:
    """0 for a frame, 422 for a refusal, else the close code."""
    try:
        decode(payload)
    except Undecodable as what:
        return what.problem.kind.status
    except ProtocolError as error:
        return error.code
    return 0


@unhurried
@given(st.dictionaries(fields, json_values | types, max_size=5), types)
def test_any_json_object_is_understood_or_refused(frame: dict[str, Any], kind: str) -> None:
    assert verdict(json.dumps(frame | {"type": kind}).encode()) in (0, 422)


@unhurried
@given(st.binary(max_size=100))
def test_any_bytes_are_understood_refused_or_close_with_1007(payload: bytes) -> None:
    assert verdict(payload) in (0, 422, 1007)
