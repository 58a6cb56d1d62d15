"""Which module goes where: with the page from the start, or into a chunk that the page loads when it is wanted.

No module is in two places, or there would be two of its state. What two chunks need is therefore the page's.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain
from typing import NamedTuple


class BundleError(Exception):
    """What cannot be linked: file and line."""


class Graph(NamedTuple):
    """By path, what each file imports. now: before it runs. later: by `import()`."""

    now: Mapping[str, list[str]]
    later: Mapping[str, list[str]]


class Plan(NamedTuple):
    """Paths, each after what it imports. chunks: by the path of what is imported later, which comes last."""

    page: list[str]
    chunks: dict[str, list[str]]


def plan(start: str, graph: Graph) -> Plan:
    """For what a page starts with. Raises BundleError for a cycle or a missing file."""
    page = in_order([start], graph.now)
    needed: dict[str, list[str]] = {}
    unseen = [*page]
    while unseen:
        name = unseen.pop()
        for target in graph.later[name]:
            if target not in graph.now:
                raise BundleError(f"{name} imports {target}, which does not exist")
            if target not in needed:
                needed[target] = _without(page, in_order([target], graph.now))
                unseen += needed[target]
    wanted = Counter(chain.from_iterable(needed.values()))
    shared = sorted(name for name, chunks in wanted.items() if chunks > 1)
    page = in_order([*shared, start], graph.now)
    chunks = {name: _without(page, order) for name, order in needed.items() if name not in page}
    return Plan(page, chunks)


def _without(page: list[str], order: list[str]) -> list[str]:
    return [name for name in order if name not in page]


def in_order(starts: Iterable[str], imports: Mapping[str, list[str]]) -> list[str]:
    """`starts` and all that they need, each after what it imports. Raises BundleError for a cycle or a missing file."""
    order: list[str] = []

    def visit(name: str, way: tuple[str, ...]) -> None:
        if name in way:
            raise BundleError(f"{way[-1]} imports {name}, which needs it")
        if name not in imports:
            raise BundleError(f"{way[-1]} imports {name}, which does not exist")
        if name in order:
            return
        for target in imports[name]:
            visit(target, (*way, name))
        order.append(name)

    for start in starts:
        visit(start, ())
    return order
