"""A desk to upload at: the real media and threads services with a PostgreSQL of their own; ann, bob, eve around it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pyvips
from aiohttp import web

from services.media.app import build as build_media
from services.media.config import Config as MediaConfig
from services.media.keys import SWEEPER
from services.threads.app import build as build_threads
from services.threads.config import Config as ThreadsConfig
from services.threads.tests.fake_auth import FakeAuth
from shared.testing.programs import Programs
from shared.testing.tokens import Tokens
from shared.wire import codec
from shared.wire.attachments import ClaimAttachments
from shared.wire.ids import uuid7

IDS = {"ann": 11, "bob": 12, "eve": 13}
WITHIN_S = 20.0


class Answer(msgspec.Struct, frozen=True):
    """headers: names as they are."""

    status: int
    headers: Any
    body: bytes

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body)


class Desk(Programs):
    """Programs are started and stopped by name: `threads`, `media`."""

    def __init__(self, directory: Path, database_url: str, redis_url: str, auth: FakeAuth) -> None:
        super().__init__(directory)
        self.database_url = database_url
        self.redis_url = redis_url
        self.auth = auth
        self.tokens = Tokens(directory / "keys", "media")
        self.files = directory / "files"
        self.sql: asyncpg.Connection = None

    def _build(self, name: str, settings: dict[str, Any]) -> web.Application:
        shared: dict[str, Any] = {
            "listen": f"unix:{self.path(name)}",
            "keys_dir": self.directory / "keys",
            "postgres_url": self.database_url,
        }
        if name == "threads":
            links = {
                "redis_url": self.redis_url,
                "auth_url": self.auth.url,
                "media_url": f"unix:{self.path('media')}",
            }
            return build_threads(ThreadsConfig(**{**shared, **links, **settings}))
        told: dict[str, Any] = {
            "threads_url": f"unix:{self.path('threads')}",
            "media_dir": self.files,
            "media_workers": 1,
        }
        return build_media(MediaConfig(**{**shared, **told, **settings}))

    async def call(self, who: str, method: str, path: str, *, at: str = "media", **options: Any) -> Answer:
        """As the gateway forwards it for a user."""
        headers = self.tokens.user(IDS[who], who, audience=at) | options.pop("headers", {})
        return await self.bare(method, path, headers, at=at, **options)

    async def bare(
        self, method: str, path: str, headers: dict[str, str], *, at: str = "media", **options: Any
    ) -> Answer:
        """As whoever the headers say."""
        async with self._http[at].request(method, path, headers=headers, **options) as answer:
            return Answer(answer.status, answer.headers, await answer.read())

    async def upload(
        self,
        who: str,
        peer: str,
        content: bytes | AsyncIterator[bytes],
        name: str = "file.bin",
        client_id: UUID | None = None,
    ) -> Answer:
        query = {"client_id": str(client_id or uuid7()), "name": name}
        return await self.call(who, "POST", f"/api/threads/{peer}/attachments", params=query, data=content)

    async def uploaded(self, who: str, peer: str, content: bytes, name: str = "file.bin") -> dict[str, Any]:
        """The attachment of an upload that must be taken."""
        answer = await self.upload(who, peer, content, name)
        assert answer.status == 201, answer
        found: dict[str, Any] = answer.json
        return found

    async def read(self, who: str, id: str, small: bool = False, **options: Any) -> Answer:
        return await self.call(who, "GET", f"/api/attachments/{id}{'/small' if small else ''}", **options)

    async def send(
        self, who: str, peer: str, *ids: str, text: str = "", client_id: UUID | None = None
    ) -> int:
        """The seq of a message that names these."""
        body = {
            "client_id": str(client_id or uuid7()),
            "text": text,
            "attachments": [{"id": id} for id in ids],
        }
        answer = await self.call(who, "POST", f"/api/threads/{peer}/messages", at="threads", json=body)
        assert answer.status in (200, 201), answer
        seq: int = answer.json["seq"]
        return seq

    async def delete(self, who: str, peer: str, seq: int) -> None:
        """Deletes a message of theirs."""
        body = {"client_id": str(uuid7()), "kind": "delete", "body": {"target": seq}}
        answer = await self.call(who, "POST", f"/api/threads/{peer}/events", at="threads", json=body)
        assert answer.status == 201, answer

    async def claim(self, who: str, peer: str, *ids: str) -> Answer:
        """As threads asks before it stores a message."""
        body = codec.encode(ClaimAttachments(IDS[who], IDS[peer], ids))
        headers = self.tokens.program("threads") | {"Content-Type": "application/json"}
        return await self.bare("POST", "/internal/claim", headers, data=body)

    def blobs(self) -> list[Path]:
        """The files of the store."""
        return sorted(
            path for path in self.files.rglob("*") if path.is_file() and path.parent.name != "incoming"
        )

    async def follow(self) -> None:
        """Until media knows all that was sent, and has deleted what is to be deleted now."""
        sweeper = self.app("media")[SWEEPER]
        while await sweeper.follow_round():
            pass
        await self.clean()

    async def clean(self) -> None:
        while await self.app("media")[SWEEPER].clean_round():
            pass

    async def is_settled(self, blobs: int | None = None) -> bool:
        """Whether nothing is loose, and so many blobs are there."""
        loose: int = await self.sql.fetchval("SELECT count(*) FROM media.loose")
        return loose == 0 and (blobs is None or len(self.blobs()) == blobs)

    async def ages(self, hours: int) -> None:
        """All that is there was uploaded and claimed so much earlier."""
        await self.sql.execute(
            "UPDATE media.attachments SET created_at = created_at - $1::interval,"
            " claimed_at = claimed_at - $1::interval",
            timedelta(hours=hours),
        )

    def left_over(self) -> list[Path]:
        """What lies where uploads come in."""
        return list((self.files / "incoming").iterdir())


@contextlib.asynccontextmanager
async def laid(directory: Path, database_url: str, redis_url: str) -> AsyncIterator[Desk]:
    """A desk with threads; media is for the test to start."""
    async with FakeAuth().running() as auth:
        for name, id in IDS.items():
            auth.add(id, name)
        desk = Desk(directory, database_url, redis_url, auth)
        await desk.start("threads")
        desk.sql = await asyncpg.connect(database_url)
        try:
            yield desk
        finally:
            await desk.sql.close()
            await desk.close()


async def until(true: Callable[[], Awaitable[Any]]) -> None:
    """As soon as it is so."""
    async with asyncio.timeout(WITHIN_S):
        while not await true():
            await asyncio.sleep(0.02)


def photo(width: int = 600, height: int = 400, form: str = ".jpg", **options: Any) -> bytes:
    """One that is red on the left, blue on the right."""
    red = pyvips.Image.black(width // 2, height).new_from_image([250, 10, 10])
    blue = pyvips.Image.black(width - width // 2, height).new_from_image([10, 10, 250])
    made = red.join(blue, "horizontal").cast("uchar").copy(interpretation="srgb")
    content: bytes = made.write_to_buffer(form, **options)
    return content


def opened(content: bytes) -> pyvips.Image:
    return pyvips.Image.new_from_buffer(content, "")


def stream_of(*pieces: bytes) -> AsyncIterator[bytes]:
    async def give() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    return give()
