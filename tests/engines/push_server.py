"""A push service that Firefox itself is connected to: what is pushed goes on over the websocket of its browser.

As https://mozilla-services.github.io/autopush-rs/ describes it, so far as one browser needs it.
"""

import itertools
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from aiohttp import web
from aiohttp.test_utils import TestServer

from shared.testing.push_service import PushService, check_vapid, text_of


@dataclass(frozen=True)
class Channel:
    """A subscription. key: of the application server that it was made for."""

    id: str
    key: str


class FirefoxPushService(PushService):
    """pushed: the channels of what came for Firefox. acknowledged: what Firefox made of each, 100 for delivered."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory)
        self.pushed: list[str] = []
        self.acknowledged: list[int] = []
        self.channels: dict[str, Channel] = {}
        self._numbers = itertools.count(1)
        self._address = ""
        self._socket: web.WebSocketResponse | None = None

    @property
    def preferences(self) -> dict[str, bool | int | str]:
        """What Firefox must be told to be connected here."""
        return {
            "dom.push.serverURL": self._address,
            "dom.push.testing.allowInsecureServerURL": True,
            "permissions.default.desktop-notification": 1,
            "alerts.useSystemBackend": False,  # there is no desktop: Firefox lists notices itself
            "toolkit.legacyUserProfileCustomizations.stylesheets": True,
            # Those that WebDriver recommends disconnect it from every push service. They also keep it from calling
            # home: instead it has a proxy, which is not there, for all but this machine.
            "remote.prefs.recommended": False,
            "network.proxy.type": 1,
            "network.proxy.ssl": "127.0.0.1",
            "network.proxy.ssl_port": 9,
            "network.proxy.http": "127.0.0.1",
            "network.proxy.http_port": 9,
        }

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        app = web.Application()
        app.add_routes([web.get("/", self._connected)])
        async with TestServer(app) as server, super().running():
            self._address = f"ws://{server.host}:{server.port}/"
            yield self

    async def receive(self, request: web.Request) -> web.Response:
        """To Firefox, if it is for one of its channels; else as for any browser."""
        channel = self.channels.get(request.match_info["id"])
        if not channel:
            return await super().receive(request)
        check_vapid(request.headers["Authorization"], self.url, channel.key)
        assert self._socket
        async with self.news:
            self.pushed.append(channel.id)
            self.news.notify_all()
        await self._socket.send_json(
            {
                "messageType": "notification",
                "channelID": channel.id,
                "version": str(next(self._numbers)),
                "data": text_of(await request.read()),
                "headers": {"encoding": request.headers["Content-Encoding"]},
            }
        )
        return web.Response(status=201)

    async def _connected(self, request: web.Request) -> web.WebSocketResponse:
        self._socket = socket = web.WebSocketResponse(protocols=["push-notification"])
        await socket.prepare(request)
        async for message in socket:
            said = message.json()
            if answer := await self._answer(said):
                await socket.send_json({"messageType": said["messageType"], "status": 200, **answer})
        return socket

    async def _answer(self, said: dict[str, Any]) -> dict[str, Any] | None:
        match said:
            case {"messageType": "hello"}:
                return {"uaid": said.get("uaid") or uuid.uuid4().hex, "use_webpush": True}
            case {"messageType": "register", "channelID": str(id), "key": str(key)}:
                token = uuid.uuid4().hex
                self.channels[token] = Channel(id, key.rstrip("="))
                return {"channelID": id, "pushEndpoint": f"{self.url}/push/{token}"}
            case {"messageType": "unregister", "channelID": str(id)}:
                return {"channelID": id}  # a push that came for it nevertheless would count
            case {"messageType": "ack", "updates": list(updates)}:
                async with self.news:
                    self.acknowledged += [update["code"] for update in updates]
                    self.news.notify_all()
        return None
