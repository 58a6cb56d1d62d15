"""Clusters of PostgreSQL as initdb makes them, of which a test process makes only one: to copy it costs a tenth."""

import functools
import os
import subprocess
import tempfile
from pathlib import Path

from shared.embedded.postgres import PostgresServer

PREFIX = "duet-test-"
"""Of temporary directories, before the process id: those of a killed session are removed by the next one."""


def put_cluster(data_dir: Path) -> None:
    """A new cluster for a server that has not been started there yet: it finds nothing left to make."""
    data_dir.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    subprocess.run(["cp", "-a", f"{_made().name}/data", data_dir], check=True)


@functools.cache
def _made() -> tempfile.TemporaryDirectory[str]:
    """Removed when the process ends."""
    directory = tempfile.TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-", ignore_cleanup_errors=True)
    PostgresServer(Path(directory.name, "data"), Path(directory.name, "socket"), durable=False).prepare()
    return directory
