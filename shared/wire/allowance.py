"""Between the gateway and a relay: what a person may still send."""

import msgspec


class TakeSend(msgspec.Struct, frozen=True):
    """POST /internal/sends: `user`, an id, sends a message without a socket."""

    user: int
