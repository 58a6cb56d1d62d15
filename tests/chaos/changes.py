"""What a person does to the messages that a device shows."""

import random
from collections.abc import Iterator
from itertools import islice
from typing import Any

from shared.wire.changes import DELETE, EDIT, REACTION
from shared.wire.messages import MESSAGE
from tests.chaos.device import Device

_LATEST = 10
"""So few that one deletes what the other changes."""
_EMOJI = ("❤️", "😂", "👍", None)
_KINDS = (MESSAGE, EDIT, EDIT, REACTION, REACTION, DELETE)


def pick(device: Device) -> dict[str, Any] | None:
    """`kind` and content, but for a text, of a change to one of the latest messages, or of an answer to one.

    None if there is none that may be changed so: what the peer has just deleted is met with `gone` all the same.
    """
    kind = random.choice(_KINDS)
    targets = list(_targets(device, kind))
    if not targets:
        return None
    target = random.choice(targets)
    if kind == MESSAGE:
        return {"kind": kind, "reply_to": target}
    emoji = {"emoji": random.choice(_EMOJI)} if kind == REACTION else {}
    return {"kind": kind, "target": target, **emoji}


def _targets(device: Device, kind: str) -> Iterator[int]:
    going = {m.content["target"] for m in device.outbox.waiting if m.kind == DELETE}
    for message in islice(reversed(device.log.state.messages.values()), _LATEST):
        mine = message["sender"] == device.me or kind in (MESSAGE, REACTION)
        is_there = "text" in message and message["seq"] not in going
        if mine and (is_there or kind == MESSAGE):
            yield message["seq"]
            if kind == REACTION and message["reactions"]:  # rather the same one as the other person
                yield from [message["seq"]] * _LATEST
