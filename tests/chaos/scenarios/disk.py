"""The disk under PostgreSQL is full."""

import asyncio
import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.chaos.run import Run
from tests.chaos.scenario import NotPossible, scenario

_SIZE = "256m"
_LONG_TEXT = "full " * 780
_CHUNK_BYTES = 1 << 20


@contextlib.contextmanager
def small_disk() -> Iterator[Path]:
    """A tmpfs of its own for the data directory. Raises NotPossible for a user who may not mount."""
    with tempfile.TemporaryDirectory(prefix="duet-c-") as path:
        mount = ["mount", "-t", "tmpfs", "-o", f"size={_SIZE},mode=711", "duet-chaos", path]
        if os.geteuid() or subprocess.run(mount, capture_output=True).returncode:
            raise NotPossible("mounting a tmpfs needs root")
        try:
            yield Path(path)
        finally:
            subprocess.run(["umount", "--lazy", path], check=True)


def fill(file: Path) -> None:
    """Until nothing more fits."""
    with contextlib.suppress(OSError), file.open("ab", buffering=0) as filler:
        while filler.write(b"\0" * _CHUNK_BYTES) == _CHUNK_BYTES:
            pass
    with contextlib.suppress(OSError), file.open("ab", buffering=0) as filler:
        while filler.write(b"\0" * 4096):
            pass


@scenario("disk-full", place=small_disk, recovery_limit_s=10.0)
async def disk_full(run: Run) -> None:
    """No space left: sends are rejected with retry or wait, none is acknowledged falsely; with space all go out."""
    filler = run.instance.product.data_dir / "filler"
    await asyncio.to_thread(fill, filler)
    before = run.crowd.acknowledged
    seconds = max(10.0, run.seconds_wanted)
    for _ in range(int(seconds)):
        for pair in run.crowd.pairs:
            pair.write(pair.writers[0], _LONG_TEXT)
        await asyncio.to_thread(fill, filler)
        await asyncio.sleep(1.0)
    waiting = sum(len(device.outbox.waiting) for device in run.crowd.devices)
    refusals = sum(sum(device.outbox.refusals.values()) for device in run.crowd.devices)
    run.measure("the disk was never felt", float(not (waiting and refusals)), 0, f"({refusals} refusals)")
    run.measure("acknowledged while full", run.crowd.acknowledged - before, float("inf"), "messages")
    filler.unlink()
    await run.inject("space again", "disk", lambda: asyncio.sleep(0))
