"""How each server is spoken to. A dialect turns a message into a frame and knows when a socket is ready.

What comes back needs no dialect: a text carries its own mark (`mark.py`), found in any frame.
"""

from typing import Protocol
from urllib.parse import urlsplit


class RefusedError(Exception):
    """The server says that it will not: the text is its frame."""


class Dialect(Protocol):
    ready_at_upgrade: bool

    def url(self, base_url: str, peer: str) -> str:
        """Where the socket is opened."""

    def first(self) -> bytes | None:
        """What the client says on connecting, if it speaks first."""

    def answer(self, payload: bytes) -> tuple[bool, bytes | None]:
        """(the socket is ready, what to answer) for a frame that carries no message. Raises RefusedError."""

    def message(self, to: str, client_id: str, text: str) -> bytes:
        """A send. Names and texts are plain ASCII without quotes."""


def _websocket(base_url: str) -> str:
    return "ws://" + urlsplit(base_url).netloc


class Duet:
    ready_at_upgrade = False

    def url(self, base_url: str, peer: str) -> str:
        return f"{_websocket(base_url)}/messages/{peer}"

    def first(self) -> bytes | None:
        return b'{"type":"hello","cursors":{}}'

    def answer(self, payload: bytes) -> tuple[bool, bytes | None]:
        if payload.startswith((b'{"type":"rejected"', b'{"type":"error"')):
            raise RefusedError(payload.decode())
        return payload.startswith(b'{"type":"welcome"'), None

    def message(self, to: str, client_id: str, text: str) -> bytes:
        return f'{{"type":"send","to":"{to}","client_id":"{client_id}","text":"{text}"}}'.encode()


class Json:
    """Raw websockets: Channels, FastAPI and the bare echo. Ready at the upgrade."""

    ready_at_upgrade = True

    def url(self, base_url: str, peer: str) -> str:
        return f"{_websocket(base_url)}/ws"

    def first(self) -> bytes | None:
        return None

    def answer(self, payload: bytes) -> tuple[bool, bytes | None]:
        return False, None

    def message(self, to: str, client_id: str, text: str) -> bytes:
        return f'{{"to":"{to}","client_id":"{client_id}","text":"{text}"}}'.encode()


class SocketIO:
    """Engine.IO 4 over a websocket: open `0`, connect `40`, ping `2` and pong `3`, event `42[…]`."""

    ready_at_upgrade = False

    def url(self, base_url: str, peer: str) -> str:
        return f"{_websocket(base_url)}/socket.io/?EIO=4&transport=websocket"

    def first(self) -> bytes | None:
        return None

    def answer(self, payload: bytes) -> tuple[bool, bytes | None]:
        if payload.startswith(b"44"):
            raise RefusedError(payload.decode())
        if payload.startswith(b"0"):
            return False, b"40"
        if payload == b"2":
            return False, b"3"
        return payload.startswith(b"40"), None

    def message(self, to: str, client_id: str, text: str) -> bytes:
        return f'42["send",{{"to":"{to}","client_id":"{client_id}","text":"{text}"}}]'.encode()


DIALECTS: dict[str, Dialect] = {"duet": Duet(), "json": Json(), "socketio": SocketIO()}
