"""How often a client may call; more often is a 429 with Retry-After."""

import time
from collections.abc import Callable, Hashable
from functools import partial
from typing import Literal

from shared.plumbing.limits.buckets import Buckets
from shared.plumbing.limits.ledger import Ledger
from shared.wire.problems import RateLimited

Limit = Literal["none", "calls", "people", "moves", "searches", "messages", "uploads"]


class Limits:
    """One set of buckets for all gateways, as far as `ledger` is kept. on: False for load tests."""

    def __init__(self, ledger: Ledger, *, on: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self.on = on
        bucket = partial(ledger.buckets, clock=clock)
        self._buckets: dict[Limit, Buckets] = {
            "calls": bucket("calls", rate=50, burst=200),  # a session's, or an address's before there is one
            "people": bucket("people", rate=100, burst=400),  # a person's calls, by all sessions together
            "moves": bucket("moves", rate=100, burst=400),  # an address's
            "searches": bucket("searches", rate=5, burst=30),  # an address's: analyses, and batches of moves
            "uploads": bucket("uploads", rate=1, burst=100),  # a user's
            "messages": bucket(
                "messages", rate=20, burst=200
            ),  # a user's; their sockets' are counted with them: see allowance.py
        }

    def take(self, limit: Limit, key: Hashable) -> None:
        """Raises RateLimited when `key` has used up its share."""
        if not self.on or limit == "none":
            return
        wait_s = self._buckets[limit].take(key)
        if wait_s:
            raise RateLimited(wait_s)

    def give_back(self, limit: Limit, key: Hashable) -> None:
        """Gives back a call that was counted."""
        if self.on:
            self._buckets[limit].charge(key, -1)
