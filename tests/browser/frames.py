"""Between a page and its relay: swallows, rejects and watches frames of the real socket."""

import asyncio
import json
import re
from typing import Any, Self

from playwright.async_api import Page, WebSocketRoute

RESTART = 1012
WELCOME_WITHIN_S = 15
SOCKET = re.compile(r"^ws.*/messages")


class Wiretap:
    """To be set before the page connects.

    refuse: every try is closed after its hello.
    silent: tries are taken, and never answered.
    deaf: the page hears nothing after the welcome.
    reject_sends: how many sends, or changes, to answer with `problem` instead of passing them on.
    close_on_send: the close code that answers the next send.
    sends: what the page sent.
    """

    def __init__(self) -> None:
        self.refuse = False
        self.silent = False
        self.deaf = False
        self.reject_sends = 0
        self.problem: dict[str, Any] = {}
        self.close_on_send: int | None = None
        self.hellos: list[dict[str, int]] = []
        self.sends: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sockets: list[WebSocketRoute] = []
        self.change_welcome: dict[str, Any] = {}
        self._welcomed = asyncio.Event()
        self._awaited: str | None = None
        self._closing: set[asyncio.Task[None]] = set()

    @classmethod
    async def on(cls, page: Page) -> Self:
        tap = cls()
        await page.route_web_socket(SOCKET, tap._connected)
        return tap

    @classmethod
    async def after_reload(cls, page: Page) -> Self:
        """For a page that is open: reloaded, and connected again."""
        tap = await cls.on(page)
        await page.reload()
        await tap.welcomed()
        return tap

    def _connected(self, socket: WebSocketRoute) -> None:
        if self.refuse:
            socket.on_message(lambda _: self.close(socket, RESTART))
            return
        self.sockets.append(socket)
        if self.silent:
            socket.on_message(lambda _: None)
            return
        server = socket.connect_to_server()
        socket.on_message(lambda data: self._from_page(socket, server, data))
        server.on_message(lambda data: self._from_relay(socket, data))

    def _from_page(self, socket: WebSocketRoute, server: WebSocketRoute, data: str | bytes) -> None:
        frame = json.loads(data)
        if frame["type"] == "hello":
            self.hellos.append(frame["cursors"])
        if frame["type"] == "send":
            self.sends.put_nowait(frame)
        if frame["type"] == "send" and self.close_on_send:
            self.close(socket, self.close_on_send)
            self.close_on_send = None
        elif frame["type"] in ("send", "do") and self._rejects(frame["client_id"]):
            answer = {"type": "rejected", "client_id": frame["client_id"], "problem": self.problem}
            socket.send(json.dumps(answer))
        else:
            server.send(data)

    def _rejects(self, client_id: str) -> bool:
        """Like the relay: after a retryable rejection nothing passes until the rejected message comes again."""
        if self._awaited not in (None, client_id):
            return True
        self._awaited = None
        if not self.reject_sends:
            return False
        self.reject_sends -= 1
        if self.problem.get("retry"):
            self._awaited = client_id
        return True

    async def welcomed(self) -> None:
        """Waits until the page has been connected for the first time."""
        await asyncio.wait_for(self._welcomed.wait(), WELCOME_WITHIN_S)

    def cut(self, code: int = RESTART) -> None:
        """Closes the page's socket, as the relay would."""
        self.close(self.sockets[-1], code)

    def close(self, socket: WebSocketRoute, code: int) -> None:
        closing = asyncio.ensure_future(socket.close(code=code))
        self._closing.add(closing)
        closing.add_done_callback(self._closing.discard)

    def _from_relay(self, socket: WebSocketRoute, data: str | bytes) -> None:
        frame = json.loads(data)
        if frame["type"] == "welcome":
            self._welcomed.set()
            socket.send(json.dumps({**frame, **self.change_welcome}))
        elif not self.deaf:
            socket.send(data)
