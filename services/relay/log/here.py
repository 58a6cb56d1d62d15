"""Tells threads who is here, so that the heads feed speaks of nobody else. No I/O.

A beat says which of these packets it was chosen by. Whoever came with a later one was left out of it, and their heads,
read meanwhile, may be older than it: once a beat knows of them, these are compared.
"""

from collections.abc import Callable, Collection

from shared.wire.link import Here


class WhoIsHere:
    """Of one connection to threads, which tells all heads until it is told who is here.

    say: sends a packet. here: all who have a socket here now.
    """

    def __init__(self, say: Callable[[Here], None], here: Callable[[], Collection[int]]) -> None:
        self._say = say
        self._here = here
        self._number = 0
        self._before = 0
        self._gone: set[int] = set()
        self._came: dict[int, list[int]] = {}

    def came(self, users: Collection[int]) -> None:
        """Call before their heads are read."""
        if self._number:
            self._tell(list(users))
            self._came[self._number] = list(users)

    def left(self, user: int) -> None:
        """That is said with the next beat, or with the next who come."""
        if self._number:
            self._gone.add(user)

    def beat(self, number: int) -> list[int]:
        """A beat has come. Those whose heads are to be compared.

        number: of the latest packet that it knew; negative: of an older threads.
        """
        missed: list[int] = []
        for packet in [packet for packet in self._came if packet <= number]:
            users = self._came.pop(packet)
            if packet <= self._before:
                missed += users
        self._before = self._number
        if number >= 0 and not self._number:
            self._tell(list(self._here()))
        elif self._gone:
            self._tell([])
        return missed

    def _tell(self, came: list[int]) -> None:
        self._number += 1
        self._say(Here(self._number, came, list(self._gone.difference(came))))
        self._gone.clear()
