"""What was committed to the log, on its way to sockets: deliveries, heads, and the entries of a node's Redis stream.

Encoded as arrays, not objects: these are the hot types.
"""

from collections.abc import Sequence

import msgspec

from shared.wire.accounts import Setting


class Delivery(msgspec.Struct, frozen=True, array_like=True):
    """One committed event, encoded once for each member as the frame that a browser gets.

    low, high: the members' user ids, low < high. for_low, for_high: JSON of a MessageFrame or EventFrame.
    """

    thread: int
    seq: int
    low: int
    high: int
    for_low: msgspec.Raw
    for_high: msgspec.Raw


class Hinted(Delivery, frozen=True, array_like=True):
    """As a stream has it. trace: where the hint is in its trace, as a `traceparent`; "" if it is in none."""

    trace: str = ""


class Notice(msgspec.Struct, frozen=True, array_like=True):
    """A frame that is not stored (read, state, typing, presence), for every connection of `user`; best effort.

    about: the setting without which they do not get it.
    """

    user: int
    frame: msgspec.Raw
    about: Setting | None = None


class Head(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """How long a thread's log is. head: the last seq."""

    thread: int
    low: int
    high: int
    head: int


class StreamEntry(msgspec.Struct, frozen=True, array_like=True):
    """One entry of a node's stream: the hints and notices of one batch. log: which one the deliveries are of."""

    deliveries: Sequence[Hinted] = ()
    notices: Sequence[Notice] = ()
    log: str = ""
