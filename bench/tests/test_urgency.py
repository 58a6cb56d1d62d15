"""Measurements that go before all else go one after the other."""

import fcntl
import tempfile
from pathlib import Path

import pytest

from bench.measure.urgency import alone


def test_who_is_measured_alone_keeps_others_waiting_until_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with alone(), (tmp_path / "duet-bench.lock").open("w") as other, pytest.raises(BlockingIOError):
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
    with (tmp_path / "duet-bench.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
