"""Group commit: who waits while a statement is under way goes with the next one, and harms nobody in it."""

import asyncio
from uuid import UUID

import pytest

from services.threads.group_commit import MAX_ROWS, WORTH_ANOTHER, GroupCommit
from services.threads.queries.appends import Row
from shared.wire.ids import uuid7
from shared.wire.messages import MESSAGE


class Store:
    """Answers each row with its body, once it may."""

    def __init__(self) -> None:
        self.rounds: list[list[str]] = []
        self.ends: list[asyncio.Future[None]] = []
        self.group = GroupCommit(self._store)

    async def _store(self, rows: list[Row]) -> list[str]:
        self.rounds.append([row.body for row in rows])
        self.ends.append(asyncio.get_running_loop().create_future())
        await self.ends[-1]
        return [row.body for row in rows]

    def caller(self, *rows: Row) -> asyncio.Task[list[str]]:
        return asyncio.create_task(self.group.store(list(rows)))

    async def begun(self, *rounds: list[str]) -> None:
        """Returns once as many rounds have begun; they must be these."""
        async with asyncio.timeout(5):
            while len(self.rounds) < len(rounds):
                await asyncio.sleep(0)
        for _ in range(10):
            await asyncio.sleep(0)
        assert self.rounds == list(rounds)

    def end(self, round_: int, error: Exception | None = None) -> None:
        if error:
            self.ends[round_].set_exception(error)
        else:
            self.ends[round_].set_result(None)


def row(body: str, client_id: UUID | None = None) -> Row:
    return Row((1, 2), 1, MESSAGE, client_id or uuid7(), body)


async def test_what_comes_while_one_is_under_way_goes_together_in_order() -> None:
    store = Store()
    first = store.caller(row("a"), row("b"))
    await store.begun(["a", "b"])
    others = [store.caller(row("c")), store.caller(row("d"), row("e"))]
    await store.begun(["a", "b"])
    store.end(0)
    await store.begun(["a", "b"], ["c", "d", "e"])
    store.end(1)
    assert await asyncio.gather(first, *others) == [["a", "b"], ["c"], ["d", "e"]]


async def test_a_repeat_of_what_goes_waits_for_the_round_after_it() -> None:
    store, client_id = Store(), uuid7()
    callers = [store.caller(row("a")), store.caller(row("b", client_id)), store.caller(row("b", client_id))]
    callers.append(store.caller(row("c")))
    await store.begun(["a"])
    store.end(0)
    await store.begun(["a"], ["b", "c"])
    store.end(1)
    await store.begun(["a"], ["b", "c"], ["b"])
    store.end(2)
    assert await asyncio.gather(*callers) == [["a"], ["b"], ["b"], ["c"]]


async def test_an_error_comes_to_all_of_its_round_and_to_nobody_else() -> None:
    store = Store()
    callers = [store.caller(row(body)) for body in "abc"]
    await store.begun(["a"])
    store.end(0, ConnectionError())
    await store.begun(["a"], ["b", "c"])
    later = store.caller(row("d"))
    store.end(1, TimeoutError())
    await store.begun(["a"], ["b", "c"], ["d"])
    store.end(2)
    found = await asyncio.gather(*callers, later, return_exceptions=True)
    assert [type(each) for each in found] == [ConnectionError, TimeoutError, TimeoutError, list]


@pytest.mark.parametrize("cancelled", [0, 1, 2])
async def test_who_is_cancelled_takes_nothing_from_the_others(cancelled: int) -> None:
    store = Store()
    callers = [store.caller(row(body)) for body in "abc"]
    await store.begun(["a"])
    if cancelled:
        store.end(0)
        await store.begun(["a"], ["b", "c"])
    callers[cancelled].cancel()
    await store.begun(["a"], ["b", "c"])
    store.end(1)
    for place, caller in enumerate(callers):
        if place == cancelled:
            with pytest.raises(asyncio.CancelledError):
                await caller
        else:
            assert await caller == ["abc"[place]]


async def test_what_waits_is_not_stored_once_its_caller_has_given_up() -> None:
    store = Store()
    callers = [store.caller(row(body)) for body in "abc"]
    await store.begun(["a"])
    callers[1].cancel()
    with pytest.raises(asyncio.CancelledError):
        await callers[1]
    store.end(0)
    await store.begun(["a"], ["c"])
    store.end(1)
    assert [await callers[0], await callers[2]] == [["a"], ["c"]]


async def test_others_go_beside_the_first_when_that_pays() -> None:
    store = Store()
    callers = [store.caller(row("a"))]
    await store.begun(["a"])
    many = [row(str(number)) for number in range(WORTH_ANOTHER)]
    callers += [store.caller(*many[:-1]), store.caller(many[-1]), store.caller(*(row("x") for _ in many))]
    callers += [store.caller(row("b"))]
    together = [one.body for one in many]
    await store.begun(["a"], together, ["x"] * WORTH_ANOTHER)
    store.end(2)
    await store.begun(["a"], together, ["x"] * WORTH_ANOTHER)
    store.end(1)
    store.end(0)
    await store.begun(["a"], together, ["x"] * WORTH_ANOTHER, ["b"])
    store.end(3)
    found = [len(each) for each in await asyncio.gather(*callers)]
    assert found == [1, WORTH_ANOTHER - 1, 1, WORTH_ANOTHER, 1]


async def test_no_round_is_larger_than_it_may_be() -> None:
    store = Store()
    callers = [store.caller(*(row("a") for _ in range(MAX_ROWS - 1))) for _ in range(3)]
    await store.begun(*[["a"] * (MAX_ROWS - 1)] * 3)
    for round_ in range(3):
        store.end(round_)
    assert [len(each) for each in await asyncio.gather(*callers)] == [MAX_ROWS - 1] * 3
