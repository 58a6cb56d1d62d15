"""The log over several servers has one id, which changes when something is lost, and not when something moves."""

import asyncio

import asyncpg
import pytest

from services.threads import leveling
from services.threads.tests.driver import Service, Start, User
from shared.wire.log_calls import HeadsOf

_LOST = "UPDATE threads.settings SET log = gen_random_uuid()"


class Grown:
    """A log that began on the first of these servers."""

    def __init__(self, threads: Service, urls: list[str], log: str) -> None:
        self.threads = threads
        self.urls = urls
        self.log = log
        self.said: list[str] = []

    async def log_now(self) -> str:
        """As relays hear it, once the service knows where everything is."""
        headers = self.threads.tokens.program("relay")
        async with asyncio.timeout(10):
            while True:
                status, answer = await self.threads.call(
                    "POST", "/internal/heads", HeadsOf([]), headers=headers
                )
                if status == 200:
                    found: str = answer["log"]
                    return found
                await asyncio.sleep(0.05)

    async def move(self, *arguments: str) -> None:
        await leveling.run(arguments, self.urls, say=self.said.append, tell=self.said.append)


@pytest.fixture
async def grown(start: Start, database_url: str, further_shards: list[str], ann: User, bob: User) -> Grown:
    first = await start(shard_urls="")
    await first.say(ann, bob, "hi")
    log = await Grown(first, [], "").log_now()
    await first.client.close()
    return Grown(await start(shard_urls=" ".join(further_shards)), [database_url, *further_shards], log)


async def test_it_stays_when_servers_come_and_slots_move(grown: Grown) -> None:
    assert await grown.log_now() == grown.log
    await grown.move("level")
    assert await grown.log_now() == grown.log
    await grown.move("empty", grown.urls[0])
    assert await grown.log_now() == grown.log
    await grown.move("empty", grown.urls[1])
    assert await grown.log_now() == grown.log


async def test_it_is_another_when_any_of_them_has_lost_something(grown: Grown) -> None:
    await grown.move("level")
    connection = await asyncpg.connect(grown.urls[1])
    await connection.execute(_LOST)
    await connection.close()
    lost = await grown.log_now()
    assert lost != grown.log
    await grown.move("empty", grown.urls[1])
    assert await grown.log_now() == lost
