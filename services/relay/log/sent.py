"""A send on its way to the log."""

from typing import NamedTuple

from services.relay.connection import Connection
from shared.plumbing.telemetry.traces import Span
from shared.wire.link import AppendItem

Key = tuple[int, str]
"""Whose sends must stay in order: of one person to another."""


class Sent(NamedTuple):
    """client_id: as the browser wrote it. number: which of the connection's sends it is. at: of time.monotonic().

    log: whose seqs it means. trace: its span, from its arrival until its sender has the answer, if it is traced.
    """

    item: AppendItem
    connection: Connection
    client_id: str
    number: int
    at: float
    log: str = ""
    trace: Span | None = None


def key_of(sent: Sent) -> Key:
    """By which it is known what it must not overtake."""
    return sent.item.sender, sent.item.to
