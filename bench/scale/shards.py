"""`python -m bench.scale.shards`: what a log over three servers costs them, beside the same log on one.

Both run at once, each with servers of its own and the same threads and messages, and are asked in turns, round after
round: so read the ratios. What is counted is the CPU of the PostgreSQL servers, without what they spend when idle.
Some four minutes. The figures are in docs/scaling.md.
"""

import argparse
import asyncio
import contextlib
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from statistics import median

import msgspec

from bench.measure.turns import turns
from bench.report.pace import aligned, spread
from bench.scale.sharded import Sharded, sharded
from bench.targets.servers import scratch_directory
from shared.plumbing.telemetry import log

_IDLE_S = 4.0
_ONE, _SEVERAL = "one", "several"


class Phase(msgspec.Struct, frozen=True):
    """count: of what its costs are said. ask: all of it; the number is of the round, from 0."""

    count: int
    ask: Callable[[Sharded, int], Awaitable[None]]


class Cost(msgspec.Struct, frozen=True):
    """Of one message or call. ms: of the servers' CPU."""

    ms: float
    took_ms: float


def _appends(size: int, batches: int, under_way: int = 1) -> Phase:
    return Phase(size * batches, lambda asked, number: asked.appends(size, batches, under_way, seed=number))


def _again(count: int, ask: Callable[[Sharded], Awaitable[None]]) -> Phase:
    async def all_of_it(asked: Sharded, number: int) -> None:
        for _ in range(count):
            await ask(asked)

    return Phase(count, all_of_it)


_PHASES = {
    "a message alone": _appends(1, 700),
    "… in batches of 16": _appends(16, 250),
    "… of 64": _appends(64, 60),
    "… of 256": _appends(256, 24),
    "… of 64, 8 under way": _appends(64, 120, 8),
    "inbox, 50 of 200 threads": _again(200, lambda asked: asked.inbox()),
    "search, a word in 4,000 messages": _again(120, lambda asked: asked.search("conversation", 50)),
    "search, a word in 20": _again(300, lambda asked: asked.search("needle", 20)),
    "hello, 200 heads": _again(200, lambda asked: asked.hello()),
}
Costs = dict[tuple[str, str], list[Cost]]


def main(arguments: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.scale.shards", description=__doc__)
    parser.add_argument("--shards", type=int, default=3, help="servers beside the one (3)")
    parser.add_argument("--rounds", type=int, default=4, help="how often each is measured (4)")
    options = parser.parse_args(arguments)
    log.configure("threads", "error")
    print(_table(asyncio.run(_measure(options.shards, options.rounds))))


async def _measure(shards: int, rounds: int) -> Costs:
    costs: Costs = {(phase, name): [] for phase in _PHASES for name in (_ONE, _SEVERAL)}
    async with contextlib.AsyncExitStack() as stack:
        subjects = {}
        for name, count in ((_ONE, 1), (_SEVERAL, shards)):
            directory = stack.enter_context(scratch_directory(name))
            subjects[name] = await stack.enter_async_context(sharded(directory, count))
        idle = {name: await _idle(asked) for name, asked in subjects.items()}
        for asked in subjects.values():  # so that everything is in memory, and planned
            for each in _PHASES.values():
                await each.ask(asked, -1)
        for number, phase, name in turns({each: [*subjects] for each in _PHASES}, rounds):
            cost = await _cost(subjects[name], _PHASES[phase], number, idle[name])
            costs[phase, name].append(cost)
            print(
                f"round {number + 1}, {phase}, {name}: {cost.ms:.3f} ms of CPU, {cost.took_ms:.3f} ms",
                file=sys.stderr,
            )
    return costs


async def _idle(asked: Sharded) -> float:
    """Cores that it uses when nobody asks anything."""
    before = asked.cpu_s()
    await asyncio.sleep(_IDLE_S)
    return (asked.cpu_s() - before) / _IDLE_S


async def _cost(asked: Sharded, phase: Phase, number: int, idle: float) -> Cost:
    before, began = asked.cpu_s(), time.monotonic()
    await phase.ask(asked, number)
    took = time.monotonic() - began
    return Cost((asked.cpu_s() - before - idle * took) * 1000 / phase.count, took * 1000 / phase.count)


def _table(costs: Costs) -> str:
    header = ("", "servers' CPU, ms: one", "several", "ratio", "time, ms: one", "several", "ratio")
    rows = []
    for phase in _PHASES:
        rounds = [*zip(costs[phase, _ONE], costs[phase, _SEVERAL], strict=True)]
        cpu = _compared([(one.ms, several.ms) for one, several in rounds])
        rows.append([phase, *cpu, *_compared([(one.took_ms, several.took_ms) for one, several in rounds])])
    return aligned(header, rows)


def _compared(rounds: Sequence[tuple[float, float]]) -> list[str]:
    """The medians of both, and of the ratios of the rounds."""
    one, several = zip(*rounds, strict=True)
    ratios = [more / less for less, more in rounds]
    return [f"{median(one):.3f}", f"{median(several):.3f}", spread(ratios)]


if __name__ == "__main__":
    main(sys.argv[1:])
