"""How much of the engine one address may use: milliseconds of search, refilled at a steady rate."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from services.game.turns import LIVE_GAME, Asker
from shared.plumbing.limits.ledger import Ledger
from shared.wire.problems import RateLimited

Account = Callable[[float], AbstractContextManager[Asker]]
"""On whose account a search goes: entered around it, with the milliseconds that a slow machine would need."""
_RATE_MS = 500  # a second
_BURST_MS = 20_000


class Allowance:
    """on: False for load tests."""

    def __init__(self, ledger: Ledger, *, on: bool) -> None:
        self._on = on
        self._buckets = ledger.buckets("engine", rate=_RATE_MS, burst=_BURST_MS)

    @contextmanager
    def search(self, address: str, cost_ms: float) -> Iterator[Asker]:
        """An Account, once the address is given. What is foreseen is taken first; in the end it costs what it took.

        Raises RateLimited when the address has used up its share.
        """
        used_ms = self._buckets.missing(address)
        wait_s = self._buckets.take(address, cost_ms)
        if wait_s and self._on:
            raise RateLimited(wait_s)
        taken_ms = 0.0 if wait_s else cost_ms
        took_ms: list[float] = []
        try:
            yield Asker(used_ms=used_ms, pay=took_ms.append)
        finally:
            self._buckets.charge(address, sum(took_ms) - taken_ms)


def for_live_games(cost_ms: float) -> AbstractContextManager[Asker]:
    """The Account of games that people play. It costs nothing: how many of them one may have is limited elsewhere."""
    return nullcontext(LIVE_GAME)
