"""One person's websocket, by picows."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

from picows import WSFrame, WSListener, WSMsgType, WSTransport, ws_connect

from bench.load import mark
from bench.load.dialect import Dialect, RefusedError

_CONNECT_WITHIN_S = 60.0


@dataclass(frozen=True)
class Seat:
    """Where one person connects. flow: what they send; cookie: their session."""

    flow: int
    username: str
    peer: str
    base_url: str
    cookie: str


class PersonSocket(WSListener):
    """on_message(flow, number, now): called for each message that arrives here."""

    def __init__(self, seat: Seat, dialect: Dialect, on_message: Callable[[int, int, float], None]) -> None:
        self.seat = seat
        self.dialect = dialect
        self.on_message = on_message
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.transport: WSTransport | None = None
        self.refused = 0

    async def connect(self) -> None:
        """Returns when the server has let us in. Raises OSError, WSError or TimeoutError."""
        async with asyncio.timeout(_CONNECT_WITHIN_S):
            await ws_connect(
                lambda: self,
                self.dialect.url(self.seat.base_url, self.seat.peer),
                websocket_handshake_timeout=None,
                read_buffer_init_size=2048,
                extra_headers={"Cookie": self.seat.cookie, "Origin": self.seat.base_url, **self._offer()},
            )
            await self.ready

    def send(self, client_id: str, text: str) -> None:
        assert self.transport is not None
        for frame in self.dialect.message(self.seat.peer, client_id, text):
            self.transport.send(WSMsgType.TEXT, frame)

    @property
    def is_open(self) -> bool:
        return self.transport is not None and not self.transport.is_disconnected

    def close(self) -> None:
        if self.transport is not None:
            self.transport.disconnect()

    def on_ws_connected(self, transport: WSTransport) -> None:
        self.transport = transport
        first = self.dialect.first()
        if first is not None:
            transport.send(WSMsgType.TEXT, first)
        if self.dialect.ready_at_upgrade:
            self.ready.set_result(None)

    def on_ws_frame(self, transport: WSTransport, frame: WSFrame) -> None:
        now = time.monotonic()
        payload = frame.get_payload_as_bytes()
        found = mark.find(payload)
        if found is not None:
            if self.dialect.arrived(payload):
                self.on_message(*found, now)
            else:
                self.refused += 1
        elif frame.msg_type is WSMsgType.TEXT:
            self._converse(transport, payload, now)

    def on_ws_disconnected(self, transport: WSTransport) -> None:
        if not self.ready.done():
            self.ready.set_exception(ConnectionError(f"closed: {transport.close_handshake}"))

    def _offer(self) -> dict[str, str]:
        return {"Sec-WebSocket-Protocol": self.dialect.protocol} if self.dialect.protocol else {}

    def _converse(self, transport: WSTransport, payload: bytes, now: float) -> None:
        try:
            heard = self.dialect.answer(payload)
        except RefusedError as error:
            self.refused += 1
            if not self.ready.done():
                self.ready.set_exception(error)
            return
        for frame in heard.say:
            transport.send(WSMsgType.TEXT, frame)
        for flow, number in heard.acknowledged:
            self.on_message(flow, number, now)
        if heard.ready and not self.ready.done():
            self.ready.set_result(None)
