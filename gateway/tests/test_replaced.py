"""A program is replaced while the gateway calls it: another process of it, behind the same balancer, gets the call."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.contract import ROUTES
from gateway.route import Route
from gateway.tests.conftest import Gateway, Start, running
from gateway.tests.fakes import FakeAuth, RecordingService, Somebody
from shared.contract.operation import File
from shared.plumbing.pieces import PIECE_BYTES
from shared.wire.ids import uuid7

UPLOAD = f"/api/threads/bob/attachments?client_id={uuid7()}&name=a.txt"


class Balancer:
    """Before one service. ends: so many more connections are to a process that ends, at `after` bytes or more."""

    def __init__(self, behind: Path, path: Path) -> None:
        self._behind = behind
        self._path = path
        self.ends = 0
        self.after = 0

    @property
    def url(self) -> str:
        return f"unix:{self._path}"

    async def start(self) -> None:
        self._server = await asyncio.start_unix_server(self._serve, self._path)

    async def stop(self) -> None:
        self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answers, there = await asyncio.open_unix_connection(str(self._behind))
        back = asyncio.create_task(_copy(answers, writer))
        size = 0
        with contextlib.suppress(OSError):
            while data := await reader.read(PIECE_BYTES):
                size += len(data)
                if self.ends and size >= self.after:
                    self.ends -= 1
                    break
                there.write(data)
        back.cancel()
        there.transport.abort()
        writer.transport.abort()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(PIECE_BYTES):
            writer.write(data)
    writer.close()


Balancers = dict[str, Balancer]


@pytest.fixture
async def balancers(
    tmp_path: Path,
    auth: FakeAuth,
    threads: RecordingService,
    game: RecordingService,
    media: RecordingService,
) -> AsyncIterator[Balancers]:
    """By what is behind each. The gateway takes game's other one for notify's."""
    services = {"auth": auth, "threads": threads, "game": game, "media": media, "notify": game}
    made = {name: Balancer(of.path, tmp_path / f"{name}.front") for name, of in services.items()}
    async with contextlib.AsyncExitStack() as stack:
        for balancer in made.values():
            await stack.enter_async_context(running(balancer))
        yield made


@pytest.fixture
async def gateway(start: Start, balancers: Balancers) -> Gateway:
    return await start(**{f"{name}_url": balancer.url for name, balancer in balancers.items()})


async def call(gateway: Gateway, somebody: Somebody, route: Route) -> int:
    """The status of such a call."""
    path = UPLOAD if route.body is File else route.path.replace("{username}", "bob").replace("{id}", "x")
    headers = gateway.cookie(somebody) | {"Content-Type": "application/json", "Origin": gateway.url}
    body = {} if route.body is None else {"data": b"{}"}
    return (await gateway.call(route.method, path.replace("{seq}", "1"), headers=headers, **body)).status


async def test_every_call_that_a_service_answers_survives_the_end_of_two_processes(
    gateway: Gateway, balancers: Balancers, ann: Somebody
) -> None:
    """Of a kept-alive connection's and of a new one's."""
    routes = [route for route in ROUTES if route.service]
    assert {route.service for route in routes} == balancers.keys()
    for route in routes:
        await call(gateway, ann, route)
        balancers[route.service].ends = 2
        assert await call(gateway, ann, route) == 200, route.name
        assert balancers[route.service].ends == 0, f"{route.name} was not cut off"


async def test_a_body_of_which_more_than_a_piece_is_gone_is_not_sent_again_in_part(
    gateway: Gateway, balancers: Balancers, media: RecordingService, ann: Somebody
) -> None:
    balancers["media"].ends, balancers["media"].after = 1, 3 * PIECE_BYTES
    answer = await gateway.call("POST", UPLOAD, headers=gateway.cookie(ann), data=b"x" * PIECE_BYTES * 8)
    assert (answer.status, answer.problem, media.received) == (503, "unavailable", [])
