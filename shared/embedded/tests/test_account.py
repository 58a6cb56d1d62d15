import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from shared.embedded.account import Account, let_through
from shared.embedded.directories import private_directory, socket_directory
from shared.embedded.errors import EmbeddedError


@pytest.fixture
def long(tmp_path: Path) -> Path:
    """Too long for a socket."""
    return tmp_path / ("x" * 90)


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


def test_a_short_path_is_kept_and_a_long_one_replaced_by_the_same_short_one(long: Path) -> None:
    assert socket_directory(Path("/tmp/duet-short-test"), "a.sock") == Path("/tmp/duet-short-test")
    Path("/tmp/duet-short-test").rmdir()
    first = socket_directory(long, "a.sock")
    assert first == socket_directory(long, "a.sock")
    assert len(str(first / "a.sock")) <= 100
    assert first.lstat().st_mode & 0o777 == 0o700


def test_two_data_directories_get_names_that_cannot_be_told_in_advance(tmp_path: Path, long: Path) -> None:
    before = set(Path(tempfile.gettempdir()).glob("duet-*"))
    short = socket_directory(long, "a.sock")
    assert short not in before
    shutil.rmtree(long)
    again = socket_directory(long, "a.sock")
    assert again != short
    for directory in (short, again):
        directory.rmdir()


@pytest.mark.parametrize("taken_by", ["a link", "a link to nowhere", "a file", "a stranger", "nobody"])
def test_a_short_directory_whose_name_somebody_took_is_replaced_and_theirs_left_alone(
    tmp_path: Path, long: Path, taken_by: str
) -> None:
    short = socket_directory(long, "a.sock")
    short.rmdir()
    if taken_by == "a link":
        (tmp_path / "trap").mkdir(mode=0o755)
        short.symlink_to(tmp_path / "trap")
    elif taken_by == "a link to nowhere":
        short.symlink_to(tmp_path / "missing")
    elif taken_by == "a file":
        short.touch()
    elif taken_by == "a stranger":
        if os.geteuid() != 0:
            pytest.skip("only root can give a directory to a stranger")
        short.mkdir(mode=0o777)
        os.chown(short, SOMEBODY.uid, SOMEBODY.gid)
    ours = socket_directory(long, "a.sock")
    assert ours != short
    assert (ours.lstat().st_uid, ours.lstat().st_mode & 0o777) == (os.geteuid(), 0o700)
    assert socket_directory(long, "a.sock") == ours
    if taken_by == "a link":
        assert (tmp_path / "trap").stat().st_mode & 0o777 == 0o755
    ours.rmdir()
    if short.is_symlink() or short.is_file():
        short.unlink()
    elif short.exists():
        short.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can make a stranger's link")
def test_a_private_directory_is_no_link_of_a_stranger(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "keys").symlink_to(tmp_path / "real")
    assert private_directory(tmp_path / "keys").is_dir()
    os.chown(tmp_path / "keys", SOMEBODY.uid, SOMEBODY.gid, follow_symlinks=False)
    with pytest.raises(EmbeddedError, match="is no directory of our own"):
        private_directory(tmp_path / "keys")
