"""Parts of the log move between its servers under load, and whoever moves them dies on the way."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial

from services.threads.tests.two_shards import STEPS
from shared.testing.product import REPOSITORY
from tests.chaos.log_servers import beside, servers_of, told_of_the_first, told_of_them
from tests.chaos.run import Run
from tests.chaos.scenario import scenario
from tests.chaos.stored import slots

_SERVERS = 4
_WITHIN_S = 3.0
_ENDS_WITHIN_S = 120.0
_KILL_WITHIN_S = 1.5
"""By then it is done moving what there is."""


class Mover:
    """Runs what moves parts of the log from server to server."""

    def __init__(self, run: Run) -> None:
        self._servers = servers_of(run)
        self._instance = run.instance
        self._environment = {key: text for key, text in os.environ.items() if not key.startswith("DUET_")}
        self._environment |= self._servers.told
        self.emptying = ["empty", self._servers.urls[-1]]

    async def empty(self) -> None:
        """The last server."""
        await self._do(*self.emptying)
        assert not (await self._held())[-1]

    async def level(self) -> None:
        await self._do("level")
        held = await self._held()
        assert max(held) - min(held) <= 1, held

    async def whatever_becomes_of_it(self, verb: Sequence[str]) -> None:
        """Returns once it has ended, well or not."""
        await self._command(verb, {})

    async def die(self, where: str, *verb: str) -> None:
        """Begins one of them, and is killed with -9 there."""
        status, said = await self._command(verb, {"DUET_FAILPOINTS": f"{where}=kill"})
        assert status == -signal.SIGKILL, f"{where}: {said}"

    async def _do(self, *verb: str) -> None:
        status, said = await self._command(verb, {})
        assert status == 0, said

    async def _held(self) -> list[int]:
        held = []
        for url in self._servers.urls:
            async with self._instance.postgres(url) as connection:
                held.append(await slots(connection))
        return held

    async def _command(self, verb: Sequence[str], told: Mapping[str, str]) -> tuple[int, str]:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "services.threads", *verb,
            cwd=REPOSITORY, env={**self._environment, **told},
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        try:
            async with asyncio.timeout(_ENDS_WITHIN_S):
                said, _ = await process.communicate()
        finally:
            if process.returncode is None:
                process.kill()
        return process.returncode or 0, said.decode()


@scenario("shard-grow", place=partial(beside, 3), overrides=told_of_the_first)
async def shard_grow(run: Run) -> None:
    """A log on one server is spread over three under load: nothing is lost, and nobody reads anything anew."""
    mover = Mover(run)
    await run.pause()

    async def name_them() -> None:
        run.instance.tell({"threads": servers_of(run).told})
        before = await run.instance.signal("threads", signal.SIGTERM)
        assert await run.instance.restarted("threads", before)
        assert await run.instance.ready("threads")

    await run.inject("restart", "threads", name_them)
    await run.pause()
    began = time.monotonic()
    await run.inject("move", "slots", mover.level)
    _measure(run, began)


@scenario("shard-move", place=partial(beside, _SERVERS), overrides=told_of_them)
async def shard_move(run: Run) -> None:
    """A server of the log is emptied and filled again under load: nothing is lost, nobody waits for long."""
    mover = Mover(run)
    began = time.monotonic()
    for number in range(run.faults_wanted):
        await run.inject("move", "slots", mover.level if number % 2 else mover.empty)
        await run.pause()
    _measure(run, began)


@scenario("shard-mover-killed", place=partial(beside, _SERVERS), overrides=told_of_them)
async def shard_mover_killed(run: Run) -> None:
    """Whoever moves parts of the log is killed with -9 at each step: delivery goes on, and the next one finishes."""
    mover = Mover(run)
    began = time.monotonic()
    for number in range(run.faults_wanted):
        where = STEPS[number % len(STEPS)]
        verb, finish = (["level"], mover.level) if number % 2 else (mover.emptying, mover.empty)
        await run.inject("kill", where, partial(mover.die, where, *verb))
        await run.pause()
        await run.inject("move", "slots", finish)
    _measure(run, began)


@scenario("shard-move-kills", place=partial(beside, _SERVERS), overrides=told_of_them)
async def shard_move_kills(run: Run) -> None:
    """While parts of the log move, a server of it or threads is killed with -9: delivery is back in 5 s."""
    servers, mover = servers_of(run), Mover(run)

    async def kill(place: int, verb: Sequence[str]) -> None:
        moving = asyncio.create_task(mover.whatever_becomes_of_it(verb))
        await run.pause(_KILL_WITHIN_S)
        if place == _SERVERS:
            await run.instance.signal("threads")
        else:
            servers.kill(place)
            await asyncio.to_thread(servers.start, place)
        await moving

    for number in range(run.faults_wanted):
        verb, finish = (["level"], mover.level) if number % 2 else (mover.emptying, mover.empty)
        await run.inject("kill", "while slots move", partial(kill, number % (_SERVERS + 1), verb))
        await run.pause()
        await run.inject("move", "slots", finish)
    logs = sum(len(device.logs_before) for device in run.crowd.devices)
    run.measure("logs that were replaced", logs, 0, "")


def _measure(run: Run, since: float) -> None:
    lags = run.lags(since)
    run.measure("median delivery", lags.median, _WITHIN_S)
    run.measure("longest wait of anybody", lags.longest, _WITHIN_S)
    run.measure(
        "logs that were replaced", sum(len(device.logs_before) for device in run.crowd.devices), 0, ""
    )
