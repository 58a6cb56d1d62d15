"""FakeMedia: answers /internal/claim as media does, from a dictionary, and counts what it is asked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from aiohttp.test_utils import TestServer

from shared.plumbing.http.web import json_response, problem_response
from shared.wire import codec
from shared.wire.attachments import Attachment, ClaimAttachments, Claimed
from shared.wire.problems import FieldError, Invalid


class FakeMedia:
    """Uploads are made by `add`; `away` makes every call fail with 503; none is answered until `thawed`."""

    def __init__(self) -> None:
        self.uploads: dict[str, tuple[int, Attachment]] = {}
        self.asked: list[ClaimAttachments] = []
        self.away = False
        self.thawed = asyncio.Event()
        self.thawed.set()
        self.url = ""

    def add(self, owner: int, name: str = "cat.webp", type: str = "image/webp") -> str:
        """A file of `owner`, a photo by default; its id."""
        id = f"{len(self.uploads):022}"
        size = {"width": 640, "height": 480, "thumb": "A" * 64} if type.startswith("image/") else {}
        self.uploads[id] = owner, Attachment(id, name, type, 1000, **size)  # type: ignore[arg-type]
        return id

    async def claim(self, request: web.Request) -> web.Response:
        asked = codec.decode(await request.read(), ClaimAttachments)
        self.asked.append(asked)
        await self.thawed.wait()
        if self.away:
            return web.Response(status=503)
        found = [self.uploads.get(id) for id in asked.ids]
        faults = [
            FieldError(f"/attachments/{place}/id", "is no upload of yours")
            for place, upload in enumerate(found)
            if upload is None or upload[0] != asked.owner
        ]
        if faults:
            return problem_response(Invalid(faults))
        return json_response(Claimed([upload[1] for upload in found if upload]))

    @asynccontextmanager
    async def running(self) -> AsyncIterator["FakeMedia"]:
        app = web.Application()
        app.add_routes([web.post("/internal/claim", self.claim)])
        async with TestServer(app) as server:
            self.url = str(server.make_url("")).rstrip("/")
            yield self
