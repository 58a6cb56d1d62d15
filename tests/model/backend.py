"""threads, with its real database, that can lose answers, delay requests and die."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from services.threads.append import Appender
from services.threads.feed import Feed
from services.threads.files import Files
from services.threads.heads import Heads
from services.threads.history import History
from services.threads.link import Link
from services.threads.people import People
from services.threads.quota import Quota
from services.threads.shards import one_shard
from shared.plumbing.postgres.database import Database
from shared.plumbing.telemetry.traces import NO_SPANS, Span
from shared.wire import codec
from shared.wire.accounts import Profile, Profiles, ProfilesById, ProfilesByName
from shared.wire.link import AppendBatch, LinkReply
from shared.wire.log import Delivery, Head, Notice
from shared.wire.log_calls import HeadsAnswer, HeadsOf
from shared.wire.problems import Unavailable


class Accounts:
    """What auth knows, asked as a Peer is."""

    def __init__(self) -> None:
        self.names: dict[int, str] = {}

    async def call(self, _: str, path: str, body: Any, **__: Any) -> Profiles:
        if path == "/internal/users/by-name":
            assert isinstance(body, ProfilesByName)
            return Profiles(
                [self._profile(user) for user, name in self.names.items() if name in body.usernames]
            )
        assert isinstance(body, ProfilesById)
        return Profiles([self._profile(user) for user in body.users if user in self.names])

    def _profile(self, user: int) -> Profile:
        return Profile(user, self.names[user], self.names[user], None)


class Gossip:
    """In the place of Redis: hints wait for each node until the test delivers, repeats or drops them."""

    def __init__(self) -> None:
        self.waiting: dict[str, list[Delivery]] = {}

    def offer(
        self,
        asking: str,
        deliveries: Sequence[Delivery] = (),
        notices: Sequence[Notice] = (),
        log: str = "",
        spans: Mapping[int, Span] = NO_SPANS,
    ) -> None:
        for node, waiting in self.waiting.items():
            if node != asking:
                waiting.extend(deliveries)


class Wire(asyncio.Transport):
    """The end of a link that threads writes to."""

    def __init__(self, take: Callable[[LinkReply], None]) -> None:
        super().__init__()
        self._take = take
        self.open = True

    def write(self, data: Any) -> None:
        self._take(codec.decode(data[4:], LinkReply))  # type: ignore[arg-type]  # a union is not a type to mypy

    def is_closing(self) -> bool:
        return not self.open

    def pause_reading(self) -> None:
        """Batches come without regard to it."""

    def resume_reading(self) -> None:
        """Likewise."""


class Backend:
    """life: how often it was started. busy: calls that are under way."""

    def __init__(self, database: Database, accounts: Accounts, gossip: Gossip) -> None:
        self.database = database
        self.accounts = accounts
        self.gossip = gossip
        self.life = 0
        self.busy = 0
        self._links: list[Link] = []

    async def start(self) -> None:
        """A new process: nothing is remembered."""
        self.life += 1
        self.people = People(self.accounts)  # type: ignore[arg-type]
        shards = one_shard(self.database)
        quota = Quota(shards, 0)
        self.appender = Appender(shards, self.people, self.gossip, quota, Files(None))  # type: ignore[arg-type]
        self.history = History(shards, self.people)
        self.heads = Heads(shards, self.people)
        self.feed = Feed(shards)
        self._links = []
        await self.feed.begin()

    def link(self, wire: Wire) -> Link:
        """What a relay's connection opens here."""
        opened = Link(self.appender, None, self.feed.audience)  # type: ignore[arg-type]  # no read marks here
        opened.start(wire)
        self._links.append(opened)
        return opened

    async def die(self) -> None:
        """Everything under way stops between two of its steps; what is committed stays."""
        tasks = [task for link in self._links for task in link._under_way]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.start()

    @property
    def under_way(self) -> int:
        """Batches that are being appended, or wait for one that is."""
        return sum(len(link._under_way) for link in self._links)

    def receive(self, link: Link, batch: AppendBatch) -> None:
        """A batch comes in over a link."""
        link._start(batch)

    async def call(self, _: str, path: str, body: Any, **__: Any) -> Any:
        """The ordinary calls of a relay."""
        self.busy += 1
        life = self.life
        try:
            answer = await self._answer(path, body)
        finally:
            self.busy -= 1
        if life != self.life:
            raise Unavailable("died meanwhile")
        return answer

    async def _answer(self, path: str, body: Any) -> Any:
        if path == "/internal/heads":
            assert isinstance(body, HeadsOf)
            answer: HeadsAnswer = await self.heads.of(body.users)
            return answer
        if path == "/internal/deliveries":
            return await self.history.deliveries(body)
        assert path == "/internal/resolve", path
        return await self.heads.resolve(body)

    async def beat(self) -> list[Head]:
        """What the heads feed tells every link just now."""
        told: list[Head] = []

        class Ear:
            def beat(self, heads: list[Head], *, missed: bool = False, log: str = "") -> None:
                assert not missed, "PostgreSQL lives on here"
                told.extend(heads)

        ear = Ear()
        self.feed.audience.join(ear)  # type: ignore[arg-type]
        await self.feed.beat()
        self.feed.audience.leave(ear)  # type: ignore[arg-type]
        return told
