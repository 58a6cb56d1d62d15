"""XMPP over a websocket (RFC 7395): one stanza a frame, stream management (XEP-0198) for the acknowledgements.

`<r/>` asks how many stanzas the other side has taken, `<a h="…"/>` says so; both sides ask after each message.
"""

import base64
import re
from collections import deque
from collections.abc import Callable, Sequence

from bench.load import mark
from bench.load.dialect import Dialect, Heard, Mark, RefusedError

HOST = "localhost"
PASSWORD = "bench-password"  # of everybody: the accounts are made before
_OPEN = f'<open xmlns="urn:ietf:params:xml:ns:xmpp-framing" to="{HOST}" version="1.0"/>'.encode()
_BIND = (
    b'<iq xmlns="jabber:client" type="set" id="bind"><bind xmlns="urn:ietf:params:xml:ns:xmpp-bind">'
    b"<resource>bench</resource></bind></iq>"
)
_SM = 'xmlns="urn:xmpp:sm:3"'
_ASK = f"<r {_SM}/>".encode()
_PRESENCE = b'<presence xmlns="jabber:client"/>'
_FAILED = (b"<failure", b"<failed", b"<stream:error", b"<close")
_COUNT = re.compile(rb"""\bh=['"](\d+)""")
_STANZA = re.compile(rb"<(?:message|presence|iq)\b")
_ERROR = re.compile(rb"""\btype=['"]error""")


class Xmpp(Dialect):
    protocol = "xmpp"

    def __init__(self, me: str) -> None:
        super().__init__(me)
        self._step: Callable[[bytes], Heard] = self._mechanisms  # what is waited for
        self._unacknowledged: deque[Mark] = deque()
        self._acknowledged = 0
        self._received = 0

    def url(self, base_url: str, peer: str) -> str:
        return base_url

    def first(self) -> bytes | None:
        return _OPEN

    def answer(self, payload: bytes) -> Heard:
        if payload.startswith(_FAILED) or _ERROR.search(payload):
            raise RefusedError(payload.decode())
        return self._step(payload)

    def arrived(self, payload: bytes) -> bool:
        self._received += 1
        return not _ERROR.search(payload)

    def message(self, to: str, client_id: str, text: str) -> Sequence[bytes]:
        found = mark.find(text.encode())
        assert found is not None
        self._unacknowledged.append(found)
        to = f'to="{to}@{HOST}" id="{client_id}"'
        return f'<message xmlns="jabber:client" type="chat" {to}><body>{text}</body></message>'.encode(), _ASK

    def _mechanisms(self, payload: bytes) -> Heard:
        if b"PLAIN" not in payload:
            return Heard()
        self._step = self._success
        credentials = base64.b64encode(f"\0{self.me}\0{PASSWORD}".encode()).decode()
        auth = f'<auth xmlns="urn:ietf:params:xml:ns:xmpp-sasl" mechanism="PLAIN">{credentials}</auth>'
        return Heard(say=[auth.encode()])

    def _success(self, payload: bytes) -> Heard:
        if b"<success" not in payload:
            return Heard()
        self._step = self._features
        return Heard(say=[_OPEN])

    def _features(self, payload: bytes) -> Heard:
        if b"xmpp-bind" not in payload:
            return Heard()
        self._step = self._bound
        return Heard(say=[_BIND])

    def _bound(self, payload: bytes) -> Heard:
        if b"<jid>" not in payload:
            return Heard()
        self._step = self._enabled
        return Heard(say=[_PRESENCE, f"<enable {_SM}/>".encode()])

    def _enabled(self, payload: bytes) -> Heard:
        if b"<enabled" not in payload:
            return Heard()
        self._step = self._live
        return Heard(ready=True)

    def _live(self, payload: bytes) -> Heard:
        if payload.startswith(b"<r"):
            return Heard(say=[f'<a {_SM} h="{self._received}"/>'.encode()])
        if payload.startswith(b"<a"):
            return Heard(acknowledged=self._taken(payload))
        self._received += bool(_STANZA.match(payload))
        return Heard()

    def _taken(self, payload: bytes) -> list[Mark]:
        found = _COUNT.search(payload)
        count = int(found[1]) if found else 0
        new, self._acknowledged = count - self._acknowledged, count
        return [self._unacknowledged.popleft() for _ in range(new)]
