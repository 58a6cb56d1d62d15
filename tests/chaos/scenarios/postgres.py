"""PostgreSQL loses connections, answers and disk space."""

import asyncio
import contextlib
import time
from functools import partial

from tests.chaos import faults
from tests.chaos.run import Run
from tests.chaos.scenario import scenario


@scenario("postgres-backends")
async def postgres_backends(run: Run) -> None:
    """pg_terminate_backend for all connections: no false acknowledgement, delivery resumes in 5 s."""
    await run.repeat("terminate", "backends", partial(faults.terminate_backends, run.instance))


@scenario("postgres-answers", lines=("threads-postgres",))
async def postgres_answers(run: Run) -> None:
    """The answer of a commit is lost and the connection dies: no second row, the same seq."""
    line = run.instance.proxies["threads-postgres"]

    async def lose() -> None:
        line.answers_lost = True
        before = line.lost_bytes
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(2.0):
                while line.lost_bytes == before:
                    await asyncio.sleep(0.005)
        line.cut()
        line.answers_lost = False

    await run.repeat("answer lost", "postgres", lose)


@scenario("postgres-slow", lines=("threads-postgres",))
async def postgres_slow(run: Run) -> None:
    """PostgreSQL answers 0.3 s late: batches grow, nothing is lost, life is ordinary afterwards."""
    line = run.instance.proxies["threads-postgres"]
    line.delay_s = 0.15
    began = time.monotonic()
    await asyncio.sleep(run.seconds_wanted)
    line.delay_s = 0.0
    run.measure("slowest delivery", run.lags(began).longest, 5.0)
