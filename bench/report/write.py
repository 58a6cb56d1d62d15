"""Puts the tables between their markers in docs/performance.md."""

import re
from collections.abc import Callable
from pathlib import Path

from bench import machine, run
from bench.report import plots, scale, tables
from bench.targets.servers import REPOSITORY

_DOCUMENT = REPOSITORY / "docs" / "performance.md"


def write() -> Path:
    """The document, relative to the repository. Raises KeyError for a marker of no table."""
    rounds = run.saved()
    blocks: dict[str, Callable[[], str]] = {
        "headline": lambda: tables.headline(rounds),
        "promises": lambda: tables.promises(rounds),
        "latencies": lambda: tables.latencies(rounds),
        "programs": lambda: tables.programs(rounds),
        "memory": lambda: tables.memory(rounds),
        "noise": lambda: tables.noise(rounds),
        "machine": _machine,
        "nodes": scale.nodes,
        "stored": scale.stored,
        "dropped": scale.dropped,
        "moves": scale.moves,
        "page": scale.page,
    }

    def fill(found: "re.Match[str]") -> str:
        name = found[1]
        return f"<!-- bench: {name} -->\n{blocks[name]()}\n<!-- end -->"

    text = _DOCUMENT.read_text()
    _DOCUMENT.write_text(re.sub(r"<!-- bench: (\w+) -->\n.*?<!-- end -->", fill, text, flags=re.DOTALL))
    plots.draw(rounds, _DOCUMENT.parent / "img")
    return _DOCUMENT.relative_to(REPOSITORY)


def _machine() -> str:
    described = machine.saved()
    return tables.markdown(("", ""), [[name, value] for name, value in described.items()])
