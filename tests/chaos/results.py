"""Outcomes kept in a file, one scenario at a time, so that an interrupted long run can continue where it stopped."""

import json
import math
import os
import subprocess
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.chaos.scenario import Outcome

Row = dict[str, Any]


class Results:
    """Rows by scenario, in the order they were first played. Each names the commit and the day of its run."""

    def __init__(self, file: Path) -> None:
        self._file = file

    @property
    def rows(self) -> dict[str, Row]:
        """As the file has them now: another run may write into it, too."""
        found = json.loads(self._file.read_text()) if self._file.exists() else []
        return {row["name"]: row for row in found}

    def holds(self, name: str) -> bool:
        """Whether this scenario was played, and the promise held."""
        row = self.rows.get(name)
        return row is not None and bool(row["held"])

    def add(self, outcome: Outcome) -> None:
        """Replaces what the file said of the scenario; written at once."""
        row = {**asdict(outcome), "held": outcome.held, "commit": _commit(), "day": time.strftime("%Y-%m-%d")}
        for figure in row["measured"]:
            figure["limit"] = (
                figure["limit"] if math.isfinite(figure["limit"]) else None
            )  # JSON has no infinity
        rows = {**self.rows, outcome.name: row}
        fresh = self._file.with_suffix(f".{os.getpid()}")
        fresh.write_text(json.dumps(list(rows.values()), indent=1, ensure_ascii=False) + "\n")
        fresh.replace(self._file)


def _commit() -> str:
    """Abbreviated; "" outside of a repository."""
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, cwd=Path(__file__).parent
    )
    return asked.stdout.strip()
