"""All programs together: started in stages, stopped in the opposite order."""

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from deploy.local import logs
from deploy.local.forked import ForkServer
from deploy.local.program import Stage
from deploy.local.supervised import Say, Supervised

_LOG_CHECK_INTERVAL_S = 60.0


class Supervisor:
    """`hurry`, once set, ends the waiting for programs that drain. forks: as for Supervised."""

    def __init__(
        self,
        stages: Sequence[Stage],
        run_dir: Path,
        log_dir: Path,
        say: Say,
        forks: ForkServer | None = None,
    ) -> None:
        self.hurry = asyncio.Event()
        self._say = say
        self._forks = forks
        self._stages = [
            [Supervised(program, run_dir, log_dir, say, forks) for program in stage] for stage in stages
        ]
        self._rotation: asyncio.Task[None] | None = None

    @property
    def children(self) -> list[Supervised]:
        return [child for stage in self._stages for child in stage]

    async def start(self) -> None:
        """Returns when every program is ready. Raises CannotStart at the first that cannot."""
        self._rotation = asyncio.create_task(self._rotate_logs())
        if self._forks is not None:
            await self._forks.begin()
        for stage in self._stages:
            starts = [asyncio.create_task(self._start_one(child)) for child in stage]
            try:
                await asyncio.gather(*starts)
            finally:
                for start in starts:
                    start.cancel()

    async def stop(self) -> None:
        """Within a stage all stop side by side, in the order of the table."""
        for stage in reversed(self._stages):
            await asyncio.gather(*(child.stop(self.hurry) for child in stage))
        if self._forks is not None:
            await self._forks.end()
        if self._rotation is not None:
            self._rotation.cancel()

    async def _start_one(self, child: Supervised) -> None:
        begun = time.monotonic()
        await child.start()
        self._say(f"  {child.program.name:<9} ready ({time.monotonic() - begun:.1f} s)")

    async def _rotate_logs(self) -> None:
        while True:
            await asyncio.sleep(_LOG_CHECK_INTERVAL_S)
            for child in self.children:
                try:
                    await asyncio.to_thread(logs.rotate, child.log_file)
                except OSError as error:
                    self._say(f"{child.log_file} cannot be kept short: {error}")
