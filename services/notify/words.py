"""What a notice says. Pure."""

import http_ece
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key

from services.notify.events import What
from services.notify.queries.notices import Due
from services.notify.queries.subscriptions import Target
from shared.wire import codec
from shared.wire.push import Push

_MAX_TEXT = 500
"""Characters. With six bytes for each, as the worst takes in JSON, a push stays below the 4096 that services take."""

_RECORD_BYTES = 4096
_WORDS: dict[What, str] = {
    "message": "New message",
    "joined": "Has accepted your invitation",
    "offer": "Would you like to play tic-tac-toe?",
    "move": "Your move",
    "draw": "Offers a draw",
    "takeback": "Asks to take a move back",
}
_WITHOUT_TEXT = "Sent you something"


def push(due: Due, title: str, tag: str, seq: int, text: str) -> Push:
    """text: of the message, where it is one. title: what the peer is called."""
    body = _WORDS[due.what]
    if due.what == "message" and not due.hide_text:
        body = (text if len(text) <= _MAX_TEXT else f"{text[: _MAX_TEXT - 1]}…") or _WITHOUT_TEXT
    return Push(title, body, f"/messages/{due.peer_name}", due.peer_name, tag, seq, due.at)


def encrypted(said: Push, target: Target) -> bytes:
    """For the browser alone (RFC 8291), in one record."""
    sealed: bytes = http_ece.encrypt(
        codec.encode(said),
        private_key=generate_private_key(SECP256R1()),
        dh=target.public_key,
        auth_secret=target.secret,
        rs=_RECORD_BYTES,
    )
    return sealed
