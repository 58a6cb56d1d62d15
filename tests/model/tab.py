"""A browser's tab: outbox, cursors, and a socket in memory."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from services.relay.connection import Connection
from services.relay.tests.transport import MemoryTransport
from services.relay.transport.framing import CLOSE, TEXT
from shared.testing.rawsocket import frame
from shared.wire.changes import EDIT
from shared.wire.ids import uuid7
from shared.wire.messages import MESSAGE
from tests.chaos.log import ThreadLog
from tests.chaos.message import Content
from tests.model.node import ModelNode


@dataclass
class Written:
    """A message or a change. content: of its frame. seq: 0 until it is acknowledged. refused: for good."""

    to: str
    client_id: str
    kind: str
    content: Content
    seq: int = 0
    refused: bool = False

    @property
    def frame(self) -> dict[str, object]:
        to = {"to": self.to, "client_id": self.client_id}
        if self.kind == MESSAGE:
            return {"type": "send", **to, **self.content}
        return {"type": "do", **to, "kind": self.kind, "body": self.content}


class Tab:
    """written: all that was ever written here, in order. Sends everything unacknowledged again after a welcome.

    patient: whether it holds back its later messages after a rejection, as pages do; the relay must not rely on that.
    """

    def __init__(self, name: str, user: int, username: str, peers: list[str], *, patient: bool) -> None:
        self.name, self.user, self.username = name, user, username
        self.logs = {peer: ThreadLog(peer) for peer in peers}
        self.written: list[Written] = []
        self.patient = patient
        self.connection: Connection | None = None
        self.problems: list[str] = []
        self._transport: MemoryTransport | None = None
        self._node: ModelNode | None = None
        self._taken = 0
        self._welcomed = False
        self._rejected = False

    def __str__(self) -> str:
        cursors = {peer: log.cursor for peer, log in self.logs.items()}
        return f"{self.name} at {cursors}, {len(self.waiting)} unanswered, {'live' if self._welcomed else 'away'}"

    @property
    def waiting(self) -> list[Written]:
        return [message for message in self.written if not message.seq and not message.refused]

    @property
    def stopped(self) -> bool:
        """Whether it waits before it sends again what was rejected."""
        return self._rejected

    def connect(self, node: ModelNode) -> None:
        """Says hello with its cursors."""
        self.connection = node.connection(self.user, self.username)
        self._transport = MemoryTransport(self.connection)
        self._node, self._taken, self._welcomed, self._rejected = node, 0, False, False
        self.connection.start(self._transport, b"", b"")
        self._say({"type": "hello", "cursors": {peer: log.cursor for peer, log in self.logs.items()}})

    def leave(self, *, noticed: bool = True) -> None:
        """Loses its connection; noticed: the node learns of it."""
        if self.connection is not None and noticed:
            self.connection.connection_lost(None)
        self.connection = self._transport = self._node = None

    def lives_on(self, node: ModelNode) -> bool:
        return self._node is node

    def write(self, to: str, text: str, kind: str = MESSAGE, **more: object) -> None:
        """A message, with its text; or a change, whose text is in what more it holds."""
        content = {"text": text} if kind in (MESSAGE, EDIT) else {}
        message = Written(to, str(uuid7()), kind, content | more)
        self.written.append(message)
        if self._welcomed and self.connection is not None and not (self._rejected and self.patient):
            self._send(message)

    def try_again(self) -> None:
        """The pause after a rejection is over."""
        self._rejected = False
        if self._welcomed and self.connection is not None:
            for message in self.waiting:
                self._send(message)

    def try_the_first_again(self, to: str) -> None:
        """As a client does that repeats one rejected send after the other."""
        first = next((message for message in self.waiting if message.to == to), None)
        if first and self._welcomed and self.connection is not None:
            self._send(first)

    def take_no_more(self) -> None:
        """The network is full."""
        if self._transport is not None:
            self._transport.open_for = 0

    def take_again(self) -> None:
        if self._transport is not None:
            self._transport.let_through()

    def read(self) -> bool:
        """Applies what has come; whether there was anything."""
        if self._transport is None:
            return False
        frames = self._transport.frames()
        new, self._taken = frames[self._taken :], len(frames)
        for each in new:
            if each.opcode == CLOSE:
                self.leave()
                return True
            if each.opcode == TEXT:
                self._take(json.loads(each.payload))
        return bool(new)

    def _take(self, frame: dict[str, object]) -> None:
        kind = frame["type"]
        if kind == "welcome":
            self._welcomed = True
            self.try_again()
        elif kind in ("message", "event"):
            self._apply(frame)
        elif kind == "rejected":
            self._reject(frame)
        elif kind == "error":
            self.problems.append(str(frame))

    def _reject(self, frame: dict[str, Any]) -> None:
        """Nothing is refused for good but a change of what is deleted, perhaps a moment before."""
        problem = frame["problem"]
        if problem.get("retry"):
            self._rejected = True
            return
        assert problem["code"] == "gone", problem
        [refused] = [written for written in self.written if written.client_id == frame["client_id"]]
        assert refused.kind != MESSAGE
        refused.refused = True

    def _apply(self, frame: dict[str, object]) -> None:
        if frame["sender"] == self.username:
            for message in self.waiting:
                if message.client_id == frame["client_id"]:
                    assert isinstance(frame["seq"], int)
                    message.seq = frame["seq"]
        self.logs[str(frame["thread"])].apply(frame, 0.0)

    def _send(self, message: Written) -> None:
        self._say(message.frame)

    def _say(self, content: Mapping[str, object]) -> None:
        assert self.connection is not None
        self.connection.data_received(frame(json.dumps(content).encode()))
