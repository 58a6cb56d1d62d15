"""Two people who write to each other, and everything that either has written."""

import time
from collections.abc import Callable
from itertools import takewhile
from typing import Any

from shared.testing.people import Person
from tests.chaos.changes import pick
from tests.chaos.device import Device, Frame
from tests.chaos.message import Outgoing, compose


class Pair:
    """messages: all of the load, changes too, by client_id. writers: one device each; devices: one more only reads."""

    def __init__(self, one: Person, two: Person, second_device: bool = False) -> None:
        self.people = (one, two)
        self.messages: dict[str, Outgoing] = {}
        self._numbers = {one.username: 0, two.username: 0}
        self.writers = [self._device(one, two), self._device(two, one)]
        self.devices = [*self.writers, *([self._device(one, two)] if second_device else [])]

    @property
    def names(self) -> tuple[str, str]:
        """Their usernames."""
        return self.people[0].username, self.people[1].username

    def change(self, writer: Device) -> Outgoing | None:
        """The device changes a message that it shows, or answers one; None where there is none."""
        picked = pick(writer)
        return None if picked is None else self.write(writer, **picked)

    def write(self, writer: Device, filler: str = "", **content: Any) -> Outgoing:
        """The device's next message, into its outbox. content: as of `compose`."""
        number = self._numbers[writer.me] = self._numbers[writer.me] + 1
        message = compose(writer.me, writer.peer, number, time.monotonic(), filler, **content)
        self.messages[message.client_id] = message
        writer.outbox.add(message)
        return message

    def first_delivery_after(self, at: float) -> float:
        """When the first message submitted at or after `at` reached the other person; 0.0: not yet."""
        recent = takewhile(lambda m: m.submitted_at >= at, reversed(self.messages.values()))
        return min((m.delivered_at for m in recent if m.delivered_at), default=0.0)

    def resumed_after(self, at: float) -> float:
        """Seconds from `at` to the next delivery of anything, however old; infinite while there is none."""
        times = [m.delivered_at - at for m in self.messages.values() if m.delivered_at >= at]
        return min(times, default=float("inf"))

    def _device(self, me: Person, peer: Person) -> Device:
        return Device(me.http, me.base_url, me.username, peer.username, self._note_delivery(me.username))

    def _note_delivery(self, me: str) -> Callable[[Frame, float], None]:
        def note(frame: Frame, at: float) -> None:
            message = self.messages.get(frame["client_id"])
            if message is not None and message.sender != me and not message.delivered_at:
                message.delivered_at = at

        return note
