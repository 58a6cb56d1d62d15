"""Errors that name the field."""

import tracemalloc
from typing import Annotated, Any

import msgspec
import pytest

from shared.wire.codec import convert, decode
from shared.wire.frames import ClientFrame, repeated
from shared.wire.http import MessagesQuery, SearchQuery, SignUp, ThreadsQuery
from shared.wire.ids import uuid7
from shared.wire.messages import MessageFrame
from shared.wire.problems import KINDS, Invalid, Malformed, Problem, all_subclasses, from_document


class Sample(msgspec.Struct, forbid_unknown_fields=True):
    x: Annotated[int, msgspec.Meta(le=2**63 - 1)]
    items: list[int] = []
    text: str = ""
    more: Any = None


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (b'{"x":"one"}', "/x"),
        (b'{"x":1,"y":2}', "/y"),
        (b"{}", "/x"),
        (b'{"x":1,"items":[1,"a"]}', "/items/1"),
        (b'{"x":1,"text":"\\ud800"}', "/text"),
        (b'{"x":1,"more":[1,{"text":"\\ud800"}]}', "/more/1/text"),
        (b'{"x":1,"more":{"\\ud800":1}}', "/more"),
        (b'{"x":1e400}', "/x"),
        (b'{"x":99999999999999999999}', "/x"),
        (b"[]", ""),
    ],
)
def test_the_field_at_fault_is_named(body: bytes, pointer: str) -> None:
    with pytest.raises(Invalid) as caught:
        decode(body, Sample)
    assert [error.pointer for error in caught.value.errors] == [pointer]


@pytest.mark.parametrize(
    "more",
    [
        b'{"' + b"x" * 30_000 + b'":[' + b'"",' * 10_000 + b'""]}',
        b"[" * 500 + b'"",' * 20_000 + b'""' + b"]" * 500,
        b'{"' + b"x" * 30_000 + b'":[' + b'"\\ud800",' * 3_000 + b'""]}',
    ],
)
def test_looking_for_a_half_pair_costs_little_whatever_the_body_holds(more: bytes) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(Invalid):
            decode(b'{"x":1,"text":"\\ud800","more":' + more + b"}", Sample)
        assert tracemalloc.get_traced_memory()[1] < 8 * 1024 * 1024
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'{"x":NaN}', b'{"items":' + b"[" * 100_000])
def test_what_is_not_json_is_malformed_or_invalid_and_never_a_crash(body: bytes) -> None:
    with pytest.raises((Malformed, Invalid)):
        decode(body, Sample)


def test_a_deep_frame_is_no_crash() -> None:
    with pytest.raises((Malformed, Invalid)):
        decode(b'{"type":"hello","cursors":' + b'{"a":' * 10_000, ClientFrame)  # type: ignore[arg-type]


def test_every_named_error_has_a_kind_in_the_table_and_survives_the_wire() -> None:
    for named in all_subclasses(Problem):
        assert KINDS[named.kind.code] is named.kind
        assert from_document(Problem.document(_make(named))).kind is named.kind


def _make(named: type[Problem]) -> Problem:
    problem = Problem("detail")
    problem.kind = named.kind
    return problem


def test_a_repeated_frame_is_the_first_one_marked() -> None:
    frame = msgspec.json.decode(
        b'{"type":"message","thread":"bob","seq":1,"sender":"ann","client_id":"%s","text":"}","sent_at":'
        b'"2026-01-02T03:04:05Z"}' % str(uuid7()).encode(),
        type=MessageFrame,
    )
    again = msgspec.json.decode(repeated(msgspec.json.encode(frame)), type=MessageFrame)
    assert again.repeat
    assert msgspec.structs.replace(again, repeat=False) == frame


def test_uuid7_grows_with_time() -> None:
    made = [uuid7() for _ in range(3)]
    assert {one.version for one in made} == {7}
    assert [one.int >> 80 for one in made] == sorted(one.int >> 80 for one in made)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b'{"username":"ab","password":"0123456789"}', "must have at least 3 characters"),
        (b'{"username":"-ab","password":"0123456789"}', "holds characters that are not allowed here"),
        (b'{"username":5,"password":"0123456789"}', "must be of type str, not int"),
    ],
)
def test_what_is_wrong_is_said_in_words(body: bytes, words: str) -> None:
    with pytest.raises(Invalid) as caught:
        decode(body, SignUp)
    assert [error.detail for error in caught.value.errors] == [words]


@pytest.mark.parametrize("body", [b"[]", b"7", b"null"])
def test_a_body_of_the_wrong_type_is_said_to_be_that_itself(body: bytes) -> None:
    with pytest.raises(Invalid, match=r"\Athis must be of type object, not "):
        decode(body, SignUp)


@pytest.mark.parametrize("word", ["null", "Null", "NULL"])
def test_a_query_cannot_say_null_but_may_hold_the_word(word: str) -> None:
    """As a number or a choice msgspec would take it for one that was left out."""
    for of, name in ((MessagesQuery, "before"), (ThreadsQuery, "archived")):
        with pytest.raises(Invalid) as refused:
            convert({name: word}, of)
        assert [error.pointer for error in refused.value.errors] == [f"?{name}"]
    query = convert({"q": word, "with": word}, SearchQuery)
    assert (query.q, query.with_) == (word, word)
    assert convert({}, ThreadsQuery).archived is None
