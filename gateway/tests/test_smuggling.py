"""Requests on which two parsers might disagree, sent by bare sockets: they are refused and end the connection."""

import asyncio
import contextlib

import pytest

from gateway.tests.conftest import Gateway
from gateway.tests.fakes import EchoRelay, RecordingService, Somebody
from gateway.tests.raw import head

_UPGRADE = (
    "Connection: Upgrade",
    "Upgrade: websocket",
    "Sec-WebSocket-Version: 13",
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
)
_HIDDEN = b"GET /api/session HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 5", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: chunked", "Content-Length: 5"),
        ("Transfer-Encoding: gzip, chunked",),
        ("Transfer-Encoding: chunked, chunked",),
        ("Transfer-Encoding: chunked", "Transfer-Encoding: chunked"),
        ("Transfer-Encoding: xchunked",),
        ("Transfer-Encoding: chunked, identity",),
        ("Transfer-Encoding:\x0bchunked",),
        ("Transfer-Encoding : chunked",),
        ("Content-Length: 5", "Content-Length: 6"),
        ("Content-Length: 5", "Content-Length: 5"),
        ("Content-Length: 5, 5",),
        ("Content-Length: +5",),
        ("Content-Length: -1",),
        ("Content-Length: 0x5",),
        ("Content-Length: 5 5",),
        ("Content-Length : 5",),
        ("Content-Length: 99999999999999999999999",),
        ("X-Folded: a", " b"),
        ("X-Folded: a", "\tContent-Length: 5"),
        ("Host: evil.example",),
        ("X-Nul: a\x00b",),
        ("X-Cr: a\rb",),
        ("Bad Name: x",),
        ("no colon",),
        (": no name",),
    ],
)
async def test_an_ambiguous_head_is_400_and_what_follows_is_never_read(
    gateway: Gateway, game: RecordingService, lines: tuple[str, ...]
) -> None:
    async with await gateway.raw() as raw:
        request = head(
            "POST /api/tictactoe/move HTTP/1.1", gateway.port, "Content-Type: application/json", *lines
        )
        await raw.send(request + b"0\r\n\r\n" + _HIDDEN)
        answer = await raw.answer()
        assert (answer.status, answer.problem) == (400, "malformed")
        assert await raw.end() == b""
    assert game.received == []


@pytest.mark.parametrize(
    "first",
    [
        "GET http://127.0.0.1/api/session HTTP/1.1",
        "GET //evil.example/api/session HTTP/2.0",
        "CONNECT 127.0.0.1:80 HTTP/1.1",
        "GET /a b HTTP/1.1",
        "get /api/session HTTP/1.1",
        "GET /\xff HTTP/1.1",
        "GET /api/session HTTP/1.1 x",
        "GET /api/session",
        "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    ],
)
async def test_an_odd_request_line_is_400(gateway: Gateway, first: str) -> None:
    async with await gateway.raw() as raw:
        await raw.send(head(first, gateway.port))
        answer = await raw.answer()
        assert (answer.status, answer.problem) == (400, "malformed")


@pytest.mark.parametrize(
    "lines",
    [
        ("Content-Length: 5",),
        ("Transfer-Encoding: chunked",),
        ("Content-Length: 0", "Transfer-Encoding: chunked"),
    ],
)
async def test_an_upgrade_with_a_body_is_400_and_opens_nothing(
    gateway: Gateway, relay: EchoRelay, ann: Somebody, lines: tuple[str, ...]
) -> None:
    cookie = f"Cookie: {gateway.cookie(ann)['Cookie']}"
    async with await gateway.raw() as raw:
        await raw.send(
            head("GET /messages HTTP/1.1", gateway.port, *_UPGRADE, cookie, *lines)
            + b"5\r\nhello\r\n0\r\n\r\n"
        )
        answer = await raw.answer()
        assert (answer.status, answer.problem) == (400, "malformed")
        await raw.end()
    assert relay.received == []


@pytest.mark.parametrize(
    "body", ["0x5\r\nhello\r\n0\r\n\r\n", "+0\r\n\r\n", "1\r\nabc\r\n0\r\n\r\n", "z\r\n"]
)
async def test_a_malformed_chunk_is_400_and_ends_the_connection(
    gateway: Gateway, game: RecordingService, body: str
) -> None:
    lines = ("Content-Type: application/json", "Transfer-Encoding: chunked")
    async with await gateway.raw() as raw:
        await raw.send(
            head("POST /api/tictactoe/move HTTP/1.1", gateway.port, *lines) + body.encode() + _HIDDEN
        )
        answer = await raw.answer()
        assert (answer.status, answer.problem) == (400, "malformed")
        assert await raw.end() == b""
    assert game.received == []


@pytest.mark.parametrize("protocol", ["h2c", "websocket, h2c", "TLS/1.0", "", "websocket\r\nUpgrade: h2c"])
async def test_an_upgrade_to_anything_but_a_websocket_is_400(gateway: Gateway, protocol: str) -> None:
    async with await gateway.raw() as raw:
        await raw.send(
            head("GET /login HTTP/1.1", gateway.port, "Connection: Upgrade", f"Upgrade: {protocol}")
        )
        answer = await raw.answer()
        assert (answer.status, answer.problem) == (400, "malformed")


async def test_an_upgrade_where_there_is_no_socket_is_400(gateway: Gateway, ann: Somebody) -> None:
    cookie = f"Cookie: {gateway.cookie(ann)['Cookie']}"
    for path in ("/api/session", "/login", "/api/docs"):
        async with await gateway.raw() as raw:
            await raw.send(head(f"GET {path} HTTP/1.1", gateway.port, *_UPGRADE, cookie))
            answer = await raw.answer()
            assert (answer.status, answer.problem) == (400, "malformed")


async def test_an_unknown_expectation_is_417(gateway: Gateway) -> None:
    for path in ("/login", "/api/nothing"):
        async with await gateway.raw() as raw:
            await raw.send(head(f"GET {path} HTTP/1.1", gateway.port, "Expect: a miracle"))
            answer = await raw.answer()
            assert (answer.status, answer.problem) == (417, "expectation-failed")


async def test_who_expects_100_continue_is_told_to(gateway: Gateway, game: RecordingService) -> None:
    async with await gateway.raw() as raw:
        lines = ("Content-Type: application/json", "Content-Length: 2", "Expect: 100-continue")
        await raw.send(head("POST /api/tictactoe/move HTTP/1.1", gateway.port, *lines))
        assert (await raw.answer()).status == 100
        await raw.send(b"{}")
        assert (await raw.answer()).status == 200
    assert game.received[0].body == b"{}"


async def test_headers_beyond_their_limit_are_431(gateway: Gateway) -> None:
    for lines, first in (
        ([f"X-Long: {'x' * 9000}"], "GET /login HTTP/1.1"),
        ([], f"GET /{'x' * 9000} HTTP/1.1"),
        ([f"X-{number}: x" for number in range(200)], "GET /login HTTP/1.1"),
    ):
        async with await gateway.raw() as raw:
            await raw.send(head(first, gateway.port, *lines))
            answer = await raw.answer()
            assert (answer.status, answer.problem) == (431, "headers-too-large")


async def test_a_packed_body_is_415(gateway: Gateway, game: RecordingService) -> None:
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/json"}
    answer = await gateway.call("POST", "/api/tictactoe/move", data=b"x", headers=headers)
    assert (answer.status, answer.problem) == (415, "unsupported-media-type")
    assert game.received == []


async def test_pipelined_requests_are_answered_in_their_order(
    gateway: Gateway, game: RecordingService
) -> None:
    async with await gateway.raw() as raw:
        bodies = [b'{"a":1}', b'{"b":2}']
        one = [
            head(
                "POST /api/tictactoe/move HTTP/1.1",
                gateway.port,
                "Content-Type: application/json",
                f"Content-Length: {len(body)}",
            )
            + body
            for body in bodies
        ]
        await raw.send(b"".join(one))
        assert [(await raw.answer()).status for _ in bodies] == [200, 200]
    assert [received.body for received in game.received] == bodies


_RTSP = b"GET /robots.txt RTSP/1.0\r\nHost: 127.0.0.1:%d\r\n\r\n"


@pytest.mark.parametrize(
    "line", ["GET /login RTSP/1.0", "POST /api/session RTSP/1.1", "SOURCE /login ICE/1.0"]
)
async def test_a_protocol_that_only_our_parser_takes_for_http_is_refused(gateway: Gateway, line: str) -> None:
    async with await gateway.raw() as raw:
        await raw.send(head(line, gateway.port))
        answer = await raw.answer()
        assert (answer.status, answer.problem) == (400, "malformed")
        assert await raw.end() == b""


@pytest.mark.parametrize("cut", range(17, 28, 3))
async def test_it_is_refused_wherever_packets_cut_it(gateway: Gateway, cut: int) -> None:
    request = _RTSP % gateway.port
    async with await gateway.raw() as raw:
        answer = asyncio.create_task(raw.answer())  # it comes before the request is whole
        with contextlib.suppress(ConnectionError):
            for part in (request[:cut], *(request[at : at + 1] for at in range(cut, len(request)))):
                await raw.send(part)
                await asyncio.sleep(0.001)
        assert (await answer).status == 400
        assert await raw.end() == b""


async def test_it_is_refused_behind_another_request(gateway: Gateway) -> None:
    async with await gateway.raw() as raw:
        await raw.send(head("GET /robots.txt HTTP/1.1", gateway.port) + _RTSP % gateway.port)
        assert (await raw.answer()).status == 400
        assert await raw.end() == b""


async def test_a_body_may_speak_of_it(gateway: Gateway) -> None:
    body = b'{"text": "GET / RTSP/1.0"}'
    async with await gateway.raw() as raw:
        lines = ("Content-Type: application/json", f"Content-Length: {len(body)}")
        await raw.send(head("POST /api/tictactoe/move HTTP/1.1", gateway.port, *lines) + body)
        assert (await raw.answer()).status == 200
