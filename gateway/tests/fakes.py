"""Stand-ins for the programs behind the gateway, for tests that decide their answers."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID, uuid4

from aiohttp import WSMsgType, web

from shared.plumbing.http.web import json_response, read_json
from shared.plumbing.identity import VOUCHED_HEADER, Caller, User, Verifier
from shared.plumbing.program_keys import KeyRing
from shared.wire import codec
from shared.wire.accounts import (
    CheckedSessions,
    CheckSessions,
    EndedSessions,
    Profile,
    Profiles,
    ProfilesByName,
    SessionInfo,
)
from shared.wire.allowance import TakeSend


@dataclass(frozen=True)
class Received:
    """A request as a service got it."""

    method: str
    target: str
    headers: dict[str, list[str]]
    body: bytes

    @property
    def token(self) -> str:
        return self.headers["Authorization"][0].removeprefix("Bearer ")


def _received(request: web.Request, body: bytes) -> Received:
    headers = {name: request.headers.getall(name) for name in request.headers}
    return Received(request.method, request.raw_path, headers, body)


class Fake:
    """An aiohttp application on a Unix socket. path: of the socket."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.app = web.Application(client_max_size=1 << 20)
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"unix:{self.path}"

    async def start(self) -> None:
        self._runner = web.AppRunner(self.app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.UnixSite(self._runner, str(self.path)).start()

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None


class RecordingService(Fake):
    """Gives every call the same answer and remembers what it was asked."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.received: list[Received] = []
        self.ready: dict[str, str] = {"status": "ready", "redis": "ok"}
        self.answer: Callable[[], Awaitable[web.Response]] = self._fine
        self.app.add_routes(
            [web.get("/health/ready", self._ready), web.route("*", "/{any:.*}", self._answer)]
        )

    async def _ready(self, request: web.Request) -> web.Response:
        return json_response(self.ready, status=503 if self.ready["status"] == "unready" else 200)

    async def _answer(self, request: web.Request) -> web.Response:
        self.received.append(_received(request, await request.read()))
        return await self.answer()

    @staticmethod
    async def _fine() -> web.Response:
        return web.json_response({"fine": True}, headers={"X-Secret": "internal", "Set-Cookie": "a=b"})


@dataclass
class Somebody:
    """A user of FakeAuth with one session."""

    username: str
    id: int
    token: str = field(default_factory=secrets.token_urlsafe)
    session: UUID = field(default_factory=uuid4)


class FakeAuth(RecordingService):
    """auth's session checks, without passwords; other calls are recorded."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.people: dict[str, Somebody] = {}
        self.ended: list[UUID] = []
        self.checks = 0
        self.app = web.Application()
        self.app.add_routes(
            [
                web.post("/internal/sessions/check", self._check),
                web.get("/internal/sessions/ended", self._ended),
                web.post("/internal/users/by-name", self._by_name),
                web.get("/health/ready", self._ready),
                web.route("*", "/{any:.*}", self._answer),
            ]
        )

    def add(self, username: str) -> Somebody:
        """Somebody who is logged in."""
        somebody = Somebody(username, len(self.people) + 1)
        self.people[somebody.token] = somebody
        return somebody

    def log_in_again(self, somebody: Somebody) -> Somebody:
        """The same person on another device."""
        other = Somebody(somebody.username, somebody.id)
        self.people[other.token] = other
        return other

    def end(self, somebody: Somebody) -> None:
        """The session ends, somewhere else."""
        del self.people[somebody.token]
        self.ended.append(somebody.session)

    async def _check(self, request: web.Request) -> web.Response:
        self.checks += 1
        tokens = (await read_json(request, CheckSessions)).tokens
        return json_response(CheckedSessions([self._info(token) for token in tokens]))

    def _info(self, token: str) -> SessionInfo | None:
        if (one := self.people.get(token)) is None:
            return None
        return SessionInfo(one.id, one.username, one.username.title(), one.session)

    async def _ended(self, request: web.Request) -> web.Response:
        return json_response(EndedSessions(self.ended))

    async def _by_name(self, request: web.Request) -> web.Response:
        wanted = (await read_json(request, ProfilesByName)).usernames
        known = [person for person in self.people.values() if person.username in wanted]
        return json_response(Profiles([Profile(p.id, p.username, p.username.title(), None) for p in known]))


class EchoRelay(Fake):
    """A relay that greets, then echoes. callers: who each socket was opened for."""

    def __init__(self, path: Path, keys: Path) -> None:
        super().__init__(path)
        self.verifier = Verifier("relay", KeyRing(keys))
        self.received: list[Received] = []
        self.callers: list[Caller] = []
        self.sockets: list[web.WebSocketResponse] = []
        self.close_codes: asyncio.Queue[int | None] = asyncio.Queue()
        self.greeting = ""
        self.refusal: web.Response | None = None
        self.is_ready = True
        self.sends_left = 1_000_000
        self.app.add_routes(
            [
                web.post("/internal/sends", self._take_send),
                web.get("/messages", self._socket),
                web.get("/messages/{username}", self._socket),
                web.get("/health/ready", self._health),
            ]
        )

    async def _health(self, request: web.Request) -> web.Response:
        return json_response({"status": "ready", "redis": "ok"}, status=200 if self.is_ready else 503)

    async def _take_send(self, request: web.Request) -> web.Response:
        token = request.headers["Authorization"].removeprefix("Bearer ")
        assert self.verifier.caller(token) == Caller("gateway")
        await read_json(request, TakeSend)
        self.sends_left -= 1
        refused = self.sends_left < 0
        return web.Response(status=429, headers={"Retry-After": "3"}) if refused else web.Response(status=204)

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        self.received.append(_received(request, b""))
        if self.refusal is not None:
            return self.refusal
        token = request.headers["Authorization"].removeprefix("Bearer ")
        vouched = codec.decode(request.headers[VOUCHED_HEADER], User)
        self.callers.append(Caller(self.verifier.caller(token).program, vouched))
        socket = web.WebSocketResponse(protocols=["duet.v1"], compress=False, autoping=True)
        await socket.prepare(request)
        self.sockets.append(socket)
        if self.greeting:
            await socket.send_str(self.greeting)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                await socket.send_str(message.data)
            elif message.type is WSMsgType.BINARY:
                await socket.send_bytes(message.data)
        self.close_codes.put_nowait(socket.close_code)
        return socket


def user_of(received: Received, audience: str, keys: Path) -> User | None:
    """Whom the token of a forwarded call speaks for. Raises Unauthenticated if it is not good."""
    return Verifier(audience, KeyRing(keys)).caller(received.token).user
