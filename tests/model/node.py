"""A real relay node whose link to threads does what a test says."""

import asyncio
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal, get_args
from uuid import uuid4

from services.relay.config import Config
from services.relay.connection import Connection
from services.relay.log.linked import Answer, LinkLost
from services.relay.node import Node
from shared.plumbing.identity import User
from shared.plumbing.redis.client import Redis
from shared.plumbing.redis.connection import RedisConnection
from shared.wire.link import (
    AppendBatch,
    Appended,
    AppendFailed,
    AppendItem,
    AppendResult,
    LinkReply,
    ReadBatch,
)
from shared.wire.problems import Problem, Unavailable
from tests.model.backend import Backend, Wire

Fault = Literal[
    "request lost", "answer lost", "request late", "failed", "partly refused", "answer lost, then refused"
]
FAULTS: tuple[Fault, ...] = get_args(Fault)
_TURNS_ON_THE_WAY = 4
"""Of the loop: time in which a sender goes on."""

NOWHERE = "unix:///nowhere/redis.sock"
"""Redis is away: what goes through it is the test's own gossip."""


class LossyLink:
    """As services.relay.log.link.Link to those who ask. next_fault: what becomes of the next batch."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._number = 0
        self._answers: dict[int, asyncio.Future[Answer]] = {}
        self.next_fault: Fault | None = None
        self.late: list[AppendBatch] = []
        self.asking = 0
        self._connect()

    def _connect(self) -> None:
        self._life = self._backend.life
        self._wire = Wire(self._take)
        self._link = self._backend.link(self._wire)

    def came(self, users: Collection[int]) -> None:
        """The model's beats tell everybody all heads."""

    def left(self, user: int) -> None:
        """As above."""

    def number(self) -> int:
        self._number += 1
        return self._number

    def lose(self) -> None:
        """The connection breaks: whoever waits for an answer will get none; a new one stands at once."""
        self._wire.open = False
        for answer in self._answers.values():
            if not answer.done():
                answer.set_exception(LinkLost())
        self._connect()

    async def ask(self, request: AppendBatch | ReadBatch) -> Answer:
        assert isinstance(request, AppendBatch)
        fault, self.next_fault = self.next_fault, None
        if fault == "answer lost, then refused":  # threads dies behind its commit, and cannot look names up
            fault, self.next_fault = "answer lost", "partly refused"
        if fault == "request lost":
            self.lose()
            await asyncio.sleep(0)
            raise LinkLost
        if fault == "request late":  # it stands in the queue of a connection that the relay has given up
            self.late.append(request)
            self._connect()
            raise LinkLost
        if fault == "failed":
            return AppendFailed(request.batch, Unavailable().document())
        if fault == "partly refused":
            return await self._ask_for_some(request)
        return await self._ask(request, answer_lost=fault == "answer lost")

    async def _ask(self, request: AppendBatch, *, answer_lost: bool = False) -> Answer:
        self.asking += 1
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._answers[request.batch] = answer
        try:
            self._backend.receive(self._link, request)
            found = await answer
        finally:
            self.asking -= 1
            self._answers.pop(request.batch, None)
        if answer_lost:
            self._connect()
            raise LinkLost
        return found

    async def _ask_for_some(self, request: AppendBatch) -> Answer:
        """The sends to one person are refused with retry, the others are appended."""
        for _ in range(_TURNS_ON_THE_WAY):
            await asyncio.sleep(0)
        refused = request.items[0].to
        rest = [item for item in request.items if item.to != refused]
        found = await self._ask(AppendBatch(request.batch, request.node, rest))
        if not isinstance(found, Appended):
            return found
        results = iter(found.results)

        def result(item: AppendItem) -> AppendResult:
            if item.to == refused:
                return AppendResult(problem=Unavailable("The name cannot be looked up just now").document())
            return next(results)

        return Appended(request.batch, [result(item) for item in request.items])

    def arrive_late(self) -> None:
        """What was delayed comes in after all, in its order; nobody waits for the answers."""
        link = self._backend.link(Wire(lambda _: None))
        for batch in self.late:
            self._backend.receive(link, batch)
        self.late.clear()

    def _take(self, reply: LinkReply) -> None:
        answer = self._answers.get(getattr(reply, "batch", 0))
        if answer is not None and not answer.done():
            answer.set_result(reply)  # type: ignore[arg-type]


class ModelNode:
    """One life of a relay process."""

    def __init__(self, name: str, backend: Backend) -> None:
        config = Config(
            node=name, listen="unix:/unused", redis_url=NOWHERE, auth_url="unix:/unused", threads_url="unix:/unused",
            keys_dir=Path("/unused"), rate_limits="off",
        )  # fmt: skip
        peer: Any = backend
        self.link = LossyLink(backend)
        link: Any = self.link
        redis = Redis(RedisConnection(NOWHERE, 1.0))
        self.node = Node(config, peer, peer, redis, link)
        runs = (self.node.batcher.run, self.node.greeter.run)
        self._tasks = [asyncio.create_task(run()) for run in runs]

    def connection(self, user: int, username: str) -> Connection:
        """A socket behind its upgrade."""
        opened = self.node.connection(User(user, username, uuid4()))
        self.node.arrived(opened)
        return opened

    async def compare(self) -> None:
        """The link stands again after beats may have been missed."""
        while True:
            try:
                return await self.node.compare()
            except Problem:
                await asyncio.sleep(0.001)

    async def die(self) -> None:
        """Between whatever two steps it stands."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.node.gaps.close()
        await self.node.replay.close()

    def failed(self) -> BaseException | None:
        """Why one of its tasks has ended, if one has."""
        for task in self._tasks:
            if task.done() and not task.cancelled():
                return task.exception() or AssertionError("a task has ended")
        return None
