"""The scale measurements by the name that they have on the command line; each is saved in a file of its own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from bench.measure.idle import most_sockets
from bench.plan import Scale
from bench.scale import dropped, moves, nodes, page, stored
from bench.scale.nodes import Nodes

RESULTS = Path(__file__).parents[1] / "results"
T = TypeVar("T")


def _nodes(plan: Scale) -> list[Nodes]:
    return [nodes.measure(relays, plan.rates, plan.seconds, plan.pairs) for relays in plan.relays] + [
        nodes.measure(2, plan.rates, plan.seconds, plan.pairs, threads=2)
    ]


MEASUREMENTS: dict[str, Callable[[Scale], Any]] = {
    "nodes": _nodes,
    "stored": lambda plan: stored.measure(plan.messages, plan.accounts),
    "dropped": lambda plan: dropped.measure(most_sockets(plan.dropped)),
    "moves": lambda plan: moves.measure(plan.seconds),
    "page": lambda plan: page.measure(),
}


def save(name: str, result: Any) -> None:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"scale-{name}.json"
    path.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1) + b"\n")


def saved(name: str, of: type[T]) -> T | None:
    """None if it has not been measured."""
    path = RESULTS / f"scale-{name}.json"
    return msgspec.json.decode(path.read_bytes(), type=of) if path.exists() else None
