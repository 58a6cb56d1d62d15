"""Who gets a worker next, with workers that are only names."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from services.game.turns import LIVE_GAME, MAX_WAITING, Asker, Turns
from shared.wire.problems import Unavailable

FRESH, GREEDY = Asker(used_ms=0), Asker(used_ms=9000)


class Queue:
    """Turns, and tasks that wait for one. got: names in the order in which they were served."""

    def __init__(self, count: int) -> None:
        self.turns: Turns[str] = Turns(count)
        self.got: list[str] = []
        self.tasks: dict[str, asyncio.Task[str]] = {}

    async def wait(self, name: str, asker: Asker) -> None:
        """As soon as it waits."""
        self.tasks[name] = asyncio.create_task(self._take(name, asker))
        await asyncio.sleep(0)

    async def _take(self, name: str, asker: Asker) -> str:
        worker = await self.turns.take(asker)
        self.got.append(name)
        return worker


@pytest.fixture
async def queue() -> AsyncIterator[Queue]:
    """Two workers, one of which is busy with a greedy address's search."""
    made = Queue(2)
    made.turns.add("first")
    made.turns.add("second")
    await made.turns.take(GREEDY)
    yield made
    for task in made.tasks.values():
        task.cancel()
    await asyncio.gather(*made.tasks.values(), return_exceptions=True)


async def test_one_worker_is_always_left_for_live_games(queue: Queue) -> None:
    await queue.wait("passing", FRESH)
    assert not queue.tasks["passing"].done()
    assert await queue.turns.take(LIVE_GAME) == "first"


async def test_and_live_games_leave_one_for_everybody_else(queue: Queue) -> None:
    await queue.turns.take(LIVE_GAME)
    await queue.wait("live", LIVE_GAME)
    await queue.wait("passing", FRESH)
    queue.turns.give_back("second", GREEDY)
    await asyncio.wait_for(queue.tasks["passing"], 1)
    assert queue.got == ["passing"]


async def test_who_has_used_least_is_next_and_among_equals_who_came_first(queue: Queue) -> None:
    for name, asker in (("greedy", GREEDY), ("fresh", FRESH), ("as fresh", FRESH)):
        await queue.wait(name, asker)
    for asker in (GREEDY, FRESH, FRESH):
        queue.turns.give_back("second", asker)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert queue.got == ["fresh", "as fresh", "greedy"]


async def test_a_full_queue_makes_room_for_who_has_used_less(queue: Queue) -> None:
    for number in range(MAX_WAITING):
        await queue.wait(f"greedy {number}", GREEDY)
    await queue.wait("fresh", FRESH)
    await queue.wait("one too many", GREEDY)
    for turned_away in (f"greedy {MAX_WAITING - 1}", "one too many"):
        with pytest.raises(Unavailable):
            await queue.tasks[turned_away]
    assert not queue.tasks["fresh"].done()


async def test_one_worker_alone_serves_both_kinds() -> None:
    turns: Turns[str] = Turns(1)
    turns.add("only")
    for asker in (FRESH, LIVE_GAME):
        assert await turns.take(asker) == "only"
        turns.give_back("only", asker)


async def test_a_turn_that_comes_when_its_asker_leaves_is_the_next_one_s(queue: Queue) -> None:
    await queue.wait("leaves", FRESH)
    queue.turns.give_back("second", GREEDY)
    queue.tasks["leaves"].cancel()
    await asyncio.gather(queue.tasks["leaves"], return_exceptions=True)
    assert await queue.turns.take(FRESH) in ("first", "second")


async def test_nobody_waits_for_longer_than_is_of_use() -> None:
    with pytest.raises(Unavailable):
        await Turns(1, patience_s=0.01).take(FRESH)


async def test_a_worker_that_comes_as_its_asker_goes_away_is_not_lost(queue: Queue) -> None:
    await queue.turns.take(LIVE_GAME)
    await queue.wait("gone", FRESH)
    queue.tasks["gone"].cancel()  # it is told at once, but has not had its turn of the loop
    queue.turns.give_back("second", GREEDY)
    assert await asyncio.wait_for(queue.turns.take(FRESH), 1) == "second"
