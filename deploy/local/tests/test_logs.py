from pathlib import Path

import pytest

from deploy.local import logs


def test_a_long_log_moves_aside_under_the_program_that_writes_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "ROTATE_AT_BYTES", 100)
    path = tmp_path / "auth.log"
    with logs.open_log(path) as log:
        log.write(b"x" * 101)
        log.flush()
        logs.rotate(path)
        log.write(b"after\n")
        log.flush()
    assert (tmp_path / "auth.log.1").read_bytes() == b"x" * 101
    assert path.read_bytes() == b"after\n"


def test_the_tail_is_of_this_start_alone(tmp_path: Path) -> None:
    path = tmp_path / "auth.log"
    path.write_text("yesterday\n")
    start = path.stat().st_size
    with path.open("a") as log:
        log.write("one\ntwo\nthree\n")
    assert logs.tail(path, start, lines=2) == "    two\n    three"
    assert logs.tail(path, start, lines=9).startswith("    one")
    assert logs.tail(tmp_path / "absent") == ""
