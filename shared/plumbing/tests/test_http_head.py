"""Heads are read as they are written, and nothing else is."""

import pytest

from shared.plumbing.http.head import (
    NotHttpError,
    bearer,
    body_length,
    json_call,
    read_answer,
    read_request,
    request_head,
)

_MORE = (("Content-Type", "application/json"), ("Content-Length", "2"))


def test_a_request_is_read_as_it_was_written() -> None:
    head = request_head(
        "GET /messages/bob?x=%2F",
        "relay",
        "a.b-c_d",
        [("Upgrade", "websocket")],
        request_id="7",
        address="::1",
    )
    assert head.endswith(b"\r\n\r\n")
    plain = read_request(head[:-4])
    assert (plain.method, plain.target, bearer(plain.headers)) == ("GET", "/messages/bob?x=%2F", "a.b-c_d")
    assert dict(plain.headers) == {
        "Host": "relay",
        "Authorization": "Bearer a.b-c_d",
        "X-Request-Id": "7",
        "X-Forwarded-For": "::1",
        "Upgrade": "websocket",
    }


def test_a_call_that_the_gateway_forwards_is_known_by_its_form() -> None:
    pattern = json_call("POST /api/x", "game")
    head = request_head("POST /api/x", "game", "a.b.c", _MORE, request_id="7-1", address="127.0.0.1")
    match = pattern.match(head + b"{}")
    assert match is not None
    assert (match.groups(), match.end()) == ((b"a.b.c", b"2"), len(head))
    for other in (
        request_head("POST /api/y", "game", "a.b.c", _MORE, request_id="7", address="::1"),
        request_head("POST /api/x", "auth", "a.b.c", _MORE, request_id="7", address="::1"),
        request_head("POST /api/x", "game", "a.b.c", _MORE, request_id="7"),
        request_head(
            "POST /api/x", "game", "a.b.c", [*_MORE, ("X-More", "1")], request_id="7", address="::1"
        ),
    ):
        assert pattern.match(other) is None


@pytest.mark.parametrize(
    "head",
    [
        b"",
        b"GET / HTTP/1.0",
        b"GET /\xc3\xa9 HTTP/1.1",
        b"GET http://a/ HTTP/1.1",
        b"GET /a b HTTP/1.1",
        b"get / HTTP/1.1",
        b"GET / HTTP/1.1\r\nA : b",
        b"GET / HTTP/1.1\r\nA: b\r\n folded",
        b"GET / HTTP/1.1\nA: b",
        b"GET / HTTP/1.1\r\nA: b\x00",
    ],
)
def test_what_is_not_plain_is_not_read(head: bytes) -> None:
    with pytest.raises(NotHttpError):
        read_request(head)


@pytest.mark.parametrize(
    ("given", "token"), [("Bearer a", "a"), ("bearer a", ""), ("Basic a", ""), ("Bearer", ""), ("", "")]
)
def test_only_a_bearer_has_a_token(given: str, token: str) -> None:
    assert bearer({"Authorization": given}) == token
    assert bearer({}) == ""


def test_an_answer_says_how_long_it_is() -> None:
    status, headers = read_answer(b"HTTP/1.1 200 OK\r\nContent-LENGTH:  12 \r\nX: y")
    assert (status, headers, body_length(status, headers)) == (
        200,
        {b"content-length": b"12", b"x": b"y"},
        12,
    )
    assert body_length(204, {}) == body_length(304, {b"content-length": b"9"}) == 0
    for odd in ({}, {b"content-length": b"-1"}, {b"content-length": b"1", b"transfer-encoding": b"chunked"}):
        with pytest.raises(NotHttpError):
            body_length(200, odd)
    with pytest.raises(NotHttpError):
        read_answer(b"HTTP/2 200")
