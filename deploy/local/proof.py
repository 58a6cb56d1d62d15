"""Proves a backup: it is restored into a server that is thrown away, and what is there then is counted."""

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path

from deploy.local.counting import counted
from deploy.local.restoring import DUMP_RESTORE, blobs_of
from services.media.backup import check
from shared.embedded.postgres import client_program
from shared.embedded.running import running_postgres

SCRATCH = "proof-"
"""Of the server's directory, beside the backup: where a dump has room, there is some for what is in it."""


class Unproven(Exception):
    """A backup that does not bring back what was there. The text says what differs."""


def prove(dump: Path, files: Path, rows: Mapping[str, int]) -> None:
    """rows: of each table, when it was dumped. files: those of messages, each of which is held against its digest.

    Raises Unproven; EmbeddedError if it cannot be restored; Incomplete if a file is missing or damaged."""
    with (
        tempfile.TemporaryDirectory(prefix=SCRATCH, dir=dump.parent, ignore_cleanup_errors=True) as scratch,
        running_postgres(Path(scratch) / "postgres") as server,
    ):
        server.ensure_database()
        client_program("pg_restore", *DUMP_RESTORE, f"--dbname={server.dsn()}", str(dump))
        restored = asyncio.run(counted(server.dsn()))
    differing = sorted(name for name in rows.keys() | restored.keys() if rows.get(name) != restored.get(name))
    if differing:
        shown = ", ".join(
            f"{name} {rows.get(name, 'none')} -> {restored.get(name, 'none')}" for name in differing
        )
        raise Unproven(f"Restored, the backup has other numbers of rows than the database had: {shown}")
    check(files, blobs_of(dump))
