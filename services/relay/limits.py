"""What one user may do, and how often.

Sends, small talk and replay are counted for all nodes: nearly always all sockets of a person are with one, but a node
that is new takes over people of whom another still has sockets. Frames and typing are of this node alone, whose turns
they take.
"""

import time
from uuid import UUID

from services.relay.transport.share import TURN
from shared.plumbing.limits.buckets import Buckets
from shared.plumbing.limits.ledger import Ledger

SENDS_A_SECOND, SENDS_BURST = 20, 200
SMALL_TALK_A_SECOND, SMALL_TALK_BURST = 50, 200
FRAMES_A_SECOND, FRAMES_BURST = 200, 1000
REPLAYED_BYTES_A_SECOND, REPLAYED_BYTES_BURST = 2 * 1024 * 1024, 16 * 1024 * 1024
PAGE_BYTES = 16 * 1024
"""The least that a page counts as, so that asking for empty pages is limited too."""
TYPING_EVERY_S = 3


class Limits:
    """Each method answers 0.0 if the thing may be done now, else the seconds to wait.

    enforced: False lifts all limits but that of typing. clock: by which allowances come back, but that of turns.
    """

    def __init__(self, ledger: Ledger, *, enforced: bool) -> None:
        self.enforced = enforced
        self.clock = time.monotonic

        def now() -> float:
            return self.clock()

        self._sends = ledger.buckets("sends", SENDS_A_SECOND, SENDS_BURST, now)
        self._small_talk = ledger.buckets("small-talk", SMALL_TALK_A_SECOND, SMALL_TALK_BURST, now)
        self._frames = Buckets(FRAMES_A_SECOND, FRAMES_BURST)
        self._replayed = ledger.buckets("replayed", REPLAYED_BYTES_A_SECOND, REPLAYED_BYTES_BURST, now)
        self._typing = Buckets(1 / TYPING_EVERY_S, 1, now)

    def sends(self, user: int) -> float:
        """A message, from any of the user's sockets or by HTTP."""
        return self._sends.take(user) if self.enforced else 0.0

    def small_talk(self, session: UUID) -> float:
        """A frame that may be dropped: nobody misses it."""
        return self._small_talk.take(session) if self.enforced else 0.0

    def turn(self, user: int) -> float:
        """One turn's worth of frames, of any kind and from any of the user's sockets."""
        return self._frames.take(user, TURN) if self.enforced else 0.0

    def replay(self, user: int) -> float:
        """Another page of events that the user missed, or asks for again."""
        over = self._replayed.missing(user) - REPLAYED_BYTES_BURST
        return max(0.0, over / REPLAYED_BYTES_A_SECOND) if self.enforced else 0.0

    def replayed(self, user: int, size: int) -> None:
        """Charges a page once its size in bytes is known."""
        self._replayed.charge(user, max(size, PAGE_BYTES))

    def typing(self, user: int, peer: int) -> float:
        """Telling `peer` that `user` is typing."""
        return self._typing.take((user, peer))
