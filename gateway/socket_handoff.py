"""Passes an accepted, checked socket to a relay on this host; after that none of its bytes come through the gateway."""

import asyncio
import contextlib
import socket
import struct
from itertools import count

from prometheus_client import Counter

from shared.plumbing.http.client import BrokenConnectionError
from shared.plumbing.transport.socket_handoff import MAX_PACKET_BYTES, Offer, read_verdict

TIMEOUT_S = 5.0
_VERDICT_BYTES = 64
_MAX_BYTES = MAX_PACKET_BYTES - 1024
_OFFERED = Counter("duet_sockets_offered", "Sockets offered to relays on this host", ["outcome"])
_MAX_ASKED = 128
"""So many verdicts fit the channel, whether or not we read."""
_NUMBERS = 2**32


class SocketHandoff:
    """The channel to one relay, opened on demand. path: see `channel_path`; "" for a relay elsewhere."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._channel: socket.socket | None = None
        self._asked: dict[int, asyncio.Future[bool]] = {}
        self._numbers = count()

    async def offer(self, file: int, head: bytes, arrived: bytes) -> bool:
        """Whether the relay has taken the socket. If not, it has not touched it, or was never asked.

        Raises BrokenConnectionError, TimeoutError: then the relay may have it and write to it at any time.
        """
        channel = self._opened()
        if channel is None or len(self._asked) >= _MAX_ASKED or len(head) + len(arrived) > _MAX_BYTES:
            return False
        number = next(self._numbers) % _NUMBERS
        try:
            socket.send_fds(channel, [Offer(number, head, arrived).packet()], [file])
        except OSError as error:
            if not isinstance(error, BlockingIOError):
                self.close()
            return False
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[bool] = loop.create_future()
        self._asked[number] = answer
        deadline = loop.call_later(TIMEOUT_S, self._give_up, answer)
        outcome = "lost"
        try:
            taken = await answer
            outcome = "taken" if taken else "refused"
            return taken
        finally:
            _OFFERED.labels(outcome).inc()
            deadline.cancel()
            self._asked.pop(number, None)

    def _opened(self) -> socket.socket | None:
        if self._channel is None and self._path:
            channel = None
            try:
                channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET | socket.SOCK_NONBLOCK)
                channel.connect(self._path)
            except (OSError, AttributeError):  # not there, not ready, or nothing that this system has
                if channel is not None:
                    channel.close()
                return None
            self._channel = channel
            asyncio.get_running_loop().add_reader(channel, self._hear)
        return self._channel

    def _hear(self) -> None:
        try:
            while self._channel is not None:
                packet = self._channel.recv(_VERDICT_BYTES)
                verdict = read_verdict(packet)
                answer = self._asked.get(verdict.number)
                if answer is not None and not answer.done():
                    answer.set_result(verdict.taken)
        except BlockingIOError:
            pass
        except (OSError, struct.error):  # an empty packet means that the relay has closed the channel
            self.close()

    def close(self) -> None:
        """Ends the channel. What was offered and has no verdict is lost."""
        channel, self._channel = self._channel, None
        if channel is None:
            return
        asyncio.get_running_loop().remove_reader(channel)
        with contextlib.suppress(OSError):
            channel.close()
        for answer in self._asked.values():
            if not answer.done():
                answer.set_exception(BrokenConnectionError("the relay closed the channel"))

    @staticmethod
    def _give_up(answer: "asyncio.Future[bool]") -> None:
        if not answer.done():
            answer.set_exception(TimeoutError("the relay does not say whether it took the socket"))
