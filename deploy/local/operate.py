"""The operator's verbs on the data of a local run; `deploy.local.command` says how they are called.

They work while Duet runs and while it is stopped (the embedded database is then started for the
moment), except `restore`, which wants Duet stopped.
"""

import asyncio
import fcntl
import itertools
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import asyncpg

from deploy.local.console import complain, say
from deploy.local.counting import Rows, counted
from deploy.local.errors import CannotStart
from deploy.local.leftovers import MARK, end_leftovers, only_supervisor
from deploy.local.proof import SCRATCH, Unproven, prove
from deploy.local.restoring import DUMP_RESTORE, blobs_of, replace_at_once
from deploy.local.settings import OWNERS_OF_DATA, REPOSITORY, Settings, from_environment
from deploy.local.table import embedded_postgres, environment
from services.media.backup import Incomplete, load, prune, save
from services.media.config import Config as MediaConfig
from shared.embedded.directories import private_directory
from shared.embedded.errors import EmbeddedError
from shared.embedded.postgres import ROLE, PostgresServer, clean_environment, client, client_program
from shared.embedded.running import started
from shared.plumbing.settings import config as configuration
from shared.plumbing.settings.files import with_settings
from shared.plumbing.settings.known import SettingError
from shared.wire.problems import Problem

_NEW = "duet_restoring"


class Refused(Exception):
    """The command cannot be carried out. The text says why."""


@dataclass(frozen=True)
class Database:
    """dsn: without the password, for `ps` shows it. environment: for PostgreSQL's programs, beside the dsn."""

    dsn: str
    environment: Mapping[str, str]


def carry_out(verb: Callable[[Settings], int | None]) -> int:
    """Exit status: 0 done, 1 not done, and it has said why; else the verb's own."""
    try:
        settings = from_environment()
        private_directory(settings.run_dir)
        return verb(settings) or 0
    except (SettingError, CannotStart, EmbeddedError, Refused, Incomplete, Problem, OSError) as error:
        complain(str(error))
        return 1


def psql(settings: Settings, arguments: Sequence[str]) -> int:
    """psql's own exit status."""
    with _database(settings) as database:
        command = [client("psql"), database.dsn, *arguments]
        return subprocess.run(command, env=database.environment).returncode


def reset_password(settings: Settings, username: str) -> int:
    """auth prints the new password. Its own database is enough, wherever the others' are."""
    given = settings.postgres_urls_by_service.get("auth") or settings.postgres_url
    with nullcontext() if given else _embedded(settings):
        return subprocess.run(**_service(settings, "auth", "reset-password", username)).returncode


def renew_log(settings: Settings) -> int:
    """threads prints the new id. Its own database is enough, as above."""
    given = settings.postgres_urls_by_service.get("threads") or settings.postgres_url
    with nullcontext() if given else _embedded(settings):
        return subprocess.run(**_service(settings, "threads", "renew-log")).returncode


def migrate(settings: Settings) -> None:
    """Each service brings its own schema up to date. Raises Refused at the first that cannot."""
    with _embedded(settings) if settings.needs_embedded_postgres else nullcontext():
        for name in OWNERS_OF_DATA:
            if subprocess.run(**_service(settings, name, "migrate")).returncode:
                raise Refused(f"The schema of {name} could not be migrated (see above).")


def backup(settings: Settings, *, proven: bool = False) -> Path:
    """One file in PostgreSQL's custom format, and a directory with the files of messages, if there are any.

    They get their names only when complete (proven: and restored elsewhere for a trial), and never replace others.
    """
    directory = private_directory(settings.data_dir / "backups")
    with _only_backup(directory):
        stem = f"duet-{time.strftime('%Y%m%d-%H%M%S')}"
        names = itertools.chain([stem], (f"{stem}-{number}" for number in itertools.count(2)))
        file = next(path for name in names if not (path := directory / f"{name}.dump").exists())
        partial, files = file.with_suffix(".partial"), file.with_suffix(".files.partial")
        rows: Rows = {}
        with _database(settings) as database:
            try:
                partial.touch(mode=0o600)
                asyncio.run(save(_media(settings), files, lambda: rows.update(dump(database, partial))))
                if proven:
                    prove(partial, files, rows)
            except (EmbeddedError, Incomplete, Unproven, OSError, asyncpg.PostgresError, Problem) as error:
                _forget_unfinished(directory)
                raise Refused(str(error)) from error
        if files.exists():
            files.rename(file.with_suffix(".files"))
        return partial.rename(file)


def dump(database: Database, file: Path) -> Rows:
    """How many rows of each table are in it."""

    def write(snapshot: str) -> None:
        options = [f"--snapshot={snapshot}", "--format=custom", f"--file={file}", f"--dbname={database.dsn}"]
        client_program("pg_dump", *options, environment=database.environment)

    return asyncio.run(counted(database.dsn, database.environment.get("PGPASSWORD"), write))


@contextmanager
def _only_backup(directory: Path) -> Iterator[None]:
    """Nobody else makes one; what a killed process left of one is gone. Raises Refused."""
    with (directory / ".lock").open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refused("Another backup is being made.") from None
        _forget_unfinished(directory)
        yield


def _forget_unfinished(directory: Path) -> None:
    for left in [*directory.glob("*.partial"), *directory.glob(f"{SCRATCH}*")]:
        if left.is_dir():
            shutil.rmtree(left, ignore_errors=True)
        else:
            left.unlink()


def restore(settings: Settings, file: Path) -> None:
    """Replaces the data by the dump's, whole or not at all, and renews the log id.

    The files come first, beside those that are there, and what no message of the dump names goes last.
    """
    if not file.is_file():
        raise Refused(f"There is no file {file}.")
    client_program("pg_restore", "--list", str(file))
    media = _media(settings)
    with only_supervisor(settings.run_dir):
        end_leftovers(settings.data_dir, embedded_postgres(settings), say)
        asyncio.run(load(media, file.with_suffix(".files"), blobs_of(file)))
        if settings.given_postgres_urls:
            _restore_given(settings, _only_url(settings), file)
            asyncio.run(prune(media))
        else:
            with started(embedded_postgres(settings)):
                _restore_embedded(settings, embedded_postgres(settings), file)
                asyncio.run(prune(media))
    say(f"Restored {file}; clients will read their threads afresh")


def _media(settings: Settings) -> MediaConfig:
    """As the program is told."""
    return configuration.read(MediaConfig, environment("media", settings), prefer="media")


def _restore_embedded(settings: Settings, server: PostgresServer, file: Path) -> None:
    server.ensure_database()
    server.drop_database(_NEW)
    server.create_database(_NEW)
    try:
        client_program("pg_restore", *DUMP_RESTORE, "--dbname", server.dsn(_NEW), str(file))
        _renew_log(settings, server.dsn(_NEW))
        server.replace_database(ROLE, _NEW)
    except (EmbeddedError, Refused):
        server.drop_database(_NEW)
        raise


def _restore_given(settings: Settings, url: str, file: Path) -> None:
    database = _given(url)
    renewal = subprocess.check_output(text=True, **_service(settings, "threads", "renew-log", "--sql"))
    replace_at_once(database.dsn, file, renewal, database.environment)


def _renew_log(settings: Settings, url: str) -> None:
    if subprocess.run(**_service(settings, "threads", "renew-log", postgres_url=url)).returncode:
        raise Refused("threads could not renew the log id (see above).")


def _service(settings: Settings, name: str, *arguments: str, postgres_url: str = "") -> dict[str, Any]:
    """One of a program's own verbs, as subprocess takes it."""
    told = environment(name, settings)
    del told[MARK]  # it is not a supervisor's child
    if postgres_url:
        names = ("DUET_POSTGRES_URL", f"DUET_{name.upper()}_POSTGRES_URL")
        told = with_settings(told, dict.fromkeys(names, postgres_url))
    command = [sys.executable, "-m", f"services.{name}", *arguments]
    return {"args": command, "env": told, "cwd": REPOSITORY}


@contextmanager
def _database(settings: Settings) -> Iterator[Database]:
    """The one database of all services. Raises Refused if they have several."""
    if settings.given_postgres_urls:
        yield _given(_only_url(settings))
    else:
        with _embedded(settings) as database:
            yield database


def _given(url: str) -> Database:
    """On a server of the operator's, whose PG* variables are meant for it."""
    parts = urlsplit(url)
    parameters = parse_qsl(parts.query, keep_blank_values=True)
    password = dict(parameters).get("password") or unquote(parts.password or "")
    if not password:
        return Database(url, os.environ)
    others = urlencode([one for one in parameters if one[0] != "password"], safe="/", quote_via=quote)
    host = parts.netloc.replace(f":{parts.password}@", "@", 1)
    bare = f"{parts.scheme}://{host}{parts.path}" + (f"?{others}" if others else "")
    return Database(bare, {**os.environ, "PGPASSWORD": password})


@contextmanager
def _embedded(settings: Settings) -> Iterator[Database]:
    """What serves now, else a server for the moment. Raises Refused."""
    server = embedded_postgres(settings)
    if not (server.data_dir / "PG_VERSION").exists():
        raise Refused(f"There is no database in {settings.data_dir} yet: start Duet first.")
    database = Database(server.dsn(), clean_environment())
    if server.running_pid() is not None and server.answers():
        yield database  # without the lock: a Duet whose supervisor was killed serves on and is not ours to end
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(only_supervisor(settings.run_dir))
        except CannotStart:
            raise Refused("Duet runs, but its database does not answer. Try again in a moment.") from None
        end_leftovers(settings.data_dir, server, say)
        stack.enter_context(started(server))
        server.ensure_database()
        yield database


def _only_url(settings: Settings) -> str:
    urls = settings.given_postgres_urls
    if len(urls) > 1 or settings.needs_embedded_postgres:
        raise Refused("The services use different databases: back each up by itself with pg_dump.")
    return urls[0]
