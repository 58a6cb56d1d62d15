"""One websocket: frames in and out, backpressure both ways, closing. No task, no future: callbacks only."""

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import NamedTuple

from services.relay.metrics import CLOSES
from services.relay.transport.framing import (
    CLOSE,
    CONTINUATION,
    NO_CODE,
    NORMAL,
    PING,
    TEXT,
    Parser,
    ProtocolError,
    close_code,
    close_frame,
    control_frame,
    ends_with_close,
)
from services.relay.transport.share import Share

MAX_QUEUED_EVENTS = 256
MAX_QUEUED_BYTES = 256 * 1024
_HIGH_WATER_BYTES = 64 * 1024
_CLOSE_WITHIN_S = 2.0

_PONG = 0xA
_BYTES_A_TOKEN = 4096


class Hold:
    """Why a socket is not read: each reason is a bit."""

    COMMAND = 1
    WRITING = 2
    BATCH = 4
    TURN = 8


class Queued(NamedTuple):
    """A frame that waits for a slow reader. thread, seq: of an event; 0 for anything else."""

    frame: bytes
    thread: int
    seq: int


class Socket(asyncio.Protocol):
    """heard_at, progress_at: loop times of the last bytes received, and last written while the peer is slow."""

    __slots__ = (
        "_backlog",
        "_closing",
        "_held",
        "_parser",
        "_queue",
        "_queued_bytes",
        "_reading",
        "_timer",
        "_transport",
        "heard_at",
        "pinged",
        "progress_at",
        "share",
        "slow",
    )

    def __init__(self, share: Share) -> None:
        self.share = share
        self._parser: Parser | None = Parser()  # None after an error: nothing more is understood
        self._transport: asyncio.Transport | None = None
        self._queue: deque[Queued] | None = None
        self._queued_bytes = 0
        self._held = 0
        self._reading = False
        self._closing = False
        self._timer: asyncio.TimerHandle | None = None
        self._backlog = 0
        self.heard_at = 0.0
        self.progress_at = 0.0
        self.pinged = False
        self.slow = False

    # What a kind of socket adds.

    def received(self, payload: bytes) -> None:
        """A whole text message."""
        raise NotImplementedError

    def overflowed(self, dropped: Iterable[Queued]) -> None:
        """The queue was full: these events were dropped."""
        raise NotImplementedError

    def drained(self) -> None:
        """The reader has caught up."""

    def lost(self) -> None:
        """The connection is gone; called once."""

    # Life.

    def start(self, transport: asyncio.Transport, response: bytes, arrived: bytes) -> None:
        """Answers the upgrade and begins with what came behind it."""
        self._transport = transport
        transport.set_write_buffer_limits(high=_HIGH_WATER_BYTES)
        self.heard_at = asyncio.get_running_loop().time()
        transport.write(response)
        if arrived:
            self.data_received(arrived)

    @property
    def open(self) -> bool:
        """Whether frames can still be sent."""
        return self._transport is not None and not self._closing

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        self._queue = None
        self.set_timer(None)
        self.lost()

    def set_timer(self, timer: asyncio.TimerHandle | None) -> None:
        """The socket's one timer: for the hello, and later for the end."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = timer

    def close(self, code: int, reason: str = "") -> None:
        """Sends a close frame; the connection ends when it is answered, or soon."""
        if not self.open or self._transport is None:
            return
        CLOSES.labels(str(code)).inc()
        self._queue = None
        self._say_close(close_frame(code, reason))
        self._held &= Hold.TURN
        if not self._held:
            self._resume()

    def _say_close(self, frame: bytes) -> None:
        """The last frame. A client that stops reading, or does not answer, is aborted."""
        if self._transport is not None:
            self._transport.write(frame)
        self._closing = True
        loop = asyncio.get_running_loop()
        self.set_timer(loop.call_later(_CLOSE_WITHIN_S, self.abort))

    def abort(self) -> None:
        """Ends the connection now, whatever is unsent."""
        if self._transport is not None:
            self._transport.abort()

    # Reading.

    def data_received(self, data: bytes) -> None:
        self.heard_at = asyncio.get_running_loop().time()
        self.pinged = False
        if self._parser is None:
            # Closing while the peer still sends would reset the connection and lose our close code.
            if self._transport is not None and ends_with_close(data):
                self._transport.close()
            return
        self._parser.feed(data)
        if not self._reading:
            self._read()

    def hold(self, reason: int) -> None:
        """Stops reading until `release` of the same reason; what has arrived waits."""
        if self._transport is None or (self._closing and reason != Hold.TURN):
            return
        if not self._held:
            self._transport.pause_reading()
        self._held |= reason

    def release(self, reason: int) -> None:
        """Reads on if nothing else holds the socket."""
        if self._held & reason:
            self._held &= ~reason
            if not self._held:
                self._resume()

    @property
    def held(self) -> bool:
        """Whether this node has stopped reading it."""
        return self._held != 0

    def _resume(self) -> None:
        if self._transport is None:
            return
        if not self._transport.is_closing():
            self._transport.resume_reading()
        self.heard_at = asyncio.get_running_loop().time()
        if not self._reading:
            self._read()

    def _read(self) -> None:
        """Reads frame after frame, as long as its person's share of this turn lasts."""
        self._reading = True
        share, left, parser = self.share, self.share.left, self._parser
        try:
            while parser is not None and parser.buffer and not self._held and self._transport is not None:
                if share.left <= 0:
                    self.hold(Hold.TURN)
                    share.wait(self)
                    break
                message = parser.next_message()
                if message is None:
                    if share.left == left:  # bytes that make no frame yet
                        share.left -= 1
                    break
                opcode, payload = message
                share.left -= 1 + len(payload) // _BYTES_A_TOKEN
                if opcode != TEXT:
                    self._control(opcode, payload)
                elif not self._closing:
                    self.received(payload)
        except ProtocolError as error:
            self.give_up(error.code, error.reason)
        finally:
            self._reading = False

    def go_on(self) -> None:
        """It may be read again."""
        self.release(Hold.TURN)

    def give_up(self, code: int, reason: str) -> None:
        """Closes, and decodes nothing more of what comes."""
        self._parser = None
        self.close(code, reason)
        self.release(Hold.TURN)

    def _control(self, opcode: int, payload: bytes) -> None:
        if opcode == CONTINUATION:
            return
        if opcode == PING and self.open:
            self.send(control_frame(_PONG, payload))
        elif opcode == CLOSE and self._transport is not None:
            code = close_code(payload)
            if not self._closing:
                self._say_close(close_frame(NORMAL if code == NO_CODE else code))
            self._transport.close()

    # Writing.

    def send(self, frame: bytes, thread: int = 0, seq: int = 0) -> None:
        """Writes a frame, or queues it while the reader is slow. thread, seq: of an event."""
        transport = self._transport
        if self._closing or transport is None or transport.is_closing():
            return
        if not self.slow:
            transport.write(frame)
            return
        if self._queue is None:
            self._queue = deque()
        self._queue.append(Queued(frame, thread, seq))
        self._queued_bytes += len(frame)
        if thread and not self._has_room():
            events = [queued for queued in self._queue if queued.thread]
            self._queue = deque(queued for queued in self._queue if not queued.thread)
            self._queued_bytes = sum(len(queued.frame) for queued in self._queue)
            self.overflowed(events)

    def send_if_room(self, frame: bytes) -> None:
        """Writes or queues a frame that may get lost."""
        if not self.slow or self._has_room():
            self.send(frame)

    def _has_room(self) -> bool:
        return self._queue is None or (
            len(self._queue) <= MAX_QUEUED_EVENTS and self._queued_bytes <= MAX_QUEUED_BYTES
        )

    def ping(self) -> None:
        """A websocket ping; any frame is an answer."""
        self.pinged = True
        self.send_if_room(control_frame(PING))

    def pause_writing(self) -> None:
        self.slow = True
        self.progress_at = asyncio.get_running_loop().time()
        self._backlog = 0
        self.hold(Hold.WRITING)  # so that what we owe for the frames we read stays bounded too

    def resume_writing(self) -> None:
        self.slow = False
        while self._queue and not self.slow and self._transport is not None:
            self._transport.write(self._take_joined())
        if not self.slow:
            self._queue = None
            self.release(Hold.WRITING)
            self.drained()

    def _take_joined(self) -> bytes:
        """Frames from the queue for one write, up to the high-water mark."""
        frames: list[bytes] = []
        size = 0
        while self._queue and size < _HIGH_WATER_BYTES:
            frame = self._queue.popleft().frame
            frames.append(frame)
            size += len(frame)
        self._queued_bytes -= size
        return b"".join(frames)

    def look_for_progress(self, now: float) -> None:
        """Notes whether the slow peer has taken anything since the last look."""
        if self._transport is not None:
            backlog = self._transport.get_write_buffer_size()
            if backlog < self._backlog:
                self.progress_at = now
            self._backlog = backlog
