"""The order of a connection's sends: none overtakes an earlier one to the same person that has to come again. Pure.

A `do` counts as a send.

A sender may learn in another way that a rejected send is stored (a replay, another socket's batch), and then never
repeats it. So an own event delivered to the connection counts as the repetition. And if a later rejected send is
repeated first, the sender has given up the earlier ones.
"""

from uuid import UUID

import msgspec

from services.relay.transport.framing import payload_of

MAX_REJECTED = 1024
"""Sends that a connection has to repeat; who has more is sent away."""

Key = tuple[str, int]
"""To whom (folded), and the client_id as a number: Python hashes a UUID slowly, and each send is looked up here."""


class Own(msgspec.Struct, frozen=True):
    """What matters here of an event's frame."""

    thread: str
    sender: str
    client_id: UUID


_decode_own = msgspec.json.Decoder(Own).decode


class SendOrder:
    """sender: their username.

    rejected: by receiver, the sends that have to come again, each with its number, the last rejected one last.

    repeated: the numbers of those that have come again, for as long as they may be rejected once more.
    settling: the seq of the send that is being answered, whose event tells nothing new.
    """

    __slots__ = (
        "_given",
        "_mark",
        "_numbers",
        "_rejected",
        "_repeated",
        "_sender",
        "_unanswered",
        "settling",
    )

    def __init__(self, sender: str) -> None:
        self._sender = sender
        self._mark = f'"sender":"{sender}"'.encode()
        self._numbers = 0
        self.settling = 0
        self._rejected: dict[str, dict[int, int]] = {}
        self._repeated: dict[Key, int] = {}
        self._unanswered: dict[Key, int] = {}
        self._given: set[Key] = set()

    def number(self) -> int:
        """The next number of a send, in the order in which they come."""
        self._numbers += 1
        return self._numbers

    @property
    def overdue(self) -> int:
        """How many sends have to come again."""
        return sum(map(len, self._rejected.values()))

    def asked(self, to: str, id: int) -> None:
        """A send waits for its answer."""
        key = (to, id)
        self._unanswered[key] = self._unanswered.get(key, 0) + 1

    def answered(self, to: str, id: int) -> bool:
        """Its answer has come; whether the connection was given the event before."""
        key = (to, id)
        left = self._unanswered.pop(key, 0) - 1
        given = bool(self._given) and key in self._given
        if left > 0:
            self._unanswered[key] = left
        elif given:
            self._given.discard(key)
        return given

    def delivered(self, frame: bytes) -> None:
        """The connection has got this event, perhaps of one of its sends."""
        # Looking for the mark is cheap, and many are the peer's.
        if (self._unanswered or self._rejected) and self._mark in frame:
            own = _decode_own(payload_of(frame))
            if own.sender == self._sender:
                self.given(own.thread, own.client_id.int)

    def given(self, to: str, id: int) -> None:
        """The connection has got the event of this send: it need not come again."""
        if (to, id) in self._unanswered:
            self._given.add((to, id))
        if self._rejected or self._repeated:
            self.over(to, id)

    def over(self, to: str, id: int) -> None:
        """It is stored, or refused for good: it need not come again."""
        self._repeated.pop((to, id), None)
        if (again := self._rejected.get(to)) is not None and again.pop(id, None) is not None and not again:
            del self._rejected[to]

    def rejected(self, number: int, to: str, id: int) -> None:
        """A send has to come again before later ones to the same person.

        A later one may be rejected first: at once, while the earlier one waits for the answer to its batch. And one
        that is rejected once more keeps its place before those that came after it.
        """
        again = self._rejected.setdefault(to, {})
        number = min(number, self._repeated.pop((to, id), number))
        again[id] = min(again.pop(id, number), number)

    def must_wait(self, to: str, id: int) -> bool:
        """Whether an earlier send to this person has to come first. If not, this one is on its way."""
        again = self._rejected.get(to)
        if again is None:
            return False
        first = min(again, key=again.__getitem__)
        if id != first and (id not in again or _comes_before(again, id, first)):
            return True
        number = self._repeated[to, id] = again[id]
        left = {other: its for other, its in again.items() if its > number}  # the earlier ones are given up
        if left:
            self._rejected[to] = left
        else:
            del self._rejected[to]
        return False


def _comes_before(ids: dict[int, int], one: int, other: int) -> bool:
    return next(id for id in ids if id in (one, other)) == one
