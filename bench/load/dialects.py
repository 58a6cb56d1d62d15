"""The dialects by the name that a target gives its own."""

from collections.abc import Sequence

from bench.load.dialect import Dialect, Heard, RefusedError, websocket
from bench.load.xmpp import Xmpp


class Duet(Dialect):
    def url(self, base_url: str, peer: str) -> str:
        return f"{websocket(base_url)}/messages/{peer}"

    def first(self) -> bytes | None:
        return b'{"type":"hello","cursors":{}}'

    def answer(self, payload: bytes) -> Heard:
        if payload.startswith((b'{"type":"rejected"', b'{"type":"error"')):
            raise RefusedError(payload.decode())
        return Heard(ready=payload.startswith(b'{"type":"welcome"'))

    def message(self, to: str, client_id: str, text: str) -> Sequence[bytes]:
        return (f'{{"type":"send","to":"{to}","client_id":"{client_id}","text":"{text}"}}'.encode(),)


class Json(Dialect):
    """Raw websockets: Channels, FastAPI and the bare echo."""

    ready_at_upgrade = True

    def url(self, base_url: str, peer: str) -> str:
        return f"{websocket(base_url)}/ws"

    def message(self, to: str, client_id: str, text: str) -> Sequence[bytes]:
        return (f'{{"to":"{to}","client_id":"{client_id}","text":"{text}"}}'.encode(),)


class SocketIO(Dialect):
    """Engine.IO 4 over a websocket: open `0`, connect `40`, ping `2` and pong `3`, event `42[…]`."""

    def url(self, base_url: str, peer: str) -> str:
        return f"{websocket(base_url)}/socket.io/?EIO=4&transport=websocket"

    def answer(self, payload: bytes) -> Heard:
        if payload.startswith(b"44"):
            raise RefusedError(payload.decode())
        if payload.startswith(b"0"):
            return Heard(say=[b"40"])
        if payload == b"2":
            return Heard(say=[b"3"])
        return Heard(ready=payload.startswith(b"40"))

    def message(self, to: str, client_id: str, text: str) -> Sequence[bytes]:
        return (f'42["send",{{"to":"{to}","client_id":"{client_id}","text":"{text}"}}]'.encode(),)


DIALECTS: dict[str, type[Dialect]] = {"duet": Duet, "json": Json, "socketio": SocketIO, "xmpp": Xmpp}
