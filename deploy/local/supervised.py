"""One child process that is kept running: started, watched, restarted with back-off, stopped."""

import asyncio
import contextlib
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from deploy.local import logs
from deploy.local.errors import CannotStart
from deploy.local.forked import ForkedProcess, ForkServer
from deploy.local.program import Program
from shared.embedded.errors import EmbeddedError

_PEACE_S = 10.0
"""Alive this long, a program's next death counts as its first."""
_PAUSES_S = (0.0, 0.5, 1.0, 2.0, 4.0, 8.0, 10.0)
_LONGEST_PAUSE_ONCE_READY_S = 0.5
"""A program that was ready before it died is no hopeless case: somebody may be killing it on purpose."""
_DEATHS_BEFORE_FIRST_READY = 3
_RESTART_WITHIN_S = 1.0
_POLL_S = 0.05

Say = Callable[[str], None]


class Supervised:
    """Owns the process, its pid file and its log. `say` gets one line for each death and return.

    forks: runs our own programs; without it they are started as any other.
    """

    def __init__(
        self, program: Program, run_dir: Path, log_dir: Path, say: Say, forks: ForkServer | None = None
    ) -> None:
        self.program = program
        self.pid_file = run_dir / f"{program.name}.pid"
        self.log_file = log_dir / f"{program.name}.log"
        self._say = say
        self._forks = forks
        self._process: asyncio.subprocess.Process | ForkedProcess | None = None
        self._keeper: asyncio.Task[None] | None = None
        self._stopping = asyncio.Event()
        self._asked_to_restart = False
        self._was_ready = False
        self._is_ready = False
        self._not_ready_for = "it has not answered yet"
        self._log_start = 0

    async def start(self) -> None:
        """Returns when the program is ready. Raises CannotStart with the end of its log."""
        self._keeper = asyncio.create_task(self._keep_running(), name=self.program.name)
        becoming_ready = asyncio.create_task(self._until_ready())
        try:
            await asyncio.wait(
                {self._keeper, becoming_ready},
                timeout=self.program.ready_within_s,
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            becoming_ready.cancel()
        if self._keeper.done():
            await self._keeper
        if not self._was_ready:
            raise self._cannot_start(
                f"is not ready after {self.program.ready_within_s:.0f} s: {self._not_ready_for}"
            )
        await asyncio.to_thread(self.program.once_ready)

    async def stop(self, hurry: asyncio.Event) -> None:
        """Asks, waits as long as the program may take or until `hurry`, then kills."""
        self._stopping.set()
        if self._keeper is None:
            return
        self._signal(self.program.stop_signal)
        hurrying = asyncio.create_task(hurry.wait())
        await asyncio.wait(
            {self._keeper, hurrying},
            timeout=self.program.stop_within_s,
            return_when=asyncio.FIRST_COMPLETED,
        )
        hurrying.cancel()
        if not self._keeper.done():
            self._say(f"{self.program.name} did not stop in time: killed")
            self._signal(signal.SIGKILL)
        with contextlib.suppress(CannotStart):
            await self._keeper

    async def restart(self) -> None:
        """Ends the process, to be started again at once: its code has changed."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        self._asked_to_restart = True
        self._signal(self.program.stop_signal)
        try:
            await asyncio.wait_for(process.wait(), _RESTART_WITHIN_S)
        except TimeoutError:
            self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)

    async def _keep_running(self) -> None:
        deaths = 0
        while not self._stopping.is_set():
            born = time.monotonic()
            ending = await self._live_once()
            if self._stopping.is_set():
                return
            asked, self._asked_to_restart = self._asked_to_restart, False
            deaths = 1 if asked or time.monotonic() - born >= _PEACE_S else deaths + 1
            if not self._was_ready and deaths >= _DEATHS_BEFORE_FIRST_READY:
                raise self._cannot_start(ending)
            pause_s = _PAUSES_S[min(deaths, len(_PAUSES_S)) - 1]
            if self._is_ready:
                pause_s = min(pause_s, _LONGEST_PAUSE_ONCE_READY_S)
            self._say(
                f"{self.program.name} {'has new code' if asked else ending}: next start {_when(pause_s)}"
            )
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), pause_s)

    async def _live_once(self) -> str:
        """Runs the program to its end and says how it ended."""
        self._is_ready = False
        try:
            await asyncio.to_thread(self.program.prepare)
            with logs.open_log(self.log_file) as log:
                self._log_start = log.seek(0, 2)
                self._process = await self._started(log)
        except (OSError, EmbeddedError) as error:
            return f"cannot be run: {error}"
        self._write_pid(self._process.pid)
        if self._stopping.is_set():
            self._signal(self.program.stop_signal)
        returning = asyncio.create_task(self._announce_return()) if self._was_ready else None
        try:
            code = await self._process.wait()
        finally:
            with contextlib.suppress(OSError):
                self.pid_file.unlink(missing_ok=True)
            if returning is not None:
                returning.cancel()
        return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with exit code {code}"

    async def _started(self, log: IO[bytes]) -> asyncio.subprocess.Process | ForkedProcess:
        if self._forks is not None and self.program.module:
            return await self._forks.start(self.program, log)
        return await asyncio.create_subprocess_exec(
            *self.program.arguments,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C in the terminal is for the supervisor alone
            **self.program.options,
        )

    def _write_pid(self, pid: int) -> None:
        """A program that runs is worth more than its pid file: the disk may be full."""
        try:
            self.pid_file.write_text(f"{pid}\n")
        except OSError as error:
            self._say(f"{self.program.name} runs as {pid}, which cannot be written down: {error}")

    async def _announce_return(self) -> None:
        begun = time.monotonic()
        await self._until_ready()
        self._say(f"{self.program.name} is back after {time.monotonic() - begun:.1f} s")

    async def _until_ready(self) -> None:
        while True:
            running = self._process is not None and self._process.returncode is None
            if running and not (reason := await self.program.ready()):
                break
            self._not_ready_for = reason if running else "it does not run"
            await asyncio.sleep(_POLL_S)
        self._was_ready = self._is_ready = True

    def _cannot_start(self, ending: str) -> CannotStart:
        lines = logs.tail(self.log_file, self._log_start)
        shown = f"\nThe end of {self.log_file}:\n{lines}" if lines else ""
        return CannotStart(f"{self.program.name} {ending}.{shown}")


def _when(pause_s: float) -> str:
    return f"in {pause_s:g} s" if pause_s else "now"
