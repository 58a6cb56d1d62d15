"""A socket of the public contract: it keeps cursors, and fails the test at once on a gap, a repeat or a wrong order.

Through the gateway give a Cookie header, to a relay itself an Authorization header.
"""

import asyncio
import random
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

import aiohttp
import msgspec

from shared.wire import codec
from shared.wire.frames import SUBPROTOCOL, Rejected, ServerFrame, Welcome
from shared.wire.ids import uuid7
from shared.wire.messages import EventFrame, MessageFrame

F = TypeVar("F")
WITHIN_S = 10.0
_decoder: msgspec.json.Decoder[ServerFrame] = msgspec.json.Decoder(ServerFrame)


class Socket:
    """One websocket of `username`. base_url: of the gateway or a relay; unix_path: a relay's Unix socket.

    frames: all that came, in order. cursors: the last seq of each thread; they outlive a connection. unsent: the
    frames, by client_id, that are not acknowledged.
    """

    def __init__(
        self, username: str, base_url: str, headers: Mapping[str, str], *, unix_path: str = ""
    ) -> None:
        self.username = username
        self.base_url = base_url
        self.headers = dict(headers)
        self.unix_path = unix_path
        self.frames: list[ServerFrame] = []
        self.cursors: dict[str, int] = {}
        self.unsent: dict[str, Mapping[str, Any]] = {}
        self.texts: dict[str, list[str]] = {}
        self.close_code: int | None = None
        self._taken: set[int] = set()
        self._news = asyncio.Event()  # set, and replaced, at every frame and at the end
        self._failure: BaseException | None = None
        self._http: aiohttp.ClientSession | None = None
        self._reader: asyncio.Task[None] | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._order = asyncio.Lock()  # what is unsent goes before what is new
        self.websocket: aiohttp.ClientWebSocketResponse | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.leave()
        if self._failure is not None and error is None:
            raise self._failure

    # Connecting.

    async def open(self, path: str = "/messages", **options: Any) -> Self:
        """Upgrades, without a hello. Raises aiohttp.WSServerHandshakeError if that is refused."""
        await self.disconnect()
        self.close_code = None
        connector = aiohttp.UnixConnector(self.unix_path) if self.unix_path else aiohttp.TCPConnector()
        self._http = aiohttp.ClientSession(connector=connector)
        options.setdefault("protocols", (SUBPROTOCOL,))
        try:
            self.websocket = await self._http.ws_connect(
                self.base_url + path, headers=self.headers, max_msg_size=0, **options
            )
        except BaseException:
            await self._http.close()
            raise
        self._reader = asyncio.create_task(self._read(self.websocket))
        return self

    async def connect(self, path: str = "/messages", *, cursors: Mapping[str, int] | None = None) -> Welcome:
        """Upgrades and says hello with `cursors`, by default those kept; the welcome."""
        await self.open(path)
        return await self.hello(cursors)

    async def hello(self, cursors: Mapping[str, int] | None = None) -> Welcome:
        """Says hello; the welcome."""
        if cursors is not None:
            self.cursors = dict(cursors)
        await self.say({"type": "hello", "cursors": self.cursors})
        (welcome,) = await self.receive(Welcome)
        return welcome

    def stay(self) -> None:
        """From now on reconnects whenever it is closed, and resends what is not acknowledged."""
        self._keeper = asyncio.create_task(self._keep())

    async def _keep(self) -> None:
        while True:
            while self.close_code is None:
                await self._news.wait()
            async with self._order:
                try:
                    await self.connect()
                    await self._say_again()
                except (aiohttp.ClientError, AssertionError, OSError):
                    self.close_code = self.close_code or 1006
            if self.close_code is not None:
                await asyncio.sleep(random.uniform(0, 0.2))  # noqa: S311

    async def leave(self) -> None:
        """Disconnects for good."""
        if self._keeper is not None:
            self._keeper.cancel()
            await asyncio.gather(self._keeper, return_exceptions=True)
            self._keeper = None
        await self.disconnect()

    async def disconnect(self) -> None:
        """Drops the connection silently, as a lost network does."""
        if self._reader is not None:
            self._reader.cancel()
            await asyncio.gather(self._reader, return_exceptions=True)
            self._reader = None
        if self._http is not None:
            await self._http.close()
            self._http = None

    # Saying.

    async def say(self, frame: Any) -> None:
        """Sends any frame: bytes and text as they are, everything else as JSON."""
        assert self.websocket is not None
        if isinstance(frame, str):
            await self.websocket.send_str(frame)
        else:
            encoded = frame if isinstance(frame, bytes) else codec.encode(frame)
            await self.websocket.send_frame(encoded, aiohttp.WSMsgType.TEXT)

    async def send(self, to: str, *texts: str, client_id: UUID | None = None, **more: Any) -> list[str]:
        """Sends messages; their client_ids. They stay in `unsent` until they are acknowledged. more: reply_to."""
        return [await self._append("send", to, client_id, {"text": text, **more}) for text in texts]

    async def do(self, to: str, kind: str, *, client_id: UUID | None = None, **body: Any) -> str:
        """Changes a message; the client_id, which stays in `unsent` until it is acknowledged."""
        return await self._append("do", to, client_id, {"kind": kind, "body": body})

    async def _append(self, type: str, to: str, client_id: UUID | None, fields: Mapping[str, Any]) -> str:
        id = str(client_id or uuid7())
        async with self._order:
            self.unsent[id] = {"type": type, "to": to, "client_id": id, **fields}
            try:
                await self.say(self.unsent[id])
            except (aiohttp.ClientError, ConnectionError):
                if self._keeper is None:
                    raise
        return id

    async def resend(self) -> None:
        """Sends again what is not acknowledged, in its order."""
        async with self._order:
            await self._say_again()

    async def _say_again(self) -> None:
        for frame in list(self.unsent.values()):
            await self.say(frame)

    async def sync(self, thread: str, after: int) -> None:
        """Moves the cursor and replays from there. Nothing may be under way in the thread."""
        self.cursors[thread] = after
        await self.say({"type": "sync", "thread": thread, "after": after})

    # Hearing.

    async def receive(self, of: type[F], count: int = 1, *, within_s: float = WITHIN_S) -> list[F]:
        """The next `count` frames of one type that were not received before; frames of other types stay."""
        found: list[F] = await self._wait(lambda: self._find(of, count), f"{count} {of.__name__}", within_s)
        return found

    async def acknowledged(self, *, within_s: float = WITHIN_S) -> None:
        """Waits until nothing is unsent."""
        await self._wait(lambda: True if not self.unsent else None, "every acknowledgement", within_s)

    async def settled(self, client_id: str, *, within_s: float = WITHIN_S) -> None:
        """Waits until the send is acknowledged, or rejected once more than before."""
        before = self._rejections(client_id)
        await self._wait(
            lambda: True if client_id not in self.unsent or self._rejections(client_id) > before else None,
            f"an answer to {client_id}",
            within_s,
        )

    def _rejections(self, client_id: str) -> int:
        return sum(isinstance(frame, Rejected) and frame.client_id == client_id for frame in self.frames)

    async def caught_up(self, thread: str, seq: int, *, within_s: float = WITHIN_S) -> list[str]:
        """Waits until the cursor of `thread` is at `seq` or above; the texts that came, in order."""
        await self._wait(
            lambda: True if self.cursors.get(thread, 0) >= seq else None, f"{thread} up to {seq}", within_s
        )
        return self.texts.get(thread, [])

    async def closed(self, *, within_s: float = WITHIN_S) -> int:
        """Waits until the other side closes; the close code."""
        code: int = await self._wait(lambda: self.close_code, "the end", within_s)
        return code

    def _find(self, of: type[F], count: int) -> list[F] | None:
        places = [
            place
            for place, frame in enumerate(self.frames)
            if place not in self._taken and isinstance(frame, of)
        ][:count]
        if len(places) < count:
            return None
        self._taken.update(places)
        return [self.frames[place] for place in places]  # type: ignore[misc]

    async def _wait(self, look: Any, wanted: str, within_s: float) -> Any:
        try:
            async with asyncio.timeout(within_s):
                while (found := look()) is None:
                    if self._failure is not None:
                        raise self._failure
                    if self.close_code is not None and self._keeper in (None, asyncio.current_task()):
                        raise AssertionError(f"closed with {self.close_code}, waiting for {wanted}")
                    await self._news.wait()
        except TimeoutError:
            last = [repr(frame)[:200] for frame in self.frames[-5:]]
            raise AssertionError(f"{self.username} waited for {wanted}; last: {last}") from None
        return found

    async def _read(self, websocket: aiohttp.ClientWebSocketResponse) -> None:
        async for message in websocket:
            if message.type is aiohttp.WSMsgType.TEXT:
                frame = _decoder.decode(message.data)
                try:
                    self._apply(frame)
                except AssertionError as error:
                    self._failure = error
                self.frames.append(frame)
                self._tell()
        self.close_code = websocket.close_code or 1006
        self._tell()

    def _tell(self) -> None:
        news, self._news = self._news, asyncio.Event()
        news.set()

    def _apply(self, frame: ServerFrame) -> None:
        if isinstance(frame, Welcome):
            for name, state in frame.threads.items():
                self.cursors[name] = min(self.cursors.get(name, state.head), state.head)
        elif isinstance(frame, MessageFrame | EventFrame):
            if frame.sender == self.username:
                self.unsent.pop(str(frame.client_id), None)
            if frame.repeat:
                return
            cursor = self.cursors.get(frame.thread, 0)
            assert frame.seq == cursor + 1, (
                f"{self.username}: seq {frame.seq} of {frame.thread} after {cursor}"
            )
            self.cursors[frame.thread] = frame.seq
            if isinstance(frame, MessageFrame):
                self.texts.setdefault(frame.thread, []).append(frame.text)
