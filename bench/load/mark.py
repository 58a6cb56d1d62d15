"""The mark in a text: which flow it belongs to and its number there, so that a receiver needs to parse nothing.

A flow is what one person sends to the other: flow 2p is from the first of pair p, 2p+1 from the second.
"""

TEXT_LENGTH = 100
_NUMBERS = 100_000_000
_SIGN = b"~"
_DIGITS = 14
_WORDS = (
    "we could meet at the station after work and walk along the river if it does not rain again today "
    "because the film starts late and nobody wants to wait for the last bus home in the cold night "
)
_FILLS = [(f" {_WORDS[at:]}{_WORDS}")[: TEXT_LENGTH - 1 - _DIGITS] for at in range(0, len(_WORDS), 7)]
"""Ordinary words, because Duet indexes them."""


def text(flow: int, number: int) -> str:
    """100 ASCII characters."""
    return f"~{flow * _NUMBERS + number:014d}{_FILLS[(flow + number) % len(_FILLS)]}"


def find(payload: bytes) -> tuple[int, int] | None:
    """(flow, number) of the message in a frame; None if it carries none."""
    at = payload.find(_SIGN)
    if at < 0:
        return None
    return divmod(int(payload[at + 1 : at + 1 + _DIGITS]), _NUMBERS)


def client_id(run: int, flow: int, number: int) -> str:
    """A UUID (version 7 by its form) that no other message of this benchmark has."""
    return f"{run:08x}-{flow:04x}-7000-8000-{number:012x}"
