"""Which version is rolled from is known before anything starts, and its checkout is gone afterwards."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.checkout import UnknownVersion, checked_out, commit_of


def git(repository: Path, *arguments: str) -> str:
    who = ("-c", "user.name=ann", "-c", "user.email=ann@example.org")
    asked = subprocess.run(
        ["git", *who, *arguments], cwd=repository, check=True, capture_output=True, text=True
    )
    return asked.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Of two commits, the first of them tagged."""
    made = tmp_path / "repository"
    made.mkdir()
    git(made, "init", "--quiet")
    for number in (1, 2):
        (made / "version").write_text(f"{number}\n")
        git(made, "add", "version")
        git(made, "commit", "--quiet", "-m", f"Version {number}")
        if number == 1:
            git(made, "tag", "v1")
    return made


def test_the_last_tag_is_checked_out_unless_another_is_named(repository: Path, tmp_path: Path) -> None:
    assert commit_of(None, repository) == commit_of("v1", repository) != commit_of("HEAD", repository)
    with checked_out(commit_of(None, repository), tmp_path, repository) as place:
        assert (place / "version").read_text() == "1\n"
    assert not place.exists()
    assert len(git(repository, "worktree", "list").splitlines()) == 1


def test_what_git_does_not_have_is_refused_by_a_sentence(repository: Path) -> None:
    git(repository, "tag", "--delete", "v1")
    with pytest.raises(UnknownVersion, match="no tag here yet"):
        commit_of(None, repository)
    with pytest.raises(UnknownVersion, match="no tag or commit 'v9'"):
        commit_of("v9", repository)
    with pytest.raises(UnknownVersion, match="no tag or commit '--all'"):
        commit_of("--all", repository)


def test_the_command_refuses_it_before_it_starts_anything() -> None:
    command = [sys.executable, "-m", "tests.chaos", "roll-out", "--against", "no-such-version"]
    asked = subprocess.run(command, capture_output=True, text=True, cwd=Path(__file__).parents[2])
    assert asked.returncode == 2
    assert "git has no tag or commit 'no-such-version' here" in asked.stderr
