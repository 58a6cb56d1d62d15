"""The shards of the log: each is a whole log, on a PostgreSQL of its own, with the threads of some slots.

A thread is a log of its own, and no statement joins two: so its pair of members says where it is. With one shard, as
nearly always, that is all there is to it. Slots may move to another shard at any time (services/threads/moving.py): the
servers themselves say which ones they hold, and every connection to them is told first how often that has changed.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from hashlib import sha256
from typing import Any, TypeVar
from uuid import NAMESPACE_OID, uuid5

import structlog

from services.threads.asking import all_or_some
from services.threads.log_id import LogId
from services.threads.queries import placing
from services.threads.queries.appends import Pair
from services.threads.queries.placing import SLOTS, Place
from shared.plumbing.postgres.database import Connection, Database
from shared.plumbing.telemetry.readiness import DEGRADED
from shared.wire.problems import Unavailable

_LOOK_AGAIN_S = 0.1
_MAX_PAUSE_S = 2.0
K = TypeVar("K")
T = TypeVar("T")
log = structlog.get_logger()


class PlacingError(Exception):
    """These servers are not together one log."""


def slot_of(pair: Pair) -> int:
    """0 to 255; as `slot_of` in SQL."""
    return sha256(b"%d:%d" % pair).digest()[0]


def pair_of(one: int, other: int) -> Pair:
    """The members of a thread, given in either order."""
    return (one, other) if one < other else (other, one)


def itself(pair: Pair) -> Pair:
    """For `split`, of pairs."""
    return pair


class Shard:
    """One of them, as long as no slots move. place: its place among the servers that are named. log_id: its own."""

    def __init__(
        self, place: int, number: int, database: Database, log_id: LogId, *, moves: int, alone: bool
    ) -> None:
        """moves: how often slots had moved when the map was made."""
        self.place = place
        self.number = number
        self.database = database
        self.log_id = log_id
        self._moves = moves
        self.connection: Callable[..., AbstractAsyncContextManager[Any]] = (
            database.connection if alone else self._connection
        )

    @property
    def has_moved(self) -> bool:
        """Whether slots have moved since the map was made: a connection may be to what is not in it."""
        return self.log_id.moves != self._moves

    @asynccontextmanager
    async def _connection(self, *, often: bool = False) -> AsyncIterator[Any]:
        """As Database's. Raises Unavailable if slots have moved since the map was made."""
        async with self.database.connection(often=often) as conn:
            if self.has_moved:
                raise Unavailable("A part of the log is just moving")
            yield conn


class Shards:
    """servers: of one log, in the order in which they are named, each with the id of its own log.

    alone: whether there is one. all: a new tuple whenever slots have moved.
    """

    def __init__(self, servers: Sequence[tuple[Database, LogId]]) -> None:
        self._servers = servers
        self.alone = len(servers) == 1
        self._moved = asyncio.Event()
        self._known: list[Place | None] = [None] * len(servers)
        self._by_slot: list[Shard] = []
        self._by_number = list(range(len(servers)))
        self.all = tuple(
            Shard(n, n, database, log_id, moves=log_id.moves, alone=self.alone)
            for n, (database, log_id) in enumerate(servers)
        )
        for _, log_id in servers:
            log_id.on_moved = self._moved.set
            log_id.alone = self.alone

    # Where things are.

    def of(self, pair: Pair) -> Shard:
        """That of a thread."""
        return self.all[0] if self.alone else self._by_slot[slot_of(pair)]

    def at(self, place: int, pairs: Iterable[Pair]) -> Shard:
        """The shard at that place. Raises Unavailable unless all of these are in it."""
        shard = self.all[place]
        if not self.alone and any(self.of(pair).place != place for pair in pairs):
            raise Unavailable("A part of the log has just moved")
        return shard

    def where(self, pair: Pair) -> Sequence[Shard]:
        """The same, or all, one of which it is, where a program of an earlier version says (0, 0): it named none."""
        return (self.of(pair),) if pair[0] else self.all

    def others(self, shard: Shard) -> Sequence[Shard]:
        """All but that one."""
        return [other for other in self.all if other.place != shard.place]

    def split(self, keys: Iterable[K], pair: Callable[[K], Pair]) -> list[tuple[Shard, list[K]]]:
        """What is about several threads, each shard's together and in their order. pair: the thread of one."""
        if self.alone:
            return [(self.all[0], list(keys))]
        found: defaultdict[int, list[K]] = defaultdict(list)
        for key in keys:
            found[self.of(pair(key)).place].append(key)
        return [(self.all[place], its) for place, its in found.items()]

    async def ask_all(self, question: Callable[[Connection], Awaitable[T]]) -> list[T]:
        """What each shard answers. Raises what one of them raises: where there is an answer, no thread is missing."""
        asked = self.all
        if self.alone:
            return [await _ask(asked[0], question)]
        answers = await asyncio.gather(*(_ask(shard, question) for shard in asked))
        if asked is not self.all:
            raise Unavailable("A part of the log has just moved")
        return answers

    @property
    def log(self) -> str:
        """The id of the log as others know it: another as soon as that of any shard is. "" while not known."""
        if self.alone:
            return self.all[0].log_id.current
        return self.log_of([shard.log_id.current for shard in self.all])

    def log_of(self, ids: Sequence[str]) -> str:
        """The same of these, one a shard. What moves, or comes to a shard that is new, changes nothing: beside the one
        that was first, those count of which something was lost since they began."""
        if self.alone:
            return ids[0]
        first, *others = self._by_number
        known = [place and place.first_log for place in self._known]
        counted = [ids[first], *(ids[place] for place in others if ids[place] != known[place])]
        if not all(counted):
            return ""
        return counted[0] if len(counted) == 1 else str(uuid5(NAMESPACE_OID, " ".join(counted)))

    def log_with(self, logs: Mapping[int, str]) -> str:
        """The same as connections have it. logs: the ids of the logs that they are to, by the places of the shards."""
        return self.log_of([logs.get(shard.place, shard.log_id.current) for shard in self.all])

    # How they come to be where they are.

    async def begin(self) -> None:
        """Call before anything else. Servers that hold nothing get a number, and, if all are new, their slots.

        Raises PlacingError unless every slot is held by one of them, PostgreSQL's and Unavailable.
        """
        first, *_ = await self._places()  # which tells through a pooler, too, what a log's id is
        if len({log_id.current for _, log_id in self._servers}) < len(self._servers):
            raise PlacingError("a server of the log is named twice")
        if self.alone:
            if first.slots is not None and len(first.slots) < SLOTS:
                raise PlacingError("the server holds a part of the log: DUET_SHARD_URLS must name the others")
        else:
            chosen, _ = min(self._servers, key=lambda server: server[1].current)
            async with chosen.transaction() as conn:
                await placing.one_at_a_time(conn)
                await self._give(await self._places())
        self._take(await self._settled())

    async def run(self) -> None:
        """Looks again where slots are whenever some have moved, until it is cancelled."""
        pause_s = _LOOK_AGAIN_S
        while True:
            await self._moved.wait()
            self._moved.clear()
            try:
                self._take(await self._settled())
                if any(shard.has_moved for shard in self.all):  # again, or one of them did not answer
                    raise Unavailable("A part of the log is just moving")
                pause_s = _LOOK_AGAIN_S
            except Exception as error:
                log.warning("it is not known where a part of the log is", error=str(error))
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, _MAX_PAUSE_S)
                self._moved.set()

    async def check(self) -> str:
        """For readiness. Raises as `Database.check` if no shard takes writes; says so if some do not."""
        working = len(await all_or_some([shard.database.check for shard in self.all]))
        if working < len(self.all):
            return f"{DEGRADED}: {len(self.all) - working} of {len(self.all)} shards of the log are away"
        return "ok"

    async def _places(self) -> list[Place]:
        """What each server says that it holds; one that does not answer, what it said before."""
        answers = await asyncio.gather(
            *(_place_of(database) for database, _ in self._servers), return_exceptions=True
        )
        places = []
        for known, answer in zip(self._known, answers, strict=True):
            if isinstance(answer, BaseException):
                if known is None:
                    raise answer
                answer = known
            places.append(answer)
        return places

    async def _give(self, places: Sequence[Place]) -> None:
        """To those that were never given any."""
        new = [n for n, place in enumerate(places) if place.slots is None and not place.used]
        whole = [n for n, place in enumerate(places) if place.slots is None and place.used]
        holding = len(places) - len(new) - len(whole)
        if len(whole) + (holding > 0) > 1:
            raise PlacingError("two of the servers each hold a log of their own")
        first = max((place.highest for place in places if place.slots is not None), default=-1) + 1
        shares = dict.fromkeys(whole, range(SLOTS))
        if not holding and not whole:
            shares = {n: range(SLOTS * n // len(new), SLOTS * (n + 1) // len(new)) for n in new}
        for number, n in enumerate([*whole, *new], start=first):
            async with self._servers[n][0].connection() as conn:
                await placing.give(conn, number, shares.get(n, ()), begins=n not in whole)
            log.info("a server belongs to the log", shard=number, slots=len(shares.get(n, ())))

    async def _settled(self) -> list[Place]:
        """As they are once what nobody holds any more is held by who it was copied to: who moved it may be dead."""
        places = await self._places()
        for place, (database, _) in zip(places, self._servers, strict=True):
            if place.arriving and not _held(place.arriving, places) and await self._has_let_go(place, places):
                async with database.connection() as conn:
                    await placing.take(conn, place.arriving)
                places = await self._places()
        return places

    async def _has_let_go(self, place: Place, places: Sequence[Place]) -> bool:
        """Whether the server that gave what arrives says so: nobody's word of before counts, and nobody else's."""
        for (database, _), giver in zip(self._servers, places, strict=True):
            if giver.shard == place.arriving_from:
                return not _held(place.arriving, [await _place_of(database)])
        return False

    def _take(self, places: Sequence[Place]) -> None:
        """As the map from now on. Raises PlacingError."""
        shards = []
        for n, (place, (database, log_id)) in enumerate(zip(places, self._servers, strict=True)):
            log_id.moves = max(log_id.moves, place.moves)  # a connection may have been told since of one more
            shards.append(Shard(n, place.shard, database, log_id, moves=place.moves, alone=self.alone))
        if not self.alone:
            by_slot: list[Shard | None] = [None] * SLOTS
            for place, shard in zip(places, shards, strict=True):
                for slot in place.slots or ():
                    if by_slot[slot] is not None:
                        raise PlacingError(f"slot {slot} of the log is held by two servers")
                    by_slot[slot] = shard
            if None in by_slot:
                raise PlacingError(f"{by_slot.count(None)} slots of the log are held by none of the servers")
            self._by_slot = [shard for shard in by_slot if shard is not None]
        self._known = list(places)
        self._by_number = sorted(range(len(places)), key=lambda n: places[n].shard)
        self.all = tuple(shards)


def one_shard(database: Database) -> Shards:
    """A log on one server, about which nothing else has to be known."""
    return Shards([(database, LogId())])


async def _ask(shard: Shard, question: Callable[[Connection], Awaitable[T]]) -> T:
    async with shard.connection() as conn:
        return await question(conn)


def _held(slots: frozenset[int], places: Iterable[Place]) -> bool:
    """Whether somebody holds any of them."""
    return any(slots & (place.slots or frozenset()) for place in places)


async def _place_of(database: Database) -> Place:
    async with database.connection() as conn:
        return await placing.found(conn)
