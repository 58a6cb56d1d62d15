"""What one person's sockets share: the turns in which they are read, and the places."""

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Protocol
from weakref import WeakValueDictionary

from shared.wire.frames import Close

TURN = 32
"""What a person may spend in one turn of the loop. Every frame costs 1, and 1 more for each 4 KB of it."""

MAX_SOCKETS = 30
GIVE_UP_AFTER_S = 20.0
"""A client that sends too fast for this long has no use for the answers."""


class Reader(Protocol):
    """A socket, as far as it is read."""

    def go_on(self) -> None:
        """Its turn has come."""

    def close(self, code: int, reason: str = "") -> None: ...

    def give_up(self, code: int, reason: str) -> None:
        """Closes; nothing more from it is decoded."""


class Share:
    """take: pays for a turn; 0.0, or the seconds until it can be paid. left: what may be spent in this turn.

    A socket that finds nothing left waits, unread, for its turn. So whatever somebody sends, and over however many
    sockets, others wait for one of these turns at most. Lists, because nearly everybody has one socket here: an empty
    deque alone takes 0.7 KiB.
    """

    __slots__ = ("__weakref__", "_over_since", "_sockets", "_take", "_waiting", "left")

    def __init__(self, take: Callable[[], float]) -> None:
        self._take = take
        self._waiting: list[Reader] = []
        self._over_since: float | None = None
        self._sockets: list[Reader] = []
        self.left = 0 if take() else TURN

    # Turns.

    def wait(self, socket: Reader) -> None:
        """Lets `socket` continue when something is left again."""
        self._waiting.append(socket)
        if len(self._waiting) == 1:
            asyncio.get_running_loop().call_soon(self._begin, 0.0)

    def _begin(self, waited_s: float) -> None:
        """A turn, if it can be paid now."""
        loop = asyncio.get_running_loop()
        if wait_s := self._take():
            if self._over_since is None:
                self._over_since = loop.time()
            if loop.time() - self._over_since < GIVE_UP_AFTER_S:
                loop.call_later(wait_s, self._begin, wait_s)
            else:
                self._end_all()
            return
        if not waited_s:
            self._over_since = None
        self.left = TURN
        for _ in range(len(self._waiting)):
            if self.left <= 0:
                break
            self._waiting[0].go_on()  # it may have to wait again, at the end
            self._waiting.pop(0)
        if self._waiting:
            loop.call_soon(self._begin, waited_s)

    def _end_all(self) -> None:
        self._over_since = None
        waiting, self._waiting = self._waiting, []
        for socket in waiting:
            socket.give_up(Close.TOO_MANY_FRAMES, "too many frames for too long")

    # Places.

    def enter(self, socket: Reader) -> Reader | None:
        """The oldest socket, if it has to make room for this one."""
        self._sockets.append(socket)
        return self._sockets.pop(0) if len(self._sockets) > MAX_SOCKETS else None

    def leave(self, socket: Reader) -> None:
        """Its place is free."""
        if socket in self._sockets:
            self._sockets.remove(socket)


class Shares:
    """By user, while one of their sockets is there."""

    def __init__(self, take: Callable[[int], float]) -> None:
        self._take = take
        self._shares: WeakValueDictionary[int, Share] = WeakValueDictionary()

    def of(self, user: int) -> Share:
        share = self._shares.get(user)
        if share is None:
            share = self._shares[user] = Share(partial(self._take, user))
        return share
