"""Another version of Duet to run: a worktree of a tag or commit, beside this checkout."""

import compileall
import contextlib
import subprocess
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


class UnknownVersion(Exception):
    """Git does not have it; the text says what, and what to do."""


def commit_of(rev: str | None, repository: Path = REPOSITORY) -> str:
    """The commit's full name. rev: a tag or commit; None: the last tag. Raises UnknownVersion."""
    if rev is None:
        rev = _git(repository, "describe", "--tags", "--abbrev=0")
        if not rev:
            raise UnknownVersion("there is no tag here yet: say which version with --against REV")
    commit = _git(repository, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{rev}^{{commit}}")
    if not commit:
        raise UnknownVersion(f"git has no tag or commit {rev!r} here: fetch it first (git fetch --tags)")
    return commit


@contextlib.contextmanager
def checked_out(commit: str, directory: Path, repository: Path = REPOSITORY) -> Iterator[Path]:
    """A worktree of it in the directory, gone at the end. Compiled: many programs start from it at once."""
    place = directory / f"at-{commit[:12]}"
    subprocess.run(
        ["git", "worktree", "add", "--detach", "--quiet", str(place), commit],
        cwd=repository, check=True, capture_output=True,
    )  # fmt: skip
    try:
        for part in ("gateway", "services", "shared"):
            compileall.compile_dir(place / part, quiet=1)
        yield place
    finally:
        _git(repository, "worktree", "remove", "--force", str(place))


def _git(repository: Path, *arguments: str) -> str:
    """What it prints; "" where it refuses, or where there is no git."""
    with contextlib.suppress(OSError):
        asked = subprocess.run(["git", *arguments], cwd=repository, capture_output=True, text=True)
        return asked.stdout.strip() if asked.returncode == 0 else ""
    return ""
