"""What a browser may say: one handler a frame."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from services.relay.connection import Connection
from services.relay.decoding import Undecodable, decode
from services.relay.hello import head_of
from services.relay.log.batch import Sent
from services.relay.transport.socket import Hold
from shared.wire import codec, frames
from shared.wire.frames import Pong, TypingFrame
from shared.wire.ids import fold, is_username
from shared.wire.log import AppendItem, ReadMark, Resolved
from shared.wire.messages import MESSAGE
from shared.wire.problems import (
    CursorAhead,
    FieldError,
    HelloAgain,
    HelloFirst,
    Invalid,
    NotFound,
    Problem,
    RateLimited,
    Unavailable,
)
from shared.wire.text import message_text

if TYPE_CHECKING:
    from services.relay.node import Node


def handle(node: "Node", connection: Connection, payload: bytes) -> None:
    """One text message. Raises ProtocolError if it is not JSON."""
    try:
        frame = decode(payload)
    except Undecodable as what:
        _refuse(connection, what)
        return
    if type(frame) is frames.Hello:
        _hello(node, connection, frame)
    elif not connection.greeted:
        connection.complain(HelloFirst())
    elif type(frame) is frames.Send:
        _send(node, connection, frame)
    elif wait_s := node.limits.frames(connection.user.session):
        connection.complain(RateLimited(wait_s))
    else:
        _HANDLERS[type(frame)](node, connection, frame)


def _refuse(connection: Connection, what: Undecodable) -> None:
    if not connection.greeted and what.kind != "hello":
        connection.complain(HelloFirst())
    elif what.client_id is not None:
        connection.reject(connection.order.number(), what.client_id, fold(what.to), what.problem)
    else:
        connection.complain(what.problem)


def _hello(node: "Node", connection: Connection, frame: frames.Hello) -> None:
    if connection.said_hello:
        connection.complain(HelloAgain())
        return
    connection.said_hello = True
    connection.expect_welcome(node.config.welcome_within_s)
    node.greeter.add(connection, frame)


def _send(node: "Node", connection: Connection, frame: frames.Send) -> None:
    to, number = fold(frame.to), connection.order.number()
    try:
        item = _item(node, connection, frame, to)
    except Problem as problem:
        connection.reject(number, frame.client_id, to, problem)
    else:
        node.batcher.add(Sent(item, connection, frame.client_id, number))


def _item(node: "Node", connection: Connection, frame: frames.Send, to: str) -> AppendItem:
    """Raises the Problem with which the send is rejected."""
    client_id = _uuid(frame.client_id)
    if not is_username(to):
        raise NotFound("Nobody has this name", errors=[FieldError("/to", "is nobody's name")])
    user = connection.user
    if to == user.username:
        raise Invalid([FieldError("/to", "is yourself")])
    if connection.order.must_wait(to, client_id):
        raise Unavailable("An earlier message to this thread has to be sent again first")
    if wait_s := node.limits.sends(user.id):
        raise RateLimited(wait_s, f"Wait {wait_s:.1f} s")
    text = message_text(frame.text)
    return AppendItem(user.id, user.username, to, MESSAGE, client_id, text, node.names.id_of(to) or 0)


def _uuid(text: str) -> UUID:
    try:
        return msgspec.convert(text, UUID)
    except msgspec.ValidationError:
        raise Invalid([FieldError("/client_id", "is not a UUID")]) from None


def _ping(node: "Node", connection: Connection, frame: frames.Ping) -> None:
    connection.tell(Pong())


def _read(node: "Node", connection: Connection, frame: frames.ReadUpTo) -> None:
    user = connection.user

    def mark(peer: int) -> None:
        node.reads.add(ReadMark(user.id, user.username, fold(frame.thread), frame.seq))

    _with_peer(node, connection, frame.thread, mark)


def _typing(node: "Node", connection: Connection, frame: frames.Typing) -> None:
    """Passed on if the two have a thread: strangers cannot make anything appear on each other's screen."""
    user = connection.user

    def pass_on(peer: int) -> None:
        member = node.hub.members.get(user.id)  # None: gone while the name was looked up
        if member is not None and peer in member.threads and not node.limits.typing(user.id, peer):
            node.ephemeral.post(peer, codec.encode(TypingFrame(user.username)))

    _with_peer(node, connection, frame.thread, pass_on)


def _sync(node: "Node", connection: Connection, frame: frames.Sync) -> None:
    """The cursor is held against the hub; if it is ahead of that, against the log."""
    name = fold(frame.thread)
    peer = node.names.id_of(name)
    member = node.hub.members.get(connection.user.id)
    thread = member.threads.get(peer) if member is not None and peer is not None else None
    if thread is not None and frame.after <= thread.head:
        connection.set_behind(thread.id, frame.after)
        node.replay.catch_up(connection)
        return

    def start(resolved: Resolved) -> None:
        head = 0
        if resolved.thread is not None:
            node.hub.offer_head(head_of(connection.user.id, resolved))
            head = max(resolved.head, node.hub.threads[resolved.thread].head)
        if frame.after > head:
            connection.complain(CursorAhead(errors=[FieldError("/after", "is ahead of the thread")]))
        if resolved.thread is not None:
            connection.set_behind(resolved.thread, min(frame.after, head))
            node.replay.catch_up(connection)

    _resolved(node, connection, name, start)


def _with_peer(node: "Node", connection: Connection, name: str, then: Callable[[int], None]) -> None:
    """Calls `then` with the id of the other member of a thread, or complains that there is none."""
    peer = node.names.id_of(fold(name))
    if peer is None:
        _resolved(node, connection, fold(name), lambda resolved: then(resolved.peer or 0))
    elif peer == connection.user.id:
        connection.complain(_nobody())
    else:
        then(peer)


def _resolved(node: "Node", connection: Connection, name: str, then: Callable[[Resolved], None]) -> None:
    """Asks threads, and meanwhile does not read the connection."""
    if not is_username(name) or name == connection.user.username:
        connection.complain(_nobody())
        return
    connection.hold(Hold.COMMAND)

    async def ask() -> None:
        try:
            found = await node.calls.resolve(connection.user.id, [name])
            if not found or found[0].peer is None:
                raise _nobody()
            then(found[0])
        except Problem as problem:
            connection.complain(problem)
        finally:
            connection.release(Hold.COMMAND)

    node.tasks.start(ask())


def _nobody() -> NotFound:
    return NotFound(errors=[FieldError("/thread", "is nobody you could have a thread with")])


_HANDLERS: dict[type, Callable[["Node", Connection, Any], None]] = {
    frames.Sync: _sync,
    frames.ReadUpTo: _read,
    frames.Typing: _typing,
    frames.Ping: _ping,
}
