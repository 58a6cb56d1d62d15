"""The answers that a thread's page brings along."""

import asyncio
import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from aiohttp import web

from gateway.tests.conftest import Gateway
from gateway.tests.fakes import RecordingService, Somebody, user_of
from shared.testing.rawsocket import Answer

PATH = "/api/threads/bob/messages?limit=50"
EVIL = '</script><!--<script>alert(1)</script>&lt; " \u2028'


class Blocks(HTMLParser):
    """found: path -> text of the page's data blocks."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._path: str | None = None
        self.feed(answer.body.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._path = dict(attrs).get("data-path")

    def handle_data(self, data: str) -> None:
        if self._path is not None:
            self.found[self._path] = self.found.get(self._path, "") + data

    def handle_endtag(self, tag: str) -> None:
        self._path = None


def says(threads: RecordingService, value: object, status: int = 200) -> None:
    async def answer() -> web.Response:
        return web.json_response(value, status=status)

    threads.answer = answer


async def test_a_thread_page_brings_its_newest_messages(
    gateway: Gateway,
    ann: Somebody,
    bob: Somebody,
    threads: RecordingService,
    game: RecordingService,
    keys: Path,
) -> None:
    answer = {"messages": [{"seq": 1, "text": EVIL}], "head": 1, "more": False, "games": []}
    says(threads, answer)
    page = await gateway.call("GET", "/messages/BOB", headers=gateway.cookie(ann))
    found = Blocks(page).found
    assert list(found) == [PATH, "/api/threads/bob/games?from=1"]
    assert json.loads(found[PATH]) == answer
    assert b"<script>alert" not in page.body
    assert page.headers["Cache-Control"] == "no-store"
    for service, name, path in ((threads, "threads", PATH), (game, "game", "/api/threads/bob/games?from=1")):
        (received,) = service.received
        assert (received.method, received.target) == ("GET", path)
        user = user_of(received, name, keys)
        assert user is not None
        assert user.username == "ann"


async def test_games_are_asked_for_from_the_first_message_of_a_full_page(
    gateway: Gateway, ann: Somebody, bob: Somebody, threads: RecordingService, game: RecordingService
) -> None:
    says(threads, {"messages": [{"seq": seq} for seq in range(11, 61)], "head": 60, "more": True})
    await game.stop()
    page = await gateway.call("GET", "/messages/bob", headers=gateway.cookie(ann))
    assert list(Blocks(page).found) == [PATH], "messages come without games when those are away"
    await game.start()
    page = await gateway.call("GET", "/messages/bob", headers=gateway.cookie(ann))
    assert list(Blocks(page).found) == [PATH, "/api/threads/bob/games?from=11"]


async def test_the_page_comes_without_when_threads_has_none(
    gateway: Gateway, ann: Somebody, bob: Somebody, threads: RecordingService
) -> None:
    says(threads, {"type": "x"}, status=503)
    answers = [await gateway.call("GET", "/messages/bob", headers=gateway.cookie(ann))]
    await threads.stop()
    answers.append(await gateway.call("GET", "/messages/bob", headers=gateway.cookie(ann)))
    assert [(answer.status, Blocks(answer).found) for answer in answers] == [(200, {})] * 2


async def test_the_page_does_not_wait_for_a_slow_threads(
    gateway: Gateway, ann: Somebody, bob: Somebody, threads: RecordingService
) -> None:
    never = asyncio.Event()

    async def slow() -> web.Response:
        await never.wait()
        raise AssertionError

    threads.answer = slow
    async with asyncio.timeout(2):
        page = await gateway.call("GET", "/messages/bob", headers=gateway.cookie(ann))
    assert (page.status, Blocks(page).found) == (200, {})


@pytest.mark.parametrize(
    "path", ["/messages", "/settings", "/tictactoe", "/messages/nobody", "/messages/ann"]
)
async def test_no_other_page_brings_anything(
    gateway: Gateway, ann: Somebody, threads: RecordingService, path: str
) -> None:
    page = await gateway.call("GET", path, headers=gateway.cookie(ann) | {"Accept": "text/html"})
    assert Blocks(page).found == {}
