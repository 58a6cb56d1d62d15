"""From the settings to the ready line, and from a signal to the end."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence

from deploy.local import checks
from deploy.local.console import complain, say
from deploy.local.errors import CannotStart
from deploy.local.forked import ForkServer
from deploy.local.leftovers import MARK, end_leftovers, only_supervisor
from deploy.local.program import Stage
from deploy.local.reload import restart_on_change
from deploy.local.settings import REPOSITORY, Settings, from_environment
from deploy.local.supervisor import Supervisor
from deploy.local.table import embedded_postgres, stages
from shared.embedded.directories import private_directory
from shared.embedded.errors import EmbeddedError
from shared.plumbing.settings.known import SettingError

_SAME_KEYSTROKE_S = 1.0
"""make forwards a signal that its whole group has already received; a copy within this time does not count."""
_PARENT_CHECK_INTERVAL_S = 1.0

Table = Callable[[Settings], Sequence[Stage]]


def main(table: Table = stages, *, reload: bool = False) -> int:
    """reload: restart a program when its files change. DUET_END_WITH_PARENT: for test runs, which may be killed.

    Exit status: 0 stopped as asked, 1 something could not start, 2 a setting that cannot be used."""
    try:
        settings = from_environment()
    except SettingError as error:
        complain(f"Duet cannot start: {error}")
        return 2
    try:
        settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        for directory in (settings.run_dir, settings.log_dir, settings.keys_dir):
            private_directory(directory)
        with only_supervisor(settings.run_dir):
            if settings.needs_embedded_postgres:
                embedded_postgres(settings).check()
            end_leftovers(settings.data_dir, embedded_postgres(settings), say)
            checks.check_parts(settings)
            checks.raise_open_files_limit()
            checks.check_port(settings)
            asyncio.run(_run(settings, table, reload))
    except (CannotStart, EmbeddedError, OSError) as error:
        complain(f"Duet cannot start: {error}")
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


async def _run(settings: Settings, table: Table, reload: bool) -> None:
    stop = asyncio.Event()
    supervisor: Supervisor | None = None
    asked_at = 0.0

    def ask_to_stop(number: signal.Signals) -> None:
        nonlocal asked_at
        if not stop.is_set():
            asked_at = time.monotonic()
            stop.set()
        elif number is signal.SIGINT and time.monotonic() - asked_at > _SAME_KEYSTROKE_S and supervisor:
            supervisor.hurry.set()

    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number is not signal.SIGHUP or signal.getsignal(number) is not signal.SIG_IGN:  # nohup
            loop.add_signal_handler(number, ask_to_stop, number)
    await checks.check_given_servers(settings, say)
    supervisor = Supervisor(
        table(settings),
        settings.run_dir,
        settings.log_dir,
        lambda text: say(text, clock=True),
        None if reload or sys.platform != "linux" else _fork_server(settings),
    )
    say(f"Starting Duet; data and logs are in {settings.data_dir}")
    orphaned = (
        asyncio.create_task(_set_when_orphaned(stop)) if os.environ.get("DUET_END_WITH_PARENT") else None
    )
    starting = asyncio.create_task(supervisor.start())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            starting.result()
            say(f"Duet is ready at {settings.public_url}")
            reloading = asyncio.create_task(restart_on_change(supervisor)) if reload else None
            await stopping
            if reloading is not None:
                reloading.cancel()
        say("Stopping: draining connections (Ctrl-C again: at once)")
    finally:
        starting.cancel()
        await supervisor.stop()
        if orphaned is not None:
            orphaned.cancel()
    say("Duet has stopped")


def _fork_server(settings: Settings) -> ForkServer:
    """Not for `make dev`, whose programs are to see new code, nor for macOS, whose libraries cannot bear a fork."""
    environment = {**os.environ, MARK: str(settings.data_dir), "PYTHONUNBUFFERED": "1"}
    return ForkServer(environment, REPOSITORY, settings.log_dir / "fork-server.log")


async def _set_when_orphaned(stop: asyncio.Event) -> None:
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 - the kernel has no event for it on macOS
        await asyncio.sleep(_PARENT_CHECK_INTERVAL_S)
    stop.set()
