from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.local.tests.driver import LocalRun
from shared.testing.clusters import put_cluster

Start = Callable[..., LocalRun]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """start(name="var", **environment): a supervisor on a data directory of this test; stopped at its end.

    bare: whose PostgreSQL must be made first, which takes the most of a start.
    """
    runs: list[LocalRun] = []

    def begin(name: str = "var", *, bare: bool = False, **environment: str) -> LocalRun:
        data_dir = tmp_path / name
        if not bare and not data_dir.exists():
            put_cluster(data_dir / "postgres")
        runs.append(LocalRun(data_dir, **environment))
        return runs[-1]

    yield begin
    for run in runs:
        run.stop()
