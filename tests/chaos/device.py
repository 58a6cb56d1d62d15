"""A browser as the public contract describes it: hello with cursors, resend, reconnect with full jitter."""

import asyncio
import contextlib
import random
import socket as sockets
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import aiohttp
import msgspec

from tests.chaos.log import ThreadLog, content_of
from tests.chaos.outbox import Outbox

Frame = dict[str, Any]
SILENCE_S = 20.0
"""The page pings after this long without a frame …"""
PATIENCE_S = 10.0
"""… and reconnects this much later."""
_LONGEST_PAUSE_S = 0.5  # a person's browser waits up to 30 s; here the servers' own recovery is to be seen
_FIRST_PAUSE_S = 0.05
_MOST_DOUBLINGS = 10
_PEACE_S = 10.0
_CONNECT_WITHIN_S = 10.0
_decode = msgspec.json.Decoder(dict[str, Any]).decode
_encoder = msgspec.json.Encoder()


class Device:
    """One socket of `me`, with the thread with `peer` open. `deliver` gets each applied frame and its time.

    logs_before: what it had applied of logs that were replaced. log_id: of the log that it knows.

    closes: close codes and failed handshakes, counted. ended, ended_at: the final code (4500-4999, or 401).
    """

    def __init__(
        self,
        http: aiohttp.ClientSession,
        base_url: str,
        me: str,
        peer: str,
        deliver: Callable[[Frame, float], None],
    ) -> None:
        self.me, self.peer = me, peer
        self.log, self.log_id = ThreadLog(peer), ""
        self.logs_before: list[ThreadLog] = []
        self.outbox = Outbox()
        self.leaks: list[str] = []
        self.closes: Counter[int | str] = Counter()
        self.errors: Counter[str] = Counter()
        self.ended, self.ended_at = 0, 0.0
        self.live_at, self.lost_at = 0.0, 0.0
        self.live = asyncio.Event()
        self._http, self._base_url = http, base_url
        self._deliver = deliver
        self._socket: aiohttp.ClientWebSocketResponse | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Connects, and stays connected until `stop` or a final close code."""
        if self._task is None:
            self._task = asyncio.create_task(self._live())

    async def stop(self) -> None:
        """Closes the tab; the log and the outbox stay, so `start` resumes."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
            self._task = None

    def cut(self) -> None:
        """Loses the connection without a close frame, as a failing network does."""
        connection = self._socket.get_extra_info("socket") if self._socket else None
        if connection is not None:
            with contextlib.suppress(OSError):
                connection.shutdown(sockets.SHUT_RDWR)

    async def _live(self) -> None:
        failures = 0
        while not self.ended:
            self.live_at = 0.0
            try:
                await self._connect_once()
            except (aiohttp.ClientError, OSError, TimeoutError) as error:
                self._note_failure(error)
            finally:
                self.live.clear()
                self.lost_at = time.monotonic()
            peaceful = self.live_at and self.lost_at - self.live_at > _PEACE_S
            failures = 0 if peaceful else failures + 1
            longest_s = min(_LONGEST_PAUSE_S, _FIRST_PAUSE_S * 2 ** min(failures, _MOST_DOUBLINGS))
            await asyncio.sleep(random.uniform(0, longest_s))

    def _note_failure(self, error: Exception) -> None:
        status = getattr(error, "status", 0)
        self.closes[f"handshake {status}" if status else type(error).__name__] += 1
        if status == 401:
            self.ended, self.ended_at = status, time.monotonic()

    async def _connect_once(self) -> None:
        async with asyncio.timeout(_CONNECT_WITHIN_S):
            socket = await self._http.ws_connect(
                f"{self._base_url}/messages/{self.peer}",
                protocols=["duet.v1"],
                origin=self._base_url,
                max_msg_size=1 << 20,
                timeout=aiohttp.ClientWSTimeout(ws_close=0.2),
            )
        self._socket = socket
        pump: asyncio.Task[None] | None = None
        try:
            await _write(socket, {"type": "hello", "cursors": {self.peer: self.log.cursor}})
            while (frame := await self._read(socket)) is not None:
                if frame["type"] == "welcome" and not self._knows(frame["log"]):
                    break
                self._take(frame)
                if frame["type"] == "welcome" and pump is None:
                    self.live_at = time.monotonic()
                    self.live.set()
                    self.outbox.start_over()
                    pump = asyncio.create_task(self._send_all(socket))
        finally:
            self._socket = None
            if pump is not None:
                pump.cancel()
            self._note_close(socket.close_code or aiohttp.WSCloseCode.ABNORMAL_CLOSURE)
            with contextlib.suppress(Exception):
                await socket.close()

    def _knows(self, log_id: str) -> bool:
        """Whether it goes on from its cursors; else it forgets them and connects anew."""
        before, self.log_id = self.log_id, log_id
        if before in ("", log_id):
            return True
        self.logs_before.append(self.log)
        self.log = ThreadLog(self.peer, breaches=self.log.breaches)
        self.outbox.turn_to_another_log()
        return False

    def _note_close(self, code: int) -> None:
        self.closes[int(code)] += 1
        if 4500 <= code <= 4999:
            self.ended, self.ended_at = code, time.monotonic()

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> Frame | None:
        """The next frame; None when the connection is over, or silent for too long even after a ping."""
        for patience_s in (SILENCE_S, PATIENCE_S):
            try:
                message = await socket.receive(patience_s)
            except TimeoutError:
                await _write(socket, {"type": "ping"})
                continue
            return _decode(message.data) if message.type is aiohttp.WSMsgType.TEXT else None
        self.closes["silent"] += 1
        return None

    async def _send_all(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        with contextlib.suppress(OSError, aiohttp.ClientError):
            while True:
                await _write(socket, (await self.outbox.next()).frame)

    def _take(self, frame: Frame) -> None:
        at = time.monotonic()
        kind = frame["type"]
        if kind in ("message", "event"):
            self._take_event(frame, at)
        elif kind == "rejected":
            self.outbox.reject(frame["client_id"], frame["problem"])
        elif kind == "error":
            self.errors[frame["problem"].get("code", "")] += 1
        elif kind == "welcome":
            strangers = set(frame["threads"]) - {self.peer}
            if frame["username"] != self.me or strangers:
                self.leaks.append(f"welcome of {frame['username']} with threads {sorted(strangers)}")
        elif kind != "pong" and self._names(frame) - {self.me, self.peer}:
            self.leaks.append(str(frame))

    def _take_event(self, frame: Frame, at: float) -> None:
        text = content_of(frame).get("text")
        strangers = self._names(frame) - {self.me, self.peer}
        if strangers or frame["thread"] != self.peer or (text and text.partition(">")[0] != frame["sender"]):
            self.leaks.append(str(frame))
            return
        if frame["sender"] == self.me:
            self.outbox.acknowledge(frame["client_id"], frame["seq"], at, self.log_id)
        if self.log.apply(frame, at):
            self._deliver(frame, at)

    @staticmethod
    def _names(frame: Frame) -> set[str]:
        return {frame[field] for field in ("thread", "username", "by", "sender") if field in frame}


async def _write(socket: aiohttp.ClientWebSocketResponse, frame: Frame) -> None:
    await socket.send_str(_encoder.encode(frame).decode())
