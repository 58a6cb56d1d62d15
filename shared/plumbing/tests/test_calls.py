"""A service and its caller: identity refused by default, problems carried across, health that asks."""

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from shared.plumbing.app import READY_CHECKS, build_app
from shared.plumbing.http.rpc import Peer, peer
from shared.plumbing.http.web import allow, calling_user, json_response, read_json
from shared.plumbing.identity import Signer, User, load
from shared.plumbing.settings.config import BaseConfig
from shared.plumbing.telemetry import readiness
from shared.plumbing.telemetry.readiness import spared
from shared.testing.tokens import Tokens
from shared.version import VERSION
from shared.wire.problems import (
    FieldError,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Problem,
    Unauthenticated,
    Unavailable,
)

Client = TestClient[web.Request, web.Application]
ANN = User(7, "ann", UUID(int=5))


class Sum(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    a: int
    b: int


async def add(request: web.Request) -> web.Response:
    wanted = await read_json(request, Sum)
    if wanted.a < 0:
        raise Invalid([FieldError("/a", "is negative")])
    return json_response({"sum": wanted.a + wanted.b, "for": calling_user(request).username})


async def long(request: web.Request) -> web.Response:
    return json_response({"text": "x" * 5_000_000})


@allow("relay")
async def for_relays(request: web.Request) -> web.Response:
    return json_response({"sum": 0})


async def broken(request: web.Request) -> web.Response:
    raise ZeroDivisionError


async def session_ended(request: web.Request) -> web.Response:
    raise Unauthenticated


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[TestServer]:
    routes = [web.post("/add", add), web.get("/relays", for_relays), web.get("/broken", broken)]
    routes += [web.get("/ended", session_ended), web.get("/long", long)]
    app = build_app("threads", BaseConfig(listen="x:1", keys_dir=tmp_path), routes)
    app[READY_CHECKS]["postgres"] = failing
    running = TestServer(app)
    async with running:
        yield running


@pytest.fixture
async def client(server: TestServer) -> AsyncIterator[Client]:
    async with TestClient(server) as opened:
        yield opened


async def failing() -> str:
    raise ConnectionError


@pytest.fixture
async def gateway(server: TestServer, tmp_path: Path) -> AsyncIterator[Peer]:
    signer, _ = load("gateway", tmp_path)
    async with peer("threads", f"127.0.0.1:{server.port}", signer) as opened:
        yield opened


async def test_a_call_is_made_for_a_user(gateway: Peer) -> None:
    assert await gateway.call("POST", "/add", Sum(1, 2), of=dict, user=ANN) == {"sum": 3, "for": "ann"}


async def test_the_peers_problem_is_raised_here_with_its_fields(gateway: Peer) -> None:
    with pytest.raises(Problem) as caught:
        await gateway.call("POST", "/add", Sum(-1, 2), of=dict, user=ANN)
    assert caught.value.kind is Invalid.kind
    assert list(caught.value.errors) == [FieldError("/a", "is negative")]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/relays", Forbidden.kind),
        ("/nowhere", NotFound.kind),
        ("/broken", Problem.kind),
        ("/ended", Unauthenticated.kind),
    ],
)
async def test_what_the_route_does_not_allow_is_refused(gateway: Peer, path: str, kind: object) -> None:
    with pytest.raises(Problem) as caught:
        await gateway.call("GET", path, of=dict, user=ANN)
    assert caught.value.kind is kind


async def test_a_call_without_a_token_is_a_401_problem(client: Client) -> None:
    async with client.post("/add", data=b"{}") as response:
        assert response.status == 401
        assert response.content_type == "application/problem+json"


async def test_a_peer_that_does_not_believe_us_is_unavailable(server: TestServer, gateway: Peer) -> None:
    """Its 401 is not for the user whom we serve."""
    stranger = Signer("gateway", Ed25519PrivateKey.generate)
    async with peer("threads", f"127.0.0.1:{server.port}", stranger) as opened:
        with pytest.raises(Unavailable):
            await opened.call("GET", "/ended", of=dict, user=ANN)


async def test_a_body_that_is_not_json_is_malformed(client: Client, tmp_path: Path) -> None:
    headers = {**Tokens(tmp_path, "threads").user(ANN.id, ANN.username), "Content-Type": "application/json"}
    async with client.post("/add", data=b"{", headers=headers) as response:
        assert response.status == Malformed.kind.status


async def test_a_peer_that_is_away_is_unavailable(tmp_path: Path) -> None:
    signer, _ = load("gateway", tmp_path)
    async with peer("threads", f"unix:{tmp_path}/nobody.sock", signer) as away:
        with pytest.raises(Unavailable):
            await away.call("GET", "/x", of=dict)


async def test_readiness_asks_the_dependencies(client: Client) -> None:
    async with client.get("/health/ready") as response:
        assert response.status == 503
        said = await response.json()
        assert (said["status"], said["postgres"]) == ("unready", "failing: ConnectionError")
    async with client.get("/health/live") as response:
        assert response.status == 200


async def test_a_part_that_is_spared_may_even_hang(
    server: TestServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "_SPARED_WITHIN_S", 0.05)
    server.app[READY_CHECKS].update(postgres=spared(failing), redis=spared(asyncio.Event().wait))  # type: ignore[arg-type]
    async with client.get("/health/ready") as response:
        assert response.status == 200
        assert await response.json() == {
            "status": "degraded",
            "postgres": "degraded",
            "redis": "degraded",
            "version": VERSION,
        }


async def flaky(asked: list[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """A program that answers the first request on a connection and dies of the second."""
    for answer in (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", b""):
        head = await reader.readuntil(b"\r\n\r\n")
        asked.append(head.split(b" ", 1)[0])
        writer.write(answer)
    writer.close()


@pytest.mark.parametrize(
    ("method", "idempotent", "made"),
    [("POST", None, 1), ("POST", True, 2), ("GET", None, 2), ("PUT", None, 2)],
)
async def test_a_call_whose_connection_broke_is_made_again_only_if_it_can_bear_that(
    tmp_path: Path, method: str, idempotent: bool | None, made: int
) -> None:
    asked: list[bytes] = []
    server = await asyncio.start_unix_server(partial(flaky, asked), tmp_path / "flaky.sock")
    signer, _ = load("gateway", tmp_path)
    async with server, peer("threads", f"unix:{tmp_path}/flaky.sock", signer) as opened:
        await opened.call("GET", "/", of=dict)
        if made == 1:
            with pytest.raises(Unavailable):
                await opened.call(method, "/", of=dict, idempotent=idempotent)
        else:
            await opened.call(method, "/", of=dict, idempotent=idempotent)
        assert asked[1:] == [method.encode()] * made


async def test_a_long_answer_in_many_parts_is_read_whole(server: TestServer, gateway: Peer) -> None:
    assert len((await gateway.call("GET", "/long", of=dict, user=ANN))["text"]) == 5_000_000
