"""What the judge reads of a log over several servers: a thread that two of them hold must not look like one."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from tests.chaos.stored import threads_of

_SENT = UUID(int=1)
_THREAD = "INSERT INTO threads.threads (id, low, high, head) OVERRIDING SYSTEM VALUE VALUES (7, 1, 2, 1)"
_EVENT = """
INSERT INTO threads.events (thread_id, seq, sender_id, created_at, low_sent, high_sent, client_id, kind, body)
VALUES (7, 1, 1, now(), 1, 0, $1, 'message', 'hi')
"""


@pytest.fixture
async def servers(database_url: str, further_shards: list[str]) -> AsyncIterator[list[Any]]:
    """Two, which both have the event of a thread that the first one holds."""
    async with AsyncExitStack() as stack:
        found = []
        for url in (database_url, further_shards[0]):
            found.append(await asyncpg.connect(url))
            stack.push_async_callback(found[-1].close)
            await found[-1].execute(_EVENT, _SENT)
        await found[0].execute(_THREAD)
        yield found


async def test_what_a_thread_has_left_behind_is_nobodys(servers: list[Any]) -> None:
    await servers[1].execute("INSERT INTO threads.strays VALUES (7)")
    [thread] = await threads_of(servers, [str(_SENT)])
    assert (thread.head, [event.seq for event in thread.events]) == (1, [1])


async def test_a_thread_that_two_servers_hold_has_the_events_of_both(servers: list[Any]) -> None:
    await servers[1].execute(_THREAD)
    [thread] = await threads_of(servers, [str(_SENT)])
    assert [event.seq for event in thread.events] == [1, 1]


async def test_rows_that_nobody_says_are_left_behind_are_told(servers: list[Any]) -> None:
    [thread] = await threads_of(servers, [str(_SENT)])
    assert [event.seq for event in thread.events] == [1, 1]
