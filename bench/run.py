"""Measures one target from its start to its end."""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from bench.measure.figures import Load, Round
from bench.measure.idle import idle, most_sockets
from bench.measure.phases import Stage, staged
from bench.measure.saturation import best, held, search
from bench.plan import Plan
from bench.targets.table import Target

RESULTS = Path(__file__).with_name("results")
_SETTLE_S = 3.0
Say = Callable[[str], None]


def measure(target: Target, plan: Plan, say: Say = print) -> Round:
    """Starts it twice: for the load, and fresh for the memory of idle sockets."""
    result = Round(target=target.name, at=datetime.now(UTC).isoformat(timespec="seconds"))
    with target.start() as running, staged(running, plan.pairs) as stage:
        stage.open_loop(100, 2.0)
        for rate in plan.rates:
            *others, middle = _thrice(stage, rate, plan.seconds)
            result.trials += others
            say(f"  {describe(middle)}")
            if not held(middle):
                result.trials.append(middle)
                stage.wait(_SETTLE_S)
                break
            result.rates.append(middle)
        stage.connect()
        result.trials += search(stage, plan.trial_seconds)
        result.saturation = best([*result.trials, *result.rates])
        say(f"  saturation {result.saturation.rate if result.saturation else 0:,.0f} messages/s")
        stage.connect()
        result.in_flight = stage.in_flight(plan.depth, plan.in_flight_seconds)
        say(f"  {plan.depth} in flight: {describe(result.in_flight)}")
    if plan.idle:
        with target.start() as running:
            counts = [most_sockets(count) for count in plan.idle]
            result.connects, result.idle = idle(running, counts)
        say(f"  {result.connects.a_second:,.0f} connects/s")
        for step in result.idle:
            say(f"  {step.sockets} sockets: {step.kib_a_socket:.1f} KiB each, {step.failed} failed")
    return result


def _thrice(stage: Stage, rate: float, seconds: float) -> list[Load]:
    """Three phases at this rate; the last of the list is the one whose p99 is in the middle.

    One stall of the machine's disk of a few tenths of a second is enough for the p99 of the phase that it meets.
    """
    stage.open_loop(rate, 1.0)
    loads = [stage.open_loop(rate, seconds, seed=seed) for seed in (1, 2, 3)]
    low, middle, high = sorted(loads, key=lambda load: load.delivery.p99 if load.delivery else math.inf)
    return [low, high, middle]


def describe(load: Load) -> str:
    """One line for the terminal."""
    latency = load.delivery
    times = f"p50 {latency.p50:.2f} p99 {latency.p99:.2f} ms" if latency else "nothing arrived"
    return (
        f"{load.sent / load.seconds:,.0f}/s {times}, {load.cpu_ms_a_message():.3f} ms CPU, lost {load.lost}, "
        f"repeated {load.repeated}, reordered {load.reordered}, generator {load.generator_cpu:.2f} cores"
    )


def save(result: Round, number: int) -> None:
    """number: of the round, from 1."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{result.target}-{number}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1) + b"\n")


def saved() -> dict[str, list[Round]]:
    """All saved rounds by target, in order."""
    rounds: dict[str, list[Round]] = {}
    for path in sorted(RESULTS.glob("*-[0-9]*.json")):
        one = msgspec.json.decode(path.read_bytes(), type=Round)
        rounds.setdefault(one.target, []).append(one)
    return rounds
