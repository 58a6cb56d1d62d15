"""Requests on which two HTTP parsers might disagree: one refusal, and nothing hidden behind them is served."""

import json

import pytest

from shared.testing.product import Product
from shared.testing.rawsocket import raw_socket
from tests.conftest import MakePerson

_HIDDEN = "GET /api/session HTTP/1.1\r\nHost: {host}\r\nCookie: {cookie}\r\n\r\n"
_CHUNKED = "0\r\n\r\n" + _HIDDEN

_ODD = {
    "length and chunks": ("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", _CHUNKED),
    "chunks and length": ("Transfer-Encoding: chunked\r\nContent-Length: 6\r\n", _CHUNKED),
    "two lengths": ("Content-Length: 0\r\nContent-Length: 44\r\n", _HIDDEN),
    "lengths in a list": ("Content-Length: 0, 44\r\n", _HIDDEN),
    "a signed length": ("Content-Length: +0\r\n", _HIDDEN),
    "a negative length": ("Content-Length: -1\r\n", _HIDDEN),
    "a length with an underscore": ("Content-Length: 1_0\r\n", _HIDDEN),
    "chunks, obscured": ("Transfer-Encoding: xchunked\r\n", _CHUNKED),
    "chunks twice": ("Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n", _CHUNKED),
    "chunks, not last": ("Transfer-Encoding: chunked, gzip\r\n", _CHUNKED),
    "chunks after a tab": ("Transfer-Encoding:\tchunked\r\nContent-Length: 4\r\n", _CHUNKED),
    "a vertical tab": ("Transfer-Encoding: \x0bchunked\r\nContent-Length: 4\r\n", _CHUNKED),
    "a space before the colon": ("Transfer-Encoding : chunked\r\n", _CHUNKED),
    "a folded line": ("X-Folded: one\r\n two\r\nContent-Length: 0\r\n", _HIDDEN),
    "a folded length": ("Content-Length:\r\n 0\r\n", _HIDDEN),
    "a bare carriage return": ("X-Bare: a\rContent-Length: 0\r\n", _HIDDEN),
    "a NUL in a header": ("X-Nul: a\x00b\r\n", _HIDDEN),
    "a name with a blank": ("X Name: a\r\n", _HIDDEN),
    "no name": (": a\r\n", _HIDDEN),
    "a chunk size in another form": ("Transfer-Encoding: chunked\r\n", "0x0\r\n\r\n" + _HIDDEN),
    "a signed chunk size": ("Transfer-Encoding: chunked\r\n", "+0\r\n\r\n" + _HIDDEN),
    "a chunk longer than it says": ("Transfer-Encoding: chunked\r\n", "1\r\nabc\r\n0\r\n\r\n" + _HIDDEN),
}
_UPGRADE = (
    "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
)
_ODD_UPGRADES = {
    "a body": "Content-Length: 5\r\n",
    "chunks": "Transfer-Encoding: chunked\r\n",
    "another protocol as well": "Upgrade: h2c\r\n",
    "an obscured body": "Content-Length: 0\r\nTransfer-Encoding: chunked\r\n",
}


async def _answers(product: Product, request: str) -> list[int]:
    """The statuses of everything that comes back until the connection ends (or 1 s of silence)."""
    statuses: list[int] = []
    async with raw_socket(product.port) as raw:
        await raw.send(request.encode("latin-1"))
        while len(statuses) < 5:
            try:
                status, _, body = await raw.answer(within_s=1.0)
            except TimeoutError:
                break
            if not status:
                break
            assert b"username" not in body, "the hidden request was served"
            if body:
                assert json.loads(body)["status"] == status
            statuses.append(status)
    return statuses


@pytest.mark.parametrize("name", _ODD)
async def test_a_body_of_two_lengths_is_refused_and_hides_no_request(
    name: str, product: Product, person: MakePerson
) -> None:
    somebody = await person()
    host = f"127.0.0.1:{product.port}"
    headers, rest = _ODD[name]
    hidden = rest.format(host=host, cookie=somebody.cookie)
    statuses = await _answers(
        product, f"POST /api/tictactoe/move HTTP/1.1\r\nHost: {host}\r\n{headers}\r\n{hidden}"
    )
    assert statuses in ([400], []), statuses


@pytest.mark.parametrize("name", _ODD_UPGRADES)
async def test_an_upgrade_with_a_body_is_refused_and_hides_no_request(
    name: str, product: Product, person: MakePerson
) -> None:
    somebody = await person()
    host = f"127.0.0.1:{product.port}"
    hidden = _HIDDEN.format(host=host, cookie=somebody.cookie)
    head = f"GET /messages HTTP/1.1\r\nHost: {host}\r\nCookie: {somebody.cookie}\r\n{_UPGRADE}{_ODD_UPGRADES[name]}\r\n"
    statuses = await _answers(product, head + "hello" + hidden)
    assert statuses == [400], statuses


async def test_what_follows_a_refused_upgrade_is_not_read_as_a_request(
    product: Product, person: MakePerson
) -> None:
    somebody = await person()
    host = f"127.0.0.1:{product.port}"
    hidden = _HIDDEN.format(host=host, cookie=somebody.cookie)
    without_login = f"GET /messages HTTP/1.1\r\nHost: {host}\r\n{_UPGRADE}\r\n"
    assert await _answers(product, without_login + hidden) == [401]


@pytest.mark.parametrize(
    "line", ["GET http://evil.example/ HTTP/1.1", "GET //evil.example/ HTTP/1.1", "CONNECT a:1 HTTP/1.1"]
)
async def test_a_request_target_that_is_no_path_is_refused(line: str, product: Product) -> None:
    async with raw_socket(product.port) as raw:
        await raw.send(f"{line}\r\nHost: 127.0.0.1:{product.port}\r\n\r\n".encode())
        status, headers = await raw.head()
        assert 400 <= status < 500
        assert "evil" not in headers.get("location", "")


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:1", "localhost.evil.example", ""])
async def test_another_host_is_misdirected(host: str, product: Product) -> None:
    async with raw_socket(product.port) as raw:
        await raw.send(f"GET /login HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        assert (await raw.head())[0] in (400, 421)
