"""How each server is spoken to. A dialect, one a socket, turns a message into a frame and knows when a socket is ready.

What comes back needs no dialect: a text carries its own mark (`mark.py`), found in any frame.
"""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import urlsplit

Mark = tuple[int, int]
"""(flow, number): a message."""


class RefusedError(Exception):
    """The server says that it will not: the text is its frame."""


class Heard(NamedTuple):
    """What a frame that carries no message means. ready: the socket is; say: the answer's frames.

    acknowledged: messages of ours that the server has taken, where it says so by other means than sending them back.
    """

    ready: bool = False
    say: Sequence[bytes] = ()
    acknowledged: Sequence[Mark] = ()


class Dialect:
    """Ready at the upgrade and silent until then, unless a method says otherwise. me: who connects."""

    ready_at_upgrade = False
    protocol: str | None = None
    """The websocket's subprotocol."""

    def __init__(self, me: str) -> None:
        self.me = me

    def url(self, base_url: str, peer: str) -> str:
        """Where the socket is opened."""
        raise NotImplementedError

    def first(self) -> bytes | None:
        """What the client says on connecting, if it speaks first."""
        return None

    def answer(self, payload: bytes) -> Heard:
        """Of a frame that carries no message. Raises RefusedError."""
        return Heard()

    def arrived(self, payload: bytes) -> bool:
        """Told of every frame that carries a message; False for one of ours that is sent back as refused."""
        return True

    def message(self, to: str, client_id: str, text: str) -> Sequence[bytes]:
        """The frames of a send. Names and texts are plain ASCII without quotes."""
        raise NotImplementedError


def websocket(base_url: str) -> str:
    return "ws://" + urlsplit(base_url).netloc
