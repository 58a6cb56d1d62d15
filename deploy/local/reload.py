"""`make dev`: restarts a program when its files change."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from deploy.local.settings import REPOSITORY
from deploy.local.supervisor import Supervisor

_IGNORED = ("/tests/", "/__pycache__/")
_FOLDERS = ("gateway", "services", "shared")


async def restart_on_change(supervisor: Supervisor) -> None:
    """Runs until cancelled. Needs watchfiles, which only `make dev` installs."""
    from watchfiles import awatch

    async for changes in awatch(*(REPOSITORY / folder for folder in _FOLDERS)):
        changed = {Path(path).relative_to(REPOSITORY).as_posix() for _, path in changes}
        changed = {path for path in changed if not any(part in f"/{path}" for part in _IGNORED)}
        concerned = [child for child in supervisor.children if _concerns(child.program.watched, changed)]
        await asyncio.gather(*(child.restart() for child in concerned))


def _concerns(watched: Sequence[str], changed: set[str]) -> bool:
    return any(path.startswith(f"{folder}/") for folder in watched for path in changed)
