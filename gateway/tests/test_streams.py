"""Files on their way through the gateway: in pieces, at their own pace, and with nothing of the browser's but them."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp import web

from gateway import streamed_call
from gateway.tests.conftest import Gateway, running
from gateway.tests.fakes import Fake, RecordingService, Somebody, user_of
from gateway.tests.raw import head
from shared.plumbing.pieces import PIECE_BYTES
from shared.wire.ids import uuid7

PATH = f"/api/threads/bob/attachments?client_id={uuid7()}&name=a.txt"


class Receiver(Fake):
    """A media service that tells how far a body has come, and answers when it wants to."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.size = 0
        self.ended = asyncio.Event()
        self.broken = asyncio.Event()
        self.refuse_at = 1 << 40
        self.app.add_routes([web.post("/{any:.*}", self._take), web.get("/{any:.*}", self._give)])

    async def _take(self, request: web.Request) -> web.Response:
        try:
            async for piece in request.content.iter_any():
                self.size += len(piece)
                if self.size >= self.refuse_at:
                    return web.json_response({"too": "large"}, status=413)
        except Exception:
            self.broken.set()
            raise
        self.ended.set()
        return web.json_response({"size": self.size}, status=201)

    async def _give(self, request: web.Request) -> web.StreamResponse:
        """Half of what it promises."""
        response = web.StreamResponse()
        response.content_length = 2_000_000
        await response.prepare(request)
        await response.write(b"x" * 1_000_000)
        assert request.transport is not None
        request.transport.abort()
        return response


@pytest.fixture
async def receiver(gateway: Gateway, media: RecordingService) -> AsyncIterator[Receiver]:
    """In the place of the media service."""
    await media.stop()
    async with running(Receiver(media.path)) as fake:
        yield fake


async def until_size(receiver: Receiver, size: int) -> None:
    async with asyncio.timeout(10):
        while receiver.size < size:
            await asyncio.sleep(0.01)


async def test_a_file_and_its_answer_are_passed_on_with_none_of_the_browsers_headers(
    gateway: Gateway, media: RecordingService, ann: Somebody, keys: Path
) -> None:
    content = b"a file" * 50_000
    own = {
        "X-Forwarded-For": "1.2.3.4",
        "Authorization": "Bearer x",
        "Content-Type": "text/html",
        "If-Range": "x",
    }
    answer = await gateway.call("POST", PATH, headers=gateway.cookie(ann) | own, data=content)
    assert (answer.status, answer.json) == (200, {"fine": True})
    assert "X-Secret" not in answer.headers
    assert "Set-Cookie" not in answer.headers
    assert answer.headers["Cache-Control"] == "no-store"
    [received] = media.received
    assert (received.target, received.body) == (PATH, content)
    assert {name.title() for name in received.headers} == {
        "Host", "Authorization", "X-Request-Id", "X-Forwarded-For", "Content-Length", "Connection"
    }  # fmt: skip
    user = user_of(received, "media", keys)
    assert user is not None
    assert user.username == "ann"


async def test_a_body_may_pause_between_pieces_and_have_no_length(
    gateway: Gateway, receiver: Receiver, ann: Somebody
) -> None:
    async def slowly() -> AsyncIterator[bytes]:
        for piece in range(1, 4):
            yield b"x" * PIECE_BYTES
            await until_size(receiver, piece * PIECE_BYTES)

    answer = await gateway.call("POST", PATH, headers=gateway.cookie(ann), data=slowly())
    assert (answer.status, answer.json) == (201, {"size": 3 * PIECE_BYTES})


async def test_a_body_that_stalls_is_408_and_media_learns_that_no_more_comes(
    gateway: Gateway, receiver: Receiver, ann: Somebody, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streamed_call, "BODY_PIECE_WITHIN_S", 0.3)
    cookie = f"Cookie: {gateway.cookie(ann)['Cookie']}"
    async with await gateway.raw() as raw:
        await raw.send(
            head(f"POST {PATH} HTTP/1.1", gateway.port, cookie, "Content-Length: 100000") + b"x" * 70_000
        )
        answer = await raw.answer(5)
        assert (answer.status, answer.problem) == (408, "too-slow")
        await raw.end(5)
    await asyncio.wait_for(receiver.broken.wait(), 5)


async def test_a_body_that_breaks_off_is_broken_off_at_media_too(
    gateway: Gateway, receiver: Receiver, ann: Somebody
) -> None:
    cookie = f"Cookie: {gateway.cookie(ann)['Cookie']}"
    async with await gateway.raw() as raw:
        await raw.send(
            head(f"POST {PATH} HTTP/1.1", gateway.port, cookie, "Content-Length: 200000") + b"x" * 70_000
        )
        await until_size(receiver, PIECE_BYTES)
    await asyncio.wait_for(receiver.broken.wait(), 5)
    assert not receiver.ended.is_set()


async def test_a_refusal_before_the_end_reaches_a_browser_that_reads_only_after_sending(
    gateway: Gateway, receiver: Receiver, ann: Somebody
) -> None:
    receiver.refuse_at = 100_000
    size = 6_000_000
    cookie = f"Cookie: {gateway.cookie(ann)['Cookie']}"
    async with await gateway.raw() as raw:
        await raw.send(
            head(f"POST {PATH} HTTP/1.1", gateway.port, cookie, f"Content-Length: {size}") + b"x" * size
        )
        answer = await raw.answer(10)
    assert (answer.status, answer.json) == (413, {"too": "large"})


async def test_a_range_is_passed_on_and_nothing_that_is_none(
    gateway: Gateway, media: RecordingService, ann: Somebody
) -> None:
    for value in ("bytes=0-9", "bytes=5-", "lines=1-2", "bytes=0-1,3-4"):
        headers = gateway.cookie(ann) | {"Range": value}
        assert (await gateway.call("GET", "/api/attachments/x", headers=headers)).status == 200
    passed = [received.headers.get("Range") for received in media.received]
    assert passed == [["bytes=0-9"], ["bytes=5-"], None, None]


async def test_a_file_that_breaks_off_ends_the_connection_so_that_nobody_takes_it_for_whole(
    gateway: Gateway, receiver: Receiver, ann: Somebody
) -> None:
    with pytest.raises((aiohttp.ClientPayloadError, aiohttp.ServerDisconnectedError, ConnectionError)):
        await gateway.call("GET", "/api/attachments/x", headers=gateway.cookie(ann))


async def test_without_media_and_without_a_session_it_says_so(
    gateway: Gateway, media: RecordingService, ann: Somebody
) -> None:
    assert (await gateway.call("POST", PATH, data=b"x")).problem == "unauthenticated"
    await media.stop()
    answer = await gateway.call("POST", PATH, headers=gateway.cookie(ann), data=b"x")
    assert (answer.status, answer.problem) == (503, "unavailable")
