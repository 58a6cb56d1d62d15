"""The table, for people."""

from collections.abc import Sequence

from tests.chaos.judge import GRAVEST, OTHER
from tests.chaos.scenario import Outcome

_HEAD = (
    "scenario",
    "acknowledged",
    "faults",
    "lost",
    "dup",
    "reord",
    "leaked",
    "other",
    "recovery s",
    "s",
    "",
)


def table(outcomes: Sequence[Outcome]) -> str:
    """recovery: median / p99 / longest wait of a pair for its first delivery after a fault."""
    rows = [_HEAD, *(_row(outcome) for outcome in outcomes)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = []
    for row, outcome in zip(rows, [None, *outcomes], strict=True):
        lines.append("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
        if outcome is not None:
            lines += [f"    {figure}{'' if figure.ok else '  TOO MUCH'}" for figure in outcome.measured]
            lines += [f"    {sentence}" for sentence in outcome.verdict.evidence]
    return "\n".join(lines)


def _row(outcome: Outcome) -> tuple[str, ...]:
    counts = outcome.verdict.counts
    return (
        outcome.name,
        str(outcome.verdict.acknowledged),
        str(outcome.faults),
        *(str(counts[kind]) for kind in GRAVEST),
        str(sum(counts[kind] for kind in OTHER)),
        str(outcome.recovery),
        f"{outcome.took_s:.0f}",
        "ok" if outcome.held else "BROKEN",
    )
