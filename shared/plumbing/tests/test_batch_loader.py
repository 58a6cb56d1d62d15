"""Questions in batches: what is asked for while one is under way becomes the next one."""

import asyncio

import pytest

from shared.plumbing.batch_loader import BatchLoader


class Asked:
    """Answers a name with its length when told to; knows nobody called `nobody`."""

    def __init__(self) -> None:
        self.questions: list[list[str]] = []
        self.answers: list[asyncio.Future[None]] = []
        self.loader = BatchLoader(self._ask, at_most=3)

    async def _ask(self, names: list[str]) -> dict[str, int]:
        self.questions.append(names)
        self.answers.append(asyncio.get_running_loop().create_future())
        await self.answers[-1]
        return {name: len(name) for name in names if name != "nobody"}

    async def until(self, questions: int) -> None:
        async with asyncio.timeout(5):
            while len(self.questions) < questions:
                await asyncio.sleep(0)


async def test_what_is_wanted_in_one_turn_is_one_question() -> None:
    asked = Asked()
    waiting = [asyncio.create_task(asked.loader.one(name)) for name in ("ann", "nobody", "ann")]
    await asked.until(1)
    asked.answers[0].set_result(None)
    assert await asyncio.gather(*waiting) == [3, None, 3]
    assert asked.questions == [["ann", "nobody"]]


async def test_what_comes_meanwhile_waits_and_goes_together() -> None:
    asked = Asked()
    tasks = []
    for number, name in enumerate(("ann", "bob"), start=1):
        tasks.append(asyncio.create_task(asked.loader.get([name])))
        await asked.until(number)
    later = asyncio.create_task(asked.loader.get(["carol", "dan", "erin", "frank", "ann"]))
    await asyncio.sleep(0)
    assert len(asked.questions) == 2
    asked.answers[0].set_result(None)
    await asked.until(3)
    asked.answers[1].set_result(None)
    await asked.until(4)
    for answer in asked.answers[2:]:
        answer.set_result(None)
    assert await later == {"carol": 5, "dan": 3, "erin": 4, "frank": 5, "ann": 3}
    assert asked.questions[2:] == [["carol", "dan", "erin"], ["frank"]]
    assert await asyncio.gather(*tasks) == [{"ann": 3}, {"bob": 3}]


async def test_a_failure_is_everybodys_and_does_not_last() -> None:
    asked = Asked()
    waiting = [asyncio.create_task(asked.loader.one(name)) for name in ("ann", "bob")]
    await asked.until(1)
    asked.answers[0].set_exception(ConnectionError())
    for task in waiting:
        with pytest.raises(ConnectionError):
            await task
    again = asyncio.create_task(asked.loader.one("ann"))
    await asked.until(2)
    asked.answers[1].set_result(None)
    assert await again == 3


async def test_one_who_gives_up_takes_nobodys_answer_with_them() -> None:
    asked = Asked()
    impatient = asyncio.create_task(asked.loader.one("ann"))
    patient = asyncio.create_task(asked.loader.get(["ann"]))
    await asked.until(1)
    impatient.cancel()
    await asyncio.wait([impatient])
    asked.answers[0].set_result(None)
    assert await patient == {"ann": 3}
