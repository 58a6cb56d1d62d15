import os
import subprocess
from pathlib import Path

import pytest

from shared.embedded.account import Account, let_through
from shared.embedded.directories import private_directory, socket_directory
from shared.embedded.errors import EmbeddedError

SOMEBODY, ANOTHER = Account(54321, 54321), Account(54322, 54322)


def can_read(path: Path, uid: int) -> bool:
    return (
        subprocess.run(["cat", path], capture_output=True, user=uid, group=uid, extra_groups=[]).returncode
        == 0
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can look through another user's eyes")
def test_only_those_let_through_may_pass_and_none_may_list(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "data").mkdir()
    (home / "data").chmod(0o755)
    (home / "data" / "file").write_text("open to all who get here")
    let_through(home / "data", SOMEBODY)
    let_through(home / "data", ANOTHER)
    let_through(home / "data", SOMEBODY)
    may = {uid: can_read(home / "data" / "file", uid) for uid in (54321, 54322, 54323)}
    assert may == {54321: True, 54322: True, 54323: False}
    listing = subprocess.run(["ls", home], capture_output=True, user=54321, group=54321, extra_groups=[])
    assert listing.returncode != 0


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can look through another user's eyes")
def test_a_home_closed_again_with_chmod_is_opened_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "file").write_text("x")
    let_through(home / "file", SOMEBODY)
    home.chmod(0o700)
    assert not can_read(home / "file", 54321)
    let_through(home / "file", SOMEBODY)
    assert can_read(home / "file", 54321)


def test_ourselves_need_no_way_to_be_opened(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    let_through(tmp_path / "x", Account(os.geteuid(), os.getegid()))
    assert tmp_path.stat().st_mode & 0o777 == 0o700


def test_a_directory_that_others_could_read_is_closed(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(mode=0o755)
    assert private_directory(tmp_path / "keys").stat().st_mode & 0o777 == 0o700


def test_a_link_that_waits_where_the_short_directory_should_be_is_refused(tmp_path: Path) -> None:
    long = tmp_path / ("x" * 90)
    short = socket_directory(long, "a.sock")
    short.rmdir()
    short.symlink_to(tmp_path)
    try:
        with pytest.raises(EmbeddedError, match="is no directory of our own"):
            socket_directory(long, "a.sock")
    finally:
        short.unlink()


def test_a_short_path_is_kept_and_a_long_one_replaced_by_the_same_short_one(tmp_path: Path) -> None:
    assert socket_directory(Path("/tmp/duet-short-test"), "a.sock") == Path("/tmp/duet-short-test")
    Path("/tmp/duet-short-test").rmdir()
    long = tmp_path / ("x" * 90)
    first = socket_directory(long, "a.sock")
    assert first == socket_directory(long, "a.sock")
    assert len(str(first / "a.sock")) <= 100
    first.rmdir()
