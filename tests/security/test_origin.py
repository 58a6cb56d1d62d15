"""A page of another site can neither write nor open a socket in somebody's name."""

import json

import pytest

from shared.testing.product import Product
from shared.testing.rawsocket import raw_socket
from tests.conftest import MakePerson

_FOREIGN = (
    "https://evil.example",
    "null",
    "http://127.0.0.1:1",
    "http://localhost.evil.example",
    "file://",
    "",
)
_METHODS = ("post", "put", "delete", "patch")


async def _unsafe_calls(product: Product) -> list[tuple[str, str]]:
    """Method and path of every unsafe operation in the served contract."""
    async with raw_socket(product.port) as raw:
        await raw.send(f"GET /api/openapi.json HTTP/1.1\r\nHost: 127.0.0.1:{product.port}\r\n\r\n".encode())
        _, _, body = await raw.answer()
    paths = json.loads(body)["paths"]
    found = [(method.upper(), path) for path, item in paths.items() for method in item if method in _METHODS]
    assert len(found) >= 9, found
    return found


@pytest.mark.parametrize("origin", _FOREIGN)
async def test_every_unsafe_call_from_another_site_is_refused(
    origin: str, product: Product, person: MakePerson
) -> None:
    somebody = await person()
    for method, path in await _unsafe_calls(product):
        filled = path.replace("{username}", "bob").replace("{id}", "00000000-0000-0000-0000-000000000000")
        status, problem = await somebody.call(method, filled, {}, headers={"Origin": origin})
        assert (status, problem["title"]) == (403, "The request comes from another site"), (method, path)
    assert (await somebody.call("GET", "/api/session"))[0] == 200


@pytest.mark.parametrize("origin", _FOREIGN)
async def test_a_socket_from_another_site_is_refused(
    origin: str, product: Product, person: MakePerson
) -> None:
    somebody = await person()
    async with raw_socket(product.port) as raw:
        cookie = f"Cookie: {somebody.cookie}"
        assert await raw.upgrade("/messages", f"127.0.0.1:{product.port}", cookie, f"Origin: {origin}") == 403


@pytest.mark.parametrize("origin", [None, "http://127.0.0.1:{port}", "http://localhost:{port}"])
async def test_our_own_pages_and_programs_without_an_origin_may(
    origin: str | None, product: Product, person: MakePerson
) -> None:
    somebody = await person()
    headers = [f"Cookie: {somebody.cookie}"]
    if origin is not None:
        headers.append(f"Origin: {origin.format(port=product.port)}")
    async with raw_socket(product.port) as raw:
        assert await raw.upgrade("/messages", f"127.0.0.1:{product.port}", *headers) == 101
