"""One database that many tests use, each as if it were new.

To copy a migrated one costs some 70 ms of CPU, as PostgreSQL has some 400 files in each; to take back what a test
wrote, three. A test that changed more than rows (tables, statistics, settings) or wrote very much leaves its
database to nobody.
"""

import asyncio
import contextlib
import itertools

import asyncpg

from shared.embedded.postgres import PostgresServer

_ENDED_WITHIN_MS = 10_000
_LARGER_BY_AT_MOST = 4 << 20
"""Bytes; above that, room that was freed would show in what a query reads."""

_END_OTHERS = """
SELECT pg_terminate_backend(pid, $1) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
# Whoever wrote has ended and so has told what.
_ONLY_ROWS = """
SELECT pg_database_size(current_database()) <= $1
    AND NOT EXISTS (
        SELECT FROM pg_stat_sys_tables AS s JOIN pg_class AS c ON c.oid = s.relid
        WHERE NOT c.relisshared AND s.schemaname = 'pg_catalog' AND s.n_tup_ins + s.n_tup_upd + s.n_tup_del > 0
    )
    AND NOT EXISTS (
        SELECT FROM pg_db_role_setting AS s JOIN pg_database AS d ON d.oid = s.setdatabase
        WHERE d.datname = current_database()
    )
"""
_TABLES = """
SELECT oid::regclass::text FROM pg_class
WHERE relkind = 'r' AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
"""
_SEQUENCES = "SELECT seqrelid::regclass::text, seqstart FROM pg_sequence"

_numbers = itertools.count(1)


class Databases:
    """Copies of `template`, of which one is lent at a time."""

    def __init__(self, server: PostgresServer, template: str) -> None:
        self._server, self._template = server, template
        self._name = ""
        self._loop = asyncio.new_event_loop()  # of its own: the tests' fixtures keep theirs
        self._beside: asyncpg.Connection = (
            None  # to what is lent; a new one would have to learn its tables first
        )
        self._as_new, self._size_at_most = self._loop.run_until_complete(self._learned())

    def lend(self) -> str:
        """The DSN of a database as the template is."""
        if not self._name:
            self._name = f"{self._template}_{next(_numbers)}"
            self._server.create_database(self._name, self._template)
        return self._server.dsn(self._name)

    def lend_shard(self) -> str:
        """The same, of which the log is not that of any other copy."""
        url = self.lend()
        self._loop.run_until_complete(self._renew_log())
        return url

    def take_back(self) -> None:
        """Ends the connections that were left open, and makes the database as the template is, or drops it."""
        if not self._loop.run_until_complete(self._renewed()):
            self._server.drop_database(self._name)
            self._name = ""

    def close(self) -> None:
        self._loop.run_until_complete(self._leave())
        self._loop.close()

    async def _renewed(self) -> bool:
        conn = await self._connected_beside()
        await conn.fetch(_END_OTHERS, _ENDED_WITHIN_MS)
        as_new: bool = await conn.fetchval(_ONLY_ROWS, self._size_at_most)
        if as_new:
            await conn.execute(self._as_new)
        else:
            await self._leave()
        return as_new

    async def _renew_log(self) -> None:
        conn = await self._connected_beside()
        await conn.execute("UPDATE threads.settings SET log = gen_random_uuid()")

    async def _connected_beside(self) -> asyncpg.Connection:
        """The same as after the last test, unless one has ended it."""
        if self._beside is not None:
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await self._beside.execute("SELECT")
                return self._beside
        self._beside = await self._connected(self._name)
        return self._beside

    async def _leave(self) -> None:
        if self._beside is not None:
            await self._beside.close()
            self._beside = None

    async def _learned(self) -> tuple[str, int]:
        conn = await self._connected(self._template)
        try:
            return await _learn(conn)
        finally:
            await conn.close()

    async def _connected(self, database: str) -> asyncpg.Connection:
        return await asyncpg.connect(self._server.dsn(database, "postgres"))


async def _learn(conn: asyncpg.Connection) -> tuple[str, int]:
    """The statements that bring a copy back to this, and how large it may become."""
    statements = [
        "SET session_replication_role = replica"
    ]  # neither triggers nor references, whatever the order
    for (table,) in await conn.fetch(_TABLES):
        statements.append(f"DELETE FROM {table}")  # noqa: S608
        rows = await conn.fetchval(f"SELECT quote_literal(json_agg(t)) FROM {table} AS t")  # noqa: S608
        if rows:
            values = f"json_populate_recordset(NULL::{table}, {rows})"
            statements.append(f"INSERT INTO {table} SELECT * FROM {values}")  # noqa: S608
    for sequence, start in await conn.fetch(_SEQUENCES):
        statements.append(f"SELECT setval('{sequence}', {start}, false)")
    return ";".join(statements), _LARGER_BY_AT_MOST + await conn.fetchval(
        "SELECT pg_database_size(current_database())"
    )
