"""Puts a dump into a database of the operator's own, in one transaction with what else has to change."""

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

from deploy.local.settings import OWNERS_OF_DATA
from shared.embedded.errors import EmbeddedError
from shared.embedded.postgres import client, client_program

DUMP_RESTORE = ("--no-owner", "--no-privileges", "--exit-on-error")
_CLEAR = f"DROP SCHEMA IF EXISTS {', '.join(OWNERS_OF_DATA)} CASCADE;"
"""`--clean` drops only what the dump holds, and fails where a later version has made more, or what depends on it."""


def blobs_of(file: Path) -> list[str]:
    """The keys of the blobs that a dump names. Raises EmbeddedError."""
    options = ["--data-only", "--schema=media", "--table=attachments", "--file=-"]
    script = client_program("pg_restore", *options, str(file)).stdout
    head, _, rows = script.partition("COPY media.attachments (")[2].partition(") FROM stdin;\n")
    columns = head.split(", ")
    places = [columns.index(name) for name in ("whole", "small") if name in columns]
    fields = (line.split("\t") for line in rows.partition("\n\\.\n")[0].splitlines())
    return [row[place] for row in fields for place in places if place < len(row) and row[place] != "\\N"]


def replace_at_once(dsn: str, file: Path, more: str, environment: Mapping[str, str]) -> None:
    """Replaces Duet's schemas and what else the dump holds, and runs the statements `more`.

    Raises EmbeddedError; nothing has changed then.

    pg_restore has one transaction for the dump alone. So it writes a script, which psql runs, and `more` with it: a
    script that breaks off, because a program failed or was killed, never comes to its COMMIT.
    """
    command = [client("psql"), "-Xq", "-v", "ON_ERROR_STOP=1", dsn]
    with tempfile.TemporaryFile() as complaints:
        psql = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=complaints, env=environment
        )
        whole = False
        with contextlib.suppress(BrokenPipeError), _stdin(psql) as script:
            script.write(f"BEGIN;\n{_CLEAR}\n".encode())
            whole = _write_script(file, script, complaints)
            if whole:
                script.write(f"{more}\nCOMMIT;\n".encode())
        if psql.wait() or not whole:
            complaints.seek(0)
            raise EmbeddedError(complaints.read().decode(errors="replace").strip())


def _write_script(file: Path, script: IO[bytes], complaints: IO[bytes]) -> bool:
    """Whether it is whole. Raises BrokenPipeError if psql reads no more."""
    command = [client("pg_restore"), *DUMP_RESTORE, "--clean", "--if-exists", "--file=-", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints) as pg_restore:
        if pg_restore.stdout is not None:
            shutil.copyfileobj(pg_restore.stdout, script)
    return pg_restore.returncode == 0


def _stdin(process: subprocess.Popen[bytes]) -> IO[bytes]:
    if process.stdin is None:
        raise AssertionError("it was started with a pipe")
    return process.stdin
