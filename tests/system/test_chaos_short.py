"""A short selection of `make chaos`: two faults of each kind, one judge."""

import pytest

from shared.testing.pace import slowness
from tests.chaos import report
from tests.chaos.scenario import REGISTER, Size, play_on, standing, temporary_directory
from tests.chaos.scenarios import load_all

_CHOSEN = (
    "kill-relay-1",
    "kill-threads",
    "kill-postgres",
    "append-answers",
    "redis-flush",
    "redis-gone",
    "crash-before-hint",
    "revocation",
)
_LINES = ("relays-threads", "all-redis")
_SIZE = Size(pairs=6, rate=40.0, faults=2, seconds=3.0, freeze_s=3.0)


async def test_the_promise_holds_through_the_usual_faults(subtests: pytest.Subtests) -> None:
    load_all()
    settings = {"DUET_RELAYS": "2", "DUET_RATE_LIMITS": "off"}
    with temporary_directory() as directory:
        async with standing(directory, settings, _LINES) as running:
            for name in _CHOSEN:
                with subtests.test(name):
                    before = slowness()
                    outcome = await play_on(running, REGISTER[name], _SIZE)
                    assert outcome.held_at(max(before, slowness())), report.table([outcome])
                    assert outcome.verdict.acknowledged > 20 or name == "revocation"
