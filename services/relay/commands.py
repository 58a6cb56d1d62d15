"""What a browser may say: one handler a frame."""

import time
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any
from uuid import UUID

import msgspec
import structlog

from services.relay.connection import Connection
from services.relay.decoding import Undecodable, decode
from services.relay.delivery.hub import Hub
from services.relay.delivery.replay import Replay
from services.relay.hello import Greeter, head_of
from services.relay.limits import Limits
from services.relay.log.batch import Batcher
from services.relay.log.calls import Calls
from services.relay.log.reads import Reads
from services.relay.log.sent import Sent
from services.relay.names import Names
from services.relay.presence.ephemeral import Ephemeral
from services.relay.transport.framing import ProtocolError
from services.relay.transport.socket import Hold
from shared.plumbing.tasks import Tasks
from shared.plumbing.telemetry import traces
from shared.wire import change_decoder, codec, frames, naming
from shared.wire.frames import Close, Pong, TypingFrame
from shared.wire.ids import fold, is_username
from shared.wire.link import NOT_SAID, AppendItem, ReadMark
from shared.wire.log_calls import Resolved
from shared.wire.messages import MESSAGE
from shared.wire.problems import (
    CursorAhead,
    FieldError,
    HelloAgain,
    HelloFirst,
    Internal,
    Invalid,
    NotFound,
    Problem,
    RateLimited,
    Unavailable,
)

Rest = Coroutine[Any, Any, None]
"""What is left to do of a frame when something has to be asked first."""

_SMALL_TALK = (frames.Ping, frames.Typing)
"""What may be refused. A `sync` or `read` would not come again, so those are only read at their person's pace."""

log = structlog.get_logger()


class Commands:
    """A handler does its work at once, or returns what is left to do; `_answer` answers whatever it raises."""

    def __init__(
        self,
        hub: Hub,
        calls: Calls,
        names: Names,
        limits: Limits,
        greeter: Greeter,
        batcher: Batcher,
        reads: Reads,
        ephemeral: Ephemeral,
        replay: Replay,
        tasks: Tasks,
        welcome_within_s: float,
    ) -> None:
        self._hub = hub
        self._calls = calls
        self._names = names
        self._limits = limits
        self._greeter = greeter
        self._batcher = batcher
        self._reads = reads
        self._ephemeral = ephemeral
        self._replay = replay
        self._tasks = tasks
        self._welcome_within_s = welcome_within_s
        self._others: dict[type, Callable[[Connection, Any], Rest | None]] = {
            frames.Do: self._append,
            frames.Sync: self._sync,
            frames.ReadUpTo: self._read,
            frames.DeliveredUpTo: self._delivered,
            frames.Typing: self._typing,
            frames.Ping: self._ping,
        }

    def handle(self, connection: Connection, payload: bytes) -> None:
        """One text message. Raises ProtocolError if it is not JSON."""
        frame = None
        try:
            frame = decode(payload)
            if type(frame) is frames.Hello:
                self._hello(connection, frame)
            elif not connection.greeted:
                raise HelloFirst
            elif type(frame) is frames.Send:
                self._append(connection, frame)
            elif type(frame) in _SMALL_TALK and (wait_s := self._limits.small_talk(connection.user.session)):
                raise RateLimited(wait_s)
            elif rest := self._others[type(frame)](connection, frame):
                connection.hold(Hold.COMMAND)
                self._tasks.start(self._finish(connection, frame, rest))
        except ProtocolError:
            raise
        except Exception as error:
            self._answer(connection, frame, error)

    async def _finish(self, connection: Connection, frame: frames.ClientFrame, rest: Rest) -> None:
        """Until then the connection is not read."""
        try:
            await rest
        except Exception as error:
            self._answer(connection, frame, error)
        finally:
            connection.release(Hold.COMMAND)

    def _answer(self, connection: Connection, frame: frames.ClientFrame | None, error: Exception) -> None:
        """The one place that turns a failure into a frame: `rejected` for a send or do, else `error`.

        A sync that may succeed later would not come again, and its thread would lack events until the next one: the
        connection is closed instead, and the hello of the following one says where it stands.
        """
        send, problem = None, error if isinstance(error, Problem) else Internal()
        if isinstance(error, Undecodable):
            send, problem = error.send, error.problem
            if not connection.greeted and error.kind != "hello":
                send, problem = None, HelloFirst()
        elif problem is not error:
            log.error("a frame could not be handled", user=connection.user.id, exc_info=error)
        if connection.greeted and isinstance(frame, frames.Send | frames.Do):
            send = frame.client_id, fold(frame.to)
        if type(frame) is frames.Sync and problem.retry:
            connection.close(Close.TRY_LATER, "not available just now")
        elif send is None:
            connection.complain(problem)
        else:
            connection.reject(connection.order.number(), *send, problem)

    def _hello(self, connection: Connection, frame: frames.Hello) -> None:
        if connection.said_hello:
            raise HelloAgain
        connection.said_hello = True
        connection.expect_welcome(self._welcome_within_s)
        self._greeter.add(connection, frame)

    def _append(self, connection: Connection, frame: frames.Send | frames.Do) -> None:
        item = self._item(connection, frame)
        number, log_id = connection.order.number(), self._calls.log_id
        trace = None if traces.tracer is None else traces.tracer.root("receive")
        self._batcher.add(Sent(item, connection, frame.client_id, number, time.monotonic(), log_id, trace))

    def _item(self, connection: Connection, frame: frames.Send | frames.Do) -> AppendItem:
        """Raises the Problem that the frame is rejected with."""
        to = fold(frame.to)
        client_id = _uuid(frame.client_id)
        peer = self._names.id_of(to) or 0
        if not peer and not is_username(to):
            raise NotFound("Nobody has this name", errors=[FieldError("/to", "is nobody's name")])
        user = connection.user
        if to == user.username:
            raise Invalid([FieldError("/to", "is yourself")])
        if connection.order.must_wait(to, client_id.int):
            raise Unavailable("An earlier message to this thread has to be sent again first")
        if wait_s := self._limits.sends(user.id):
            raise RateLimited(wait_s, f"Wait {wait_s:.1f} s")
        if isinstance(frame, frames.Send):
            text, attachments = naming.said(frame.text, frame.attachments)
            return AppendItem(
                user.id, user.username, to, MESSAGE, client_id, text, peer, frame.reply_to or 0, attachments
            )
        body = change_decoder.encode(change_decoder.decode(frame.kind, bytes(frame.body)))
        return AppendItem(user.id, user.username, to, frame.kind, client_id, body, peer)

    def _ping(self, connection: Connection, frame: frames.Ping) -> None:
        connection.tell(Pong())

    def _read(self, connection: Connection, frame: frames.ReadUpTo) -> Rest | None:
        return self._mark(connection, frame.thread, read=frame.seq)

    def _delivered(self, connection: Connection, frame: frames.DeliveredUpTo) -> Rest | None:
        return self._mark(connection, frame.thread, delivered=frame.seq)

    def _mark(
        self, connection: Connection, thread: str, read: int = NOT_SAID, delivered: int = NOT_SAID
    ) -> Rest | None:
        user = connection.user
        mark = ReadMark(user.id, user.username, fold(thread), read, delivered)
        return self._with_peer(connection, thread, lambda peer: self._reads.add(mark))

    def _typing(self, connection: Connection, frame: frames.Typing) -> Rest | None:
        """Passed on only if the two have a thread: strangers cannot make anything appear on each other's screens."""
        user = connection.user

        def pass_on(peer: int) -> None:
            member = self._hub.members.get(user.id)  # None: gone while the name was looked up
            if member is None or peer not in member.threads or not member.shows("typing"):
                return
            if not self._limits.typing(user.id, peer):
                self._ephemeral.post(peer, codec.encode(TypingFrame(user.username)), "typing")

        return self._with_peer(connection, frame.thread, pass_on)

    def _with_peer(self, connection: Connection, thread: str, then: Callable[[int], None]) -> Rest | None:
        """Calls `then` with the id of the other member of a thread. Raises NotFound if there is none."""
        name = fold(thread)
        peer = self._names.id_of(name)
        if peer == connection.user.id:
            raise _nobody()
        if peer is None:
            return self._look_up(connection, name, lambda resolved: then(resolved.peer or 0))
        then(peer)
        return None

    def _sync(self, connection: Connection, frame: frames.Sync) -> Rest | None:
        """Checks the cursor against the hub and, if it is ahead of that, against the log."""
        name = fold(frame.thread)
        peer = self._names.id_of(name)
        member = self._hub.members.get(connection.user.id)
        thread = member.threads.get(peer) if member is not None and peer is not None else None
        if thread is None or frame.after > thread.head:
            return self._look_up(connection, name, partial(self._start_at, connection, frame.after))
        connection.set_behind(thread.id, frame.after)
        self._replay.catch_up(connection)
        return None

    def _start_at(self, connection: Connection, cursor: int, resolved: Resolved) -> None:
        if not connection.open:  # if this was the user's last connection, the hub has forgotten the thread
            return
        head = 0
        if resolved.thread is not None:
            self._hub.offer_head(head_of(connection.user.id, resolved))
            head = max(resolved.head, self._hub.threads[resolved.thread].head)
            connection.set_behind(resolved.thread, min(cursor, head))
            self._replay.catch_up(connection)
        if cursor > head:
            raise CursorAhead(errors=[FieldError("/after", "is ahead of the thread")])

    def _look_up(self, connection: Connection, name: str, then: Callable[[Resolved], None]) -> Rest:
        """Asks threads for the thread with the person of this name. Raises NotFound if there can be none."""
        user = connection.user
        if not is_username(name) or name == user.username:
            raise _nobody()

        async def ask() -> None:
            found = await self._calls.resolve(user.id, [name])
            if not found or found[0].peer is None:
                raise _nobody()
            then(found[0])

        return ask()


def _uuid(text: str) -> UUID:
    try:
        return msgspec.convert(text, UUID)
    except msgspec.ValidationError:
        raise Invalid([FieldError("/client_id", "is not a UUID")]) from None


def _nobody() -> NotFound:
    return NotFound(errors=[FieldError("/thread", "is nobody you could have a thread with")])
