"""A caller's identity comes from the session cookie alone, and services trust only programs with a key."""

import asyncio
import importlib
from pathlib import Path
from uuid import uuid4

import aiohttp
import pytest
from aiohttp import web

from deploy.documents import SERVICES
from shared.plumbing import identity
from shared.plumbing.transport.address import Address, named
from shared.plumbing.transport.packets import RefusedError
from shared.testing.packets import open_socket
from shared.testing.people import Person
from shared.testing.product import Product
from tests.conftest import MakePerson
from tests.inside import told_gateway

_OPEN = ("/health/live", "/health/ready", "/metrics")


def _address(product: Product, service: str) -> Address:
    told = told_gateway(product)
    if service == "relay":
        return named(told["DUET_RELAY_URLS"])["relay-1"]
    return Address.parse(told[f"DUET_{service.upper()}_URL"])


def _routes(service: str) -> list[web.RouteDef]:
    """Every route of a service but health and metrics."""
    module = importlib.import_module(f"services.{service}.routes")
    found = [route for route in module.ROUTES if isinstance(route, web.RouteDef)]
    assert found
    return [route for route in found if route.path not in _OPEN]


async def _statuses(product: Product, service: str, headers: dict[str, str]) -> dict[str, int]:
    """What each route of the service answers to these headers."""
    address = _address(product, service)
    statuses = {}
    async with aiohttp.ClientSession(connector=aiohttp.UnixConnector(address.path)) as http:
        for route in _routes(service):
            path = route.path.replace("{", "").replace("}", "")
            async with http.request(
                route.method, f"{address.origin}{path}", headers=headers, json={}
            ) as answer:
                statuses[f"{route.method} {route.path}"] = answer.status
    return statuses


def _forged(tmp_path: Path, issuer: str, audience: str) -> dict[str, str]:
    """A token in perfect form, signed with a key that nobody knows."""
    signer, _ = identity.load(issuer, tmp_path / issuer, environ={})
    user = identity.User(1, "alice", uuid4()) if issuer == "gateway" else None
    return {"Authorization": f"Bearer {signer.token(audience, user)}"}


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_called_directly_answers_401_on_every_route(
    service: str, product: Product, tmp_path: Path
) -> None:
    forged_headers = {
        "X-Internal-User": "1",
        "X-User-Id": "1",
        "X-Forwarded-User": "alice",
        "X-Forwarded-For": "::1",
    }
    attempts = [
        {},
        forged_headers,
        {"Authorization": "Bearer "},
        {"Authorization": "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0."},
        _forged(tmp_path, "gateway", service),
        _forged(tmp_path, "relay", service),
    ]
    for headers in attempts:
        statuses = await _statuses(product, service, headers)
        assert set(statuses.values()) == {401}, (headers, statuses)


@pytest.mark.parametrize("service", SERVICES)
async def test_a_token_for_another_service_is_not_taken(service: str, product: Product) -> None:
    signer, _ = identity.load("gateway", product.data_dir / "keys", environ={})
    other = "threads" if service != "threads" else "auth"
    user = identity.User(1, "alice", uuid4())
    headers = {"Authorization": f"Bearer {signer.token(other, user)}"}
    statuses = await _statuses(product, service, headers)
    assert set(statuses.values()) == {401}, statuses


@pytest.mark.parametrize("issuer", ["auth", "game", "threads"])
async def test_only_relays_append_for_users(issuer: str, product: Product) -> None:
    signer, _ = identity.load(issuer, product.data_dir / "keys", environ={})
    address = _address(product, "threads")
    headers = {"Authorization": f"Bearer {signer.token('threads')}"}
    item = [1, "alice", "bob", "message", str(uuid4()), "forged"]
    batch = {"type": "append", "batch": 1, "node": "relay-1", "items": [item]}
    async with (
        aiohttp.ClientSession(connector=aiohttp.UnixConnector(address.path)) as http,
        http.post(f"{address.origin}/internal/append", headers=headers, json=batch) as answer,
    ):
        body = await answer.json(content_type=None)
        refused = answer.status in (401, 403) or all(result[2] for result in body["results"])
        assert refused, body
    with pytest.raises(RefusedError, match="403"):
        await open_socket(address, "/internal/link", headers)


_CLAIMS = {
    "Authorization": "Bearer forged",
    "X-Forwarded-User": "{name}",
    "X-Internal-User": "{name}",
    "X-Internal-User-Id": "1",
    "X-User": "{name}",
    "X-Forwarded-For": "127.0.0.1",
    "X-Real-Ip": "127.0.0.1",
    "Forwarded": "for=127.0.0.1",
    "Connection": "close, X-Request-Id",
}


async def test_headers_that_claim_an_identity_change_nothing(product: Product, person: MakePerson) -> None:
    alice, eve = await person("alice"), await person("eve")
    claims = {name: text.format(name=alice.username) for name, text in _CLAIMS.items()}
    assert await eve.call("GET", "/api/session", headers=claims) == (
        200,
        {"username": eve.username, "display_name": eve.username},
    )
    nobody = Person(product.url, "nobody")
    for path in ("/api/session", "/api/threads", "/api/users", f"/api/threads/{alice.username}/messages"):
        status, _ = await nobody.call("GET", path, headers=claims)
        assert status == 401, path
    await nobody.close()


async def test_two_cookies_of_one_name_never_mix_two_people(product: Product, person: MakePerson) -> None:
    alice, eve = await person("alice"), await person("eve")
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as http:
        cookies = f"{eve.cookie}; {alice.cookie}"
        answers = []
        for _ in range(5):
            async with http.get(f"{product.url}/api/session", headers={"Cookie": cookies}) as answer:
                answers.append((await answer.json())["username"])
            await asyncio.sleep(0)
        assert len(set(answers)) == 1
