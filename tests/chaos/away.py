"""People who are away, and others who write to them all the time; at the end each message must have been pushed."""

import asyncio
import contextlib
import random
import tempfile
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import msgspec

from shared.testing.people import Person, fresh_name
from shared.testing.push_service import PushService
from shared.wire.ids import uuid7
from tests.chaos.crowd import until
from tests.chaos.instance import Instance

_AWAY = frozenset({429, 502, 503, 504})
_PAUSE_S = 0.05
_TOLD_WITHIN_S = 40.0


class Correspondence:
    """Somebody who writes, and somebody who is away. sent: seq -> when it was known to be stored."""

    def __init__(self, writer: Person, reader: Person) -> None:
        self.writer = writer
        self.reader = reader
        self.sent: dict[int, float] = {}

    async def write_on(self, pause_s: float) -> None:
        """Forever, each message as often as it takes."""
        while True:
            await asyncio.sleep(random.expovariate(1 / pause_s))
            path = f"/api/threads/{self.reader.username}/messages"
            body = {"client_id": str(uuid7()), "text": f"message {len(self.sent) + 1}"}
            while not await self._sent(path, body):
                await asyncio.sleep(_PAUSE_S)

    async def _sent(self, path: str, body: dict[str, str]) -> bool:
        with contextlib.suppress(aiohttp.ClientError, TimeoutError):
            status, answer = await self.writer.call("POST", path, body)
            if status in (200, 201):
                self.sent[answer["seq"]] = time.monotonic()
                return True
            assert status in _AWAY, answer
        return False


class Away:
    """All of them, and the push service that their browsers are subscribed at."""

    def __init__(self, service: PushService, correspondence: list[Correspondence]) -> None:
        self.service = service
        self.correspondence = correspondence

    @property
    def sent(self) -> int:
        return sum(len(each.sent) for each in self.correspondence)

    @property
    def repeated(self) -> int:
        """Pushes that took their own place."""
        pushes = [(one.device, one.topic, one.push.seq) for one in self.service.received]
        return len(pushes) - len(set(pushes))

    @property
    def shown_twice(self) -> int:
        """Messages that a device got under more than one topic."""
        topics: defaultdict[tuple[str, int], set[str]] = defaultdict(set)
        for one in self.service.received:
            topics[one.device, one.push.seq].add(one.topic)
        return sum(len(found) - 1 for found in topics.values())

    def lags(self) -> list[float]:
        """From each message to the first push that shows it or a later one; infinite where nobody was told."""
        found = []
        for each in self.correspondence:
            pushes = [(one.push.seq, one.at) for one in self.service.of(each.reader.username)]
            for seq, sent_at in each.sent.items():
                told_at = min((at for shown, at in pushes if shown >= seq), default=float("inf"))
                found.append(max(0.0, told_at - sent_at))
        return found

    async def told(self) -> bool:
        """Whether within some seconds every device shows the last message to its owner."""
        return await until(lambda: all(map(self._knows_all, self.correspondence)), _TOLD_WITHIN_S)

    def _knows_all(self, each: Correspondence) -> bool:
        last = max(each.sent, default=0)
        return any(
            one.push.seq >= last
            for one in reversed(self.service.received)
            if one.device == each.reader.username
        )

    @contextlib.asynccontextmanager
    async def writing(self, rate: float) -> AsyncIterator[None]:
        """rate: messages a second of all together, within the block."""
        pause_s = len(self.correspondence) / rate
        tasks = [asyncio.create_task(each.write_on(pause_s)) for each in self.correspondence]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)


@contextlib.asynccontextmanager
async def away(running: Instance, base_url: str, count: int) -> AsyncIterator[Away]:
    """So many correspondences. notify is started anew, with the push service among those that it knows."""
    with tempfile.TemporaryDirectory(prefix="duet-push-") as directory:
        async with PushService(Path(directory)).running() as service:
            running.tell(
                {
                    "notify": {
                        "DUET_PUSH_HOSTS": service.host,
                        "DUET_PUSH_CA": str(service.ca),
                        "DUET_PUSH_ALLOW_PRIVATE": "on",
                    }
                }
            )
            before = await running.signal("notify")
            assert await running.restarted("notify", before)
            assert await running.ready("notify")
            people = [
                await Person(base_url, fresh_name(stem)).sign_up()
                for _ in range(count)
                for stem in ("wil", "rea")
            ]
            found = [Correspondence(*pair) for pair in zip(people[::2], people[1::2], strict=True)]
            try:
                for each in found:
                    await _subscribe(service, each.reader)
                yield Away(service, found)
                assert service.complaints == []
            finally:
                for person in people:
                    await person.close()


async def _subscribe(service: PushService, person: Person) -> None:
    status, state = await person.call("GET", "/api/push")
    assert status == 200, state
    browser = service.browser(person.username, state["key"])
    body = msgspec.to_builtins(browser.subscription())
    status, answer = await person.call("PUT", "/api/push", body)
    assert status == 204, answer
