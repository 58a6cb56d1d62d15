"""The servers of a Redis or Valkey Cluster: each command goes to the primary that has its key's slot.

Every command that is asked here is about one key. One primary that is away is left alone for half a second, and what
is with the others goes on meanwhile.
"""

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot
from redis.exceptions import ClusterDownError, RedisError, ResponseError

from shared.plumbing.redis.server import Command, RedisServer

_UNANSWERED = (RedisError, OSError, TimeoutError)
_LEFT_ALONE_S = 0.5
_LEARN_AGAIN_S = 0.1
_MOST_TRIES = 4
_KEY_AT = {"EVALSHA": 3, "EVAL": 3, "XREAD": -2, "XINFO": 2}
"""Where a command has its key, if not right after its name."""


class Place(NamedTuple):
    host: str
    port: int


class PrimaryAway(RedisError):
    """One of several: what the others have goes on."""


class _Member(RedisServer):
    away_until = 0.0


class Cluster:
    """first: the server that said that there is a cluster; it is asked again when no other answers."""

    def __init__(self, first: RedisServer, timeout_s: float) -> None:
        self._first = first
        self._timeout_s = timeout_s
        self._members: dict[Place, _Member] = {}
        self._owners: list[Place | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
        self._doubted = True
        self._learn_at = 0.0
        self._learning = asyncio.Lock()

    async def exchange(self, commands: Sequence[Command]) -> list[Any]:
        """An answer a command, errors among them. Raises as a RedisServer if no server answers at all."""
        answers: list[Any] = [None] * len(commands)
        waiting: dict[int, Place | None] = dict.fromkeys(range(len(commands)))  # where each was sent on to
        asking: set[int] = set()
        for _ in range(_MOST_TRIES):
            if self._doubted:
                await self._learn()
            groups: defaultdict[Place, list[int]] = defaultdict(list)
            for number, sent_on in waiting.items():
                if place := sent_on or self._owners[slot_of(commands[number])]:
                    groups[place].append(number)
                else:
                    answers[number] = ClusterDownError("Hash slot not served")
            await self._ask_all(groups, commands, asking, answers)
            waiting, asking = self._sent_on(commands, waiting, answers)
            if not waiting:
                break
        return answers

    async def _ask_all(
        self,
        groups: dict[Place, list[int]],
        commands: Sequence[Command],
        asking: set[int],
        answers: list[Any],
    ) -> None:
        calls = [self._ask(place, numbers, commands, asking, answers) for place, numbers in groups.items()]
        if len(calls) == 1:
            await calls[0]
        else:
            await asyncio.gather(*calls)

    async def _ask(
        self,
        place: Place,
        numbers: list[int],
        commands: Sequence[Command],
        asking: set[int],
        answers: list[Any],
    ) -> None:
        member = self._member(place)
        if time.monotonic() < member.away_until:
            for number in numbers:
                answers[number] = PrimaryAway("a primary was away a moment ago")
            return
        words: list[Command] = []
        for number in numbers:
            if number in asking:
                words.append(("ASKING",))
            words.append(commands[number])
        try:
            said = iter(await member.exchange(words))
        except _UNANSWERED as error:
            self._failed(member)
            for number in numbers:
                answers[number] = PrimaryAway(str(error) or type(error).__name__)
            return
        for number in numbers:
            if number in asking:
                next(said)
            answers[number] = next(said)

    def _sent_on(
        self, commands: Sequence[Command], waiting: Iterable[int], answers: list[Any]
    ) -> tuple[dict[int, Place | None], set[int]]:
        """The commands that were refused with a hint where they belong, and which of them must say so there."""
        sent_on: dict[int, Place | None] = {}
        asking = set()
        for number in waiting:
            error = answers[number]
            if not isinstance(error, ResponseError) or not str(error).startswith(("MOVED ", "ASK ")):
                continue
            word, _, place = str(error).split(" ")[:3]
            host, _, port = place.rpartition(":")
            # Without a host it means: as you asked.
            sent_on[number] = Place(host or str(self._first.where.get("host", "localhost")), int(port))
            if word == "ASK":
                asking.add(number)
            else:
                self._owners[slot_of(commands[number])] = sent_on[number]
                self._doubted = True
        return sent_on, asking

    def _member(self, place: Place) -> _Member:
        member = self._members.get(place)
        if member is None:
            where = {**self._first.where, **place._asdict()}
            where.pop("path", None)
            member = self._members[place] = _Member(where, self._timeout_s)
        return member

    def _failed(self, member: _Member) -> None:
        member.away_until = time.monotonic() + _LEFT_ALONE_S
        self._doubted = True

    async def _learn(self) -> None:
        """Asks who has which slots, of those that answered last. Raises if none does."""
        async with self._learning:
            if not self._doubted or time.monotonic() < self._learn_at:
                return None
            self._learn_at = time.monotonic() + _LEARN_AGAIN_S
            members = random.sample(list(self._members.values()), len(self._members))
            members.sort(key=lambda member: member.away_until)
            failure: BaseException = ClusterDownError("nobody says who has which slots")
            for server in (*members, self._first):
                try:
                    [slots] = await server.exchange([("CLUSTER", "SLOTS")])
                except _UNANSWERED as error:
                    failure = error
                    if isinstance(server, _Member):
                        self._failed(server)
                    continue
                if isinstance(slots, list):
                    self._doubted = False
                    return self._note(slots, str(server.where.get("host", "localhost")))
                failure = slots
            raise failure

    def _note(self, slots: list[Any], asked: str) -> None:
        """asked: the host that said so; a server that does not know its own name is meant by none."""
        owners: list[Place | None] = [None] * REDIS_CLUSTER_HASH_SLOTS
        known = set()
        for first, last, *servers in slots:
            places = [Place(host.decode() if host else asked, port) for host, port, *_ in servers]
            known.update(places)
            owners[first : last + 1] = [places[0]] * (last + 1 - first)
        self._owners = owners
        for place in known:
            self._member(place)
        for place in self._members.keys() - known:
            self._members.pop(place).close()

    def close(self) -> None:
        for member in self._members.values():
            member.close()


def slot_of(command: Command) -> int:
    """That of a command's key; 0 for one without."""
    if len(command) < 2:
        return 0
    key = command[_KEY_AT.get(str(command[0]), 1)]
    return key_slot(key if isinstance(key, bytes) else str(key).encode())
