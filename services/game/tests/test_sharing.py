"""The engine shared out: an address pays for what it uses, and others' moves and live games go on beside it."""

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from services.game.allowance import Allowance
from services.game.keys import ALLOWANCE, ENGINE
from services.game.tests.conftest import Client, thinking
from services.game.variants.levels import cost_ms, full_question
from services.game.variants.rules import ruleset
from shared.plumbing.limits.ledger import Ledger
from shared.testing.pace import slowness
from shared.wire.problems import RateLimited
from shared.wire.tictactoe import VariantSpec

COSTLY: dict[str, Any] = {
    "variant": "mnk", "m": 15, "n": 15, "k": 5, "board": "." * 225, "seed": 1, "time_limit_ms": 10,
}  # fmt: skip
"""Looks at 60,000 positions, whatever its time limit says."""
PLAIN: dict[str, Any] = {"variant": "mnk", "m": 4, "n": 4, "k": 3, "board": "." * 16, "level": "hard"}
GREEDY, OTHER = "192.0.2.1", "198.51.100.1"


class Callers:
    """Post to the AI's endpoint through the gateway, each from an address."""

    def __init__(self, game: Client, gateway: dict[str, str]) -> None:
        self.game = game
        self._headers = gateway

    async def ask(self, address: str, body: dict[str, Any]) -> int:
        headers = {**self._headers, "X-Forwarded-For": address}
        async with self.game.post("/api/tictactoe/move", json=body, headers=headers) as response:
            await response.read()
            return response.status

    @contextlib.asynccontextmanager
    async def flood(self) -> AsyncIterator[None]:
        """One address keeps 40 costly questions in the air."""

        async def again_and_again() -> None:
            while await self.ask(GREEDY, COSTLY) in (200, 429, 503):
                await asyncio.sleep(0)

        flooding = [asyncio.create_task(again_and_again()) for _ in range(40)]
        await self.ask(GREEDY, COSTLY)  # the others are on their way, or wait already
        try:
            yield
        finally:
            for task in flooding:
                task.cancel()
            await asyncio.gather(*flooding, return_exceptions=True)


@pytest.fixture
async def callers(aiohttp_client: Any, tmp_path: Path, gateway: dict[str, str]) -> Callers:
    """With as many workers as an installation has at least."""
    return Callers(await thinking(aiohttp_client, tmp_path, workers=2), gateway)


async def test_an_address_that_has_used_up_its_share_is_refused_and_no_other(callers: Callers) -> None:
    """All of one /64 is one host's to choose from."""
    with callers.game.app[ALLOWANCE].search("2001:db8::/64", 10) as asker:
        asker.pay(22_000)
    assert await callers.ask("2001:db8::2", PLAIN) == 429
    assert await callers.ask("2001:db8:0:1::1", PLAIN) == 200


def test_a_search_costs_what_it_took_whatever_was_foreseen() -> None:
    """Else questions that say 10 ms and take a second keep the engine busy for good."""
    allowance = Allowance(Ledger(), on=True)
    for _ in range(7):
        with allowance.search(GREEDY, 10) as asker:
            asker.pay(3000)
    with pytest.raises(RateLimited), allowance.search(GREEDY, 10):
        pass


def test_while_searches_go_on_they_count_as_foreseen_and_what_never_began_costs_nothing() -> None:
    allowance = Allowance(Ledger(), on=True)
    with contextlib.ExitStack() as at_once:
        for _ in range(10):
            at_once.enter_context(allowance.search(GREEDY, 2000))
        with pytest.raises(RateLimited), allowance.search(GREEDY, 2000):
            pass
    with allowance.search(GREEDY, 20_000) as asker:
        assert asker.used_ms < 1


def test_a_seeded_search_is_foreseen_by_its_positions_and_a_timed_one_by_its_time() -> None:
    spec = VariantSpec("mnk", 15, 15, 5)
    seeded, timed = (
        full_question(spec, ruleset(spec).empty, seed=seed, time_limit_ms=10) for seed in (1, None)
    )
    assert (cost_ms(seeded), cost_ms(timed)) == (300, 10)


async def test_others_get_their_moves_while_one_address_floods_the_engine(callers: Callers) -> None:
    async with callers.flood():
        assert [await callers.ask(OTHER, PLAIN) for _ in range(6)] == [200] * 6


async def test_a_live_game_waits_for_nothing_that_is_asked_beside_it(callers: Callers) -> None:
    limit_s = 1.0 * slowness()
    async with callers.flood():
        for _ in range(3):
            started = time.monotonic()
            await callers.game.app[ENGINE].choose(VariantSpec("mnk", 4, 4, 3), [5], "hard")
            assert time.monotonic() - started < limit_s
