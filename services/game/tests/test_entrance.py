"""Answers given at once are the same as aiohttp's; everything else goes aiohttp's way."""

import asyncio
import json
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.game.app import build
from services.game.classic.rules import to_text
from services.game.entrance import AtOnce, Runner
from services.game.tests.conftest import config_without_servers
from services.game.tests.walk import PLAYABLE
from shared.plumbing.app import listen
from shared.plumbing.transport.address import Address
from shared.testing.rawsocket import RawSocket
from shared.testing.tokens import Tokens


class Wire:
    """A connection as the gateway has it. plain: what the entrance itself has answered."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, tokens: Tokens) -> None:
        self.raw = RawSocket(reader, writer)
        self.tokens = tokens
        self.plain = 0

    def request(
        self,
        body: bytes,
        *,
        path: str = "/api/tictactoe/move",
        program: str = "gateway",
        more: str = "",
        token: str = "",
    ) -> bytes:
        signed = f"Bearer {token}" if token else self.tokens.program(program)["Authorization"]
        return (
            f"POST {path} HTTP/1.1\r\nHost: game\r\nAuthorization: {signed}\r\nX-Request-Id: a-1\r\n"
            f"X-Forwarded-For: 127.0.0.1\r\n{more}Content-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        ).encode() + body

    async def send(self, *parts: bytes) -> None:
        """Parts: as packets of their own."""
        for place, part in enumerate(parts):
            if place:
                await asyncio.sleep(0.02)
            await self.raw.send(part)

    async def answer(self) -> tuple[int, Any]:
        status, headers, body = await self.raw.answer()
        assert headers["Content-Type"].startswith("application/")
        return status, json.loads(body)

    async def ask(self, body: bytes, **options: Any) -> tuple[int, Any]:
        await self.send(self.request(body, **options))
        return await self.answer()


@pytest.fixture
async def wire(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Wire]:
    with tempfile.TemporaryDirectory(prefix="duet-game-") as directory:  # short: it holds a Unix socket
        runner = Runner(build(config_without_servers(Path(directory))), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await listen(runner, Address(path=f"{directory}/game.sock"))
        reader, writer = await asyncio.open_unix_connection(f"{directory}/game.sock")
        opened = Wire(reader, writer, Tokens(Path(directory), "game"))
        answer = AtOnce.answer

        def counted(self: AtOnce, request: bytes) -> bytes | None:
            found = answer(self, request)
            opened.plain += found is not None
            return found

        monkeypatch.setattr(AtOnce, "answer", counted)
        assert (await opened.ask(b'{"board":"........."}'))[
            0
        ] == 200  # from now on aiohttp waits for a request
        opened.plain = 0
        yield opened
        writer.close()
        await runner.cleanup()


async def test_every_board_is_answered_as_by_aiohttp(wire: Wire) -> None:
    """A header more is enough for a request to go the other way."""
    boards = [to_text(position) for position in PLAYABLE[::40]]
    for board in boards:
        body = json.dumps({"board": board, "level": "medium", "seed": 7}).encode()
        at_once = await wire.ask(body)
        assert at_once == await wire.ask(body, more="X-More: 1\r\n")
        assert at_once[0] == 200
    assert wire.plain == len(boards)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"board":"XXX......"}', 422),
        (b'{"board":"X........","player":"X"}', 422),
        (b'{"board":"","odd":1}', 422),
        (b'{"board":', 400),
        (b"[]", 422),
        (b'{"board":"........."}' + b" " * 9980, 200),
        (b'{"variant":"misere","board":"........."}', 200),
    ],
)
async def test_what_is_not_plain_is_answered_by_aiohttp(wire: Wire, body: bytes, status: int) -> None:
    assert (await wire.ask(body))[0] == status
    assert wire.plain == 0
    assert (await wire.ask(b'{"board":"........."}'))[0] == 200
    assert wire.plain == 1, "the connection is still good for plain questions"


async def test_nobody_but_the_gateway_is_answered(wire: Wire) -> None:
    assert (await wire.ask(b'{"board":"........."}', program="relay"))[0] == 403
    assert (await wire.ask(b'{"board":"........."}', token="a.b.c"))[0] == 401
    users = wire.tokens.user(1, "ann")["Authorization"].removeprefix("Bearer ")
    assert (await wire.ask(b'{"board":"........."}', token=users))[0] == 403
    assert wire.plain == 0


async def test_a_request_in_parts_and_two_in_one_packet_are_answered(wire: Wire) -> None:
    question = wire.request(b'{"board":"X........"}')
    for at in (10, len(question) - 30, len(question) - 5):
        await wire.send(question[:at], question[at:])
        assert (await wire.answer())[0] == 200
    await wire.send(question + question)
    assert [(await wire.answer())[0] for _ in range(2)] == [200, 200]
    assert wire.plain == 0


async def test_a_body_that_looks_like_a_request_is_a_body(wire: Wire) -> None:
    question = wire.request(b'{"board":"X........"}')
    whole = wire.request(question, path="/api/tictactoe/analyse")
    await wire.send(whole[: -len(question)], question)
    assert (await wire.answer())[0] == 400
    assert wire.plain == 0


async def test_plain_questions_are_measured(wire: Wire) -> None:
    await wire.ask(b'{"board":"X........"}')
    await wire.send(b"GET /metrics HTTP/1.1\r\nHost: game\r\nConnection: close\r\n\r\n")
    text = (await wire.raw.end()).decode()
    assert 'route="/api/tictactoe/move",status="200"' in text.replace('method="POST",', "")
    assert wire.plain == 1


async def test_chance_is_the_engines(wire: Wire) -> None:
    """Without a seed weak players do not answer the same each time."""
    cells = {(await wire.ask(b'{"board":".........","level":"easy"}'))[1]["cell"] for _ in range(60)}
    assert len(cells) > 3
