"""Some of each person's at once, all of them in the end, and nothing is kept of who has none."""

import asyncio

from shared.plumbing.limits.keyed_semaphore import KeyedSemaphore


async def test_each_has_so_many_at_once_and_nobody_waits_for_another() -> None:
    places, under_way, most = KeyedSemaphore(2), 0, 0
    hold = asyncio.Event()

    async def ask(key: str) -> str:
        nonlocal under_way, most
        async with places.of(key):
            under_way += 1
            most = max(most, under_way)
            await hold.wait()
            under_way -= 1
        return key

    of_ann = [asyncio.create_task(ask("ann")) for _ in range(7)]
    while under_way < 2:
        await asyncio.sleep(0)
    of_bob = asyncio.create_task(ask("bob"))
    while under_way < 3:
        await asyncio.sleep(0)
    of_ann[3].cancel()  # while it waits
    hold.set()
    assert await of_bob == "bob"
    assert await asyncio.gather(*of_ann[:3], *of_ann[4:]) == ["ann"] * 6
    assert (most, len(places)) == (3, 0)
