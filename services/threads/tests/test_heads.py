"""What relays are told of a user's threads, however many there are."""

import asyncio
from datetime import UTC, datetime, timedelta

from services.threads.heads import by_user
from shared.plumbing.in_parts import PART
from shared.wire.frames import MAX_WELCOME_THREADS

_NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


async def test_the_newest_of_very_many_threads_are_found_in_many_turns() -> None:
    """Made in one turn, the answer for a person with 100,000 threads kept everybody waiting for 100 ms."""
    turns = 0

    async def others() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    count = 4 * PART
    rows = [
        (
            user,
            10 * peer + user,
            user,
            peer,
            7,
            peer,
            0,
            0,
            0,
            0,
            _NOON + timedelta(seconds=peer * 7919 % count),
        )
        for user in (1, 2)
        for peer in range(3, count + 3)
    ]
    waiting = asyncio.create_task(others())
    heads, latest = await by_user(rows)
    waiting.cancel()
    assert turns >= len(rows) // PART - 1
    for user in (1, 2):
        assert [head.thread for head in heads[user]] == [10 * peer + user for peer in range(3, count + 3)]
        newest = sorted(
            (row for row in rows if row[0] == user), key=lambda row: (row[10], row[5]), reverse=True
        )
        assert [own.peer for own in latest[user]] == [row[5] for row in newest[:MAX_WELCOME_THREADS]]
