"""`python -m tests.chaos.document`: the table of docs/reliability.md, from the results of the long run."""

import json
import sys
from pathlib import Path
from typing import Any

from tests.chaos.judge import GRAVEST, OTHER

REPOSITORY = Path(__file__).resolve().parents[2]
RESULTS = REPOSITORY / "docs" / "reliability.json"
DOCUMENT = REPOSITORY / "docs" / "reliability.md"
BEGIN, END = "<!-- table: written by python -m tests.chaos.document -->", "<!-- end of table -->"
_HEAD = (
    "scenario",
    "faults",
    "acknowledged",
    "lost",
    "doubled",
    "reordered",
    "leaked",
    "other",
    "recovery, s",
)
_NO_REAL_LIMIT = 10_000
Row = dict[str, Any]


def main() -> int:
    """1 if the document has no place for the table."""
    rows: list[Row] = sorted(json.loads(RESULTS.read_text()), key=lambda row: row["name"])
    before, begin, rest = DOCUMENT.read_text().partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end):
        print(f"{DOCUMENT}: no place for the table", file=sys.stderr)
        return 1
    DOCUMENT.write_text(f"{before}{BEGIN}\n\n{table(rows)}\n{END}{after}")
    return 0


def table(rows: list[Row]) -> str:
    """Markdown: the counts, then what single scenarios measured beside."""
    lines = [_line(_HEAD), _line(["---"] + ["---:"] * (len(_HEAD) - 1))]
    lines += [_line(_counts(row)) for row in rows]
    lines.append(_line(_total(rows)))
    lines += ["", "Also measured (bold: over the limit):", ""]
    for row in rows:
        figures = [text for figure in row["measured"] if (text := _figure(figure))]
        lines += [f"- **{row['name']}**: {'; '.join(figures)}"] if figures else []
    days = sorted({row["day"] for row in rows})
    return "\n".join([*lines, "", f"Run on {', '.join(days)}; the commits are in `{RESULTS.name}`.", ""])


def _counts(row: Row) -> list[str]:
    counts, waits = row["verdict"]["counts"], row["recovery"]
    recovery = (
        f"{waits['median']:.2f} / {waits['p99']:.2f} / {waits['longest']:.2f}" if waits["count"] else "–"
    )
    late = waits["longest"] > row["recovery_limit_s"]
    return [
        row["name"]
        if row["held"]
        else f"**{row['name']}**: {'broken' if any(counts.values()) else 'over a limit'}",
        str(row["faults"]),
        f"{row['verdict']['acknowledged']:,}",
        *(str(counts[kind]) for kind in GRAVEST),
        str(sum(counts.get(kind, 0) for kind in OTHER)),
        f"**{recovery}** (≤ {row['recovery_limit_s']:g})" if late else recovery,
    ]


def _total(rows: list[Row]) -> list[str]:
    def wrong(kind: str) -> str:
        return str(sum(row["verdict"]["counts"].get(kind, 0) for row in rows))

    faults, messages = sum(row["faults"] for row in rows), sum(row["verdict"]["acknowledged"] for row in rows)
    kinds = [wrong(kind) for kind in GRAVEST]
    other = sum(int(wrong(kind)) for kind in OTHER)
    return ["**all**", str(faults), f"{messages:,}", *kinds, str(other), ""]


def _figure(figure: Row) -> str:
    """ "" for what is only a check that should be 0 and is."""
    if figure["value"] == 0 and figure["limit"] == 0:
        return ""
    limit = (
        "" if figure["limit"] is None or figure["limit"] >= _NO_REAL_LIMIT else f" (≤ {figure['limit']:.4g})"
    )
    text = f"{figure['name']} {figure['value']:.4g} {figure['unit']}".rstrip() + limit
    return text if figure["limit"] is None or figure["value"] <= figure["limit"] else f"**{text}**"


def _line(cells: list[str] | tuple[str, ...]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    sys.exit(main())
