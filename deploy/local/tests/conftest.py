from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.tests.driver import LocalRun

Start = Callable[..., LocalRun]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """start(name="var", **environment): a supervisor on a data directory of this test; stopped at its end."""
    runs: list[LocalRun] = []

    def begin(name: str = "var", **environment: str) -> LocalRun:
        runs.append(LocalRun(tmp_path / name, **environment))
        return runs[-1]

    yield begin
    for run in runs:
        run.stop()
