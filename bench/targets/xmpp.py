"""The two XMPP servers that a distribution packages, archiving in PostgreSQL (mod_mam)."""

import asyncio
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import randrange
from string import Template

import asyncpg

from bench.load.xmpp import HOST, PASSWORD
from bench.targets.programs import need, running_program
from bench.targets.running import Person, Running
from bench.targets.servers import DATABASE, REPOSITORY, Servers, fresh_servers
from shared.embedded.postgres import ROLE
from shared.testing.product import free_port

_CONFIGURATION = REPOSITORY / "bench" / "peers" / "xmpp"
_EJABBERD_SCHEMA = Path("/usr/share/ejabberd/sql/pg.sql")
_EJABBERD_ACCOUNTS = "INSERT INTO users (username, password) SELECT name, $2 FROM unnest($1::text[]) AS name"
_PROSODY_ACCOUNTS = f"""
INSERT INTO prosody (host, "user", store, key, type, value)
SELECT '{HOST}', name, 'accounts', 'password', 'string', $2 FROM unnest($1::text[]) AS name
"""  # noqa: S608 (a constant)


@dataclass
class RunningXmpp(Running):
    """make_accounts: SQL; $1 the names, $2 everybody's password."""

    make_accounts: str = field(kw_only=True)

    async def log_in(self, usernames: Sequence[str]) -> list[Person]:
        """Accounts; each socket logs in by itself."""
        connection = await asyncpg.connect(self.postgres_url)
        try:
            await connection.execute(self.make_accounts, usernames, PASSWORD)
        finally:
            await connection.close()
        return [(name, "") for name in usernames]


@contextmanager
def ejabberd() -> Iterator[Running]:
    """Run as `ejabberdctl foreground` would, but with its files here and as a node of its own."""
    need("ejabberd", "erl", "ejabberdctl")
    port = free_port()
    address = (
        f"127.{randrange(256)}.{randrange(256)}.{randrange(1, 255)}"  # port 5432 of 127.0.0.1 may be taken
    )
    with fresh_servers("ejabberd", address) as servers:
        asyncio.run(_execute(servers.url, _EJABBERD_SCHEMA.read_text()))
        environment = {
            **servers.environment,
            "ERL_LIBS": "/usr/lib/x86_64-linux-gnu",
            "EJABBERD_CONFIG_PATH": str(_configuration("ejabberd.yml", servers, port=port, address=address)),
            "EJABBERD_LOG_PATH": str(servers.directory / "ejabberd.log"),
            "HOME": str(servers.directory),
        }
        command = [
            "erl", "-noinput", "+K", "true", "+P", "250000",
            "-mnesia", "dir", f'"{servers.directory / "mnesia"}"', "-s", "ejabberd",
        ]  # fmt: skip
        with running_program(command, environment, port, servers.directory / "server.log") as pid:
            yield RunningXmpp(
                "xmpp", [f"ws://127.0.0.1:{port}/ws"], {"server": [pid], **servers.roots}, servers.url, "archive",
                make_accounts=_EJABBERD_ACCOUNTS,
            )  # fmt: skip


@contextmanager
def prosody() -> Iterator[Running]:
    need("prosody", "prosody", "prosodyctl")
    port = free_port()
    with fresh_servers("prosody") as servers:
        configuration = str(_configuration("prosody.cfg.lua", servers, port=port))
        first = ["prosodyctl", "--config", configuration, "register", "first", HOST, PASSWORD]
        subprocess.run(first, check=True, capture_output=True)  # makes the tables
        command = ["prosody", "-F", "--config", configuration]
        with running_program(command, servers.environment, port, servers.directory / "server.log") as pid:
            yield RunningXmpp(
                "xmpp", [f"ws://127.0.0.1:{port}/xmpp-websocket"], {"server": [pid], **servers.roots}, servers.url,
                "prosodyarchive", make_accounts=_PROSODY_ACCOUNTS,
            )  # fmt: skip


def _configuration(name: str, servers: Servers, **more: object) -> Path:
    path = servers.directory / name
    text = Template((_CONFIGURATION / name).read_text()).substitute(
        more,
        directory=servers.directory,
        database=DATABASE,
        role=ROLE,
        socket_dir=servers.postgres.socket_dir,
    )
    path.write_text(text)
    return path


async def _execute(url: str, sql: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
