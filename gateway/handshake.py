"""Our own upgrade request to a relay, and its answer."""

import asyncio
from collections.abc import Mapping
from typing import cast

from shared.plumbing.http.client import BrokenConnectionError
from shared.plumbing.http.head import NotHttpError, body_length, read_answer

TIMEOUT_S = 5.0
_MAX_ANSWER_BYTES = 64 * 1024
SWITCHING = 101


class Handshake(asyncio.Protocol):
    """Lives from the connection to the answer."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self._buffer = b""
        self._answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._status = 0
        self._headers: dict[bytes, bytes] = {}
        self._body_at = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    async def upgrade(self, request: bytes) -> None:
        """Sends the request and waits for the answer. Raises BrokenConnectionError, TimeoutError."""
        if self.transport is not None:
            self.transport.write(request)
        async with asyncio.timeout(TIMEOUT_S):
            await self._answer

    @property
    def status(self) -> int:
        return self._status

    @property
    def headers(self) -> Mapping[bytes, bytes]:
        return self._headers

    @property
    def after_head(self) -> bytes:
        """After a 101: what the relay has sent on the socket already; else the body."""
        return self._buffer[self._body_at :]

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._answer.done():
            return
        try:
            if self._is_complete():
                self._answer.set_result(None)
        except (BrokenConnectionError, NotHttpError) as error:
            self._answer.set_exception(BrokenConnectionError(str(error)))

    def _is_complete(self) -> bool:
        if not self._body_at:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                if len(self._buffer) > _MAX_ANSWER_BYTES:
                    raise BrokenConnectionError("an endless head")
                return False
            self._status, self._headers = read_answer(self._buffer[:end])
            self._body_at = end + 4
        if self._status == SWITCHING:
            return True
        return len(self._buffer) - self._body_at >= body_length(self._status, self._headers)

    def connection_lost(self, exc: Exception | None) -> None:
        self.transport = None
        if not self._answer.done():
            self._answer.set_exception(BrokenConnectionError("the relay closed the connection"))

    def abort(self) -> None:
        """Ends the connection, if it has not been handed over."""
        if self._answer.done() and not self._answer.cancelled():
            self._answer.exception()  # seen
        if self.transport is not None:
            self.transport.abort()
            self.transport = None
