"""How often a user may do what, on this node."""

from uuid import UUID

from services.relay.transport.share import TURN
from shared.plumbing.buckets import Buckets

SENDS_A_SECOND, SENDS_BURST = 20, 200
SMALL_TALK_A_SECOND, SMALL_TALK_BURST = 50, 200
FRAMES_A_SECOND, FRAMES_BURST = 200, 1000
REPLAYED_BYTES_A_SECOND, REPLAYED_BYTES_BURST = 2 * 1024 * 1024, 16 * 1024 * 1024
PAGE_BYTES = 16 * 1024
"""What asking for a page costs, however little is in it."""
TYPING_EVERY_S = 3


class Limits:
    """Each answers 0.0 if it may be done now, else the seconds to wait. enforced: typing is throttled even if not."""

    def __init__(self, *, enforced: bool) -> None:
        self.enforced = enforced
        self._sends = Buckets(SENDS_A_SECOND, SENDS_BURST)
        self._small_talk = Buckets(SMALL_TALK_A_SECOND, SMALL_TALK_BURST)
        self._frames = Buckets(FRAMES_A_SECOND, FRAMES_BURST)
        self._replayed = Buckets(REPLAYED_BYTES_A_SECOND, REPLAYED_BYTES_BURST)
        self._typing = Buckets(1 / TYPING_EVERY_S, 1)

    def sends(self, user: int) -> float:
        """A message, by whatever socket."""
        return self._sends.take(user) if self.enforced else 0.0

    def small_talk(self, session: UUID) -> float:
        """A frame that nobody misses."""
        return self._small_talk.take(session) if self.enforced else 0.0

    def turn(self, user: int) -> float:
        """As many frames of any kind, by whatever sockets, as are read in one turn."""
        return self._frames.take(user, TURN) if self.enforced else 0.0

    def replay(self, user: int) -> float:
        """Another page of what somebody has missed, or asks for again."""
        over = self._replayed.missing(user) - REPLAYED_BYTES_BURST
        return max(0.0, over / REPLAYED_BYTES_A_SECOND) if self.enforced else 0.0

    def replayed(self, user: int, size: int) -> None:
        """Counts a page: its bytes are known when it is there."""
        self._replayed.charge(user, max(size, PAGE_BYTES))

    def typing(self, user: int, peer: int) -> float:
        """Passing on that `user` types to `peer`."""
        return self._typing.take((user, peer))
