"""`duet upgrade-data`: what an older PostgreSQL has made is taken over into a cluster of ours.

By a dump and a restore, which any two versions have in common and which leave the old cluster as it is. It is set
aside, whole, when every table has as many rows in the new one, and only a person removes it.
"""

import asyncio
import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from deploy.local.console import say
from deploy.local.counting import Rows, counted
from deploy.local.leftovers import end_leftovers, only_supervisor
from deploy.local.operate import Database, Refused, dump
from deploy.local.restoring import DUMP_RESTORE
from deploy.local.settings import Settings
from deploy.local.table import embedded_postgres
from shared.embedded.postgres import (
    BINARIES,
    MAJOR_VERSION,
    PostgresServer,
    clean_environment,
    client_program,
    upgraded_beside,
)
from shared.embedded.running import started

_PLACES = (
    "/usr/lib/postgresql/{}/bin",
    "/usr/pgsql-{}/bin",
    "/opt/homebrew/opt/postgresql@{}/bin",
    "/usr/local/opt/postgresql@{}/bin",
)


def upgrade(settings: Settings, binaries: Path | None = None) -> None:
    """binaries: of the version that made the data, if they are in none of the usual places. Raises Refused."""
    if not settings.needs_embedded_postgres:
        raise Refused(
            "DUET_POSTGRES_URL names a server of yours: upgrade it by its own means, like pg_upgrade."
        )
    server = embedded_postgres(settings)
    with only_supervisor(settings.run_dir):
        _take_the_place(server)
        version = server.made_by()
        if not version:
            raise Refused(f"There is no database in {settings.data_dir} yet.")
        if version == MAJOR_VERSION:
            say(f"{server.data_dir} is of PostgreSQL {version}: nothing to do")
            return
        old = replace(server, version=version, binaries=_programs_of(version, binaries))
        end_leftovers(settings.data_dir, old, say)
        growing = server.data_dir.with_name(f"{server.data_dir.name}.growing")
        rows = take_over(old, replace(server, data_dir=growing))
        whole = upgraded_beside(server.data_dir)
        shutil.rmtree(whole, ignore_errors=True)
        growing.rename(whole)
        kept = _free_name(server.data_dir, version)
        server.data_dir.rename(kept)
        _take_the_place(server)
    say(
        f"{server.data_dir} is of PostgreSQL {MAJOR_VERSION} now: {sum(rows.values())} rows in {len(rows)} tables"
    )
    say(f"What was there before is {kept}: remove it once you have seen Duet run well")


def take_over(old: PostgresServer, new: PostgresServer) -> Rows:
    """The rows of each table, as many in both. Raises Refused, EmbeddedError; `old` is then as it was."""
    if new.data_dir.exists():
        shutil.rmtree(new.data_dir)  # half of one, of a try that was killed
    with tempfile.TemporaryDirectory(prefix="upgrade-", dir=new.data_dir.parent) as scratch:
        file = Path(scratch) / "duet.dump"
        with started(old):
            old.ensure_database()
            rows = dump(Database(old.dsn(), clean_environment()), file)
        try:
            with started(new):
                new.ensure_database()
                client_program("pg_restore", *DUMP_RESTORE, f"--dbname={new.dsn()}", str(file))
                if asyncio.run(counted(new.dsn())) != rows:
                    raise Refused("The new cluster has other numbers of rows than the old one, which stays.")
        except BaseException:
            shutil.rmtree(new.data_dir, ignore_errors=True)
            raise
    return rows


def _take_the_place(server: PostgresServer) -> None:
    """Of the old cluster, which is gone from there only when the new one is whole."""
    upgraded = upgraded_beside(server.data_dir)
    if upgraded.exists() and not server.data_dir.exists():
        upgraded.rename(server.data_dir)


def _free_name(data_dir: Path, version: str) -> Path:
    names = [
        f"{data_dir.name}-{version}",
        *(f"{data_dir.name}-{version}-{number}" for number in range(2, 100)),
    ]
    return next(path for name in names if not (path := data_dir.with_name(name)).exists())


def _programs_of(version: str, given: Path | None) -> Path:
    """The directory of that version's programs. Raises Refused."""
    places = [given.expanduser().absolute()] if given else list(_usual_places(version))
    for place in places:
        with contextlib.suppress(OSError, subprocess.SubprocessError):
            said = subprocess.check_output([place / "postgres", "--version"], text=True)
            if f" {version}." in said:
                return place
    raise Refused(
        f"The programs of PostgreSQL {version} are not in {', '.join(map(str, places))}: install that version "
        f"(on Debian: postgresql-{version}), or say where they are with --binaries."
    )


def _usual_places(version: str) -> Iterator[Path]:
    yield BINARIES.parents[1] / f"pginstall{version}" / "bin"
    yield from (Path(place.format(version)) for place in _PLACES)
