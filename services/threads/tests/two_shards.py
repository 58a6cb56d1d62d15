"""Two servers of one log for tests of moving: what is written on them, and whether all of it is still there."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest

from services.threads import leveling
from services.threads.app import MIGRATIONS
from services.threads.indexer import Indexer
from services.threads.queries import appends, placing
from services.threads.queries.appends import Pair, Row
from shared.plumbing import failpoints
from shared.plumbing.failpoints import FailpointError
from shared.plumbing.postgres.database import database
from shared.wire.ids import uuid7

STEPS = (
    "threads.move_begun",
    "threads.move_copied",
    "threads.move_caught_up",
    "threads.move_held",
    "threads.move_arrived",
    "threads.before_let_go",
    "threads.let_go",
    "threads.moved",
    "threads.some_tidied",
)
"""Failpoints, in the order in which a mover comes by."""

_OF_THREADS = ("events", "message_states", "search")


class Two:
    """told: what the movers said."""

    def __init__(self, urls: list[str], conns: Sequence[Any]) -> None:
        self.urls = urls
        self.conns = conns
        self.told: list[str] = []

    async def move(self, *arguments: str, urls: Sequence[str] = ()) -> None:
        """As `python -m services.threads` with these arguments."""
        await leveling.run(arguments, urls or self.urls, say=self.told.append, tell=self.told.append)

    async def die(self, step: str, *arguments: str) -> None:
        """The same by one that dies there, one of STEPS."""
        failpoints.arm(f"{step}=error")
        try:
            with pytest.raises(FailpointError):
                await self.move(*arguments)
        finally:
            failpoints.arm("")

    async def slots(self) -> list[int]:
        """How many each holds."""
        return [len((await placing.found(conn)).slots or ()) for conn in self.conns]

    async def write(self, *rows: Row, at: int = 0) -> None:
        conn = self.conns[at]
        await appends.make_threads(conn, list({row.pair for row in rows}))
        async with conn.transaction():
            stored = await appends.append(conn, rows)
        assert all(one is not None and one.seq for one in stored), stored

    async def index(self, at: int) -> None:
        """All that there is."""
        async with _opened(self.urls[at]) as db:
            indexer = Indexer(db, lambda: False)
            while await indexer.round():
                pass

    async def all(self) -> dict[str, list[str]]:
        """Every row of both that belongs to a thread or a pair which its server holds."""
        found: dict[str, list[str]] = {"threads": [], "member_states": []}
        for conn in self.conns:
            for table in ("threads", "member_states"):
                found[table] += [row for (row,) in await conn.fetch(f"SELECT t::text FROM {table} AS t")]  # noqa: S608
            for table in _OF_THREADS:
                rows = await conn.fetch(
                    f"SELECT t::text FROM {table} AS t JOIN threads ON id = thread_id"  # noqa: S608
                )
                found.setdefault(table, []).extend(row for (row,) in rows)
        return {table: sorted(rows) for table, rows in found.items()}

    async def left(self) -> list[int]:
        """How many rows each has that are nobody's."""
        return [
            sum(
                [
                    await conn.fetchval(
                        f"SELECT count(*) FROM {table} WHERE NOT EXISTS (SELECT FROM threads WHERE id = thread_id)"  # noqa: S608
                    )
                    for table in (*_OF_THREADS, "strays", "arriving_ranges")
                ]
            )
            + await conn.fetchval("SELECT count(*) FROM arriving")
            for conn in self.conns
        ]

    async def usage(self) -> dict[int, int]:
        """What everybody has stored, on both together."""
        found: dict[int, int] = {}
        for conn in self.conns:
            for user, size in await conn.fetch("SELECT user_id, bytes FROM usage"):
                found[user] = found.get(user, 0) + size
        return found


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Any]:
    async with database(url, "threads", MIGRATIONS, max_size=2, migrating=False) as db:
        yield db


def said(pair: Pair, body: str = "hi", sender: int = 0, **changes: Any) -> Row:
    """A message, of the lower member if not said otherwise."""
    return Row(pair, sender or pair[0], changes.pop("kind", "message"), uuid7(), body, **changes)
