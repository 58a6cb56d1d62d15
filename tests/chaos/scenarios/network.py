"""Connections between programs, and between people and the gateway, fail in every way a network can."""

import asyncio
import random
import time

from tests.chaos.crowd import until
from tests.chaos.proxy import Proxy
from tests.chaos.run import Run
from tests.chaos.scenario import scenario

NOTICED_WITHIN_S = 25.0
_SLACK_S = 0.25
"""What a busy machine adds to any timer."""


async def lose_answers(line: Proxy) -> None:
    """Drops what comes from upstream until something was dropped, then cuts."""
    before = line.lost_bytes
    line.answers_lost = True
    await until(lambda: line.lost_bytes - before > 200, 2.0)
    line.cut()
    line.answers_lost = False


@scenario("append-answers", lines=("relays-threads",))
async def append_answers(run: Run) -> None:
    """The answer of an append is lost, then the link: the batch is repeated, same seq, no second row."""
    line = run.instance.proxies["relays-threads"]
    await run.repeat("answer lost", "relays-threads", lambda: lose_answers(line))


@scenario("hint-answers", lines=("threads-redis",))
async def hint_answers(run: Run) -> None:
    """The answer of an XADD is lost: nothing is delivered twice, later hints are heard."""
    line = run.instance.proxies["threads-redis"]
    await run.repeat("answer lost", "threads-redis", lambda: lose_answers(line))


@scenario("links-cut", lines=("relays-threads", "relays-auth", "gateway-auth", "gateway-threads"))
async def links_cut(run: Run) -> None:
    """Connections between programs break within a frame: nobody mistakes half an answer for a whole one."""

    async def cut_somewhere() -> None:
        for line in run.instance.proxies.values():
            line.cut_after(random.randrange(1, 2000), random.randrange(2))
        await asyncio.sleep(0.3)

    await run.repeat("cut", "links", cut_somewhere)


@scenario("link-blackhole", lines=("relays-threads",))
async def link_blackhole(run: Run) -> None:
    """The link to threads goes silent for 10 s without breaking: sends wait, nothing is acknowledged falsely."""
    line = run.instance.proxies["relays-threads"]

    async def silence() -> None:
        line.blackhole()
        await asyncio.sleep(min(10.0, run.freeze_s))
        line.through()

    await run.repeat("black hole", "relays-threads", silence)


@scenario("people-cut", lines=("front",))
async def people_cut(run: Run) -> None:
    """Everybody's connection breaks within a frame, in either direction: resumed, each message once."""
    line = run.instance.proxies["front"]

    async def cut() -> None:
        line.cut_after(random.randrange(1, 3000), random.randrange(2))
        await asyncio.sleep(0.05)
        line.cut()

    await run.repeat("cut", "front", cut)


@scenario("half-open", lines=("front",))
async def half_open(run: Run) -> None:
    """Everybody's network disappears silently: the relay notices within 25 s, and new sockets work meanwhile."""
    line = run.instance.proxies["front"]
    lost = line.connections
    line.die()
    died_at = time.monotonic()
    for device in run.crowd.devices:
        await device.stop()
        device.start()
    await run.inject("half open", "front", lambda: asyncio.sleep(0))
    await until(lambda: len(line.goodbyes) >= lost, NOTICED_WITHIN_S + 10.0)
    slowest = max(line.goodbyes, default=died_at) - died_at if len(line.goodbyes) >= lost else float("inf")
    run.measure("half-open sockets noticed", slowest, NOTICED_WITHIN_S + _SLACK_S)
