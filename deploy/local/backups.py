"""`python -m deploy.local.backups`, and `duet backup --every …`: proven backups, and no more than are to be kept.

The first is made at once unless there is one that is young enough, so that a wrong setting is seen on the first day and
not when the backup is needed. Each is made by a process of its own, which may be ended at any time.
"""

import asyncio
import contextlib
import datetime
import json
import os
import shutil
import sys
import time
from asyncio.subprocess import PIPE, STDOUT
from collections.abc import AsyncIterator
from pathlib import Path

import structlog
from aiohttp import web
from prometheus_client import Counter, Gauge

from deploy.local.retention import due, superfluous
from deploy.local.settings import REPOSITORY, Settings, from_environment
from shared.embedded.directories import private_directory
from shared.plumbing.app import READY_CHECKS, prepare, private_routes, serve_runners
from shared.plumbing.settings import config as configuration
from shared.plumbing.tasks import running
from shared.plumbing.telemetry import log as logs
from shared.plumbing.transport.address import Address

EVERY = {"hourly": "hour", "daily": "day", "weekly": "week"}
"""DUET_BACKUP, as retention says it."""

LAST = "last.json"
"""In the directory of the backups: how the last try ended."""

_AGAIN_AFTER_S = 600.0
_GRACE_S = 2.0
_LAST_SUCCESS = Gauge(
    "duet_backup_last_success_timestamp_seconds", "When the newest backup was made; 0: there is none"
)
_SIZE = Gauge("duet_backup_dump_bytes", "The size of the newest dump, without files")
_FAILURES = Counter("duet_backup_failures", "Backups that could not be made or proven")
log = structlog.get_logger()


class Config(configuration.BaseConfig, frozen=True, kw_only=True):
    """backup_days: of how many days all are kept; backup_weeks: of how many weeks one is."""

    listen: str = ""
    backup: str = "daily"
    backup_days: int = 14
    backup_weeks: int = 8


class Backups:
    """every: of retention.EVERY."""

    def __init__(self, settings: Settings, config: Config, every: str) -> None:
        self._settings = settings
        self._config = config
        self._every = every
        self._directory = private_directory(settings.data_dir / "backups")
        self._failed = False

    async def check(self) -> str:
        """Duet serves without backups, too."""
        return "degraded" if self._failed else "ok"

    async def keep(self) -> None:
        """Forever. One that fails is tried again after ten minutes."""
        while True:
            self._measure()
            await asyncio.sleep(_AGAIN_AFTER_S if self._failed else self._wait_s())
            await self._make()
            if not self._failed:
                await asyncio.to_thread(self._thin)

    def _wait_s(self) -> float:
        newest = self._newest()
        if newest is None:
            return 0.0
        made = datetime.datetime.fromtimestamp(newest.stat().st_mtime, datetime.UTC)
        return max(0.0, due(made, self._every).timestamp() - time.time())

    async def _make(self) -> None:
        places = {
            "DUET_DATA_DIR": str(self._settings.data_dir),
            "DUET_KEYS_DIR": str(self._settings.keys_dir),
        }
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "deploy.local", "backup", "--prove"),
            env=os.environ | places, cwd=REPOSITORY, stdout=PIPE, stderr=STDOUT,
        )  # fmt: skip
        try:
            said = (await process.communicate())[0].decode(errors="replace").strip()
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
        self._failed = process.returncode != 0
        if self._failed:
            _FAILURES.inc()
            log.error("no backup", said=said)
        else:
            log.info("backup", said=said)
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        with contextlib.suppress(OSError):  # the disk may be full, which is why there is no backup
            new = self._directory / f".{LAST}"  # who reads it reads all of it
            new.write_text(json.dumps({"at": now, "made": not self._failed, "said": said}))
            new.rename(self._directory / LAST)

    def _measure(self) -> None:
        newest = self._newest()
        _LAST_SUCCESS.set(newest.stat().st_mtime if newest else 0)
        _SIZE.set(newest.stat().st_size if newest else 0)

    def _newest(self) -> Path | None:
        return max(self._directory.glob("duet-*.dump"), default=None)

    def _thin(self) -> None:
        dumps = self._directory.glob("duet-*.dump")
        for dump in superfluous(dumps, self._config.backup_days, self._config.backup_weeks):
            shutil.rmtree(dump.with_suffix(".files"), ignore_errors=True)
            dump.unlink(missing_ok=True)
            log.info("backup removed", file=str(dump))


def main(every: str = "") -> int:
    """Until SIGTERM. every: of retention.EVERY, else as DUET_BACKUP says. DUET_LISTEN: where health and metrics are."""
    config = configuration.read(Config, prefer="backup")
    logs.configure("backup", config.log_level)
    backups = Backups(from_environment(), config, every or EVERY[config.backup])

    async def lifetime(app: web.Application) -> AsyncIterator[None]:
        async with running(backups.keep):
            yield

    app = web.Application()
    prepare(app)
    app[READY_CHECKS]["backup"] = backups.check
    app.add_routes(private_routes())
    app.cleanup_ctx.append(lifetime)
    addresses = [Address.parse(config.listen)] if config.listen else []
    runner = web.AppRunner(app, access_log=None, handle_signals=False, shutdown_timeout=_GRACE_S)
    asyncio.run(serve_runners(app, {runner: [*addresses, *config.metrics_addresses]}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
