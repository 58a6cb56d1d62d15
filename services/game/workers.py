"""The processes that search, each with one question at a time and a deadline for it. One that fails is replaced."""

import asyncio
import contextlib
import sys
import time
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import structlog

from services.game.native.question import Found, Question
from services.game.turns import PATIENCE_S, Asker, Turns
from shared.plumbing.processes import killed, spawned
from shared.plumbing.tasks import Tasks
from shared.wire.problems import Unavailable

_ROOT = Path(__file__).parents[2]
_UNTIMED_S = 2.0
_START_TIMEOUT_S = 15.0
_decoder = msgspec.msgpack.Decoder(list[Found])
log = structlog.get_logger()


class WorkerFailedError(Exception):
    """A worker that died, or never became one."""


class WorkerLateError(WorkerFailedError):
    """A worker gave no answer in time. Another one would take just as long."""


_COMMAND = (sys.executable, "-m", "services.game.native.worker")


class Worker:
    """One process."""

    def __init__(self, process: Process) -> None:
        self._process = process

    @classmethod
    async def start(cls, command: Sequence[str]) -> "Worker":
        """A worker that has loaded the engine. Raises WorkerFailedError."""
        worker = cls(
            await spawned(
                asyncio.create_subprocess_exec(
                    *command, stdin=PIPE, stdout=PIPE, cwd=_ROOT, start_new_session=True
                )
            )
        )
        try:
            await worker._read(_START_TIMEOUT_S)
        except BaseException:
            await worker.kill()
            raise
        return worker

    @property
    def pid(self) -> int:
        """Of the process."""
        return self._process.pid

    async def ask(self, question: Question, grace_s: float) -> list[Found]:
        """grace_s: on top of the question's own time. Raises WorkerFailedError; after that the worker is useless."""
        body = msgspec.msgpack.encode(question)
        stdin = self._process.stdin
        if stdin is None or self._process.returncode is not None:
            raise WorkerFailedError("ended while idle")
        with contextlib.suppress(ConnectionError):
            stdin.write(len(body).to_bytes(4, "big") + body)
        return await self._read((question.time_limit_s or _UNTIMED_S) + grace_s)

    async def _read(self, timeout_s: float) -> list[Found]:
        stdout = self._process.stdout
        if stdout is None:
            raise WorkerFailedError("no pipe")
        try:
            async with asyncio.timeout(timeout_s):
                length = int.from_bytes(await stdout.readexactly(4), "big")
                return _decoder.decode(await stdout.readexactly(length))
        except TimeoutError as error:
            raise WorkerLateError("no answer in time") from error
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise WorkerFailedError("died") from error

    async def kill(self) -> None:
        """Ends the process, whatever it does, and however often this is cancelled."""
        await killed(self._process)


class Workers:
    """A pool. count: processes; none makes every question Unavailable. command: what is started.

    grace_s: how late a worker may be. patience_s: how long a question waits for a worker.
    """

    def __init__(
        self,
        count: int,
        command: Sequence[str] = _COMMAND,
        *,
        grace_s: float = 1.0,
        patience_s: float = PATIENCE_S,
    ) -> None:
        self._turns: Turns[Worker] = Turns(count, patience_s)
        self._all: set[Worker] = set()
        self._count = count
        self._command = command
        self._grace_s = grace_s
        self._begun = False
        self._starting = Tasks()

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Workers"]:
        """The first question starts the workers: many never see one. They end with the block."""
        try:
            yield self
        finally:
            await self._starting.close()
            await asyncio.gather(*(worker.kill() for worker in self._all))

    def begin(self) -> None:
        """Starts the workers, once."""
        if not self._begun:
            self._begun = True
            for _ in range(self._count):
                self._starting.start(self._start())

    @property
    def pids(self) -> list[int]:
        """Of the processes that have loaded the engine."""
        return [worker.pid for worker in self._all]

    async def check(self) -> str:
        """For readiness: degraded while no worker runs that should, since look-ups need none."""
        return "ok" if self._all or not self._begun or not self._count else "degraded"

    async def ask(self, question: Question, asker: Asker) -> list[Found]:
        """What a worker finds. Raises Unavailable if too many wait, or if the worker gave no answer and was replaced.

        When the worker dies another one gets the question, once.
        """
        if not self._count:
            raise Unavailable("The engine is busy")
        self.begin()
        for _ in range(2):
            worker = await self._turns.take(asker)
            started, answered = time.monotonic(), False
            try:
                found = await worker.ask(question, self._grace_s)
                answered = True
                return found
            except WorkerFailedError as error:
                log.warning("an engine worker failed", pid=worker.pid, error=str(error))
                if isinstance(error, WorkerLateError):
                    break
            finally:
                asker.pay((time.monotonic() - started) * 1000)
                if answered:
                    self._turns.give_back(worker, asker)
                else:  # also when the caller went away: an answer that nobody reads would be taken for the next one
                    self._all.discard(worker)
                    self._turns.end(asker)
                    self._starting.start(self._start(worker))
        raise Unavailable("The engine gave no answer")

    async def _start(self, failed: Worker | None = None) -> None:
        """A new worker, in the place of one that failed if given."""
        if failed is not None:
            await failed.kill()
        pause_s = 0.1
        while True:
            try:
                worker = await Worker.start(self._command)
            except (WorkerFailedError, OSError) as error:
                log.error("an engine worker does not start", error=str(error))
                await asyncio.sleep(pause_s)
                pause_s = min(pause_s * 2, 5.0)
                continue
            self._all.add(worker)
            self._turns.add(worker)
            return
