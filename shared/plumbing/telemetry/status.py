"""How a program does, for its operator: what it needs, what is wrong, and its numbers. Nothing of anybody in it."""

import time
from collections.abc import Mapping

import msgspec
from prometheus_client import REGISTRY

from shared.plumbing.telemetry.lag import Lag
from shared.version import VERSION

_OURS = "duet_"


class Status(msgspec.Struct, frozen=True):
    """wrong: each a sentence; empty is well. up_s: None where the system does not say.

    parts: what it needs, as its readiness has it. numbers: its gauges.
    """

    wrong: list[str]
    version: str = ""
    up_s: float | None = None
    parts: Mapping[str, str] = {}
    numbers: Mapping[str, float] = {}


def status_of(parts: Mapping[str, str], *, draining: bool) -> Status:
    """Of this process."""
    wrong = [f"{name} is {said}" for name, said in parts.items() if said != "ok"]
    wrong += [
        f"{lag.name} is {seconds:.0f}, and {lag.tolerable_s:g} at most is well"
        for lag in Lag.known
        if (seconds := lag.seconds()) > lag.tolerable_s
    ]
    if draining:
        wrong.append("it ends just now")
    began = REGISTRY.get_sample_value("process_start_time_seconds")
    return Status(wrong, VERSION, None if began is None else round(time.time() - began, 1), parts, _numbers())


def _numbers() -> dict[str, float]:
    return {
        _named(sample.name, sample.labels): round(sample.value, 3)
        for family in REGISTRY.collect()
        if family.type == "gauge" and family.name.startswith(_OURS)
        for sample in family.samples
    }


def _named(name: str, labels: Mapping[str, str]) -> str:
    inside = ",".join(f'{label}="{value}"' for label, value in labels.items())
    return f"{name}{{{inside}}}" if inside else name
